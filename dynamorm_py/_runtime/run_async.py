"""Performs a plan in an event loop: the lines of `run`, with `await` before the call and the sleep.

A client that is not asynchronous is asked in a bounded pool of threads, with the context of the task. A task that
is cancelled ends its plan at once; an exchange that is under way in a thread is read to its end there, so its
connection serves the next call and no answer goes astray.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from random import random
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._kernel.plans import Request, Sleep
from dynamorm_py._runtime.deadline import check_pause

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from dynamorm_py._kernel.plans import Parallel, Plan, Step, Transport

T = TypeVar("T")

_AT_ONCE = 50  # as many as our own client keeps connections


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dynamorm_py aio")


def run_async(client: Transport, plan: Plan[T]) -> Coroutine[Any, Any, T]:
    """Begin the plan, and return what performs the rest and gives its result.

    What the plan refuses before it asks anything is raised here, where the call is made.
    """
    try:
        step = next(plan)
    except StopIteration as finished:
        return _finished(finished.value)
    return _go_on(client, plan, step)


async def _finished(result: T) -> T:
    return result


async def _go_on(client: Transport, plan: Plan[T], step: Step) -> T:
    """Perform a plan from a step on; it is closed in any case, also when the task is cancelled."""
    try:
        while True:
            try:
                answer = await _perform(client, step)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()


async def _perform(client: Transport, step: Step) -> object:
    match step:
        case Request():
            return await in_thread((step.client or client).call, step)
        case Sleep(seconds, jitter):
            return await pause_async(seconds * (1 - jitter * random()))  # noqa: S311 -- spreads retries
        case _:
            return await _side_by_side(client, step)


async def in_thread(function: Any, *arguments: object) -> Any:  # noqa: ANN401 -- any function
    """Call a function that blocks in a thread of the pool, in the context of this task."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(), partial(copy_context().run, function, *arguments))


async def pause_async(seconds: float) -> None:
    """Wait, unless that would take longer than there is time; then raise DeadlineExceeded at once."""
    check_pause(seconds)
    await asyncio.sleep(seconds)


async def _side_by_side(client: Transport, step: Parallel) -> list[Any]:
    """Perform plans in tasks, some at a time. All are finished before the first error of one is raised."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(plan: Plan[Any]) -> Any:  # noqa: ANN401 -- any plan's result
        async with places:
            return await run_async(client, plan)

    results = await asyncio.gather(*(one(plan) for plan in step.plans), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results
