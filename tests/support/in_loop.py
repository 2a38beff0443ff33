"""A pool of an event loop behind the words of the synchronous one: the loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynamorm_py._transport.loop_connections import LoopPool

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from dynamorm_py._transport.exchange import Attempt
    from dynamorm_py._transport.http11 import Answer

T = TypeVar("T")


class LoopThread:
    """An event loop that runs in a thread, and what is awaited in it from others, in their own context."""

    def __init__(self) -> None:
        """Start it."""
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def result(self, awaitable: Awaitable[T]) -> T:
        """Return what is awaited in the loop."""

        async def awaited() -> T:
            return await awaitable

        started: Any = threading.Event()
        context = copy_context()

        def start() -> None:
            started.task = self.loop.create_task(awaited(), context=context)
            started.task.add_done_callback(lambda _: started.set())

        self.loop.call_soon_threadsafe(start)
        started.wait()
        return started.task.result()

    def close(self) -> None:
        """End what is left, as asyncio.run does."""
        self.result(self.loop.shutdown_asyncgens())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class InLoop:
    """A pool of connections in an event loop."""

    def __init__(self, size: int, connect_timeout: float, read_timeout: float, trust: str | None = None) -> None:
        """Make it."""
        self._loop = LoopThread()
        self._pool = self._loop.result(self._made(size, connect_timeout, read_timeout, trust))

    @staticmethod
    async def _made(size: int, connect_timeout: float, read_timeout: float, trust: str | None) -> LoopPool:
        pool = LoopPool(size, connect_timeout, read_timeout, trust)
        await pool.keep_until_the_end()
        return pool

    def send(self, attempt: Attempt) -> Answer:
        """Send one request and return its answer."""
        return self._loop.result(self._pool.send(attempt))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.close()
