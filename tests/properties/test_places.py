"""Places of a loop: never more tasks than places, in the order they came, and none lost whatever is cancelled."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynamorm_py._runtime.tasks import Places

_steps = st.lists(
    st.sampled_from(
        ["come", "come and turn", "leave", "cancel a waiting one", "cancel one whose turn has come", "turn"]
    ),
    min_size=8,  # fewer leave nobody waiting
)


@dataclass
class _Line:
    """Tasks that come for a place, and stay until they are let go."""

    places: Places
    inside: list[int] = field(default_factory=list[int])
    order: list[int] = field(default_factory=list[int])
    """Of those that waited: one that finds a place free may run before one that was given a place just now."""
    tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict[int, asyncio.Task[None]])
    let_go: dict[int, asyncio.Event] = field(default_factory=dict[int, asyncio.Event])

    def come(self) -> None:
        number = len(self.tasks)
        self.let_go[number] = asyncio.Event()
        self.tasks[number] = asyncio.create_task(self._stay(number))

    async def _stay(self, number: int) -> None:
        waits = not self.places.take()
        if waits:
            await self.places.come()
        try:
            self.inside.append(number)
            self.order += [number] * waits
            await self.let_go[number].wait()
        finally:
            self.inside.remove(number)
            self.places.release()

    def leave(self) -> None:
        if self.inside:
            self.let_go[self.inside[0]].set()

    def cancel_waiting(self) -> None:
        waiting = [number for number, task in self.tasks.items() if not task.done() and number not in self.inside]
        if waiting:
            self.tasks[waiting[0]].cancel()

    async def cancel_at_its_turn(self) -> None:
        """Let one go, and cancel the first that waits in the very turn in which it is given the place."""
        self.leave()
        await asyncio.sleep(0)
        self.cancel_waiting()


async def _run(steps: list[str], size: int) -> None:
    line = _Line(Places(size))
    for step in steps:
        match step:
            case "come":
                line.come()
            case "come and turn":
                line.come()
                await asyncio.sleep(0)
            case "leave":
                line.leave()
            case "cancel a waiting one":
                line.cancel_waiting()
            case "cancel one whose turn has come":
                await line.cancel_at_its_turn()
            case _:
                await asyncio.sleep(0)
        assert len(line.inside) <= size
    for event in line.let_go.values():
        event.set()
    async with asyncio.timeout(5):
        ends = await asyncio.gather(*line.tasks.values(), return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}
    assert line.order == sorted(line.order)
    assert [line.places.take() for _ in range(size + 1)] == [True] * size + [False]


@settings(deadline=None)
@given(steps=_steps, size=st.integers(1, 3))
@example(steps=["come and turn"] * 3 + ["leave", "turn"] * 2, size=1)
@example(steps=["come and turn"] * 3 + ["cancel a waiting one", "leave", "turn"], size=1)
@example(steps=["come and turn"] * 3 + ["leave", "cancel a waiting one", "turn"], size=1)
@example(steps=["come and turn"] * 2 + ["cancel one whose turn has come"], size=1)
def test_no_place_is_lost_and_none_is_taken_twice(steps: list[str], size: int) -> None:
    asyncio.run(_run(steps, size))


def test_a_coroutine_that_is_dropped_while_it_waits_takes_no_place() -> None:
    async def use() -> None:
        places = Places(1)
        assert places.take()
        waiting = places.come()
        waiting.send(None)
        waiting.close()
        places.release()
        assert places.take()

    asyncio.run(use())
