"""Chunks read by several processes, in order and with bounded memory; this process reads along.

A worker is sent groups of chunks and returns each chunk's value as bytes, made into the value when its turn comes:
values that live for a moment stay in the processor's cache and out of the collector's way. This process reads the
groups that no worker has, so `workers=2` is this process and one more. What fails in a worker is read here in its turn,
and fails as it does with one process.
"""

from __future__ import annotations

import gc
import multiprocessing
import pickle
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from dynamorm_py.exports._lines import Chunk

T = TypeVar("T")

_SENT = 2  # groups that a worker has: one under way and one to begin with
_WINDOW = 4  # groups in the window for each that is sent: a worker's are the last, and done when their turn comes


class Work(Protocol[T]):
    """What is done with a chunk, and how its value goes from one process to another. A value is never None."""

    def read(self, chunk: Chunk, /) -> T:
        """Return the value of a chunk."""
        ...

    def pack(self, value: T, /) -> bytes:
        """Return a value as bytes."""
        ...

    def unpack(self, packed: bytes, /) -> T:
        """Return what was packed."""
        ...


@frozen
class Job(Generic[T]):
    """How chunks are read: how large they are, the work in this process, and how many another is sent at once."""

    here: Work[T]
    start: Callable[[], Work[T]] | None
    """What makes the work in another process, None where nothing can."""
    size: int
    at_once: int


def read_chunks(chunks: Iterator[Chunk], work: Work[T]) -> Generator[tuple[Chunk, T]]:
    """Yield each chunk with its value."""
    for chunk in chunks:
        yield chunk, work.read(chunk)


def read_chunks_in(workers: int, chunks: Iterator[Chunk], job: Job[T]) -> Generator[tuple[Chunk, T]]:
    """Yield each chunk with its value, read by this process and `workers - 1` others. Raises CallError."""
    start = _checked(job.start)
    others = workers - 1
    context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks
    pool = ProcessPoolExecutor(others, context, initializer=_begin, initargs=(start,))
    try:
        yield from _Window(pool, others * _SENT, _groups(chunks, job.at_once), job.here).results()
    except BrokenProcessPool as error:
        raise CallError(
            "a process of workers= ended: it imports the program, so guard what the program does with "
            "`if __name__ == '__main__':`, and see what that process wrote to stderr"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _checked(start: Callable[[], Work[T]] | None) -> Callable[[], Work[T]]:
    """Return it, and refuse what another process cannot do. Raises CallError."""
    if start is None:
        raise CallError(
            "encrypted fields are opened with this process's data keys, and a validation context and a function for "
            "unknown items are this process's too: leave workers= out"
        )
    try:
        pickle.dumps(start)
    except Exception as error:
        raise CallError(
            "workers= sends the model to other processes by its name: define it at the top level of a module"
        ) from error
    return start


@dataclass(slots=True)
class _Group(Generic[T]):
    """Chunks in a row: with a worker, or to be read here."""

    chunks: list[Chunk]
    answer: Future[list[bytes | None]] | None = None
    ahead: list[T | None] = field(default_factory=list["T | None"])
    """What was read here before its turn, None for what failed."""
    end: Exception | None = None
    """What ended the files after these chunks."""


def _groups(chunks: Iterator[Chunk], size: int) -> Iterator[_Group[Any]]:
    group = _Group[Any]([])
    try:
        for chunk in chunks:
            group.chunks.append(chunk)
            if len(group.chunks) == size:
                yield group
                group = _Group[Any]([])
    except Exception as error:  # noqa: BLE001 -- whatever a file or S3 raises; it is raised after what was read before
        group.end = error
    yield group


class _Window(Generic[T]):
    """The groups under way, in order, without the one whose turn it is."""

    def __init__(self, pool: ProcessPoolExecutor, room: int, groups: Iterator[_Group[T]], work: Work[T]) -> None:
        self._pool, self._room, self._groups, self._work = pool, room, groups, work
        self._waiting: deque[_Group[T]] = deque()
        self._answers: list[Future[list[bytes | None]]] = []
        self._up: Future[bool] | None = None

    def results(self) -> Iterator[tuple[Chunk, T]]:
        """Yield every chunk with its value, in order."""
        self._fill()
        while self._waiting:
            group = self._waiting.popleft()
            packed = None if group.answer is None else self._wait(group.answer)
            for number, chunk in enumerate(group.chunks):
                self._fill()
                yield chunk, self._value(group, packed, number)
            if group.end is not None:
                raise group.end

    def _value(self, group: _Group[T], packed: list[bytes | None] | None, number: int) -> T:
        if packed is not None:
            sent, packed[number] = packed[number], None
            return self._work.read(group.chunks[number]) if sent is None else self._work.unpack(sent)
        value = None
        if number < len(group.ahead):
            value, group.ahead[number] = group.ahead[number], None
        return self._work.read(group.chunks[number]) if value is None else value

    def _wait(self, answer: Future[list[bytes | None]]) -> list[bytes | None]:
        """Return a worker's answer; read ahead until it is there."""
        while not answer.done() and self._read_ahead():
            pass
        return answer.result()

    def _read_ahead(self) -> bool:
        """Read the first chunk that no process has begun; False when there is none."""
        for group in self._waiting:
            if group.answer is None and len(group.ahead) < len(group.chunks):
                group.ahead.append(_attempt(self._work.read, group.chunks[len(group.ahead)]))
                return True
        return False

    def _fill(self) -> None:
        """Fill the window, and send its last groups to the workers as far as they have room.

        Nothing is sent before a worker is up, which takes as long as reading tens of thousands of items.
        """
        missing = _WINDOW * self._room - len(self._waiting)
        self._waiting.extend(islice(self._groups, missing))
        if self._up is None and len(self._waiting) > self._room:
            self._up = self._pool.submit(_is_up)
        if self._up is None or not (self._up.done() and self._up.result()):
            return
        self._answers = [answer for answer in self._answers if not answer.done()]
        room = self._room - len(self._answers)
        free = [group for group in self._waiting if group.answer is None and not group.ahead] if room else []
        for group in free[-room:]:
            group.answer = self._pool.submit(_read, group.chunks)
            self._answers.append(group.answer)


def _attempt(read: Callable[[Chunk], T], chunk: Chunk) -> T | None:
    """Return the value of a chunk, None if it cannot be read."""
    try:
        return read(chunk)
    except Exception:  # noqa: BLE001 -- a model's own validators raise anything; it is raised when its turn comes
        return None


_here: Work[Any] | None = None
_OWN_COLLECTION = 50_000  # containers between two runs of a worker's collector: it makes and drops a chunk at a time


def _begin(start: Callable[[], Work[Any]]) -> None:
    """Make a worker's own reader, once."""
    global _here  # noqa: PLW0603 -- a worker process has one reader
    gc.set_threshold(_OWN_COLLECTION)
    gc.freeze()
    _here = start()


def _is_up() -> bool:
    """Say that the worker has begun."""
    return _here is not None


def _read(chunks: list[Chunk]) -> list[bytes | None]:
    work = cast("Work[Any]", _here)
    return [_attempt(lambda chunk: work.pack(work.read(chunk)), chunk) for chunk in chunks]
