"""Vectors of the family's newest texts, on a real table: conflicts, explicit empties, write policies, queries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    ConditionFailed,
    DynamoModel,
    ImmutableModelMutation,
    ItemAlreadyExists,
    ItemNotFound,
    Key,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    Version,
    VersionConflict,
    fields,
)
from tests.contract.models import ReleaseEvent, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
VECTORS = {v["name"]: v["values"] for v in json.loads((GOLDEN / "family_vectors.json").read_text())["vectors"]}
u = fields(User)


class Profile(BaseModel):
    source: str = ""


class StructuredProfileUser(DynamoModel, table="users", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    profile: Annotated[Profile | None, OmitEmpty()] = None
    version: Annotated[int, Version()] = 0


@pytest.fixture
def table(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[str]:
    users = Repo(User, table=unique_table_name, client=dynamodb)
    users.table.create()
    yield unique_table_name
    users.table.delete()


@pytest.fixture
def users(table: str, dynamodb: DynamoDBClient) -> Repo[User]:
    return Repo(User, table=table, client=dynamodb)


def user(**item: Any) -> User:  # noqa: ANN401 -- JSON
    return User.model_validate(item)


def test_a_stale_or_absent_version_is_a_conflict_and_a_failed_condition(users: Repo[User]) -> None:
    absent, get, create, again, update, stale, *_ = VECTORS["error.version_conflict"]
    with pytest.raises(VersionConflict) as conflict:
        users.update(user(**absent["item"]), fields={"nickname"})
    assert isinstance(conflict.value, ConditionFailed)
    assert conflict.value.code == "ErrVersionConflict"
    with pytest.raises(ItemNotFound):
        users.get((get["key"]["PK"], get["key"]["SK"]))
    users.create(user(**create["item"]))
    with pytest.raises(ItemAlreadyExists) as exists:
        users.create(user(**again["item"]))
    assert exists.value.code == again["error"]
    assert users.update(user(**update["item"]), fields={"nickname"}).version == 1
    with pytest.raises(VersionConflict):
        users.update(user(**stale["item"]), fields={"nickname"})


def test_an_explicit_empty_is_removed_and_the_version_counts(
    users: Repo[User], table: str, dynamodb: DynamoDBClient
) -> None:
    vector = VECTORS["update.explicit_empty"]
    before = users.create(user(**vector["before"]))
    changed = before.model_copy(update={"nickname": "", "tags": set[str]()})
    assert users.update(changed, fields=vector["update"]["fields"]).version == vector["after"]["version"]
    key: Any = {"PK": {"S": before.pk}, "SK": {"S": before.sk}}
    stored: Any = dynamodb.get_item(TableName=table, Key=key).get("Item")
    assert not stored.keys() & set(vector["after"]["missing"])


def test_a_selected_map_with_an_empty_member_is_stored(table: str, dynamodb: DynamoDBClient) -> None:
    vector = VECTORS["update.selected_map_with_empty_member"]
    repo = Repo(StructuredProfileUser, table=table, client=dynamodb)
    repo.create(StructuredProfileUser(pk="a", sk="b", profile=Profile.model_validate(vector["before"]["profile"])))
    changed = StructuredProfileUser(pk="a", sk="b", profile=Profile(source=""), version=0)
    repo.update(changed, fields={"profile"})
    key: Any = {"PK": {"S": "a"}, "SK": {"S": "b"}}
    stored: Any = dynamodb.get_item(TableName=table, Key=key).get("Item")
    assert {name: stored[name] for name in vector["after_stored"]} == vector["after_stored"]


def test_an_event_that_is_written_once_is_neither_updated_saved_nor_deleted(
    table: str, dynamodb: DynamoDBClient
) -> None:
    codes = [step["error"] for step in VECTORS["write_policy.write_once"] if "error" in step]
    events = Repo(ReleaseEvent, table=table, client=dynamodb)
    event = events.create(ReleaseEvent.model_validate({"PK": "a", "SK": "b", "eventType": "seeded"}))
    refused: list[str | None] = []
    for change in (
        lambda: events.update(event, fields={"event_type"}),
        lambda: events.put(event),
        lambda: events.delete(event),
    ):
        with pytest.raises(ImmutableModelMutation) as error:
            change()
        refused.append(error.value.code)
    assert refused == codes


def test_key_operators_select_what_the_family_says(users: Repo[User]) -> None:
    vector = VECTORS["query.semantics"]
    for sk in vector["sks"]:
        users.create(user(PK=vector["partition"], SK=sk))
    for operator, values, expected in vector["cases"]:
        key = Key(u.sk)
        condition = {
            "=": lambda key=key, values=values: key == values[0],
            "<": lambda key=key, values=values: key < values[0],
            ">": lambda key=key, values=values: key > values[0],
            "begins_with": lambda key=key, values=values: key.begins_with(values[0]),
            "between": lambda key=key, values=values: key.between(*values),
        }[operator]()
        assert [each.sk for each in users.query(Key(u.pk) == vector["partition"], condition)] == expected


def test_a_cursor_of_a_descending_query_is_byte_for_byte_the_familys(users: Repo[User]) -> None:
    vector = VECTORS["cursor.query_user_desc_limit1"]
    for pk, sk, nickname in vector["items_in_table"]:
        users.create(user(PK=pk, SK=sk, nickname=nickname))
    query = users.query(Key(u.pk) == "USER#QS", Key(u.sk).begins_with("PROFILE#"), ascending=False)
    page = query.page(size=1)
    assert ([each.sk for each in page], page.cursor) == (["PROFILE#02"], vector["cursor"])
