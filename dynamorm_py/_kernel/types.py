"""The shapes that every floor speaks in: attribute values, items, versions, and places inside a model.

Nothing here knows pydantic or boto3.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias, get_args

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

WireType: TypeAlias = Literal["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]
AttributeValue: TypeAlias = dict[str, Any]
"""One value in boto3's low-level form: `{"S": "x"}`, `{"N": "1"}`, `{"B": b"..."}` …"""
Item: TypeAlias = dict[str, AttributeValue]
"""Attribute name to attribute value."""
AttributePath: TypeAlias = tuple[str | int, ...]
"""Attribute names and map keys (str) and list indexes (int), from the item's root."""
Order: TypeAlias = Literal["by value", "trimmed time", "none"]
"""Stored values sort as the values do; are times with a trimmed fraction, which do not; or are text without order."""

WIRE_TYPES: frozenset[str] = frozenset(get_args(WireType))
SET_TYPES = frozenset({"SS", "NS", "BS"})


@public()
class AnyVersion(enum.Enum):
    """The type of `ANY`: write whatever version is stored."""

    ANY = "ANY"

    def __reduce_ex__(self, protocol: object) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] -- a global name, as pickle allows
        """Pickle it as the name that users import."""
        return self.name


ANY = AnyVersion.ANY
"""Pass as `expected_version` to overwrite without checking the version."""

ExpectedVersion: TypeAlias = int | AnyVersion | None
"""A version to check against, `ANY` for no check, None for the one that an instance holds."""


class Place(Protocol):
    """A place inside a model's item, as expressions see it: the root, a field, an element.

    The codec implements it and expressions consume it, so neither imports the other. Steps and
    values that do not exist there raise `InvalidExpression` and `InvalidValue` with the repair.
    """

    @property
    def model(self) -> type[Any]:
        """The model class at the root."""
        ...

    @property
    def label(self) -> str:
        """How Python code spells the place: `User.home.city`, `User.lines[0].sku`."""
        ...

    @property
    def path(self) -> AttributePath:
        """The attribute path; empty at the root."""
        ...

    @property
    def types(self) -> frozenset[str]:
        """The wire types a value here may have; empty when anything may stand here (`Any`)."""
        ...

    @property
    def roles(self) -> frozenset[str]:
        """The table roles of this very place (`pk`, `sk`, `version`, …); empty below the top level."""
        ...

    @property
    def encrypted(self) -> bool:
        """Whether this place is, or lies in, an encrypted attribute."""
        ...

    @property
    def order(self) -> Order:
        """How what is stored here sorts."""
        ...

    def value(self, instance: object) -> object:
        """Return what an instance of the model has here; None where an optional on the way is None."""
        ...

    def field(self, name: str) -> Place:
        """Step to a field by its Python name."""
        ...

    def item(self, index: int) -> Place:
        """Step to an element of a list."""
        ...

    def key(self, key: object) -> Place:
        """Step to a value of a map by its key."""
        ...

    @property
    def required(self) -> bool:
        """Whether what holds this place cannot be read without it: a field without a default, a part of a tuple."""
        ...

    @property
    def none_is_left_out(self) -> bool:
        """Whether None is not stored here, since absence reads back as None."""
        ...

    @property
    def closed(self) -> bool:
        """Whether only some values may stand here, those of an enum or a literal."""
        ...

    @property
    def whole(self) -> bool:
        """Whether a number here is always a whole one."""
        ...

    @property
    def fractional(self) -> bool:
        """Whether a number here may have a fraction."""
        ...

    def takes(self, other: Place) -> bool:
        """Return whether what another place holds may stand here."""
        ...

    def encode(self, value: object) -> AttributeValue:
        """Encode a value as it is stored here."""
        ...

    def stored(self, value: object) -> AttributeValue:
        """Encode a value for the whole of this place, after the validation that the constructor gives it."""
        ...

    def stored_elements(self, values: Iterable[object]) -> list[AttributeValue]:
        """Encode elements for the list or set here, each after its own validation."""
        ...

    def encode_operand(self, value: object) -> AttributeValue:
        """Encode a bound or an operand: held to the stored type only, without constraints and validators."""
        ...

    def encode_element(self, value: object) -> AttributeValue:
        """Encode what `contains` looks for: an element of a list or set, a part of a string or bytes."""
        ...


def spelled_path(path: AttributePath) -> str:
    """Return a path as a message shows it: `lines[0].price`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class HasRoot(Protocol):
    """A model class whose places can be named."""

    __dynamorm_root__: ClassVar[Place]


@public()
@frozen
class ThrottlingReason:
    """One limit that was exceeded, as DynamoDB names it, and taken apart so far as it is known.

    Source: API Reference, ThrottlingReason; Developer Guide, "Diagnosing throttling".
    """

    reason: str
    resource: str
    table: str | None = None
    index: str | None = None
    access: Literal["read", "write"] | None = None
    limit: Literal["provisioned", "account", "key range", "on-demand maximum"] | None = None
