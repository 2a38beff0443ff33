"""What a local server lacks of a table, against moto: tags, backups, encryption at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import boto3
import pytest
from moto import mock_aws

from dynamorm_py import DynamoModel, PartitionKey, Repo, TableProtected, TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Person(DynamoModel, table="people"):
    id: Annotated[str, PartitionKey()]


@pytest.fixture
def people() -> Iterator[Repo[Person]]:
    """Give a repository whose AWS is moto."""
    with mock_aws():
        client = cast("Any", boto3).client("dynamodb", region_name="us-east-1")
        yield Repo(Person, client=client)
        client.close()


@pytest.mark.parametrize(
    "settings",
    [
        TableSettings(tags={"team": "blue", "cost": "1"}),
        TableSettings(point_in_time_recovery=True),
        TableSettings(encryption="AWS_MANAGED"),
        TableSettings(deletion_protection=True),
    ],
    ids=["tags", "backups", "encryption", "protection"],
)
def test_a_table_is_created_with_its_settings(people: Repo[Person], settings: TableSettings) -> None:
    people.table.create(settings)
    assert people.table.compare(settings) == []


@pytest.mark.parametrize(
    "settings",
    [TableSettings(tags={"team": "blue"}), TableSettings(point_in_time_recovery=True)],
    ids=["tags", "backups"],
)
def test_settings_are_changed_on_a_table_that_is_there(people: Repo[Person], settings: TableSettings) -> None:
    people.table.create(TableSettings(tags={"team": "red", "own": "x"}, point_in_time_recovery=False))
    assert [each.kind for each in people.table.ensure(settings)] == ["change"]
    assert [each for each in people.table.compare(settings) if each.kind != "extra"] == []


def test_backups_are_switched_off_only_when_the_settings_say_so(people: Repo[Person]) -> None:
    people.table.create(TableSettings(point_in_time_recovery=True))
    assert people.table.ensure() == []
    off = TableSettings(point_in_time_recovery=False)
    assert [each.subject for each in people.table.ensure(off)] == ["point-in-time recovery"]
    assert people.table.compare(off) == []


def test_a_protected_table_is_deleted_after_the_protection_was_taken_away(people: Repo[Person]) -> None:
    people.table.create(TableSettings(deletion_protection=True))
    with pytest.raises(TableProtected, match="people"):
        people.table.delete()
    people.table.ensure(TableSettings(deletion_protection=False))
    people.table.delete()
