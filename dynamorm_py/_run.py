"""Performs a plan: the loop between what an operation asks and what answers it.

It knows plans and nothing of boto3, models or DynamoDB. An asynchronous executor is these same
lines with `await` before the call and the sleep.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._deadline import pause
from dynamorm_py._plans import Sleep

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._plans import Caller, Plan, Request

T = TypeVar("T")


def run(client: Caller, plan: Plan[T], *, sleep: Callable[[float], object] = pause) -> T:
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


def _perform(
    client: Caller, plan: Plan[T], wanted: Request | Sleep, sleep: Callable[[float], object]
) -> Callable[[], Request | Sleep]:
    """Do what the plan wants, and return the step that tells the plan how it went."""
    try:
        answer = sleep(wanted.seconds) if isinstance(wanted, Sleep) else client.call(wanted)
    except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
        return partial(plan.throw, error)
    return partial(plan.send, answer)
