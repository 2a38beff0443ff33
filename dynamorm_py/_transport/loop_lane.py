"""The direct lane within asyncio: the same exchanges over the connections of the running loop.

What the lane asks of botocore, credentials and endpoints, may read files or call AWS: a thread does that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias
from weakref import ReferenceType, WeakKeyDictionary, finalize, ref

from dynamorm_py._runtime.deadline import seconds_left
from dynamorm_py._runtime.tasks import SharedWork, before_deadline, in_thread, running_loop
from dynamorm_py._transport import interception
from dynamorm_py._transport.exchange import Attempt, NoAnswer, Pause
from dynamorm_py._transport.loop_connections import LoopPool
from dynamorm_py.errors import DeadlineExceeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._transport.direct import DirectLane
    from dynamorm_py._transport.exchange import Exchange, Outcome

_Kept: TypeAlias = tuple[ReferenceType[asyncio.AbstractEventLoop], ReferenceType[LoopPool]] | None
_Pools: TypeAlias = WeakKeyDictionary[asyncio.AbstractEventLoop, ReferenceType[LoopPool]]


class LoopLane:
    """Asks one service from any event loop. Safe to share between the threads of several loops."""

    __slots__ = ("__weakref__", "_lane", "_last", "_lock", "_make_pool", "_pools", "_process", "_renewals")

    def __init__(self, lane: DirectLane, make_pool: Callable[[], LoopPool]) -> None:
        """Take what makes exchanges, and what makes a loop's pool."""
        self._lane, self._make_pool, self._lock = lane, make_pool, Lock()
        self._process = os.getpid()
        self._pools: _Pools = WeakKeyDictionary()
        self._last: _Kept = None
        self._renewals: WeakKeyDictionary[asyncio.AbstractEventLoop, SharedWork] = WeakKeyDictionary()
        finalize(self, _close_all, self._pools, self._process).atexit = False

    async def call(self, request: Request) -> Response:
        """Perform a request. Raises what the lane raises, and CallError where no loop of asyncio runs."""
        lane, loop = self._lane, running_loop()
        if lane.settings.blocks(request):
            await self._ask_botocore(loop, request)
        pool = self._pool_of(loop)
        if pool is None:
            pool = await self._open(loop)
        try:
            outcome = await self._perform(lane.exchange(request), pool, request)
        except NoAnswer as failure:
            from dynamorm_py._transport.failures import connection_error

            raise connection_error(failure, failure.url) from failure.__cause__
        return lane.response(outcome, request)

    async def trace(self, request: Request, tracer: Tracer) -> Response:
        """Perform a request within a span. Raises what `call` raises."""
        from dynamorm_py._transport.spans import CallSpan

        with CallSpan(tracer, request, self._lane.settings) as span:
            return span.ends_with(await self.call(span.request))

    def close(self) -> None:
        """End the connections that wait, each in its loop."""
        if self._process != os.getpid():  # a fork: the thread that held the lock may be in the other process
            return
        with self._lock:
            _close_all(self._pools, self._process)

    def _pool_of(self, loop: asyncio.AbstractEventLoop) -> LoopPool | None:
        """Return a loop's pool, None where it has none yet; that of the loop that asked last is at hand."""
        last = self._last
        if last is None or last[0]() is not loop:
            kept = self._pools.get(loop)
            if kept is None:
                return None
            last = self._last = ref(loop), kept
        return last[1]()

    async def _open(self, loop: asyncio.AbstractEventLoop) -> LoopPool:
        pool = self._make_pool()
        await pool.keep_until_the_end()
        with self._lock:
            self._pools[loop] = ref(pool)
            self._last = None
        return pool

    async def _ask_botocore(self, loop: asyncio.AbstractEventLoop, request: Request) -> None:
        """Have credentials, for all tasks that need them, and the endpoint found in a thread."""
        settings = self._lane.settings
        with self._lock:
            renewal = self._renewals.setdefault(loop, SharedWork())
        await before_deadline(renewal.result(settings.credentials), request.operation)
        if settings.blocks(request):
            await in_thread(partial(settings.endpoint, request))

    async def _perform(self, plan: Exchange, pool: LoopPool, request: Request) -> Outcome:
        """Perform an exchange and return its outcome; the plan is closed in any case."""
        try:
            step = next(plan)
            while True:
                try:
                    if isinstance(step, Attempt):
                        # something in this process may answer in DynamoDB's place, such as moto
                        value = interception.answer_of(step, self._lane.service) or await pool.send(step)
                    else:
                        value = await self._wait(step, request)
                except (NoAnswer, DeadlineExceeded) as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(value)
        except StopIteration as finished:
            return finished.value
        finally:
            plan.close()

    async def _wait(self, pause: Pause, request: Request) -> bool:
        left = seconds_left()
        if left is not None and left <= pause.seconds:
            return False
        await asyncio.sleep(pause.seconds)
        if self._lane.settings.blocks(request):  # the next attempt is signed with what holds then
            try:
                await self._ask_botocore(asyncio.get_running_loop(), request)
            except DeadlineExceeded:
                return False
        return True


def _close_all(pools: _Pools, process: int) -> None:
    """End what waits in each loop. A forked process leaves it to the process that it came from.

    To close a connection of a loop takes it out of the kernel's list of what the loop waits for, which both share.
    """
    if process != os.getpid():
        return
    for loop, kept in list(pools.items()):
        pool = kept()
        if pool is not None and not loop.is_closed():
            _close_in(loop, pool)


def _close_in(loop: asyncio.AbstractEventLoop, pool: LoopPool) -> None:
    if asyncio._get_running_loop() is loop:  # noqa: SLF001 -- the one that does not raise where none runs
        pool.close()
        return
    with contextlib.suppress(RuntimeError):  # it was closed meanwhile
        loop.call_soon_threadsafe(pool.close)
