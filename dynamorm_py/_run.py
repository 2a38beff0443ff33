"""Performs a plan: the loop between what an operation asks and what answers it.

It knows plans and nothing of boto3, models or DynamoDB. An asynchronous executor is these same
lines with `await` before the call and the sleep.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._plans import Sleep, Together

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._plans import Caller, Plan, Request, Response, Step

T = TypeVar("T")

_AT_ONCE = 10  # calls at a time: botocore keeps ten connections open where the user configures none


def run(client: Caller, plan: Plan[T], *, sleep: Callable[[float], object] = time.sleep) -> T:
    """Perform the plan and return its result; the plan is closed in any case.

    An error of the client is raised inside the plan, at its `yield`, so a plan may handle it.
    """
    with closing(plan):
        advance = partial(plan.send, None)
        while True:
            try:
                wanted = advance()
            except StopIteration as finished:
                return finished.value
            advance = _perform(client, plan, wanted, sleep)


def _perform(client: Caller, plan: Plan[T], wanted: Step, sleep: Callable[[float], object]) -> Callable[[], Step]:
    """Do what the plan wants, and return the step that tells the plan how it went."""
    try:
        answer = _answer(client, wanted, sleep)
    except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
        return partial(plan.throw, error)
    return partial(plan.send, answer)


def _answer(client: Caller, wanted: Step, sleep: Callable[[float], object]) -> object:
    match wanted:
        case Sleep(seconds):
            return sleep(seconds)
        case Together(requests):
            return _together(client, requests)
        case _:
            return (wanted.via or client).call(wanted)


def _together(client: Caller, requests: tuple[Request, ...]) -> list[Response | Exception]:
    """Call in threads, each in the caller's context, so that tracing sees whose call it is."""
    if len(requests) == 1:
        return [_attempt(client, requests[0])]
    threads = ThreadPoolExecutor(min(len(requests), _AT_ONCE))
    try:
        started = [threads.submit(copy_context().run, _attempt, client, request) for request in requests]
        return [call.result() for call in started]
    finally:
        threads.shutdown(cancel_futures=True)  # an interrupt leaves what has not begun


def _attempt(client: Caller, request: Request) -> Response | Exception:
    try:
        return (request.via or client).call(request)
    except Exception as error:  # noqa: BLE001 -- not swallowed: handed to the plan in the answer's place
        return error
