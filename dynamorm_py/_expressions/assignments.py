"""What `set` takes in addition to a value: `if_not_exists`, `list_append`, `+` and `-`.

An `Assignment` is an action by itself and an operand for another; a `Calculation` is an operand
only. Knows which operand DynamoDB takes where; the checks of each place are in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from dynamorm_py._expressions import rules
from dynamorm_py._expressions.actions import Action
from dynamorm_py._expressions.calls import Call
from dynamorm_py._expressions.operands import Arithmetic, Constant, ListAppend, Operand, Source
from dynamorm_py._expressions.recorder import Recorder
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from dynamorm_py._kernel.types import Place

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E")


@frozen(repr=False)
class Calculation(Source, Generic[T_co]):
    """A number that DynamoDB calculates: `Attr(u.score) + 1`. Give it to `set`."""

    place: Place = field(compare=False)
    operand: Operand
    written: Call = field(compare=False)
    fractional: bool = field(default=False, compare=False)

    @property
    def is_fractional(self) -> bool:
        """Whether it may be a number with a fraction."""
        return self.fractional

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return repr(self.written)

    if not TYPE_CHECKING:  # a checker shall see no such operator

        def __add__(self, other: object) -> object:
            """Refuse: DynamoDB takes one sign in a value."""
            raise InvalidExpression(f"{self.place.label}: a value takes one + or -: calculate the constant first")

        __sub__ = __radd__ = __rsub__ = __add__


@frozen(repr=False)
class Assignment(Action, Source, Generic[T_co]):
    """An action that also stands for the value it sets: `Attr(u.score).if_not_exists(0) + 1`."""

    place: Place = field(kw_only=True, compare=False)
    operand: Operand = field(kw_only=True)

    @overload
    def __add__(self: Assignment[int], other: int | Source) -> Calculation[int]: ...
    @overload
    def __add__(self: Assignment[float], other: float | Source) -> Calculation[float]: ...
    @overload
    def __add__(self: Assignment[Decimal | int], other: Decimal | int | Source) -> Calculation[Decimal | int]: ...
    def __add__(self, other: object) -> Calculation[Any]:
        """Add a number, or another attribute's."""
        return calculation(self.place, self.operand, "+", other, self._call_of("+", other))

    @overload
    def __sub__(self: Assignment[int], other: int | Source) -> Calculation[int]: ...
    @overload
    def __sub__(self: Assignment[float], other: float | Source) -> Calculation[float]: ...
    @overload
    def __sub__(self: Assignment[Decimal | int], other: Decimal | int | Source) -> Calculation[Decimal | int]: ...
    def __sub__(self, other: object) -> Calculation[Any]:
        """Subtract a number, or another attribute's."""
        return calculation(self.place, self.operand, "-", other, self._call_of("-", other))

    def list_append(self: Assignment[list[E]], values: Sequence[E]) -> Assignment[list[E]]:
        """Set the list with these values at its end."""
        return appended(self.place, self.operand, values, self._call_of("list_append", values))

    def list_prepend(self: Assignment[list[E]], values: Sequence[E]) -> Assignment[list[E]]:
        """Set the list with these values at its start."""
        return prepended(self.place, self.operand, values, self._call_of("list_prepend", values))

    def _call_of(self, word: str, *arguments: object) -> Call:
        return Call(self.written or self.place, word, arguments, hidden=self.encrypted)


def calculation(place: Place, left: Operand, sign: Literal["+", "-"], other: object, written: Call) -> Calculation[Any]:
    """Return `left + other` or `left - other`."""
    rules.admit_operand(place, sign, rules.NUMBER)
    right = rules.operand_of(place, other, sign, rules.NUMBER)
    if isinstance(right, Arithmetic):
        raise InvalidExpression(f"{place.label}: a value takes one + or -: calculate the constant first")
    fraction = other.is_fractional if isinstance(other, Source) else rules.has_fraction(right)
    return Calculation(place, Arithmetic(left, sign, right), written, fractional=place.fractional or fraction)


def assignment(place: Place, operand: Operand, written: Call) -> Assignment[Any]:
    """Return the action that sets the place to an operand."""
    return Assignment(
        "SET",
        place.path,
        model=place.model,
        encrypted=place.encrypted,
        place=place,
        operand=operand,
        written=written,
    )


def appended(place: Place, first: Operand, values: object, written: Call) -> Assignment[Any]:
    """Return `SET place = list_append(first, values)`."""
    return assignment(place, ListAppend(_list(place, first), _values(place, values, "list_append")), written)


def prepended(place: Place, second: Operand, values: object, written: Call) -> Assignment[Any]:
    """Return `SET place = list_append(values, second)`."""
    return assignment(place, ListAppend(_values(place, values, "list_prepend"), _list(place, second)), written)


def _list(place: Place, operand: Operand) -> Operand:
    rules.admit_operand(place, "list_append", rules.LIST)
    if isinstance(operand, ListAppend):
        raise InvalidExpression(f"{place.label}: an action joins two lists: pass all values in one list_append")
    return operand


def _values(place: Place, values: object, method: str) -> Operand:
    one = isinstance(values, Source | Recorder | str | bytes | Mapping | AbstractSet)
    if not one and isinstance(values, Iterable):
        return Constant({"L": place.stored_elements(cast("Iterable[object]", values))})
    return rules.simple_operand_of(place, cast("object", values), method, rules.LIST)
