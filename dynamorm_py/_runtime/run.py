"""Performs a plan: the loop between what an operation asks and what answers it.

It knows plans and nothing of boto3, models or DynamoDB. Waiting, chance and threads are here and
nowhere else. An asynchronous executor is these same lines with `await` before the call and the sleep.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from random import random
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._kernel.plans import Request, Sleep
from dynamorm_py._kernel.response import Response
from dynamorm_py._runtime.deadline import pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Parallel, Plan, Step, Transport

T = TypeVar("T")

_AT_ONCE = 50  # threads of plans side by side: as many as our own client keeps connections


def run(client: Transport, plan: Plan[T], *, sleep: Callable[[float], object] = pause) -> T:
    """Perform the plan and return its result; the plan is closed in any case.

    An error of the client is raised inside the plan, at its `yield`, so a plan may handle it.
    """
    try:
        step = next(plan)
        while True:
            try:
                answer = _perform(client, step, sleep)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()


def _perform(client: Transport, step: Step, sleep: Callable[[float], object]) -> object:
    match step:
        case Request():
            answer = (step.client or client).call(step)
            return answer if type(answer) is Response else Response.of(answer)
        case Sleep(seconds, jitter):
            return sleep(seconds * (1 - jitter * random()))  # noqa: S311 -- spreads retries, guards nothing
        case _:
            return _side_by_side(client, step, sleep)


def _side_by_side(client: Transport, step: Parallel, sleep: Callable[[float], object]) -> list[Any]:
    """Perform plans in threads; one alone in this thread. All are finished when this ends."""
    if len(step.plans) == 1:
        return [run(client, step.plans[0], sleep=sleep)]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 -- only needed for requests side by side

    with ThreadPoolExecutor(max(1, min(len(step.plans), _AT_ONCE)), thread_name_prefix="dynamorm_py") as threads:
        started = [threads.submit(copy_context().run, partial(run, client, plan, sleep=sleep)) for plan in step.plans]
    return [each.result() for each in started]
