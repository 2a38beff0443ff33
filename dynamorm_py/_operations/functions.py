"""The functions that callers pass: they are called, not awaited, in both faces."""

from __future__ import annotations

from types import CoroutineType
from typing import TypeVar

from dynamorm_py._kernel.awaiting import is_asynchronous, is_unawaited
from dynamorm_py.errors import CallError

T = TypeVar("T")

_REPAIR = "it is called, not awaited: pass a plain function"


def require_plain(name: str, function: T) -> T:
    """Return a function, or None. Raises CallError for an asynchronous one, which nobody would await."""
    if is_asynchronous(function):
        raise CallError(f"{name} is asynchronous, and {_REPAIR}")
    return function


def require_value(name: str, result: T) -> T:
    """Return what a function gave. Raises CallError for what would have to be awaited first."""
    if is_unawaited(result):
        if isinstance(result, CoroutineType):
            result.close()  # Python would warn of it as well
        raise CallError(f"{name} gives what has to be awaited, and {_REPAIR}")
    return result
