"""Which faults may pass by themselves, and how long a plan waits before it asks again.

The waits are exact here; chance is the executor's (`Sleep.jitter`).
"""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING

from dynamorm_py._kernel.plans import Sleep
from dynamorm_py._operations.outcomes import nothing_written
from dynamorm_py.errors import (
    ConnectionFailed,
    DeadlineExceeded,
    DynamormError,
    InternalServerError,
    RequestTimeout,
    Throttled,
    TransactionCancelled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py._kernel.plans import Plan, Request
    from dynamorm_py._kernel.response import Response

DEFAULT_RETRIES = 5  # CONTRACT 5, as are base and cap
_BASE = 0.05  # seconds before the first retry; doubled for each further one
_CAP = 1.0  # seconds
_JITTER = 0.5  # at least half of the wait is kept: a small number of retries must last out a short throttle

_PASSING = (Throttled, RequestTimeout, ConnectionFailed, InternalServerError)


def attempts(retries: int) -> Iterator[Sleep | None]:
    """Yield the wait before each attempt: None before the first, then growing up to a second, jittered.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
    """
    yield None
    for retry in range(retries):
        yield Sleep(backoff(retry, _BASE, _CAP), _JITTER)


def backoff(retry: int, first: float, longest: float = math.inf) -> float:
    """Return the seconds to wait before a retry, counted from 0: `first`, then twice as long each time."""
    return min(longest, first * 2 ** min(retry, 60))


def waits_within(timeout: float, first: float, longest: float) -> Iterator[float]:
    """Yield growing waits that add up to the timeout, then 0: time to look for the last time."""
    left = timeout
    for retry in count():
        if left <= 0:
            break
        pause = min(backoff(retry, first, longest), left)
        yield pause
        left -= pause
    yield 0


def may_pass(error: Exception) -> bool:
    """Return whether the same request may succeed a little later."""
    return isinstance(error, _PASSING) and not isinstance(error, DeadlineExceeded)


def retried(
    request: Request, retries: int, passing: Callable[[Exception], bool], *, write: bool = False
) -> Plan[Response]:
    """Send a request, and the very same again after a passing fault. Raises the last fault.

    That of a `write` tells by `.outcome` whether any of the attempts may have been applied.
    """
    last, doubtful = DynamormError(), False
    for pause in attempts(retries):
        try:
            if pause is not None:
                yield pause
            return (yield request)
        except DeadlineExceeded as late:
            late.sent = late.sent or doubtful  # an attempt before this one may have had its effect
            raise
        except DynamormError as error:
            doubtful = doubtful or not nothing_written(error)
            if write and doubtful and not isinstance(error, TransactionCancelled):  # one token: all or nothing
                error.outcome = "unknown"
            if not passing(error):
                raise
            last = error
    raise last
