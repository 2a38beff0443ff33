"""Several streams as one, each drawn by a thread of its own, with bounded memory.

Knows nothing of DynamoDB. What one stream yields keeps its order; the threads end when the consumer
stops, when a stream fails, or at the end of all streams.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

T = TypeVar("T")

_POLL_SECONDS = 0.1  # how soon a thread that waits for room notices that nobody reads any more


class _Done:
    """One stream has ended, with its error if it failed."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def merged(streams: Sequence[Iterator[T]], ahead: int = 2) -> Generator[T]:
    """Yield what the streams yield, as it comes; at most `ahead` values a stream wait to be taken."""
    waiting: queue.Queue[T | _Done] = queue.Queue(maxsize=ahead * len(streams))
    stopped = threading.Event()
    workers = [threading.Thread(target=_draw, args=(stream, waiting, stopped), daemon=True) for stream in streams]
    for worker in workers:
        worker.start()
    try:
        left = len(workers)
        while left:
            value = waiting.get()
            if not isinstance(value, _Done):
                yield value
            elif value.error is not None:
                raise value.error
            else:
                left -= 1
    finally:
        stopped.set()
        for worker in workers:
            worker.join()


def _draw(stream: Iterator[T], waiting: queue.Queue[T | _Done], stopped: threading.Event) -> None:
    error: BaseException | None = None
    try:
        for value in stream:
            if not _hand_over(value, waiting, stopped):
                return
    except BaseException as failure:  # noqa: BLE001 -- handed to the consumer, which raises it
        error = failure
    _hand_over(_Done(error), waiting, stopped)


def _hand_over(value: T | _Done, waiting: queue.Queue[T | _Done], stopped: threading.Event) -> bool:
    """Wait for room; False when nobody reads any more."""
    while not stopped.is_set():
        try:
            waiting.put(value, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
