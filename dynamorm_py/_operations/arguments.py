"""The numbers that callers pass: counts, sizes, rates and seconds, all checked by one rule."""

from __future__ import annotations

import math
from typing import cast

from dynamorm_py.errors import CallError


def check_int(name: str, value: int, least: int = 1, most: int | None = None, repair: str | None = None) -> int:
    """Return an int within its bounds. Raises CallError for anything else; a bool is no int here."""
    within = _is_number(value, int) and least <= value and (most is None or value <= most)
    if not within:
        bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise CallError(_message(name, f"an int {bounds}", value, repair))
    return value


def check_number(
    name: str,
    value: float,
    *,
    least: float | None = None,
    above: float | None = None,
    endless: bool = False,
    repair: str | None = None,
) -> float:
    """Return a number that is at least `least`, or above `above`. Raises CallError for anything else.

    `endless` allows infinity.
    """
    bound = least if above is None else above
    within = (
        _is_number(value, int | float)
        and (bound is None or (value > bound if above is not None else value >= bound))
        and (value < math.inf or (endless and value == math.inf))
    )
    if not within:
        bounds = f"above {above:g}" if above is not None else f"of {least:g} or more"
        raise CallError(_message(name, f"a number {bounds}", value, repair))
    return value


def _is_number(value: object, kind: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)  # pyright: ignore[reportArgumentType] -- a class or a union of classes


def _message(name: str, expected: str, value: object, repair: str | None) -> str:
    shown = repr(value) if _is_number(value, int | float) else type(value).__name__
    return f"{name}= must be {expected}, got {shown}" + (f": {repair}" if repair else "")
