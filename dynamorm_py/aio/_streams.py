"""A reader of a table's stream, awaited."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py._runtime.run_async import begin_async, pause_async
from dynamorm_py._runtime.tasks import in_thread
from dynamorm_py.streams import StreamReader as SyncStreamReader
from dynamorm_py.streams._shards import Stream, find_stream, poll

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@public("dynamorm_py.aio")
class StreamReader(SyncStreamReader):
    """Reads the records of a repository's table, in the form that Lambda gives them; see `streams.StreamReader`."""

    async def poll(self) -> list[dict[str, Any]]:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Return the next records of every shard; an empty list does not mean that the stream has ended."""
        if self._stream is None:
            arn = await begin_async(self._client, find_stream(self._table))
            positions = dict(await in_thread(partial(self._checkpoints.load, arn)))
            self._stream = Stream(arn, self._start, positions, self._page_size)
        stream = self._stream
        pages = await begin_async(self._client, poll(stream))
        self._handed_out = {s.id: s.position for s in stream.shards.values() if s.position is not None}
        return [record for _, records in pages for record in records]

    async def commit(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Save that every record of the pages polled so far is done."""
        await in_thread(super().commit)

    async def follow(self, *, idle: float = 1.0) -> AsyncIterator[dict[str, Any]]:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Yield records for ever, and commit a page when the next is due; wait `idle` seconds after an empty one."""
        while True:
            records = await self.poll()
            for record in records:
                yield record
            await self.commit()
            if not records:
                await pause_async(idle)
