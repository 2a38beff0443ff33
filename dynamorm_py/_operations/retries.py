"""Which faults may pass by themselves, and how long a plan waits before it asks again.

The waits are exact here; chance is the executor's (`Sleep.jitter`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from dynamorm_py._kernel.plans import Sleep
from dynamorm_py._operations.outcomes import nothing_written
from dynamorm_py.errors import (
    CallError,
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

    from dynamorm_py._kernel.plans import Plan, Request, Response

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
        yield Sleep(min(_CAP, _BASE * 2 ** min(retry, 10)), _JITTER)


def checked_count(name: str, value: int, least: int) -> int:
    """Return a count that the caller gave. Raises CallError unless it is an int of at least so much."""
    if not isinstance(cast("object", value), int) or isinstance(value, bool) or value < least:
        raise CallError(f"{name}= takes an int of {least} or more")
    return value


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
