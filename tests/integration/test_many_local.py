"""Batches, transactions and concurrent writers on a local DynamoDB."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    Check,
    ConditionFailed,
    Create,
    Delete,
    DynamoModel,
    Get,
    IdempotentParameterMismatch,
    ItemAlreadyExists,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    TransactionCancelled,
    TransactionConflict,
    Update,
    UpdatedAt,
    Version,
    batch_write,
    fields,
    transact_get,
    transact_write,
)
from dynamorm_py.testing import FaultyClient, LostAnswer, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing import FrozenClock
    from tests.integration.conftest import Past


class User(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    score: int = 0
    seen: Annotated[dt.datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0


class Blob(DynamoModel):
    pk: Annotated[bytes, PartitionKey()]
    text: str = ""


class Score(DynamoModel, abstract=True):
    score: int


class Optional(BaseModel):
    score: int = 0


u = fields(User)


@pytest.fixture
def users(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[User]]:
    repo = Repo(User, table=unique_table_name, client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


@pytest.fixture
def blobs(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[Blob]]:
    repo = Repo(Blob, table=f"{unique_table_name}-blobs", client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


@pytest.mark.parametrize("concurrency", [1, 4])
def test_many_items_are_written_read_in_order_and_deleted(users: Repo[User], concurrency: int) -> None:
    assert users.batch_write(put=(User(pk="a", sk=n, score=n) for n in range(260)), concurrency=concurrency) == 260
    keys = [("a", n) for n in reversed(range(270))]
    found = users.batch_get(keys, consistent=True, concurrency=concurrency)
    assert [item.sk for item in found] == list(reversed(range(260)))
    assert found.missing == keys[:10]
    assert users.batch_write(delete=keys, concurrency=concurrency) == 270
    assert users.batch_get(keys[:100]) == []


def test_a_smaller_model_is_read_in_order_although_it_has_no_key(users: Repo[User]) -> None:
    users.batch_write(put=[User(pk="a", sk=n, score=n) for n in range(5)])
    assert [item.score for item in users.batch_get([("a", n) for n in (3, 9, 1)], project=Score)] == [3, 1]


def test_an_item_without_any_of_the_attributes_asked_for_is_there_all_the_same(users: Repo[User], past: Past) -> None:
    past.put({"pk": {"S": "a"}, "sk": {"N": "1"}})
    found, missing = transact_get([Get(users, ("a", 1), project=Optional), Get(users, ("a", 2), project=Optional)])
    assert (found, missing) == (Optional(), None)
    assert users.get_or_none(("a", 1), project=Optional) == Optional()
    assert users.batch_get([("a", 1), ("a", 2)], project=Optional) == [Optional()]


def test_answers_as_bytes_and_as_dictionaries_give_the_same(
    blobs: Repo[Blob], dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_endpoint)
    keys = [b"\x00", b"\xff\xfe", b"text"]
    blobs.batch_write(put=[Blob(pk=key, text="é") for key in keys])
    name = blobs.__dynamorm_context__.table.name
    from dynamorm_py._transport import default_client

    ours = Repo(Blob, table=name, client=default_client("us-east-1", dynamodb_endpoint))
    assert ours.batch_get([*keys, b"none"]) == blobs.batch_get([*keys, b"none"]) == [Blob(pk=k, text="é") for k in keys]


def test_a_batch_goes_over_several_repositories(users: Repo[User], blobs: Repo[Blob]) -> None:
    users.put(User(pk="old", sk=1))
    writes = [Put(users, User(pk="a", sk=1)), Put(blobs, Blob(pk=b"a")), Delete(users, ("old", 1))]
    assert batch_write(writes) == 3
    assert transact_get([Get(users, ("a", 1)), Get(blobs, b"a"), Get(users, ("old", 1))])[1:] == (Blob(pk=b"a"), None)


def test_a_transaction_does_all_or_nothing_with_the_lifecycle_of_single_writes(
    users: Repo[User], blobs: Repo[Blob]
) -> None:
    read = users.create(User(pk="a", sk=1))
    users.create(User(pk="a", sk=2))
    stored = transact_write(
        [
            Put(users, read.model_copy(update={"score": 5})),
            Update(users, ("a", 2), Attr(u.score).add(3), condition=Attr(u.score) == 0),
            Create(blobs, Blob(pk=b"new")),
        ]
    )
    now = users.get(("a", 1), consistent=True)
    assert (stored[0], now.version, now.score) == (now, 1, 5)
    assert users.get(("a", 2), consistent=True).version == 1

    with pytest.raises(TransactionCancelled) as caught:
        transact_write([Delete(users, ("a", 2)), Put(users, read), Check(blobs, b"no", Attr(fields(Blob).text) == "x")])
    error = caught.value
    assert isinstance(error, ConditionFailed)
    assert [reason.code for reason in error.reasons] == [None, "ConditionalCheckFailed", "ConditionalCheckFailed"]
    assert [reason.item for reason in error.reasons] == [None, now, None]
    assert error.item == now
    assert users.exists(("a", 2))


def test_a_transaction_whose_answer_is_dropped_applies_once(users: Repo[User], dynamodb: DynamoDBClient) -> None:
    users.create(User(pk="a", sk=1))
    recorder = Recorder(dynamodb)
    faulty = FaultyClient(recorder, [LostAnswer("TransactWriteItems")])
    through = Repo(User, table=users.__dynamorm_context__.table.name, client=faulty)
    transact_write([Update(through, ("a", 1), Attr(u.score).add(5))])
    assert users.get(("a", 1), consistent=True).score == 5
    tokens = [parameters["ClientRequestToken"] for parameters in recorder.parameters("TransactWriteItems")]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_calls_with_one_token_apply_once_and_other_content_is_refused(
    users: Repo[User], dynamodb: DynamoDBClient, frozen_clock: FrozenClock, unique_table_name: str
) -> None:
    timed = Repo(User, table=unique_table_name, client=dynamodb, clock=frozen_clock)  # a time is content too
    token = unique_table_name  # new in every run: a token counts for ten minutes
    for _ in range(2):
        transact_write([Update(timed, ("a", 1), Attr(u.score).add(5))], token=token)
    assert users.get(("a", 1), consistent=True).score == 5
    for changed in (Update(timed, ("a", 1), Attr(u.score).add(6)), Update(users, ("a", 1), Attr(u.score).add(5))):
        with pytest.raises(IdempotentParameterMismatch):
            transact_write([changed], token=token)


def test_many_items_are_updated_with_a_result_each(users: Repo[User]) -> None:
    users.batch_write(put=[User(pk="a", sk=n) for n in range(20)])
    results = users.update_many([("a", n) for n in range(21)], Attr(u.score).add(1), must_exist=True, concurrency=4)
    assert [result.item and result.item.score for result in results] == [1] * 20 + [None]
    assert isinstance(results[20].error, ConditionFailed)
    assert {item.version for item in users.batch_get([("a", n) for n in range(20)])} == {1}


def test_concurrent_read_modify_write_of_a_versioned_item_loses_no_update(users: Repo[User]) -> None:
    users.create(User(pk="a", sk=1))
    threads, rounds = 6, 10

    def increment(_: int) -> None:
        done = 0
        while done < rounds:
            user = users.get(("a", 1), consistent=True)
            try:
                users.put(user.model_copy(update={"score": user.score + 1}))
            except (ConditionFailed, TransactionConflict):
                continue
            done += 1

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(increment, range(threads)))
    final = users.get(("a", 1), consistent=True)
    assert (final.score, final.version) == (threads * rounds, threads * rounds)


def test_of_concurrent_creates_of_one_key_one_wins(users: Repo[User]) -> None:
    def create(number: int) -> int | None:
        try:
            return users.create(User(pk="a", sk=1, score=number)).score
        except ItemAlreadyExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [score for score in pool.map(create, range(40)) if score is not None]
    assert winners == [users.get(("a", 1), consistent=True).score]


def test_concurrent_transactions_on_one_item_all_apply_once(users: Repo[User]) -> None:
    def add(number: int) -> None:
        transact_write([Update(users, ("a", 1), Attr(u.score).add(1)), Put(users, User(pk="b", sk=number))], retries=20)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    assert users.get(("a", 1), consistent=True).score == 20
