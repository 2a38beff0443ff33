"""Chunks read by several processes, in order and with bounded memory; this process reads along.

A worker is sent lines and returns pickled values. While the result that is next is not there, this process
reads a later chunk itself, so `workers=2` is this process and one more.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynamorm_py._model import DynamoModel

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
        """Send chunks to the workers as far as they have room, and keep as many for this process."""
        under_way = sum(entry.future is not None and not entry.ready for entry in self._entries)
        for entry in self._entries:
            if under_way >= self._sent:
                break
            if entry.untouched:
                entry.future = self._pool.submit(_read, entry.chunk)
                under_way += 1
        while len(self._entries) < 2 * self._sent + 1:
            chunk = next(self._chunks, None)
            if chunk is None:
                return
            entry = _Entry(chunk)
            if under_way < self._sent:
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
        self.future: Future[list[Any]] | None = None
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
        return [_unpacked(value) for value in cast("Future[list[Any]]", self.future).result()]

    def wait(self) -> None:
        cast("Future[list[Any]]", self.future).result()


_here: tuple[Kinds[Any], Read] | None = None


def _begin(portable: Portable, read: Read) -> None:
    """Make a worker's own reader, once."""
    global _here  # noqa: PLW0603 -- a worker process has one reader
    _here = portable.kinds(), read


def _read(chunk: Chunk) -> list[Any]:
    kinds, read = cast("tuple[Kinds[Any], Read]", _here)
    return [_packed(value) for value in read(kinds, chunk)]


def _packed(value: object) -> object:
    """Return what a model is made of: it is pickled and made again in two thirds of the time."""
    if not isinstance(value, DynamoModel) or value.__pydantic_extra__ or value.__pydantic_private__:
        return value
    fields = value.__pydantic_fields_set__
    return type(value), value.__dict__, None if fields == set(value.__dict__) else fields


def _unpacked(value: Any) -> Any:  # noqa: ANN401 -- whatever was read
    """Return the model as pydantic's own unpickling makes it; anything else as it is."""
    if type(value) is not tuple:
        return value
    cls, values, fields = cast("tuple[type[DynamoModel], dict[str, Any], set[str] | None]", value)
    model = cls.__new__(cls)
    object.__setattr__(model, "__dict__", values)
    object.__setattr__(model, "__pydantic_fields_set__", set(values) if fields is None else fields)
    object.__setattr__(model, "__pydantic_extra__", {} if cls.model_config.get("extra") == "allow" else None)
    object.__setattr__(model, "__pydantic_private__", None)
    return model
