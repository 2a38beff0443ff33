"""The numbers that callers pass: counts, sizes, rates and seconds, all checked by one rule."""

from __future__ import annotations

import math
from typing import TypeGuard

from dynamorm_py.errors import CallError


def check_int(name: str, value: object, least: int = 1, most: int | None = None, *, repair: str = "") -> int:
    """Return an int within its bounds. Raises CallError for anything else, a bool too."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value and (most is None or value <= most):
        return value
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
    raise _refusal(name, f"an int {bounds}", value, repair)


def check_number(
    name: str,
    value: object,
    unit: str,
    *,
    least: float = 0,
    above: bool = False,
    endless: bool = False,
    repair: str = "",
) -> float:
    """Return a number of a unit, not below `least`; `above` excludes `least` itself, `endless` admits infinity.

    Raises CallError for anything else, a bool and NaN too.
    """
    if (
        _is_number(value)
        and least <= value
        and not (above and value == least)
        and (endless or value < math.inf)  # a huge int is finite, though no float holds it
    ):
        return value
    bound = f"above {least:g}" if above else f"{least:g} or more"
    raise _refusal(name, f"a number of {unit}, {bound}", value, repair)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refusal(name: str, expected: str, value: object, repair: str) -> CallError:
    shown = f"{value!r:.40}" if _is_number(value) else type(value).__name__
    return CallError(f"{name}= must be {expected}, got {shown}" + (f": {repair}" if repair else ""))
