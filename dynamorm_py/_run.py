"""Performs a plan: the loop between what an operation asks and what answers it.

It knows plans and nothing of boto3, models or DynamoDB. An asynchronous executor is these same
lines with `await` before the call and the sleep.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._plans import Sleep

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._plans import Caller, Plan

T = TypeVar("T")


def run(client: Caller, plan: Plan[T], *, sleep: Callable[[float], object] = time.sleep) -> T:
    """Perform the plan and return its result; the plan is closed in any case.

    An error of the client is raised inside the plan, at its `yield`, so a plan may handle it.
    """
    try:
        wanted = next(plan)
        while True:
            try:
                answer = sleep(wanted.seconds) if isinstance(wanted, Sleep) else client.call(wanted)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                wanted = plan.throw(error)
            else:
                wanted = plan.send(answer)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()
