"""Chunks read by several processes, in order and with bounded memory; this process reads along.

A worker is sent lines and returns packed values. While the result that is next is not there, this process
reads a later chunk itself, so `workers=2` is this process and one more.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynamorm_py.exports._packing import Packer, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from dynamorm_py.exports._kinds import Kinds, Portable
    from dynamorm_py.exports._lines import Chunk

    Read: TypeAlias = Callable[[Kinds[Any], Chunk], list[Any]]

_AHEAD = 2  # chunks that a worker has waiting: one under way and one to begin with


def read_chunks(chunks: Iterator[Chunk], kinds: Kinds[Any], read: Read) -> Iterator[tuple[Chunk, list[Any]]]:
    """Yield each chunk with its values."""
    for chunk in chunks:
        yield chunk, read(kinds, chunk)


def read_chunks_in(
    workers: int, chunks: Iterator[Chunk], kinds: Kinds[Any], portable: Portable, read: Read
) -> Generator[tuple[Chunk, list[Any]]]:
    """Yield each chunk with its values, read by this process and `workers - 1` others."""
    others = workers - 1
    context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks
    pool = ProcessPoolExecutor(others, context, initializer=_begin, initargs=(portable, read))
    try:
        yield from _Window(pool, others * _AHEAD, chunks, lambda chunk: read(kinds, chunk)).results()
    finally:
        pool.shutdown(cancel_futures=True)


class _Window:
    """The chunks under way, in order: each is waiting, with a worker, or read."""

    def __init__(
        self, pool: ProcessPoolExecutor, sent: int, chunks: Iterator[Chunk], read: Callable[[Chunk], list[Any]]
    ) -> None:
        self._pool, self._sent, self._chunks, self._read = pool, sent, chunks, read
        self._entries: deque[_Entry] = deque()
        self._up = pool.submit(_is_up)

    def results(self) -> Iterator[tuple[Chunk, list[Any]]]:
        """Yield the values of every chunk, in order."""
        self._fill()
        while self._entries:
            head = self._entries[0]
            if not head.ready and not self._read_one():
                head.wait()
            if head.ready:
                self._entries.popleft()
                self._fill()
                yield head.chunk, head.values

    def _fill(self) -> None:
        """Send chunks to the workers as far as they have room, and keep as many for this process.

        Nothing is sent before a worker is up, which takes as long as reading tens of thousands of items.
        """
        room = self._sent if self._up.done() and self._up.result() else 0
        under_way = sum(entry.future is not None and not entry.ready for entry in self._entries)
        for entry in self._entries:
            if under_way >= room:
                break
            if entry.untouched:
                entry.future = self._pool.submit(_read, entry.chunk)
                under_way += 1
        while len(self._entries) < 2 * self._sent + 1:
            chunk = next(self._chunks, None)
            if chunk is None:
                return
            entry = _Entry(chunk)
            if under_way < room:
                entry.future = self._pool.submit(_read, chunk)
                under_way += 1
            self._entries.append(entry)

    def _read_one(self) -> bool:
        """Read the first chunk that no process has begun; False when there is none."""
        entry = next((entry for entry in self._entries if entry.untouched), None)
        if entry is not None:
            entry.own = self._read(entry.chunk)
        return entry is not None


class _Entry:
    """A chunk, with the worker's answer to come or with what this process read."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.future: Future[bytes] | None = None
        self.own: list[Any] | None = None

    @property
    def untouched(self) -> bool:
        return self.future is None and self.own is None

    @property
    def ready(self) -> bool:
        return self.own is not None or (self.future is not None and self.future.done())

    @property
    def values(self) -> list[Any]:
        if self.own is not None:
            return self.own
        return unpack(cast("Future[bytes]", self.future).result())

    def wait(self) -> None:
        cast("Future[bytes]", self.future).result()


_here: tuple[Kinds[Any], Read, Packer] | None = None
_OWN_COLLECTION = 50_000  # containers between two runs of a worker's collector: it makes and drops a chunk at a time


def _begin(portable: Portable, read: Read) -> None:
    """Make a worker's own reader, once."""
    global _here  # noqa: PLW0603 -- a worker process has one reader
    gc.set_threshold(_OWN_COLLECTION)
    gc.freeze()
    _here = portable.kinds(), read, Packer(portable.models)


def _is_up() -> bool:
    """Say that the worker has begun."""
    return _here is not None


def _read(chunk: Chunk) -> bytes:
    kinds, read, packer = cast("tuple[Kinds[Any], Read, Packer]", _here)
    return packer.pack(read(kinds, chunk))
