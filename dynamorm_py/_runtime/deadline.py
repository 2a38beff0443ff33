"""The deadline of the work at hand: how much time is left, for every call and wait below.

A context variable holds it, so it follows the work into threads that run in the caller's context
and into asynchronous tasks. Nothing here knows what sets it, or what a call is.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from dynamorm_py.errors import DeadlineExceeded

if TYPE_CHECKING:
    from collections.abc import Generator

_deadline: ContextVar[float | None] = ContextVar("dynamorm_py.deadline", default=None)


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Give the work inside this many seconds; an earlier deadline around it stays in force."""
    ends, around = time.monotonic() + seconds, _deadline.get()
    token = _deadline.set(ends if around is None else min(ends, around))
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float | None:
    """Return the seconds until the deadline, negative after it; None when there is none."""
    ends = _deadline.get()
    return None if ends is None else ends - time.monotonic()


def check_time(what: str) -> None:
    """Raise DeadlineExceeded when the time is used up, before `what` is begun."""
    left = seconds_left()
    if left is not None and left <= 0:
        raise not_sent(what)


def not_sent(what: str) -> DeadlineExceeded:
    """Return the error for what the deadline kept from being begun."""
    return DeadlineExceeded(
        f"{what} was not sent: the deadline has passed, so do less in one invocation, or raise the timeout",
        operation=what,
    )


def check_pause(seconds: float) -> None:
    """Raise DeadlineExceeded when to wait this long would take longer than there is time."""
    left = seconds_left()
    if left is not None and left <= seconds:
        raise DeadlineExceeded(
            f"{max(left, 0):.1f} s are left, and the next attempt is due in {seconds:.1f} s: "
            "do less in one invocation, or raise the timeout"
        )


def pause(seconds: float) -> None:
    """Wait, unless that would take longer than there is time; then raise DeadlineExceeded at once."""
    check_pause(seconds)
    time.sleep(seconds)
