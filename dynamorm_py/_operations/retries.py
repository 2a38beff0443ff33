"""Which faults may pass by themselves, and how long a plan waits before it asks again.

The waits are exact here; chance is the executor's (`Sleep.jitter`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from dynamorm_py._kernel.plans import Sleep
from dynamorm_py.errors import (
    AccessDenied,
    CallError,
    ConditionFailed,
    ConnectionFailed,
    DeadlineExceeded,
    InternalServerError,
    LimitExceeded,
    RequestRefused,
    RequestTimeout,
    RequestTooLarge,
    TableNotFound,
    Throttled,
    TransactionConflict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py._kernel.plans import Plan, Request, Response

DEFAULT_RETRIES = 5  # CONTRACT 5, as are base and cap
_BASE = 0.05  # seconds before the first retry; doubled for each further one
_CAP = 1.0  # seconds
_JITTER = 0.5  # at least half of the wait is kept: a small number of retries must last out a short throttle

_PASSING = (Throttled, RequestTimeout, ConnectionFailed, InternalServerError)
# Said before anything is written. What is not named here may have been written in part: a lost answer, a failure
# on DynamoDB's side, an item collection that became too large while others of the request fitted.
_NOTHING_WRITTEN = (
    CallError,
    Throttled,
    TableNotFound,
    AccessDenied,
    RequestRefused,
    RequestTooLarge,
    LimitExceeded,
    ConditionFailed,
    TransactionConflict,
)


def attempts(retries: int) -> Iterator[Sleep | None]:
    """Yield the wait before each attempt: None before the first, then growing up to a second, jittered.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
    """
    yield None
    for retry in range(retries):
        yield Sleep(min(_CAP, _BASE * 2 ** min(retry, 10)), _JITTER)


def checked_count(name: str, value: int, least: int) -> int:
    """Return a count that the caller gave. Raises CallError unless it is an int of at least so much."""
    if not isinstance(cast("object", value), int) or isinstance(value, bool) or value < least:
        raise CallError(f"{name}= takes an int of {least} or more")
    return value


def may_pass(error: Exception) -> bool:
    """Return whether the same request may succeed a little later."""
    return isinstance(error, _PASSING) and not isinstance(error, DeadlineExceeded)


def nothing_written(error: Exception) -> bool:
    """Return whether it is certain that a write which ended so changed nothing."""
    return isinstance(error, _NOTHING_WRITTEN) or (isinstance(error, DeadlineExceeded) and not error.sent)


def retried(request: Request, retries: int, passing: Callable[[Exception], bool]) -> Plan[Response]:
    """Send a request, and the very same again after a passing fault. Raises the last fault."""
    last, doubtful = Exception(), False
    for pause in attempts(retries):
        try:
            if pause is not None:
                yield pause
            return (yield request)
        except DeadlineExceeded as late:
            late.sent = late.sent or doubtful  # an attempt before this one may have had its effect
            raise
        except Exception as error:
            if not passing(error):
                raise
            last, doubtful = error, doubtful or not nothing_written(error)
    raise last
