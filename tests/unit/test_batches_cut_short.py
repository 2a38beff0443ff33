"""A batch in a block that is cut short: a note says how many were written for sure, and how many may be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import DynamoModel, PartitionKey, Repo, aio
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from dynamorm_py.clients import Request


class Note(DynamoModel, table="notes"):
    pk: Annotated[str, PartitionKey()]


def _interrupted(_: Request) -> dict[str, Any]:
    raise KeyboardInterrupt


class Stuck:
    """Answers, awaited, until the request of this number, which never ends; `stuck` says that it has come."""

    def __init__(self, *numbers: int) -> None:
        self._stuck_at, self._number = numbers, 0
        self.stuck = asyncio.Event()

    def call(self, request: Request, /) -> dict[str, Any]:
        raise AssertionError(request.operation)

    async def ask(self, _: Request, /) -> dict[str, Any]:
        self._number += 1
        if self._number in self._stuck_at:
            if self._number == self._stuck_at[-1]:
                self.stuck.set()
            await asyncio.Event().wait()
        return {}


_CUT = {
    1: "0 were written and 0 dropped unsent, and 25 were under way, so they may be written or not",
    2: "25 were written and 0 dropped unsent, and 25 were under way, so they may be written or not",
    3: "50 were written and 0 dropped unsent, and 10 were under way, so they may be written or not",
}


def _fill(notes: Repo[Note]) -> None:
    with notes.batch() as batch:
        for each in range(60):
            batch.put(Note(pk=str(each)))


@pytest.mark.parametrize("number", _CUT)
def test_an_interrupt_says_how_far_a_batch_came_also_at_the_end_of_its_block(number: int) -> None:
    client = ScriptedClient(*[dict[str, Any]()] * (number - 1), _interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        _fill(Repo(Note, client=client))
    assert caught.value.__notes__ == [f"of the batch, {_CUT[number]}"]


@pytest.mark.parametrize("number", _CUT)
def test_a_cancellation_says_how_far_a_batch_came_also_at_the_end_of_its_block(number: int) -> None:
    async def use() -> None:
        client = Stuck(number)

        async def fill() -> None:
            async with aio.Repo(Note, client=client).batch() as batch:
                for each in range(60):
                    await batch.put(Note(pk=str(each)))

        task = asyncio.create_task(fill())
        await client.stuck.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert caught.value.__notes__ == [f"of the batch, {_CUT[number]}"]

    asyncio.run(use())


def test_what_several_tasks_have_under_way_is_counted_together() -> None:
    async def use() -> None:
        client = Stuck(1, 3)  # the second is answered while the first is under way

        async def fill() -> None:
            async with aio.Repo(Note, client=client).batch() as batch, asyncio.TaskGroup() as group:
                for each in range(75):
                    group.create_task(batch.put(Note(pk=str(each))))

        task = asyncio.create_task(fill())
        await client.stuck.wait()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        done = "25 were written and 0 dropped unsent, and 50 were under way, so they may be written or not"
        assert caught.value.__notes__ == [f"of the batch, {done}"]

    asyncio.run(use())
