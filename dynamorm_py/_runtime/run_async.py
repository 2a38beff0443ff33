"""Performs a plan within asyncio: the loop of `run`, with `await` before the call and the wait.

A client that is awaited (`ask`) is asked in the loop. Any other is called in a bounded pool of threads, in the
caller's context and so under its deadline. What is here knows nothing of boto3, models or DynamoDB.
"""

from __future__ import annotations

import asyncio
from functools import partial
from random import random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dynamorm_py._kernel.plans import Parallel, Request, Sleep
from dynamorm_py._kernel.response import Response
from dynamorm_py._runtime.deadline import check_pause
from dynamorm_py._runtime.tasks import AT_ONCE, in_thread, running_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from typing_extensions import TypeIs

    from dynamorm_py._kernel.plans import Plan, Step, Transport
    from dynamorm_py._kernel.response import ResponseLike

T = TypeVar("T")


class Awaited(Protocol):
    """A transport whose answers are awaited."""

    async def ask(self, request: Request, /) -> ResponseLike:
        """Return DynamoDB's answer, or raise one of `errors`."""
        ...


async def pause_async(seconds: float) -> None:
    """Wait, unless that would take longer than there is time; then raise DeadlineExceeded at once."""
    check_pause(seconds)
    running_loop()
    await asyncio.sleep(seconds)


async def run_async(
    client: Transport | Awaited, plan: Plan[T], *, sleep: Callable[[float], Awaitable[object]] = pause_async
) -> T:
    """Perform the plan and return its result; the plan is closed in any case, also when the task is cancelled.

    An error of the client is raised inside the plan, at its `yield`, so a plan may handle it.
    """
    try:
        step = next(plan)
    except StopIteration as finished:
        return finished.value
    return await _run_from(client, plan, step, sleep)


async def _run_from(
    client: Transport | Awaited, plan: Plan[T], step: Step, sleep: Callable[[float], Awaitable[object]]
) -> T:
    """Perform the rest of a plan, from a step that it has yielded."""
    try:
        while True:
            try:
                if isinstance(step, Request):
                    answer = Response.of(await asked(step.client or client, step))
                else:
                    answer = await _perform(client, step, sleep)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()


async def _perform(
    client: Transport | Awaited, step: Sleep | Parallel, sleep: Callable[[float], Awaitable[object]]
) -> object:
    match step:
        case Sleep(seconds, jitter):
            return await sleep(seconds * (1 - jitter * random()))  # noqa: S311 -- spreads retries, guards nothing
        case _:
            return await _side_by_side(client, step.plans, sleep)


def asked(client: Transport | Awaited, request: Request) -> Coroutine[Any, Any, ResponseLike]:
    """Return what gives the client's answer: awaited where it can be (`ask`), else called in a thread."""
    if is_awaited(client):
        return client.ask(request)
    return in_thread(partial(client.call, request))


def is_awaited(client: Transport | Awaited) -> TypeIs[Awaited]:
    """Return whether a client's answers are awaited; its class says so, which is cheaper to ask than a protocol."""
    return hasattr(type(client), "ask")


async def _side_by_side(
    client: Transport | Awaited, plans: Sequence[Plan[Any]], sleep: Callable[[float], Awaitable[object]]
) -> list[Any]:
    """Perform plans in tasks. All are finished when this ends; cancellation cancels each of them."""
    running_loop()
    places = asyncio.Semaphore(AT_ONCE)

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


def begin_async(client: Transport | Awaited, plan: Plan[T]) -> Coroutine[Any, Any, T]:
    """Begin the plan, and return what performs the rest and gives its result.

    What the plan refuses before it asks anything is raised here, where the call is made.
    """
    try:
        step = next(plan)
    except StopIteration as finished:
        return _finished(finished.value)
    return _named(_run_from(client, plan, step, pause_async), plan)


def _named(coroutine: Coroutine[Any, Any, T], plan: Any) -> Coroutine[Any, Any, T]:  # noqa: ANN401 -- a generator's name has no static type
    """Give a coroutine the name of its plan: Python's warning names what was never awaited."""
    coroutine.__name__ = coroutine.__qualname__ = plan.__qualname__
    return coroutine


async def _finished(result: T) -> T:
    return result
