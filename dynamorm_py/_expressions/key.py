"""`Key`: conditions on the keys of a query.

Knows what DynamoDB takes in a key condition and that a key is never empty. Which table or index
the conditions select, and which of them belong together, is the query's business.
"""

from __future__ import annotations

import operator
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias, TypeVar, overload

from dynamorm_py._expressions import instants, rules
from dynamorm_py._expressions.calls import Call, reference_code
from dynamorm_py._expressions.known_words import KnownWords
from dynamorm_py._expressions.recorder import place_of
from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from dynamorm_py._expressions.holding import Holds
    from dynamorm_py._kernel.types import AttributePath, AttributeValue, Place

T = TypeVar("T")

KeyOperator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "between", "begins_with"]
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@public()
@frozen(repr=False)
class KeyCondition:
    """A condition on one key attribute of a query; `values` has two for `between`, else one."""

    place: Place
    operator: KeyOperator
    values: tuple[AttributeValue, ...]
    written: Call | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return f"Key({reference_code(self.place)}) {self.operator} ..." if self.written is None else repr(self.written)

    @property
    def model(self) -> type[object]:
        """The model whose key it is."""
        return self.place.model

    @property
    def path(self) -> AttributePath:
        """The key's attribute path: one name."""
        return self.place.path

    def holds(self, key: AttributeValue) -> bool:
        """Return whether a key, of the type that the condition is about, satisfies it."""
        value, *bounds = (rules.ordered(part) for part in (key, *self.values))
        if self.operator == "between":
            return bounds[0] <= value <= bounds[1]
        if self.operator == "begins_with":
            return value.startswith(bounds[0])
        return _COMPARISONS[self.operator](value, bounds[0])

    def __bool__(self) -> NoReturn:
        """Refuse: only DynamoDB can tell whether it holds."""
        raise InvalidExpression(
            f"a key condition on {self.place.label} has no truth value here: pass several side by side, "
            "as in query(Key(u.pk) == a, Key(u.sk) > b), and a chained comparison as between()"
        )

    if not TYPE_CHECKING:  # a checker shall see no such operators

        def __and__(self, other: object) -> object:
            """Refuse: a query takes its key conditions one by one."""
            raise InvalidExpression("key conditions are not joined: pass them side by side, and others as filter=")

        __rand__ = __or__ = __ror__ = __and__


@public()
class Key(KnownWords, Generic[T]):
    """A key attribute in a query: `Key(u.pk) == "USER#1"`, `Key(u.sk).begins_with("ORDER#")`.

    Each comparison raises InvalidExpression on a field that cannot be a key, InvalidValue for a value that the field
    cannot hold, InvalidKey for an empty one. Source: Developer Guide, "Key condition expressions".
    """

    __slots__ = ("_place",)

    def __init__(self, field: T | None) -> None:
        """Take a reference from `fields(Model)`. Raises InvalidExpression for anything else, or what no key can be."""
        place = place_of(field, "Key")
        rules.admit_condition(place, "a key", rules.ORDERED)
        if len(place.path) != 1:
            raise InvalidExpression(f"{place.label} lies inside an attribute; a key is an attribute of the item itself")
        self._place = place

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return f"Key({reference_code(self._place)})"

    if TYPE_CHECKING:

        @property
        def _held(self) -> T: ...

    @overload
    def __eq__(self: Holds[Decimal], other: Decimal | int) -> KeyCondition: ...
    @overload
    def __eq__(self, other: T) -> KeyCondition: ...
    def __eq__(self, other: object) -> KeyCondition:  # pyright: ignore[reportIncompatibleMethodOverride] -- no truth
        """Equal."""
        return self._compare("=", other)

    __hash__: None = None  # pyright: ignore[reportIncompatibleMethodOverride] -- equality of two is a condition

    @overload
    def __lt__(self: Holds[Decimal], other: Decimal | int) -> KeyCondition: ...
    @overload
    def __lt__(self, other: T) -> KeyCondition: ...
    def __lt__(self, other: object) -> KeyCondition:
        """Less: numbers by value, text and bytes by their bytes."""
        return self._compare("<", other)

    @overload
    def __le__(self: Holds[Decimal], other: Decimal | int) -> KeyCondition: ...
    @overload
    def __le__(self, other: T) -> KeyCondition: ...
    def __le__(self, other: object) -> KeyCondition:
        """Less or equal."""
        return self._compare("<=", other)

    @overload
    def __gt__(self: Holds[Decimal], other: Decimal | int) -> KeyCondition: ...
    @overload
    def __gt__(self, other: T) -> KeyCondition: ...
    def __gt__(self, other: object) -> KeyCondition:
        """Greater."""
        return self._compare(">", other)

    @overload
    def __ge__(self: Holds[Decimal], other: Decimal | int) -> KeyCondition: ...
    @overload
    def __ge__(self, other: T) -> KeyCondition: ...
    def __ge__(self, other: object) -> KeyCondition:
        """Greater or equal."""
        return self._compare(">=", other)

    @overload
    def between(self: Holds[Decimal], low: Decimal | int, high: Decimal | int) -> KeyCondition: ...
    @overload
    def between(self, low: T, high: T) -> KeyCondition: ...
    def between(self, low: object = MISSING, high: object = MISSING) -> KeyCondition:
        """Return the condition that it lies from low to high, both included."""
        rules.admit_order(self._place, "between")
        rules.check_passed(self._place, high)
        first, last = self._from(rules.encode_key(self._place, low)), rules.encode_key(self._place, high)
        rules.check_bounds(self._place.label, first, last)
        return KeyCondition(self._place, "between", (first, last), self._call_of("between", low, high))

    @overload
    def begins_with(self: Holds[str], prefix: str) -> KeyCondition: ...
    @overload
    def begins_with(self: Holds[bytes], prefix: bytes) -> KeyCondition: ...
    def begins_with(self, prefix: object) -> KeyCondition:
        """Return the condition that the text or bytes begin with this prefix."""
        rules.admit_condition(self._place, "begins_with", rules.TEXT)
        encoded = rules.encode_part(self._place, prefix, rules.TEXT)
        rules.check_key(self._place, encoded)
        return KeyCondition(self._place, "begins_with", (encoded,), self._call_of("begins_with", prefix))

    def _compare(self, operator: KeyOperator, value: object) -> KeyCondition:
        if operator != "=":
            rules.admit_order(self._place, operator)
        encoded = rules.encode_key(self._place, value, whole=operator == "=")
        bound = self._from(encoded) if operator in {">=", "<"} else encoded
        return KeyCondition(
            self._place, operator, (bound,), self._call_of("==" if operator == "=" else operator, value)
        )

    def _call_of(self, word: str, *arguments: object) -> Call:
        return Call(self._place, word, arguments, function="Key")

    def _from(self, encoded: AttributeValue) -> AttributeValue:
        """Return where the times from this one on begin; a key condition cannot name the shorter fractions apart."""
        return {"S": instants.bound(encoded["S"])} if self._place.order == "trimmed time" else encoded

    if not TYPE_CHECKING:  # a checker shall see no other operator

        def __ne__(self, other: object) -> object:
            """Refuse: DynamoDB finds items by key, it does not exclude by key."""
            raise InvalidExpression(f"{self._place.label}: a key takes == < <= > >= between begins_with, not !=")

        def __bool__(self) -> NoReturn:
            """Refuse: a key is not a condition yet."""
            raise InvalidExpression(f"{self!r} is not a condition yet: compare it with a value")
