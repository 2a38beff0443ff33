"""A query or scan as a lazy value, read with `async for` or awaited verbs."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Never, NoReturn, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._repo.query import Page
from dynamorm_py._repo.query import Query as SyncQuery
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.aio._client import awaited_lane
from dynamorm_py.aio._pages import MergedPages, SegmentPages
from dynamorm_py.errors import CallError, InvalidCall

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


P = TypeVar("P")


@public("dynamorm_py.aio")
class Query(SyncQuery[P]):
    """The results of a query or scan, read page by page as they are asked for."""

    def __iter__(self) -> NoReturn:
        """Refuse: its pages have to be awaited."""
        raise CallError(f"{self!r} is read asynchronously: write async for, or await query.all()")

    def __next__(self) -> NoReturn:
        """Refuse: its pages have to be awaited."""
        raise InvalidCall(f"{self!r} is not an iterator: write await query.first(), or async for item in query")

    def __await__(self) -> NoReturn:
        """Refuse: a verb chooses among its results."""
        raise InvalidCall(f"{self!r} is not an awaitable: write await query.all(), or async for item in query")

    async def __aiter__(self) -> AsyncGenerator[P]:
        """Yield the results, at most `limit`; a page is read when the one before is used up."""
        left, pages = self._limit, self._pages()
        try:
            while (page := await pages.next()) is not None:
                items = page.items if left is None else page.items[:left]
                for item in items:
                    yield item
                if left is not None:
                    left -= len(items)
                    if left == 0:
                        return
        finally:  # a reader that stops early ends what reads ahead
            await pages.close()

    async def all(self) -> list[P]:
        """Return every result, at most `limit`."""
        if self._segments > 1:
            async with aclosing(aiter(self)) as items:
                return [item async for item in items]
        return (await begin_async(self._client, self._take(None, self._limit))).items

    async def first(self) -> P | None:
        """Return the first result, None when there is none."""
        taken = await begin_async(self._client, self._take(None, 1))
        return taken.items[0] if taken.items else None

    async def one(self) -> P:
        """Return the only result. Raises NoResult, an ItemNotFound, or MultipleResults."""
        taken = await begin_async(self._client, self._take(None, min(2, self._limit or 2)))
        return self._only(taken.items)

    async def count(self) -> int:
        """Return the number of results, at most `limit`; items are counted by DynamoDB and not transferred."""
        if self._segments == 1:
            return await begin_async(self._client, operations.count_all(self._read, self._limit, self._page_size))
        total, pages = 0, self._pages(count=True)
        try:
            while (page := await pages.next()) is not None:
                total += page.count
        finally:
            await pages.close()
        return total if self._limit is None else min(total, self._limit)

    def page(self, size: int | None = None, cursor: str | None = None, **unknown: Never) -> Any:  # noqa: ANN401 -- typed by the stub
        """Return a page of results and the cursor that goes on exactly after it."""
        if unknown:
            raise operations.unknown_paging(unknown)
        return self._page(size, cursor)

    async def _page(self, size: int | None, cursor: str | None) -> Page[P]:
        return await begin_async(self._client, self._page_plan(size, cursor))

    def explain(self) -> Any:  # noqa: ANN401 -- typed by the stub
        """Return what would be sent, and how: requests that do not take the direct lane go out in a thread."""
        return replace(super().explain(), lane=awaited_lane(self._client))

    async def wait(self, until: Callable[[list[P]], object], timeout: float = 5.0) -> list[P]:  # noqa: ASYNC109 -- as in the synchronous face
        """Read again until the predicate holds for the list of results, and return it. Raises WaitTimeout."""
        plan = operations.wait_until(lambda: self._take(None, self._limit), until, timeout)
        return await begin_async(self._client, plan)

    async def count_distinct(self, field: object) -> int:
        """Return how many different values a field has."""
        return SyncQuery.count_distinct(_Read(self, await self.all()), field)

    async def sum(self, field: Any) -> Any:  # noqa: ANN401 -- the field's type
        """Return the sum of a field."""
        return SyncQuery.sum(_Read(self, await self.all()), field)

    async def avg(self, field: Any) -> Any:  # noqa: ANN401 -- the same
        """Return the mean of a field."""
        return SyncQuery.avg(_Read(self, await self.all()), field)

    async def min(self, field: Any) -> Any:  # noqa: ANN401 -- the same
        """Return the least value of a field."""
        return SyncQuery.min(_Read(self, await self.all()), field)

    async def max(self, field: Any) -> Any:  # noqa: ANN401 -- the same
        """Return the greatest value of a field."""
        return SyncQuery.max(_Read(self, await self.all()), field)

    async def group_by(self, field: Any) -> Any:  # noqa: ANN401 -- the same
        """Return the results by the value of a field."""
        return SyncQuery.group_by(_Read(self, await self.all()), field)

    def _pages(self, *, count: bool = False) -> SegmentPages[P] | MergedPages[P]:
        client, read, size, segments = self._client, self._read, self._page_size, self._segments
        if segments == 1:
            return SegmentPages(client, read, None, size, limit=self._limit, count=count)
        return MergedPages(
            [SegmentPages(client, read, (number, segments), size, count=count) for number in range(segments)]
        )


class _Read(SyncQuery[P]):
    """A query whose results are there: the aggregates of the synchronous face iterate over it."""

    def __init__(self, query: Query[P], items: list[P]) -> None:
        super().__init__(query._client, query._read)  # noqa: SLF001 -- one class
        self._items = items

    def __iter__(self) -> Any:  # noqa: ANN401 -- an iterator
        return iter(self._items)
