"""Reads of several segments within asyncio: what is left when the reader stops, a segment fails, or the loop ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import DynamoModel, PartitionKey, Throttled, aio

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.clients import Request


class Note(DynamoModel, table="notes"):
    pk: Annotated[str, PartitionKey()]


class Pages:
    """Answers with a page of one item for each request, five for each segment; the request of one number fails."""

    def __init__(self, fails_at: int = 0, failure: BaseException | None = None) -> None:
        self.asked = self.under_way = 0
        self._fails_at, self._failure = fails_at, failure
        self._given: dict[int, int] = {}

    def call(self, request: Request, /) -> dict[str, Any]:
        raise AssertionError(request.operation)

    async def ask(self, request: Request, /) -> dict[str, Any]:
        self.asked += 1
        number = self.asked
        self.under_way += 1
        try:
            await asyncio.sleep(0.001)
        finally:
            self.under_way -= 1
        if number == self._fails_at and self._failure is not None:
            raise self._failure
        segment = request.parameters.get("Segment", 0)
        self._given[segment] = self._given.get(segment, 0) + 1
        last = {} if self._given[segment] == 5 else {"LastEvaluatedKey": {"pk": {"S": "x"}}}
        return {"Items": [{"pk": {"S": f"{segment}-{self._given[segment]}"}}], "Count": 1, "ScannedCount": 1} | last


def _scan(client: Pages, **options: Any) -> Any:  # noqa: ANN401 -- a query
    return aio.Repo(Note, client=client).scan(segments=4, **options)


def _assert_nothing_is_left(client: Pages) -> None:
    assert client.under_way == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_all_pages_of_all_segments_are_read() -> None:
    async def use() -> None:
        client = Pages()
        assert {note.pk for note in await _scan(client).all()} == {f"{s}-{n}" for s in range(4) for n in range(1, 6)}
        _assert_nothing_is_left(client)
        assert await _scan(Pages()).count() == 20
        assert await _scan(Pages(), limit=3).count() == 3

    asyncio.run(use())


@pytest.mark.parametrize("failure", [Throttled("slow down"), asyncio.CancelledError()], ids=["error", "cancellation"])
@pytest.mark.parametrize("number", [1, 7, 20])
def test_a_segment_that_fails_ends_the_read(number: int, failure: BaseException) -> None:
    async def use() -> None:
        client = Pages(number, failure)
        async with asyncio.timeout(5):
            with pytest.raises(type(failure)):
                await _scan(client).all()
        _assert_nothing_is_left(client)

    asyncio.run(use())


async def _read_all(query: Any) -> None:  # noqa: ANN401 -- a query
    assert len(await query.all()) == 3


async def _closed_early(query: Any) -> None:  # noqa: ANN401
    async with aclosing(aiter(query)) as notes:
        async for _ in notes:
            break


async def _failing_reader(query: Any) -> None:  # noqa: ANN401
    async with aclosing(aiter(query)) as notes:
        async for _ in notes:
            raise ValueError("of the reader")


async def _failing(query: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match="of the reader"):
        await _failing_reader(query)


_STOPS: dict[str, Callable[[Any], Any]] = {"limit": _read_all, "closed": _closed_early, "error": _failing}


@pytest.mark.parametrize("stop", _STOPS)
def test_a_reader_that_stops_leaves_nothing_under_way(stop: str) -> None:
    async def use() -> None:
        client = Pages()
        await _STOPS[stop](_scan(client, limit=3))
        _assert_nothing_is_left(client)

    asyncio.run(use())


def test_a_slow_reader_is_not_run_ahead_of() -> None:
    async def use() -> None:
        client = Pages()
        async with aclosing(aiter(_scan(client))) as notes:
            await anext(notes)
            await asyncio.sleep(0.1)
            assert client.asked <= 6  # a page for each segment, one that waits, and the one that was taken

    asyncio.run(use())


@pytest.mark.parametrize("segments", [1, 4])
def test_a_read_that_is_left_open_ends_quietly_with_its_loop(segments: int) -> None:
    said: list[object] = []
    held: list[object] = []

    async def use() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        notes = aiter(aio.Repo(Note, client=Pages()).scan(segments=segments))
        held.append(notes)
        await anext(notes)

    asyncio.run(use())
    assert said == []
