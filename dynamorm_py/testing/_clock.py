"""A clock that moves only when the test moves it."""

from __future__ import annotations

import datetime as dt

from dynamorm_py._kernel.public import public

_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@public("dynamorm_py.testing")
class FrozenClock:
    """A clock for `Repo(..., clock=)` and, by `.monotonic` and `.sleep`, for `limited`.

    Calling it gives the time, an aware datetime. Nothing of Python's own clocks is changed.
    """

    def __init__(self, now: dt.datetime = _START) -> None:
        """Stand at this time. Raises ValueError for a naive one."""
        if now.tzinfo is None:
            raise ValueError("FrozenClock needs an aware datetime: datetime(2026, 1, 1, tzinfo=UTC)")
        self._now, self._start = now, now
        self.slept: list[float] = []

    def __call__(self) -> dt.datetime:
        """Return the time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on, or back with a negative number."""
        self._now += dt.timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Return the seconds since the start."""
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Move on at once, and keep the number in `.slept`."""
        self.slept.append(seconds)
        self.advance(seconds)
