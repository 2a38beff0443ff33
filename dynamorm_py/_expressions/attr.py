"""`Attr`: the words of conditions and actions, typed by the field they are about.

Every method checks its place by `rules`, encodes its values as the field is stored, and returns
an immutable value. The self types tell a checker which word fits which field; the same is
refused at run time by wire type.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, TypeAlias, TypeVar, cast, overload

from dynamorm_py._expressions import comparing, rules
from dynamorm_py._expressions.actions import Action
from dynamorm_py._expressions.assignments import Assignment, Calculation, appended, assignment, calculation, prepended
from dynamorm_py._expressions.calls import Call, reference_code
from dynamorm_py._expressions.conditions import Comparator, Condition, ConditionFunction, FunctionCall
from dynamorm_py._expressions.known_words import KnownWords
from dynamorm_py._expressions.operands import Arithmetic, Constant, IfNotExists, Operand, Reference, Source
from dynamorm_py._expressions.recorder import place_of
from dynamorm_py._expressions.sizes import AttrSize
from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import WIRE_TYPES
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from dynamorm_py._expressions.holding import Countable, Holds
    from dynamorm_py._kernel.types import AttributeValue, Place, WireType

T = TypeVar("T")
E = TypeVar("E")

_Exact: TypeAlias = "int | Decimal | Attr[int] | Attr[Decimal]"  # beside a Decimal: an int is as exact
_Decimals: TypeAlias = "Attr[Decimal] | Attr[int | Decimal]"
_Union: TypeAlias = "Attr[object]"  # what mypy makes of a field of several types: it joins them
_SPELLED = {"=": "==", "<>": "!="}
# The class has a method `set`, so the builtin is spelled out here.
_Set: TypeAlias = set[E]


@public()
class Attr(Source, KnownWords, Generic[T]):
    """An attribute in a condition or an action: `Attr(u.age) >= 18`, `Attr(u.score).add(1)`.

    A value is what the field holds, and is encoded as the field is stored. Each word raises
    InvalidExpression on a field that it does not fit, EncryptedFieldNotQueryable on an encrypted one,
    InvalidValue for a value that the field cannot hold; all when it is built, before anything is sent.
    Source: Developer Guide, "Condition and filter expressions", "Update expressions".
    """

    __slots__ = ("operand", "place")
    place: Place
    operand: Operand

    def __init__(self, field: T | None) -> None:
        """Take a reference from `fields(Model)`. Raises InvalidExpression for anything else."""
        self.place = place_of(field, "Attr")
        self.operand = Reference(self.place.path)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return f"Attr({reference_code(self.place)})"

    if TYPE_CHECKING:

        @property
        def _held(self) -> T: ...

    # --- conditions ---

    @overload
    def __eq__(self: Holds[Decimal], other: _Exact | None) -> Condition: ...
    @overload
    def __eq__(self, other: T | Attr[T] | None) -> Condition: ...
    def __eq__(self, other: object) -> Condition:  # pyright: ignore[reportIncompatibleMethodOverride] -- no truth
        """Equal, in type and value; `== None` holds where it is absent or a stored NULL."""
        return self._compare("=", other)

    @overload
    def __ne__(self: Holds[Decimal], other: _Exact | None) -> Condition: ...
    @overload
    def __ne__(self, other: T | Attr[T] | None) -> Condition: ...
    def __ne__(self, other: object) -> Condition:  # pyright: ignore[reportIncompatibleMethodOverride] -- no truth
        """Different, which an absent attribute is too; `!= None` holds where there is a value."""
        return self._compare("<>", other)

    __hash__: None = None  # pyright: ignore[reportIncompatibleMethodOverride] -- equality of two is a condition

    @overload
    def __lt__(self: Holds[Decimal], other: _Exact) -> Condition: ...
    @overload
    def __lt__(self, other: T | Attr[T]) -> Condition: ...
    def __lt__(self, other: object) -> Condition:
        """Less: numbers by value, instants by time, text and bytes by their bytes."""
        return self._compare("<", other, rules.ORDERED)

    @overload
    def __le__(self: Holds[Decimal], other: _Exact) -> Condition: ...
    @overload
    def __le__(self, other: T | Attr[T]) -> Condition: ...
    def __le__(self, other: object) -> Condition:
        """Less or equal."""
        return self._compare("<=", other, rules.ORDERED)

    @overload
    def __gt__(self: Holds[Decimal], other: _Exact) -> Condition: ...
    @overload
    def __gt__(self, other: T | Attr[T]) -> Condition: ...
    def __gt__(self, other: object) -> Condition:
        """Greater."""
        return self._compare(">", other, rules.ORDERED)

    @overload
    def __ge__(self: Holds[Decimal], other: _Exact) -> Condition: ...
    @overload
    def __ge__(self, other: T | Attr[T]) -> Condition: ...
    def __ge__(self, other: object) -> Condition:
        """Greater or equal."""
        return self._compare(">=", other, rules.ORDERED)

    def _compare(self, comparator: Comparator, other: object, types: Collection[str] = rules.ANYTHING) -> Condition:
        condition = comparing.compared(self.place, self.operand, comparator, other, types)
        return replace(condition, written=self._call_of(comparator, other))

    @overload
    def between(self: Holds[Decimal], low: Decimal | int, high: Decimal | int) -> Condition: ...
    @overload
    def between(self, low: T, high: T) -> Condition: ...
    def between(self, low: object = MISSING, high: object = MISSING) -> Condition:
        """Return the condition that it lies from low to high, both included."""
        within = comparing.between(self.place, self.operand, low, high)
        return replace(within, written=self._call_of("between", low, high))

    @overload
    def is_in(self: Holds[Decimal], values: Collection[Decimal | int]) -> Condition: ...
    @overload
    def is_in(self, values: Collection[T]) -> Condition: ...
    def is_in(self, values: Any = MISSING, *more: Never) -> Condition:
        """Return the condition that it equals one of 1 to 100 values."""
        return replace(comparing.among(self.place, self.operand, values, more), written=self._call_of("is_in", values))

    def exists(self) -> Condition:
        """Return the condition that the item has the attribute, even as a stored NULL."""
        return self._ask("attribute_exists", "exists")

    def not_exists(self) -> Condition:
        """Return the condition that the item lacks the attribute, or does not exist."""
        return self._ask("attribute_not_exists", "not_exists")

    def attribute_type(self, wire_type: WireType) -> Condition:
        """Return the condition that it is stored as this wire type, such as "S" or "NULL"."""
        if wire_type not in tuple(WIRE_TYPES):  # a tuple takes what has no hash too
            allowed = rules.spelled(WIRE_TYPES)
            raise InvalidExpression(f"{self.place.label}: attribute_type takes {allowed}")
        return self._ask("attribute_type", "attribute_type", {"S": wire_type}, wire_type)

    @overload
    def begins_with(self: Holds[str], prefix: str) -> Condition: ...
    @overload
    def begins_with(self: Holds[bytes], prefix: bytes) -> Condition: ...
    @overload
    def begins_with(self: _Union, prefix: str | bytes) -> Condition: ...
    def begins_with(self, prefix: object) -> Condition:
        """Return the condition that the text or bytes begin with this prefix."""
        rules.admit_condition(self.place, "begins_with", rules.TEXT)
        return self._ask("begins_with", "begins_with", rules.encode_part(self.place, prefix, rules.TEXT), prefix)

    @overload
    def contains(self: Holds[str], part: str) -> Condition: ...
    @overload
    def contains(self: Holds[bytes], part: bytes) -> Condition: ...
    @overload
    def contains(self: Attr[_Set[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[frozenset[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[AbstractSet[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[list[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[Sequence[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[tuple[E, ...]], part: E) -> Condition: ...
    @overload
    def contains(self: _Union, part: object) -> Condition: ...
    def contains(self, part: object) -> Condition:
        """Return the condition that text or bytes contain this part, a list or set this element."""
        rules.admit_condition(self.place, "contains", rules.SEARCHABLE)
        return self._ask("contains", "contains", rules.encode_part(self.place, part, rules.ANYTHING), part)

    def _ask(
        self, function: ConditionFunction, method: str, argument: AttributeValue | None = None, *written: object
    ) -> Condition:
        rules.admit_condition(self.place, method)
        constant = None if argument is None else Constant(argument)
        call = self._call_of(method, *written)
        return FunctionCall(self.place.model, function, self.place.path, constant, written=call)

    def _call_of(self, word: str, *arguments: object) -> Call:
        return Call(self.place, _SPELLED.get(word, word), arguments, hidden=self.place.encrypted)

    def size(self: Holds[Countable] | _Union) -> AttrSize:
        """Return the length or the number of elements, to compare with a number."""
        place = cast("Attr[Any]", self).place
        rules.admit_condition(place, "size", rules.COUNTABLE)
        return AttrSize(place)

    # --- actions ---

    @overload
    def set(
        self: Holds[Decimal], value: _Exact | Assignment[Decimal | int] | Calculation[Decimal | int] | None
    ) -> Action: ...
    @overload
    def set(self, value: T | Attr[T] | Assignment[T] | Calculation[T] | None) -> Action: ...
    def set(self, value: object) -> Action:
        """Set the attribute to a value, to another attribute, or to the result of a calculation."""
        rules.admit_action(self.place, "set")
        if value is None and self.place.none_is_left_out:
            return self.remove()
        operand = rules.assigned_operand_of(self.place, value, "set")
        if isinstance(operand, Arithmetic):
            rules.admit_calculation(self.place, "a calculation")
        return assignment(self.place, operand, self._call_of("set", value))

    @overload
    def if_not_exists(self: Holds[Decimal], value: _Exact | None) -> Assignment[Decimal]: ...
    @overload
    def if_not_exists(self, value: T | Attr[T] | None) -> Assignment[T]: ...
    def if_not_exists(self, value: object) -> Assignment[Any]:
        """Set the attribute only if it is absent; also an operand for `set`, `+` and `-`."""
        rules.admit_action(self.place, "if_not_exists")
        default = rules.default_operand_of(self.place, value)
        return assignment(self.place, IfNotExists(self.place.path, default), self._call_of("if_not_exists", value))

    def remove(self) -> Action:
        """Remove the attribute."""
        rules.admit_action(self.place, "remove")
        rules.admit_removal(self.place)
        call = self._call_of("remove")
        return Action("REMOVE", self.place.path, model=self.place.model, encrypted=self.place.encrypted, written=call)

    @overload
    def add(self: Holds[int], value: int) -> Action: ...
    @overload
    def add(self: Attr[float], value: float) -> Action: ...
    @overload
    def add(self: _Decimals, value: Decimal | int) -> Action: ...
    @overload
    def add(self: Attr[_Set[E]], value: AbstractSet[E]) -> Action: ...
    @overload
    def add(self: Attr[frozenset[E]], value: AbstractSet[E]) -> Action: ...
    @overload
    def add(self: Attr[AbstractSet[E]], value: AbstractSet[E]) -> Action: ...
    @overload
    def add(self: _Union, value: float | Decimal | AbstractSet[Any]) -> Action: ...
    def add(self, value: object) -> Action:
        """Add to a number (0 if it is absent), or add elements to a set."""
        rules.admit_action(self.place, "add", rules.NUMBER | rules.SETS)
        rules.admit_calculation(self.place, "add")
        return self._change("ADD", value, rules.NUMBER | rules.SETS)

    @overload
    def delete(self: Attr[_Set[E]], value: AbstractSet[E]) -> Action: ...
    @overload
    def delete(self: Attr[frozenset[E]], value: AbstractSet[E]) -> Action: ...
    @overload
    def delete(self: Attr[AbstractSet[E]], value: AbstractSet[E]) -> Action: ...
    def delete(self, value: object) -> Action:
        """Remove elements from a set."""
        rules.admit_action(self.place, "delete", rules.SETS)
        return self._change("DELETE", value, rules.SETS)

    @overload
    def list_append(self: Attr[list[E]], values: Sequence[E]) -> Assignment[list[E]]: ...
    @overload
    def list_append(self: Attr[Sequence[E]], values: Sequence[E]) -> Assignment[list[E]]: ...
    def list_append(self, values: object) -> Assignment[Any]:
        """Append values to an existing list; for one that may be missing, `if_not_exists([]).list_append(values)`."""
        rules.admit_action(self.place, "list_append", rules.LIST)
        return appended(self.place, self.operand, values, self._call_of("list_append", values))

    @overload
    def list_prepend(self: Attr[list[E]], values: Sequence[E]) -> Assignment[list[E]]: ...
    @overload
    def list_prepend(self: Attr[Sequence[E]], values: Sequence[E]) -> Assignment[list[E]]: ...
    def list_prepend(self, values: object) -> Assignment[Any]:
        """Put values at the start of an existing list."""
        rules.admit_action(self.place, "list_prepend", rules.LIST)
        return prepended(self.place, self.operand, values, self._call_of("list_prepend", values))

    @overload
    def __add__(self: Holds[int], other: int | Attr[int] | Assignment[int]) -> Calculation[int]: ...
    @overload
    def __add__(self: Attr[float], other: float | Attr[float] | Assignment[float]) -> Calculation[float]: ...
    @overload
    def __add__(self: _Decimals, other: _Exact | Assignment[Decimal | int]) -> Calculation[Decimal]: ...
    @overload
    def __add__(self: _Union, other: float | Decimal | Source) -> Calculation[Any]: ...
    def __add__(self, other: object) -> Calculation[Any]:
        """Return the sum, for `set`."""
        return calculation(self.place, self.operand, "+", other, self._call_of("+", other))

    @overload
    def __sub__(self: Holds[int], other: int | Attr[int] | Assignment[int]) -> Calculation[int]: ...
    @overload
    def __sub__(self: Attr[float], other: float | Attr[float] | Assignment[float]) -> Calculation[float]: ...
    @overload
    def __sub__(self: _Decimals, other: _Exact | Assignment[Decimal | int]) -> Calculation[Decimal]: ...
    @overload
    def __sub__(self: _Union, other: float | Decimal | Source) -> Calculation[Any]: ...
    def __sub__(self, other: object) -> Calculation[Any]:
        """Return the difference, for `set`."""
        return calculation(self.place, self.operand, "-", other, self._call_of("-", other))

    def _change(self, clause: Literal["ADD", "DELETE"], value: object, types: Collection[str]) -> Action:
        if isinstance(value, Sized) and not len(value):
            repair = "changes nothing: leave the action out"
            raise InvalidExpression(f"{self.place.label}: {clause} of an empty set {repair}")
        # The elements of a set that are put into it are validated; what is taken out, or added to a number, is not.
        encoded = rules.encode(self.place, value, clause, types, whole=clause == "ADD" and isinstance(value, Sized))
        call = self._call_of(clause.lower(), value)
        return Action(clause, self.place.path, Constant(encoded), self.place.model, written=call)

    if not TYPE_CHECKING:  # a checker shall see no such operators

        def __and__(self, *_: object) -> object:
            """Refuse: it is not a condition yet, or `&` bound tighter than the comparison beside it."""
            raise InvalidExpression(
                f"{self!r} is not a condition: put each comparison in parentheses, as in "
                "(Attr(x) == 1) & (Attr(y) == 2), and compare a flag with == True"
            )

        __rand__ = __or__ = __ror__ = __invert__ = __bool__ = __and__

        def __contains__(self, part: object) -> bool:
            """Refuse: only DynamoDB knows what it holds."""
            raise InvalidExpression(f"{self!r} is not a collection here: write {self!r}.contains(...)")

        def __iter__(self) -> object:
            """Refuse, as `in` does."""
            raise InvalidExpression(f"{self!r} holds no values here: read the item, and iterate over its field")
