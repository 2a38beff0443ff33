"""The compiled codec of one type: how a value of it is written, and the schema that reads it.

A node knows one type wherever it stands. `encode` gives the attribute value; `read` is a
pydantic-core schema over the JSON form of the whole attribute value (`{"N": "1"}`), and `inner`,
where the type has one wire tag only, the schema of what stands under that tag. `also` are the
whole attribute values that are read in addition, such as a NULL.

Each stored form is a subclass, which is next to its compiler and says what is special about it. Nobody
asks a node of which form it is: what differs between forms is a method, or a value that each of them has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pydantic import Secret
from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.read_schemas import UNTYPED, first_of, tagged
from dynamorm_py._codec.untyped import check_key, decode_untyped
from dynamorm_py._kernel.awaiting import is_unawaited
from dynamorm_py._kernel.types import AttributeValue, Order
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from dynamorm_py._codec.schemas import Schema


Encode: TypeAlias = Callable[[Any], AttributeValue]


class UnsupportedType(Exception):
    """A type that has no DynamoDB form; its arguments say so with the repair.

    Caught by the compiler of the field or the class, never raised to a user. `fields` are the other
    fields of the class, which were compiled.
    """

    fields: Mapping[str, FieldNode] = MappingProxyType({})


@frozen(kw_only=True, eq=False, repr=False)
class Node:
    """One compiled type, built once. `name` is for messages; `types` lists the wire types it writes, empty means any.

    `order` is how the stored values sort, `key_width` the length of their text where it is fixed.
    """

    name: str
    encode: Encode
    read: CoreSchema
    types: frozenset[str] = frozenset()
    tag: str | None = None
    inner: CoreSchema | None = None
    direct: bool = False
    nullable: bool = False
    python: tuple[type, ...] = ()
    empty: Callable[[], object] | None = None
    also: tuple[CoreSchema, ...] = ()
    order: Order = "by value"
    key_width: int | None = None
    source: Schema | None = None
    """Pydantic's own schema of the type, which validates a value of it."""
    config: Schema | None = None
    """The configuration of a class, under which its fields are read."""

    closed: ClassVar[bool] = False
    """Whether only the values of a fixed list may stand here."""
    untyped: ClassVar[bool] = False
    """Whether any path leads further from here."""
    has_paths: ClassVar[bool] = True
    """Whether DynamoDB can look into what is stored."""
    always_has_members: ClassVar[bool] = False
    """Whether a value that is there is never left out as empty."""
    is_time: ClassVar[bool] = False
    is_exact: ClassVar[bool] = True
    """Whether equal values are stored as one text, so that a number of this type can be part of a key."""
    is_key_text: ClassVar[bool] = True
    """Whether the stored text can be part of a key."""

    @classmethod
    def of_one_tag(
        cls,
        name: str,
        tag: str,
        encode: Encode,
        inner: CoreSchema,
        *,
        python: tuple[type, ...] = (),
        empty: Callable[[], object] | None = None,
        direct: bool = False,
        **own: Any,  # noqa: ANN401 -- what the subclass has in addition
    ) -> Self:
        """Build a node with one wire tag. `direct` says that inner refuses a whole attribute value."""
        return cls(
            name=name,
            types=frozenset({tag}),
            encode=encode,
            read=tagged(tag, inner),
            tag=tag,
            inner=inner,
            direct=direct,
            python=python,
            empty=empty,
            **own,
        )

    def with_read(self, read: CoreSchema) -> Self:
        """Return the node with another way to read it."""
        return replace(self, read=read, tag=None, inner=None, direct=False)

    # --- what differs between stored forms

    def holds(self, *types: type) -> bool:
        """Return whether each value, None aside, is of one of these types, or a secret of one."""
        return bool(self.python) and set(self.python) - {type(None), Secret} <= set(types)

    def is_whole(self) -> bool:
        """Return whether a number here is always a whole one."""
        return "N" in self.types and self.holds(int)

    def is_closed(self) -> bool:
        """Return whether a number here is one of a fixed list."""
        return self.closed

    def tells_apart(self, name: str) -> bool:  # noqa: ARG002 -- for unions
        """Return whether a field tells the members of a union apart: without it none is read."""
        return False

    def stored_choices(self) -> frozenset[object]:
        """Return the only values that may stand here, as they are stored; none where others may."""
        return frozenset()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return a value that another writer of the contract stored in the form that this type is read from."""
        return value

    def mismatch(self, value: AttributeValue, path: str) -> Iterator[tuple[str, str]]:
        """Yield each path whose wire type is not one that its type is stored with, and why."""
        ((tag, payload),) = value.items()
        if self.types and tag not in self.types:
            yield path, f"it is stored as {tag}, the field as {' or '.join(sorted(self.types))}"
        else:
            yield from self.mismatches_inside(tag, payload, path)

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterable[tuple[str, str]]:  # noqa: ANN401, ARG002 -- of any tag
        """Yield the mismatches of what is inside a value."""
        return ()

    def is_empty(self, stored: AttributeValue) -> bool:
        """Return whether `OmitEmpty` leaves an encoded value out: None, "", 0, False, nothing inside (CONTRACT 2)."""
        ((tag, payload),) = stored.items()
        if tag == "N":
            return not payload.strip("-0.")
        return tag == "NULL" or not payload

    def step(self, step: str | int) -> Node | None:  # noqa: ARG002 -- for the forms that have something inside
        """Return the node of an attribute, a key or an element, None where it is not known."""
        return None

    def named(self, name: str) -> tuple[str, Node] | None:  # noqa: ARG002 -- as above
        """Return the attribute and the node of what pydantic's location calls by a name."""
        return None

    def under(self, tag: str) -> Node | None:
        """Return the node, or the member of a union, that is stored under a tag."""
        return self if tag in self.types or not self.types else None

    def all_fields(self) -> Iterable[FieldNode]:
        """Yield the fields of the class, or of each member of a union."""
        return ()

    def entry(self, key: object) -> FieldNode | None:  # noqa: ARG002 -- as above
        """Return the field that a dict with fixed keys, a TypedDict, has under a key."""
        return None

    def attribute_called(self, names: frozenset[str]) -> str | None:  # noqa: ARG002 -- as above
        """Return the attribute of the field that a payload calls by one of these names or aliases."""
        return None

    def element_node(self) -> Node | None:
        """Return the node of the elements of a collection."""
        return None

    def fixed_length(self) -> int | None:
        """Return how many elements each value has, None where that differs."""
        return None

    def map_key(self, key: object) -> str | None:
        """Return a key of a map as it is stored; None for what has fields and no keys."""
        return check_key(key)

    def key_encoder(self) -> Callable[[Any], str]:
        """Return how a value becomes the key of a map, which is text on the wire. Raises UnsupportedType."""
        if self.tag not in {"S", "N"} or self.nullable:
            what = f"an optional {self.name}" if self.nullable else self.name
            message = f"a map's keys are strings in DynamoDB, and {what} is not written as one: use str keys"
            raise UnsupportedType(message)
        tag, encode = self.tag, self.encode
        return lambda value: check_key(encode(value)[tag])

    def key_schema(self) -> CoreSchema:
        """Return how the key of a map is read."""
        return self.inner or self.read

    def empty_is_null(self) -> bool:
        """Return whether an empty value is stored as NULL."""
        return False

    def takes_null(self) -> bool:
        """Return whether a NULL stands for a value here, and not for nothing."""
        return self.nullable or "NULL" in self.types or self.empty_is_null()

    def resolved(self) -> Node:
        """Return the node itself, also where a recursive type stands."""
        return self


@frozen
class FieldNode:
    """A field of a class: its attribute and its codec."""

    name: str
    attribute: str
    node: Node
    omit_empty: bool = False
    omit_none: bool = False
    encrypted: bool = False
    computed: bool = False
    required: bool = False


_REPAIRS = {  # of the two that are taken for each other most
    ("Decimal", "float"): ': write its digits as text, as in Decimal("12.95")',
    ("datetime", "date"): ": name the instant, as in datetime(2026, 1, 2, tzinfo=UTC)",
}


def expected(what: str, value: object) -> InvalidValue:
    """Return the error for a value of another type than the field's."""
    got = type(value).__name__
    if is_unawaited(value):
        return InvalidValue(f"expected {what}, got {kind_of(value)}")
    return InvalidValue(f"expected {what}, got {got}{_REPAIRS.get((what, got), '')}")


def through_python(node: Node, original: CoreSchema) -> Node:
    """Return a node whose values reach pydantic's own schema as Python values.

    For validators of the user, which expect what the field holds and not DynamoDB's form of it: a
    value of the field's type where the stored one fits, else the untyped value.
    """
    out = node.with_read(core_schema.chain_schema([first_of(node.read, UNTYPED), original]))
    if node.tag is not None and node.inner is not None:
        tag = node.tag
        untyped = core_schema.no_info_plain_validator_function(lambda payload: decode_untyped({tag: payload}))
        out = replace(out, tag=tag, inner=core_schema.chain_schema([first_of(node.inner, untyped), original]))
    return out
