"""The pages of a read, one by one or of several segments as they come.

No asynchronous generators: a loop that shuts down closes all of them at once, also those that others are closing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py._runtime.tasks import running_loop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._operations import PageRead, Read

P = TypeVar("P")


class SegmentPages(Generic[P]):
    """The pages of one segment, or of the whole read."""

    def __init__(
        self,
        client: Transport,
        read: Read[P],
        segment: tuple[int, int] | None,
        page_size: int | None,
        *,
        limit: int | None = None,
        count: bool = False,
    ) -> None:
        """Read nothing yet."""
        self._client, self._read, self._segment, self._page_size = client, read, segment, page_size
        self._remaining, self._count = limit, count
        self._start: Item | None = None
        self._ended = False

    async def next(self) -> PageRead[P] | None:
        """Return the next page, None after the last."""
        if self._ended:
            return None
        limit = self._read.page_limit(self._remaining, self._page_size)
        plan = operations.read_page(self._read, self._start, limit, segment=self._segment, count=self._count)
        page = await begin_async(self._client, plan)
        self._start, self._ended = page.last_key, page.last_key is None
        if self._remaining is not None:
            self._remaining -= len(page.items)
        return page

    async def close(self) -> None:
        """End what reads ahead: nothing does."""


class MergedPages(Generic[P]):
    """The pages of several segments, read by a task each; one page waits for who takes it."""

    def __init__(self, segments: Sequence[SegmentPages[P]]) -> None:
        """Begin to read."""
        running_loop()
        self._pages: asyncio.Queue[PageRead[P] | BaseException | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(1)  # for pages that wait; the end of a segment needs none
        self._tasks = [asyncio.create_task(self._draw(segment)) for segment in segments]
        self._reading = len(self._tasks)

    async def next(self) -> PageRead[P] | None:
        """Return the next page of any segment, None after the last of all. Raises the first error of one."""
        while self._reading:
            page = await self._pages.get()
            if isinstance(page, BaseException):
                raise page
            if page is not None:
                self._room.release()
                return page
            self._reading -= 1
        return None

    async def close(self) -> None:
        """End the tasks, and what each is asking for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _draw(self, segment: SegmentPages[P]) -> None:
        try:
            while (page := await segment.next()) is not None:
                await self._room.acquire()
                self._pages.put_nowait(page)
        except BaseException as error:
            self._pages.put_nowait(error)  # a cancellation too: who waits for this segment would wait for ever
            if not isinstance(error, Exception):
                raise
        else:
            self._pages.put_nowait(None)
