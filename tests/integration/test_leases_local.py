"""Leases on a local DynamoDB: exclusion under real concurrency, clocks that disagree, fencing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, TypeVar

import pytest

from dynamorm_py import (
    Attr,
    ConditionFailed,
    ConnectionFailed,
    DynamoModel,
    LeaseHeld,
    LeaseLost,
    Leases,
    PartitionKey,
    Repo,
    SortKey,
    fields,
)
from dynamorm_py.testing import FaultyClient, FrozenClock, LostAnswer, Recorder, ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py.testing.plugin import MakeRepo


class Job(DynamoModel):
    name: Annotated[str, PartitionKey()]
    part: Annotated[int, SortKey()] = 0
    progress: int = 0


T = TypeVar("T")

KEY = ("report", 1)


def with_clock(jobs: Repo[Job], dynamodb: object, clock: FrozenClock) -> Leases:
    return Leases(Repo(Job, table=jobs.table.describe()["TableName"], client=dynamodb, clock=clock))


def test_two_contenders_never_hold_one_lease_at_once(dynamorm_repo: MakeRepo) -> None:
    leases = Leases(dynamorm_repo(Job))
    holders, most, held = 0, 0, 0
    guard = threading.Lock()
    deadline = time.monotonic() + 3

    def contend() -> None:
        nonlocal holders, most, held
        while time.monotonic() < deadline:
            with suppress(LeaseHeld), leases.hold(KEY, seconds=30):
                with guard:
                    holders += 1
                    held += 1
                    most = max(most, holders)
                with guard:
                    holders -= 1

    with ThreadPoolExecutor(4) as contenders:
        for done in [contenders.submit(contend) for _ in range(4)]:
            done.result()
    assert most == 1
    assert held > 4


def test_of_many_that_want_an_expired_lease_one_gets_it(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    jobs, clock = dynamorm_repo(Job), FrozenClock()
    leases = with_clock(jobs, dynamodb, clock)
    leases.acquire(KEY, seconds=10)
    clock.advance(10)
    together = threading.Barrier(8)

    def contend(_: int) -> bool:
        together.wait()
        try:
            leases.acquire(KEY, seconds=10)
        except LeaseHeld:
            return False
        return True

    with ThreadPoolExecutor(8) as contenders:
        assert sum(contenders.map(contend, range(8))) == 1


def test_a_lease_is_free_only_when_it_expires(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient, frozen_clock: FrozenClock
) -> None:
    leases = with_clock(dynamorm_repo(Job), dynamodb, frozen_clock)
    first = leases.acquire(KEY, seconds=10)
    frozen_clock.advance(9.9)
    with pytest.raises(LeaseHeld) as held:
        leases.acquire(KEY, seconds=10)
    assert held.value.expires_at == first.expires_at

    frozen_clock.advance(0.1)
    second = leases.acquire(KEY, seconds=10)
    with pytest.raises(LeaseLost):
        leases.refresh(first, seconds=10)
    with pytest.raises(LeaseLost):
        leases.release(first)
    assert leases.refresh(second, seconds=20).expires_at > second.expires_at
    assert leases.release(second)
    leases.acquire(KEY, seconds=10)


def test_a_lease_that_expired_and_that_nobody_took_can_be_refreshed(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient, frozen_clock: FrozenClock
) -> None:
    leases = with_clock(dynamorm_repo(Job), dynamodb, frozen_clock)
    lease = leases.acquire(KEY, seconds=10)
    frozen_clock.advance(60)
    leases.refresh(lease, seconds=10)
    with pytest.raises(LeaseHeld):
        leases.acquire(KEY, seconds=10)


def test_of_two_holders_with_skewed_clocks_only_one_can_write(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient
) -> None:
    jobs, slow, fast = dynamorm_repo(Job), FrozenClock(), FrozenClock()
    fast.advance(3600)
    job = fields(Job)
    first = with_clock(jobs, dynamodb, slow).acquire(KEY, seconds=30)
    second = with_clock(jobs, dynamodb, fast).acquire(KEY, seconds=30)  # both think that they hold it

    with pytest.raises(ConditionFailed):
        jobs.update(first.key, Attr(job.progress).set(1), condition=first.condition)
    assert jobs.update(second.key, Attr(job.progress).set(2), condition=second.condition).progress == 2


def test_the_fence_guards_a_transaction(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    jobs = dynamorm_repo(Job)
    name, job = jobs.table.describe()["TableName"], fields(Job)
    leases = Leases(jobs)
    lease = leases.acquire(KEY, seconds=30)
    recorder = Recorder(dynamodb)
    fenced = Repo(Job, table=name, client=recorder)
    fenced.update(lease.key, Attr(job.progress).set(1), condition=lease.condition)
    (guarded,) = recorder.parameters("UpdateItem")

    check = {
        "TableName": name,
        "Key": guarded["Key"],
        "ConditionExpression": "#t = :t",
        "ExpressionAttributeNames": {"#t": "lease_token"},
        "ExpressionAttributeValues": {":t": {"S": lease.token}},
    }
    put = {"TableName": name, "Item": {"name": {"S": "result"}, "part": {"N": "1"}}}
    dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": check}, {"Put": put}])  # pyright: ignore[reportArgumentType] -- plain dictionaries
    leases.release(lease)
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": check}, {"Put": put}])  # pyright: ignore[reportArgumentType] -- the same


def test_an_item_that_is_no_lease_is_never_overwritten(dynamorm_repo: MakeRepo) -> None:
    jobs = dynamorm_repo(Job)
    jobs.create(Job(name="report", part=1, progress=7))
    with pytest.raises(Exception, match="not a lease"):
        Leases(jobs).acquire(KEY, seconds=30)
    assert jobs.get(KEY).progress == 7


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "DeleteItem"])
def test_a_step_whose_answer_was_lost_may_be_repeated(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient, operation: str
) -> None:
    faulty = FaultyClient(dynamodb, [LostAnswer(operation)])
    leases = Leases(Repo(Job, table=dynamorm_repo(Job).table.describe()["TableName"], client=faulty))

    def again(step: Callable[[], T]) -> T:
        with suppress(ConnectionFailed):
            return step()
        return step()

    lease = again(lambda: leases.acquire(KEY, seconds=30, token="me"))
    lease = again(lambda: leases.refresh(lease, seconds=30))
    again(lambda: leases.release(lease))
    assert faulty.exhausted
    leases.acquire(KEY, seconds=30)


def test_a_held_lease_is_refreshed_in_the_background(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    name = dynamorm_repo(Job).table.describe()["TableName"]
    recorder, refreshed = Recorder(dynamodb), threading.Event()

    def watch(request: Request) -> ResponseLike:
        answer = recorder.call(request)
        if recorder.operations.count("UpdateItem") >= 2:
            refreshed.set()
        return answer

    watching = ScriptedClient(otherwise=watch)

    with Leases(Repo(Job, table=name, client=watching)).hold(KEY, seconds=1) as held:
        assert refreshed.wait(20)
        held.check()
    assert recorder.operations[-1] == "DeleteItem"
