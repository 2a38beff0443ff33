"""What tasks need in addition to plans: work in threads, deadlines of what is awaited, shared work, a turn in a line.

Nothing here knows plans, boto3, models or DynamoDB.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._runtime.deadline import not_sent, seconds_left
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

AT_ONCE = 50  # threads of clients that block, and plans side by side: as many as our own client keeps connections


class _Threads:
    """The threads of this process; a forked process makes its own."""

    process = 0
    pool: ThreadPoolExecutor | None = None

    @classmethod
    def get(cls) -> ThreadPoolExecutor:
        if cls.pool is None or cls.process != os.getpid():
            cls.pool, cls.process = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="dynamorm_py"), os.getpid()
        return cls.pool


async def in_thread(work: Callable[[], T]) -> T:
    """Do work that blocks in a thread, in the context of this task.

    A cancelled task does not wait for it: what has begun ends by itself, what has not is never begun.
    """
    loop = running_loop()
    return await asyncio.wrap_future(begin_in_thread(work), loop=loop)


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that runs here. Raises CallError where none does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        raise CallError(
            "a call of dynamorm_py.aio was awaited where no event loop of asyncio runs: use asyncio.run, also in a "
            "forked process; under trio call the synchronous dynamorm_py.Repo in a thread"
        ) from error


def begin_in_thread(work: Callable[[], T]) -> Future[T]:
    """Begin work that blocks in a thread, in the caller's context; at most 50 at once, the others wait."""
    return _Threads.get().submit(copy_context().run, work)


async def before_deadline(work: Awaitable[T], what: str) -> T:
    """Await work that nothing was sent for yet. Raises DeadlineExceeded when there is no time for it."""
    left = seconds_left()
    if left is None:
        return await work
    scope = asyncio.timeout(left)
    try:
        async with scope:
            return await work
    except TimeoutError:
        if scope.expired():
            raise not_sent(what) from None
        raise


class Places:
    """Places for a number of tasks of one loop at once; the others wait, and get theirs in the order they came.

    As asyncio's semaphore, with a way to take a free place without awaiting anything.
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, many: int) -> None:
        """Start with all places free."""
        self._free = many
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place that is free; False where there is none."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def come(self) -> None:
        """Wait for a place, and take it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:  # a cancellation: the place must go to the next task, and the turn out of the line
            if turn.done() and not turn.cancelled():  # the place was given before the task was cancelled
                self.release()
            with suppress(ValueError):  # a turn that was given, or passed over, is out of the line already
                self._waiting.remove(turn)
            raise

    def release(self) -> None:
        """Give a place to the task that has waited longest; free it when none waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not (turn.done() or turn.get_loop().is_closed()):  # else its task was cancelled, or never goes on
                turn.set_result(None)
                return
        self._free += 1


class TaskTurn:
    """What a task waits for in a line of tasks and threads; any thread may `release` it."""

    __slots__ = ("_has_come", "_loop")

    def __init__(self) -> None:
        """Take the running loop."""
        self._loop = asyncio.get_running_loop()
        self._has_come = asyncio.Event()

    async def come(self) -> None:
        """Wait for the release."""
        await self._has_come.wait()

    def release(self) -> None:
        """Let the task go on. Raises RuntimeError when its loop is closed."""
        self._loop.call_soon_threadsafe(self._has_come.set)


class SharedWork:
    """Work in a thread that the tasks of one loop share: those that ask while it is under way wait for the same result.

    It goes on when a task that waits is cancelled, and it knows no task's deadline.
    """

    __slots__ = ("_under_way",)

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._under_way: asyncio.Task[Any] | None = None

    async def result(self, work: Callable[[], T]) -> T:
        """Return what the work returns, or raise what it raises, to every waiter."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(in_thread(work), context=Context())
            self._under_way.add_done_callback(self._end)
        return await asyncio.shield(self._under_way)

    def _end(self, task: asyncio.Task[Any]) -> None:
        """Let the task go, which holds its loop; an error that no task waits for any more is dropped."""
        if self._under_way is task:  # else new work was begun in the same turn of the loop
            self._under_way = None
        if not task.cancelled():
            task.exception()
