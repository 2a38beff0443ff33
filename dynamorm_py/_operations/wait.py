"""Reading again until what is expected is there: for indexes and reads that are eventually consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._kernel.plans import Plan, Sleep
from dynamorm_py._operations.arguments import check_number
from dynamorm_py._operations.functions import require_plain, require_value
from dynamorm_py._operations.retries import waits_within
from dynamorm_py.errors import WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._operations.pages import Results

P = TypeVar("P")

_FIRST_DELAY = 0.05  # seconds; indexes follow their table within a fraction of one
_LONGEST_DELAY = 1.0  # seconds


def wait_until(
    read: Callable[[], Plan[Results[P]]], until: Callable[[list[P]], object], timeout: float
) -> Plan[list[P]]:
    """Read until the predicate holds and return what was read then.

    `timeout` is in seconds of waiting between reads. Raises WaitTimeout with what was read last.
    """
    require_plain("until=", until)
    check_number("timeout", timeout, "seconds", endless=True)
    items: list[P] = []
    for pause in waits_within(timeout, _FIRST_DELAY, _LONGEST_DELAY):
        items = (yield from read()).items
        if require_value("until=", until(items)):
            return items
        if pause:
            yield Sleep(pause)
    error = WaitTimeout(f"the condition did not come true within {timeout:g} s (the last read is in .items)")
    error.items = items
    raise error
