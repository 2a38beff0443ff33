"""What has to be awaited: functions that nobody would await here, and values that nobody has awaited."""

from __future__ import annotations

from inspect import isasyncgenfunction, iscoroutinefunction
from types import CoroutineType


def is_asynchronous(function: object) -> bool:
    """Return whether a call only begins it: `async def`, a partial of one, or an object whose call is one."""
    if function is None or isinstance(function, str):  # no function at all: nearly always
        return False
    call = getattr(type(function), "__call__", None)  # noqa: B004 -- the method itself
    return any(iscoroutinefunction(each) or isasyncgenfunction(each) for each in (function, call))


def is_unawaited(value: object) -> bool:
    """Return whether it is a coroutine, a task or a future: something that stands for a value still to come."""
    return isinstance(value, CoroutineType) or hasattr(type(value), "_asyncio_future_blocking")
