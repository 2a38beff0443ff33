"""A lease held in a task: its release is not cut by a cancellation, and no cancellation is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import ConnectionFailed, DynamoModel, LeaseLost, PartitionKey, aio
from dynamorm_py.testing import FrozenClock, ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dynamorm_py.clients import Request


class Job(DynamoModel, table="jobs"):
    pk: Annotated[str, PartitionKey()]


class Gated:
    """Answers, but for the operations that are held back until they are let go."""

    def __init__(self, *held_back: str) -> None:
        self.asked: list[str] = []
        self.done: list[str] = []
        self._held_back = held_back
        self._gate = asyncio.Event()

    def call(self, request: Request, /) -> dict[str, Any]:
        raise AssertionError(request.operation)

    async def ask(self, request: Request, /) -> dict[str, Any]:
        self.asked.append(request.operation)
        if request.operation in self._held_back:
            await self._gate.wait()
        self.done.append(request.operation)
        return {}

    def let_go(self) -> None:
        self._gate.set()

    async def until_asked(self, operation: str) -> None:
        async with asyncio.timeout(5):
            while operation not in self.asked:  # noqa: ASYNC110 -- another task asks
                await asyncio.sleep(0)


async def _stay() -> None:
    await asyncio.sleep(0)


async def _fail() -> None:
    raise ValueError("of the body")


def _held(client: Gated, body: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    async def use() -> None:
        async with aio.Leases(aio.Repo(Job, client=client)).hold("a", seconds=30):
            await body()

    return asyncio.create_task(use())


@pytest.mark.parametrize("body", [_stay, _fail], ids=["after its block", "after an error of its block"])
def test_a_cancellation_waits_for_the_release(body: Callable[[], Awaitable[None]]) -> None:
    async def use() -> None:
        client = Gated("DeleteItem")
        task = _held(client, body)
        await client.until_asked("DeleteItem")
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        client.let_go()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.done[-1] == "DeleteItem"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(use())


def test_a_cancellation_within_the_block_releases() -> None:
    async def use() -> None:
        client = Gated()
        entered = asyncio.Event()

        async def wait() -> None:
            entered.set()
            await asyncio.sleep(60)

        task = _held(client, wait)
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.done[-1] == "DeleteItem"

    asyncio.run(use())


@pytest.mark.parametrize("turns", range(24))
def test_in_no_moment_of_the_way_out_a_cancellation_is_lost_or_the_lease_kept(turns: int) -> None:
    async def use() -> None:
        client, leaving = Gated(), asyncio.Event()

        async def leave() -> None:
            leaving.set()

        task = _held(client, leave)
        await leaving.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
        assert isinstance(result, asyncio.CancelledError) is cancelled
        assert client.done[-1] == "DeleteItem"

    asyncio.run(use())


def test_a_held_lease_may_be_refreshed_by_hand() -> None:
    async def use() -> None:
        client = Gated()
        async with aio.Leases(aio.Repo(Job, client=client)).hold("a", seconds=30) as held:
            before = held.lease
            await held.refresh()
            held.check()
            assert (held.lease.token, held.lease.expires_at >= before.expires_at) == (before.token, True)

    asyncio.run(use())


def test_a_lease_whose_refreshes_failed_says_why_once_it_has_expired() -> None:
    async def use() -> None:
        clock = FrozenClock()
        client = ScriptedClient({}, ConnectionFailed("broken"), {})
        leases = aio.Leases(aio.Repo(Job, client=client, clock=clock))
        async with leases.hold("a", seconds=3000) as held:
            await held.refresh()
            held.check()
            clock.advance(3000)
            with pytest.raises(LeaseLost, match="the last one failed with ConnectionFailed") as caught:
                held.check()
        assert isinstance(caught.value.__cause__, ConnectionFailed)

    asyncio.run(use())
