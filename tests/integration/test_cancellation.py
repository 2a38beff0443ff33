"""Random cancellation in every step of every operation: what is left is whole, and what is reported is true.

A schedule runs operations side by side and cancels each after a random time, over a relay that waits at every step.
`DYNAMORM_SCHEDULES=2000` runs that many schedules.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamorm_py import Attr, BatchIncomplete, Create, DynamoModel, Key, PartitionKey, Put, Repo, SortKey, aio, fields
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import Limits, OwnClients
from tests.support.relay import relaying

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

_SCHEDULES = int(os.environ.get("DYNAMORM_SCHEDULES", "25"))
_CONNECTIONS = 4
_ITEMS = 30


class Note(DynamoModel, table="notes"):
    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    seen: int = 0


n = fields(Note)
_numbers = itertools.count()


@dataclass
class Run:
    """The operations of one schedule, and what each must have left when all is quiet."""

    repo: Any
    checks: list[Callable[[Repo[Note]], None]] = field(default_factory=list[Any])

    async def get(self) -> None:
        number = next(_numbers) % _ITEMS
        assert await self.repo.get(("fixed", number)) == Note(owner="fixed", number=number, text=f"text {number}")

    async def get_what_is_not_there(self) -> None:
        assert await self.repo.get_or_none(("nobody", next(_numbers))) is None

    async def put(self) -> None:
        note = Note(owner="put", number=next(_numbers), text="put")
        assert await self.repo.put(note) == note

    async def update(self) -> None:
        number = next(_numbers)
        updated = await self.repo.update(("counted", number), Attr(n.seen).add(1), must_exist=False)
        assert (updated.owner, updated.number, updated.seen) == ("counted", number, 1)

    async def query(self) -> None:
        read = self.repo.query(Key(n.owner) == "fixed", page_size=7)
        assert [note.number async for note in read] == list(range(_ITEMS))

    async def scan_in_segments(self) -> None:
        read = await self.repo.scan(segments=3, page_size=100).all()
        assert {note.number for note in read if note.owner == "fixed"} == set(range(_ITEMS))

    async def batch_get(self) -> None:
        numbers = [7, 3, 29, 0]
        found = await self.repo.batch_get([("fixed", number) for number in numbers])
        assert [note.number for note in found] == numbers

    async def batch_write(self) -> None:
        owner = f"batch {next(_numbers)}"
        puts = [Note(owner=owner, number=number) for number in range(70)]
        await self._accounted(owner, 70, self.repo.batch_write(put=puts, concurrency=2))

    async def batch_of_a_stream(self) -> None:
        owner = f"stream {next(_numbers)}"
        puts = (Put(self.repo, Note(owner=owner, number=number)) for number in range(60))
        await self._accounted(owner, 60, aio.batch_write(puts))

    async def batch_in_a_block(self) -> None:
        owner = f"block {next(_numbers)}"

        async def fill() -> int:
            async with self.repo.batch() as batch:
                for number in range(60):
                    await batch.put(Note(owner=owner, number=number))
            return 60

        await self._accounted(owner, 60, fill())

    async def transact_write(self) -> None:
        owner = f"transaction {next(_numbers)}"

        self.checks.append(partial(_assert_all_or_none, owner, 3))
        await aio.transact_write([Create(self.repo, Note(owner=owner, number=number)) for number in range(3)])

    async def lease(self) -> None:
        key, held = ("lease", next(_numbers)), False
        try:
            async with aio.Leases(self.repo).hold(key, seconds=30):
                held = True
                await asyncio.sleep(0.003)
        finally:
            if held:
                self.checks.append(partial(_assert_not_there, key))

    async def _accounted(self, owner: str, whole: int, work: Any) -> None:  # noqa: ANN401 -- awaited
        """Hold what a batch says it has written against what is there."""
        least, most = 0, whole
        try:
            least = await work
        except (asyncio.CancelledError, BatchIncomplete) as error:
            least, doubtful = _account(error)
            most = least + doubtful
            raise
        finally:
            self.checks.append(partial(_assert_number, owner, least, most))


def _assert_number(owner: str, least: int, most: int, table: Repo[Note]) -> None:
    assert least <= _stored(owner, table) <= most


def _assert_all_or_none(owner: str, whole: int, table: Repo[Note]) -> None:
    assert _stored(owner, table) in (0, whole)


def _assert_not_there(key: tuple[str, int], table: Repo[Note]) -> None:
    assert not table.exists(key, consistent=True)


def _stored(owner: str, table: Repo[Note]) -> int:
    return table.query(Key(n.owner) == owner, consistent=True).count()


def _account(error: BaseException) -> tuple[int, int]:
    """Return how many writes an interrupted batch says were done, and how many may be; none where it had not begun."""
    text = " ".join(getattr(error, "__notes__", []))
    done, doubtful = re.search(r"(\d+) were written", text), re.search(r"(\d+) were under way", text)
    return int(done[1]) if done else 0, int(doubtful[1]) if doubtful else 0


_OPERATIONS: list[Callable[[Run], Coroutine[Any, Any, None]]] = [
    value for name, value in vars(Run).items() if inspect.iscoroutinefunction(value) and not name.startswith("_")
]
_steps = st.tuples(st.sampled_from(_OPERATIONS), st.none() | st.floats(0, 0.03))


@pytest.fixture
def table(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[Note]]:
    repo = Repo(Note, table=unique_table_name, client=dynamodb)
    repo.table.create()
    repo.batch_write(put=[Note(owner="fixed", number=i, text=f"text {i}") for i in range(_ITEMS)])
    yield repo
    repo.table.delete()


def _repo(url: str, table: str) -> Any:  # noqa: ANN401 -- awaited results
    client = Client(OwnClients("us-east-1", url, None, Limits(connections=_CONNECTIONS)))
    return aio.Repo(Note, table=table, client=client)


async def _cancelled_after(work: Coroutine[Any, Any, None], seconds: float | None) -> None:
    task = asyncio.create_task(work)
    if seconds is not None:
        await asyncio.sleep(seconds)
        task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        assert seconds is not None


@pytest.fixture(params=["asyncio", "uvloop"])
def run_loop(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return asyncio.run if request.param == "asyncio" else pytest.importorskip("uvloop").run


@settings(max_examples=_SCHEDULES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=st.lists(_steps, min_size=1, max_size=12), seed=st.integers(0, 2**16))
def test_whatever_is_cancelled_when_the_rest_is_whole(
    schedule: list[tuple[Callable[[Run], Coroutine[Any, Any, None]], float | None]],
    seed: int,
    *,
    table: Repo[Note],
    unique_table_name: str,
    dynamodb_endpoint: str,
    run_loop: Callable[[Coroutine[Any, Any, Any]], Any],
) -> None:
    with relaying(dynamodb_endpoint, seed) as relay:

        async def perform() -> Run:
            run = Run(_repo(relay.url, unique_table_name))
            await asyncio.gather(*(_cancelled_after(operation(run), seconds) for operation, seconds in schedule))
            async with asyncio.timeout(10):  # every place of the pool is free again, and every connection clean
                await asyncio.gather(*(run.get() for _ in range(3 * _CONNECTIONS)))
            assert await asyncio.to_thread(relay.settle, lambda: relay.open <= _CONNECTIONS)
            await run.repo.aclose()
            return run

        run = run_loop(perform())
        assert relay.settle(lambda: relay.open == 0)
        assert relay.under_way == 0
    for check in run.checks:
        check(table)


@pytest.mark.usefixtures("table")
def test_an_interrupt_from_the_keyboard_leaves_nothing_open(unique_table_name: str, dynamodb_endpoint: str) -> None:
    with relaying(dynamodb_endpoint) as relay:
        repo = _repo(relay.url, unique_table_name)

        async def interrupted() -> None:
            run = Run(repo)
            others = [asyncio.create_task(run.get()) for _ in range(3)]
            await run.get()
            asyncio.get_running_loop().call_later(0.001, _interrupt)
            while True:
                await asyncio.gather(run.get(), *others)

        with pytest.raises(KeyboardInterrupt):
            asyncio.run(interrupted())
        assert relay.settle(lambda: relay.under_way == 0)
        if os.environ.get("DYNAMORM_TRANSPORT") == "botocore":  # boto3 keeps its connections beyond the loop
            asyncio.run(repo.aclose())
        assert relay.settle(lambda: relay.open == 0)
        asyncio.run(Run(repo).get())


def _interrupt() -> None:
    raise KeyboardInterrupt
