"""Performs a plan within asyncio: the loop of `run`, with `await` before the call and the wait.

A client that is awaited (`ask`) is asked in the loop. Any other is called in a bounded pool of threads, in the
caller's context and so under its deadline.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from functools import partial
from random import random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from dynamorm_py._kernel.plans import Request, Sleep
from dynamorm_py._kernel.response import for_plan
from dynamorm_py._runtime.deadline import check_pause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from dynamorm_py._kernel.plans import Plan, Response, Step, Transport

T = TypeVar("T")

_AT_ONCE = 50  # plans side by side, and threads of a client that blocks: as many as our own client keeps connections


@runtime_checkable
class Awaited(Protocol):
    """A transport whose answers are awaited."""

    async def ask(self, request: Request, /) -> Response:
        """Return DynamoDB's answer, or raise one of `errors`."""
        ...


async def pause_async(seconds: float) -> None:
    """Wait, unless that would take longer than there is time; then raise DeadlineExceeded at once."""
    check_pause(seconds)
    await asyncio.sleep(seconds)


async def run_async(
    client: Transport | Awaited, plan: Plan[T], *, sleep: Callable[[float], Awaitable[object]] = pause_async
) -> T:
    """Perform the plan and return its result; the plan is closed in any case, also when the task is cancelled.

    An error of the client is raised inside the plan, at its `yield`, so a plan may handle it.
    """
    try:
        step = next(plan)
        while True:
            try:
                answer = await _perform(client, step, sleep)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()


async def _perform(client: Transport | Awaited, step: Step, sleep: Callable[[float], Awaitable[object]]) -> object:
    match step:
        case Request():
            return await _ask(step.client or client, step)
        case Sleep(seconds, jitter):
            return await sleep(seconds * (1 - jitter * random()))  # noqa: S311 -- spreads retries, guards nothing
        case _:
            return await _side_by_side(client, step.plans, sleep)


async def _ask(client: Transport | Awaited, request: Request) -> object:
    asked = client.ask(request) if isinstance(client, Awaited) else in_thread(partial(client.call, request))
    return for_plan(request, await asked)


async def _side_by_side(
    client: Transport | Awaited, plans: Sequence[Plan[Any]], sleep: Callable[[float], Awaitable[object]]
) -> list[Any]:
    """Perform plans in tasks. All are finished when this ends; cancellation cancels each of them."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(plan: Plan[Any]) -> object:
        try:
            async with places:
                return await run_async(client, plan, sleep=sleep)
        finally:
            plan.close()  # one that was cancelled before its turn too

    results = await asyncio.gather(*map(one, plans), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


class _Threads:
    """The threads of this process; a forked process makes its own."""

    process = 0
    pool: ThreadPoolExecutor | None = None

    @classmethod
    def get(cls) -> ThreadPoolExecutor:
        if cls.pool is None or cls.process != os.getpid():
            cls.pool, cls.process = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dynamorm_py"), os.getpid()
        return cls.pool


async def in_thread(work: Callable[[], T]) -> T:
    """Do work that blocks in a thread, in the context of this task.

    A cancelled task does not wait for it: what has begun ends by itself, what has not is never begun.
    """
    return await asyncio.wrap_future(_Threads.get().submit(copy_context().run, work))


def begin_async(client: Transport | Awaited, plan: Plan[T]) -> Coroutine[Any, Any, T]:
    """Begin the plan, and return what performs the rest and gives its result.

    What the plan refuses before it asks anything is raised here, where the call is made.
    """
    try:
        step = next(plan)
    except StopIteration as finished:
        return _finished(finished.value)
    return run_async(client, _from_step(plan, step))


async def _finished(result: T) -> T:
    return result


def _from_step(plan: Plan[T], step: Step) -> Plan[T]:
    """Go on with a plan that has yielded a step."""
    with closing(plan):
        while True:
            try:
                answer = yield step
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                advance = partial(plan.throw, error)
            else:
                advance = partial(plan.send, answer)
            try:
                step = advance()
            except StopIteration as finished:
                return finished.value
