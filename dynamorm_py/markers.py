"""The words of a model definition: markers for `Annotated`, and declarations of indexes.

    pk: Annotated[str, PartitionKey()]

Markers are plain frozen values. What they mean together is read once, in `_schema`; pydantic
ignores them (but for `Vector`, which checks its elements), so a model stays an ordinary pydantic model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, TypeAlias, overload, runtime_checkable

from dynamorm_py._kernel.float32 import vector_schema
from dynamorm_py._kernel.noted import noting
from dynamorm_py._kernel.passed import names_arguments
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from typing import Self

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Format: TypeAlias = Literal["rfc3339nano", "fixed_nano", "unix_seconds", "int"]
"""How a datetime is stored: Go's trimmed fraction, always nine digits, or epoch seconds."""


@runtime_checkable
class Converter(Protocol):
    """Translates one field between the model and a simpler value that has a DynamoDB form."""

    def to_attribute(self, value: Any, /) -> Any:  # noqa: ANN401 -- the field's own type, unknown here
        """Return a str, number, bytes, bool, None, list, dict or set to store."""
        ...

    def from_attribute(self, value: Any, /) -> Any:  # noqa: ANN401 -- what was stored
        """Return the value that pydantic validates for the field."""
        ...


def _refusal(message: str) -> Exception:
    from dynamorm_py.errors import InvalidCall  # noqa: PLC0415 -- only needed for the message

    return InvalidCall(message)


@frozen
class StoredAs:
    """Say how a type is stored, wherever it stands: in a field, a key, a list, a map, a set.

    In `Annotated`, best in an alias of the type, `Id = Annotated[ObjectId, StoredAs(str, str, ObjectId)]`; or as the
    class attribute `__dynamorm_stored__` of a class of your own. `type` is str, bytes, int, float or Decimal;
    `to_attribute` makes one of it from a value, `from_attribute` what pydantic validates for the type. Two values
    that differ must be stored differently, and sort as they are stored. Raises TypeError for any other argument.
    """

    type: type[str | bytes | int | float | Decimal]
    to_attribute: Callable[[Any], object]
    from_attribute: Callable[[Any], object]

    def __post_init__(self) -> None:
        """Raise TypeError for a type other than a scalar of DynamoDB, or for a converter that is not a function."""
        if self.type not in {str, bytes, int, float, Decimal}:
            message = "StoredAs() takes one of the types str, bytes, int, float and Decimal first"
            raise TypeError(message)
        if not (callable(self.to_attribute) and callable(self.from_attribute)):
            message = "StoredAs() takes two functions: to_attribute of a value, from_attribute of what is stored"
            raise TypeError(message)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the type's own schema, with this noted on it."""
        return noting(handler(source), self)


class Marker:
    """The base class of every marker in `Annotated`."""

    __slots__ = ()


@names_arguments(_refusal)
@frozen
class Flag(Marker):
    """A marker without parameters: two of one class are equal.

    One dataclass for them all, since each that is made takes a share of every cold start.
    """


if TYPE_CHECKING:
    _Descriptor = Marker
else:

    class _Descriptor(Marker, property):
        """A property, so that pydantic leaves it in the class whatever a user's `ignored_types` are."""

        __slots__ = ()


@names_arguments(_refusal)
@frozen
class _Key(_Descriptor):
    """What both markers of keys say; with a template they are the attribute of a class that reads the key."""

    template: str | None = None
    _: KW_ONLY
    index: str | None = None
    position: int | None = None
    attribute: str | None = None
    name: str = field(default="", init=False, repr=False, compare=False)

    def __set_name__(self, owner: type[object], name: str) -> None:
        """Keep the name in the class."""
        if not self.name:
            object.__setattr__(self, "name", name)

    @overload
    def __get__(self, instance: None, owner: type[object] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[object] | None = None) -> str: ...
    def __get__(self, instance: object, owner: type[object] | None = None) -> object:
        """Return the key that the instance's fields compose; None for an index key that is left out."""
        if instance is None:
            return self
        reader: Any = instance
        return reader.__dynamorm_derived__(self.name)

    def __set__(self, instance: object, value: object) -> NoReturn:
        """Refuse: a derived key is what its fields compose."""
        message = f"{self.name} is composed from {self.template!r} and cannot be set: set the fields that it names"
        raise AttributeError(message)

    def __delete__(self, instance: object) -> NoReturn:
        """Refuse, as `__set__`."""
        message = f"{self.name} is composed from {self.template!r} and cannot be deleted"
        raise AttributeError(message)


class PartitionKey(_Key):
    """The table's partition key, or an index's with `index=`.

    In `Annotated` it marks a field. As an attribute of a class it takes a template and declares a derived key,
    which is stored and is not a field: `pk = PartitionKey("CUSTOMER#{customer_id}")`. `attribute` names the
    attribute of a derived key, `position` (1 to 4) makes a multi-attribute key of an index: one field for each
    position. Source: CONTRACT 1, "Derived keys".
    """

    __slots__ = ()


class SortKey(_Key):
    """The table's sort key, or an index's with `index=`.

    A sort key of an index that has no partition key of its own makes the index local: it shares
    the table's partition key. A template, `attribute` and `position` are as in `PartitionKey`.
    """

    __slots__ = ()


class OmitEmpty(Flag):
    """Leave the attribute out when the value is empty; it reads back as the field's default.

    Empty is None, "", 0, False, and bytes or a collection without contents; a nested model never is.
    An update removes the attribute. Source: CONTRACT 2.
    """

    __slots__ = ()


@names_arguments(_refusal)
@frozen
class AsJson(Marker):
    """Store the field as JSON: one string of compact JSON with sorted keys, or DynamoDB's own types.

    `form="native"` writes `M`, `L`, `S`, `N`, `BOOL` as the type says. Both forms are read. Source: CONTRACT 2.
    """

    form: Literal["text", "native"] = "text"

    def __repr__(self) -> str:
        """Return it as it is written."""
        return "AsJson()" if self.form == "text" else f"AsJson(form={self.form!r})"


class AsBinary(Flag):
    """Store the field as binary: bytes as they are, a UUID as its 16 bytes."""

    __slots__ = ()


class AsSet(Flag):
    """Store a list or tuple of strings, numbers or bytes as a DynamoDB set: sorted, no duplicates."""

    __slots__ = ()


class Encrypted(Flag):
    """Encrypt the attribute: it is stored as an envelope, and the repository needs `encryption=`.

    No key, condition or filter may name it; actions set, set if absent, and remove it. Source: CONTRACT 6.
    """

    __slots__ = ()


@names_arguments(_refusal)
@frozen
class Attribute(Marker):
    """Name the attribute explicitly, and say how it is stored.

    `format` is for datetimes. `converter` replaces the codec of this field, or of the type that it stands at inside
    of `list[...]`, `dict[...]` and so on; a key takes one whose `to_attribute` says by its annotation that it returns
    str, bytes or a number, as `StoredAs` does. On a computed field
    any marker, this one included, asks for the value to be stored. `required` and `optional` are what
    the DMS document says of the attribute where that does not follow from the field; they change nothing else.
    `reads` names the fields that a stored computed field follows from: an update of one of them computes it again.
    """

    name: str | None = None
    format: Format | None = None
    converter: Converter | None = None
    required: bool | None = None
    optional: bool | None = None
    reads: tuple[str, ...] | None = None

    @property
    def is_converter(self) -> bool:
        """Whether a converter is all that it says: then it may stand at any type."""
        return self.converter is not None and self == Attribute(converter=self.converter)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the type's own schema; its converter, where there is one, is noted on it."""
        schema = handler(source)
        value: object = self.converter
        if isinstance(value, type) or not isinstance(value, Converter):
            return schema  # what is not a converter is refused with the class
        return noting(schema, value)


class CreatedAt(Flag):
    """Set by the repository's clock, in UTC, when the item is created: a `datetime`. Source: CONTRACT 4."""

    __slots__ = ()


class UpdatedAt(Flag):
    """Set by the repository's clock, in UTC, by every write: a `datetime`. Source: CONTRACT 4."""

    __slots__ = ()


class Version(Flag):
    """Counted up by every write, from 0, and checked by writes of an instance that holds it: an `int`.

    Source: CONTRACT 4.
    """

    __slots__ = ()


class TimeToLive(Flag):
    """When DynamoDB may delete the item: a `datetime`, or an `int` of epoch seconds.

    Stored as whole epoch seconds: a fraction is dropped, milliseconds are refused. DynamoDB deletes within
    days. Source: Developer Guide, "Using time to live (TTL)"; CONTRACT 2.
    """

    __slots__ = ()


class Unique(Flag):
    """Let no two items of the model in a table have the same value; any number of them may have None.

    A claim, an item of its own in the table, is written in one transaction with the item: a write costs about four
    times as much, and reads the item first where it may replace one; `Put(users, user).explain()` tells how much.
    In your own transactions the claims count among the hundred actions. Batches refuse such models.
    """

    __slots__ = ()


class NotStored(Flag):
    """Keep the field out of the item; it needs a default, which it has after a read."""

    __slots__ = ()


Projection: TypeAlias = Literal["ALL", "KEYS_ONLY"] | Sequence[str]
"""What an index carries: everything, its keys, or its keys and these fields."""
Distance: TypeAlias = Literal["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]
"""How a vector index compares: by angle, by distance (the smallest first), or by product (the largest first)."""


@names_arguments(_refusal)
@frozen
class Vector(Marker):
    """A vector index over this field, a `list[float]`: its name, how many elements a vector has, how they compare.

    `partition` names the field that divides the index: a search names its value. `filters` name the fields that
    a search may filter by. `projection` is as in `GlobalIndex`. Elements are rounded to 32 bits when they are
    validated; arrays of numpy and `array.array` are taken. An item whose field is None is not in the index.
    The table must be billed on demand. Source: API Reference, VectorIndex.
    """

    index: str
    dimensions: int
    distance: Distance = "COSINE"
    partition: str | None = None
    filters: Sequence[str] = ()
    projection: Projection = "ALL"

    def __post_init__(self) -> None:
        """Keep lists as tuples, so that markers can be compared and hashed."""
        for name in ("filters", "projection"):
            if isinstance(listed := getattr(self, name), list):
                object.__setattr__(self, name, tuple(listed))  # pyright: ignore[reportUnknownArgumentType] -- of any type

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:  # noqa: ANN401 -- as pydantic declares it
        """Return the schema of the field's type with the elements checked and rounded."""
        return vector_schema(self.dimensions, handler(source))


@names_arguments(_refusal)
@frozen
class GlobalIndex:
    """Declares a global index in `indexes=`: its name, and what it carries in addition to its keys and the table's.

    `projection` is "ALL", "KEYS_ONLY" or names of fields. An index that carries everything needs no
    declaration. Source: API Reference, Projection.
    """

    name: str
    projection: Projection = "ALL"


@names_arguments(_refusal)
@frozen
class LocalIndex:
    """Declares a local index in `indexes=`; `projection` is as in `GlobalIndex`. It is made with its table only."""

    name: str
    projection: Projection = "ALL"
