"""`once=True`: an update is applied once, though its answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    CallError,
    ConditionFailed,
    ConnectionFailed,
    DynamoModel,
    PartitionKey,
    Repo,
    Unique,
    Version,
    VersionConflict,
    fields,
)
from dynamorm_py.testing import FaultyClient, LostAnswer, Throttle

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing.plugin import MakeRepo


class Account(DynamoModel):
    id: Annotated[str, PartitionKey()]
    balance: int = 0
    version: Annotated[int, Version()] = 0


class Member(DynamoModel):
    id: Annotated[str, PartitionKey()]
    email: Annotated[str, Unique()]
    points: int = 0


a, m = fields(Account), fields(Member)
PLUS_TEN = Attr(a.balance).add(10)


@pytest.fixture
def accounts(dynamorm_repo: MakeRepo) -> Repo[Account]:
    repo = dynamorm_repo(Account)
    repo.batch_write(put=[Account(id=each, balance=100) for each in "abc"])
    return repo


def lossy(repo: Repo[Any], client: DynamoDBClient, *faults: Any) -> Repo[Any]:  # noqa: ANN401 -- any fault
    return Repo(repo.model, table=repo.table.describe()["TableName"], client=FaultyClient(client, faults))


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (LostAnswer("TransactWriteItems"),),
        (LostAnswer("TransactWriteItems", times=3),),
        (LostAnswer("TransactWriteItems"), Throttle("TransactWriteItems")),
    ],
)
def test_an_add_counts_once(accounts: Repo[Account], dynamodb: DynamoDBClient, faults: Any) -> None:  # noqa: ANN401
    updated = lossy(accounts, dynamodb, *faults).update("a", PLUS_TEN, once=True)
    assert (updated.balance, updated.version) == (110, 1)
    assert accounts.get("a", consistent=True) == updated


def test_each_of_many_counts_once(accounts: Repo[Account], dynamodb: DynamoDBClient) -> None:
    flaky = lossy(accounts, dynamodb, LostAnswer("TransactWriteItems", times=4))
    results = flaky.update_many(["a", "b", "c"], PLUS_TEN, once=True, concurrency=2)
    assert [result.item and result.item.balance for result in results] == [110, 110, 110]
    again = flaky.update_many(["a", "b", "c"], PLUS_TEN, once=True)
    assert [result.item and result.item.balance for result in again] == [120, 120, 120]


def test_an_answer_that_stays_lost_is_unknown(accounts: Repo[Account], dynamodb: DynamoDBClient) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        lossy(accounts, dynamodb, LostAnswer("TransactWriteItems", times=99)).update("a", PLUS_TEN, once=True)
    assert caught.value.outcome == "unknown"
    assert accounts.get("a", consistent=True).balance == 110


def test_a_condition_that_does_not_hold_is_that_of_a_single_update(accounts: Repo[Account]) -> None:
    with pytest.raises(ConditionFailed) as caught:
        accounts.update("a", PLUS_TEN, condition=Attr(a.balance) > 100, once=True)
    assert type(caught.value) is ConditionFailed
    assert caught.value.item == Account(id="a", balance=100)
    assert caught.value.outcome == "not applied"
    with pytest.raises(VersionConflict):
        accounts.update("a", PLUS_TEN, expected_version=7, once=True)
    with pytest.raises(ConditionFailed):
        accounts.update("z", PLUS_TEN, must_exist=True, once=True)
    assert accounts.get_or_none("z") is None


def test_a_patch_guarded_by_a_version_is_applied_once(accounts: Repo[Account], dynamodb: DynamoDBClient) -> None:
    patched = lossy(accounts, dynamodb, LostAnswer("TransactWriteItems")).patch("a", {"balance": 5}, once=True)
    again = lossy(accounts, dynamodb, LostAnswer("TransactWriteItems"))
    last = again.patch("a", {"balance": 6}, expected_version=patched.version, once=True)
    assert (patched.balance, last.balance) == (5, 6)
    assert last.version == (patched.version or 0) + 1
    with pytest.raises(VersionConflict):
        accounts.patch("a", {"balance": 7}, expected_version=patched.version, once=True)


def test_what_was_read_first_is_held(accounts: Repo[Account], dynamodb: DynamoDBClient) -> None:
    flaky = lossy(accounts, dynamodb, LostAnswer("TransactWriteItems"))
    assert flaky.update("a", PLUS_TEN, read=True, once=True).balance == 110


def test_a_unique_field_is_updated_once(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    members = dynamorm_repo(Member)
    members.create(Member(id="1", email="ann@x.de"))
    flaky = lossy(members, dynamodb, LostAnswer("TransactWriteItems"))
    updated = flaky.update("1", Attr(m.email).set("bo@x.de"), Attr(m.points).add(1), once=True)
    assert updated == Member(id="1", email="bo@x.de", points=1)


def test_once_is_a_yes_or_no(accounts: Repo[Account]) -> None:
    with pytest.raises(CallError, match="once= must be True or False, got str"):
        accounts.update("a", PLUS_TEN, once="token")  # pyright: ignore[reportArgumentType] -- what is tested
