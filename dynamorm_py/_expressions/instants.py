"""Comparisons of times that are stored as RFC 3339 text with a trimmed fraction, as all languages write them.

Such text does not sort by time within a second: `05Z` sorts after `05.6Z`, and `05.6Z` after `05.61Z`, since `Z`
sorts after every digit. What is in order are the texts from a bound on, `05.61` without the `Z`, but for the
few shorter fractions of the same second, which are named one by one. Source: CONTRACT 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._expressions import rules
from dynamorm_py._expressions.conditions import Comparator, Comparison, Condition, Membership
from dynamorm_py._expressions.operands import Constant
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._expressions.operands import Operand
    from dynamorm_py._kernel.types import Place


def compared(place: Place, operand: Operand, comparator: Comparator, text: str) -> Condition:
    """Return the condition that the time at a place is before or after another; not for equality."""
    later = comparator in {">", ">="}
    apart = [*_shorter(*_instant(text)), *([text] if comparator in {">", "<="} else [])]
    condition: Condition = Comparison(place.model, operand, ">=" if later else "<", Constant({"S": bound(text)}))
    if not apart:
        return condition
    named = Membership(place.model, operand, tuple(Constant({"S": each}) for each in apart))
    return condition & ~named if later else condition | named


def bound(text: str) -> str:
    """Return what sorts before the text of this time and all later ones, except for shorter fractions."""
    return ".".join(_instant(text))


def between(place: Place, operand: Operand, low: object, high: object) -> Condition:
    """Return the condition that the time lies between two, both included. Raises InvalidExpression, InvalidValue."""
    first, last = (rules.encode(place, end, "between", rules.TEXT)["S"] for end in (low, high))
    if _instant(first) > _instant(last):
        raise InvalidExpression(f"{place.label}: between takes the earlier time first: exchange the two")
    return compared(place, operand, ">=", first) & compared(place, operand, "<=", last)


def _shorter(second: str, fraction: str) -> Iterator[str]:
    """Yield the times that this fraction begins with: earlier ones, whose text sorts after it."""
    if fraction:
        yield f"{second}Z"
    yield from (f"{second}.{fraction[:n]}Z" for n in range(1, len(fraction)) if fraction[n - 1] != "0")


def _instant(text: str) -> tuple[str, str]:
    """Return the second and the digits of the fraction, which order by time."""
    second, _, fraction = text.removesuffix("Z").partition(".")
    return second, fraction
