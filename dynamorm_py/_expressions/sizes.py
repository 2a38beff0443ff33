"""`Attr(...).size()`: comparisons of a length or count with a number.

Knows that a size is a plain number; what may be measured is checked in `rules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from dynamorm_py._expressions import rules
from dynamorm_py._expressions.calls import Call
from dynamorm_py._expressions.conditions import Between, Comparator, Comparison, Condition, Membership
from dynamorm_py._expressions.operands import Constant, SizeOf
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Collection

    from dynamorm_py._kernel.types import Place


class AttrSize:
    """The size of an attribute, to be compared: `Attr(u.tags).size() > 3`."""

    __slots__ = ("_operand", "_place")

    def __init__(self, place: Place) -> None:
        """Measure this place."""
        self._place = place
        self._operand = SizeOf(place.path)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return repr(self._call)

    @property
    def _call(self) -> Call:
        return Call(self._place, "size")

    def __eq__(self, other: int) -> Condition:  # pyright: ignore[reportIncompatibleMethodOverride] -- no truth
        """Equal."""
        return self._compare("=", other)

    def __ne__(self, other: int) -> Condition:  # pyright: ignore[reportIncompatibleMethodOverride] -- no truth
        """Different."""
        return self._compare("<>", other)

    __hash__: None = None  # pyright: ignore[reportIncompatibleMethodOverride] -- equality of two is a condition

    def __lt__(self, other: int) -> Condition:
        """Less."""
        return self._compare("<", other)

    def __le__(self, other: int) -> Condition:
        """Less or equal."""
        return self._compare("<=", other)

    def __gt__(self, other: int) -> Condition:
        """Greater."""
        return self._compare(">", other)

    def __ge__(self, other: int) -> Condition:
        """Greater or equal."""
        return self._compare(">=", other)

    def between(self, low: int, high: int) -> Condition:
        """Return the condition that it lies from low to high, both included."""
        first, last = self._number(low), self._number(high)
        rules.check_bounds(self._place.label, first.value, last.value)
        return Between(self._place.model, self._operand, first, last, written=Call(self._call, "between", (low, high)))

    def is_in(self, values: Collection[int]) -> Condition:
        """Return the condition that it equals one of 1 to 100 numbers."""
        rules.check_choices(self._place, values)
        choices = tuple(self._number(value) for value in values)
        return Membership(self._place.model, self._operand, choices, written=Call(self._call, "is_in", (values,)))

    def __bool__(self) -> NoReturn:
        """Refuse: only DynamoDB knows the size."""
        raise InvalidExpression(
            f"the size of {self._place.label} has no truth value here: compare it, as in size() > 0"
        )

    def _compare(self, comparator: Comparator, other: int) -> Condition:
        written = Call(self._call, {"=": "==", "<>": "!="}.get(comparator, comparator), (other,))
        return Comparison(self._place.model, self._operand, comparator, self._number(other), written=written)

    def _number(self, value: object) -> Constant:
        if not isinstance(value, int) or isinstance(value, bool):
            kind = type(value).__name__
            raise InvalidExpression(f"the size of {self._place.label} is compared with an int, not with {kind}")
        return Constant({"N": str(value)})
