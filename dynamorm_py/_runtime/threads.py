"""Several streams as one, drawn by a few threads, with bounded memory.

Knows nothing of DynamoDB. What one stream yields keeps its order; the threads end when the consumer
stops, when a stream fails, or at the end of all streams.
"""

from __future__ import annotations

import queue
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

T = TypeVar("T")

_POLL_SECONDS = 0.1  # how soon a thread that waits for room notices that the reader has left


class _Done:
    """One thread has ended, with the error of its stream if that failed."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Shared(Generic[T]):
    """What the threads share: the streams not yet drawn, the values that wait, and whether the reader has left."""

    def __init__(self, streams: Iterable[Iterator[T]], room: int) -> None:
        self._streams = iter(streams)
        self._lock = threading.Lock()
        self.waiting: queue.Queue[T | _Done] = queue.Queue(maxsize=room)
        self.stopped = threading.Event()

    def draw(self) -> None:
        """Draw stream after stream until none is left, or the reader has left."""
        error: BaseException | None = None
        try:
            while (stream := self._next()) is not None:
                for value in stream:
                    if not self._hand_over(value):
                        return
        except BaseException as failure:  # noqa: BLE001 -- handed to the consumer, which raises it
            error = failure
        self._hand_over(_Done(error))

    def _next(self) -> Iterator[T] | None:
        with self._lock:
            return next(self._streams, None)

    def _hand_over(self, value: T | _Done) -> bool:
        """Wait for room; False when the reader has left."""
        while not self.stopped.is_set():
            try:
                self.waiting.put(value, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False


def merged(streams: Iterable[Iterator[T]], threads: int, ahead: int = 2) -> Generator[T]:
    """Yield what the streams yield, as it comes; at most `ahead` values a thread wait to be taken.

    The threads work in the caller's context, and so under its deadline. Closing waits for them, and so for
    what each is just doing; they begin nothing new.
    """
    shared = _Shared(streams, ahead * threads)
    workers: list[threading.Thread] = []
    try:
        for _ in range(threads):
            worker = threading.Thread(target=copy_context().run, args=(shared.draw,), daemon=True)
            worker.start()
            workers.append(worker)
        yield from _values(shared.waiting, threads)
    finally:
        shared.stopped.set()
        for worker in workers:
            worker.join()


def _values(waiting: queue.Queue[T | _Done], threads: int) -> Generator[T]:
    """Yield the values until every thread is done. Raises the first error of a stream."""
    while threads:
        value = waiting.get()
        if not isinstance(value, _Done):
            yield value
        elif value.error is not None:
            raise value.error
        else:
            threads -= 1
