"""The compiled codec of one type: how a value of it is written, and the schema that reads it.

A node knows one type wherever it stands. `encode` gives the attribute value; `read` is a
pydantic-core schema over the JSON form of the whole attribute value (`{"N": "1"}`), and `inner`,
where the type has one wire tag only, the schema of what stands under that tag. `also` are the
whole attribute values that are read besides, such as a NULL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pydantic_core import CoreConfig, CoreSchema, core_schema

from dynamorm_py._codec.schemas import Schema, children, without
from dynamorm_py._codec.untyped import decode_untyped
from dynamorm_py._kernel.types import AttributeValue
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._schema import StoredField
    from dynamorm_py.markers import Format

Encode: TypeAlias = Callable[[Any], AttributeValue]


class UnsupportedType(Exception):
    """A type that has no DynamoDB form; its arguments say so with the repair.

    Caught by the compiler of the field or the class, never raised to a user. `fields` are the other
    fields of the class, which were compiled.
    """

    fields: Mapping[str, FieldNode] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TypeOptions:
    """What the markers of a field ask of its type, handed down through Optional and validators.

    `bare` leaves out the user's validators: the step before they run on a Python value. `absent_is_none` says
    that a field's None is left out, so that NULL can stand for the empty set.
    """

    as_set: bool = False
    as_binary: bool = False
    datetimes: Format = "rfc3339nano"
    floor_seconds: bool = False
    bare: bool = False
    absent_is_none: bool = False

    def refuse(self, schema: Schema) -> None:
        """Raise UnsupportedType when a marker was handed to a type that cannot take it."""
        if self.as_set or self.as_binary:
            marker = "AsSet() needs a list or tuple" if self.as_set else "AsBinary() needs bytes or UUID"
            message = f"{marker}, not {describe(schema)}: drop the marker or change the type"
            raise UnsupportedType(message)


PLAIN = TypeOptions()


@dataclass(slots=True)
class Node:
    """One compiled type. `types` lists the wire types it writes; empty means any.

    `members` are those of a union, `element` that of a collection, `parts` those of a tuple of fixed length.
    """

    kind: str
    types: frozenset[str]
    encode: Encode
    read: CoreSchema
    tag: str | None = None
    inner: CoreSchema | None = None
    direct: bool = False
    nullable: bool = False
    python: tuple[type, ...] = ()
    members: tuple[Node, ...] = ()
    fields: Mapping[str, FieldNode] = field(default_factory=dict[str, "FieldNode"])
    element: Node | None = None
    parts: tuple[Node, ...] = ()
    encode_key: Callable[[Any], str] | None = None
    empty: Callable[[], object] | None = None
    also: tuple[CoreSchema, ...] = ()
    source: Schema | None = None
    """Pydantic's own schema of the type, which validates a value of it."""

    def become(self, other: Node) -> None:
        """Fill a forward node, made for a recursive type, with what was compiled meanwhile."""
        for part in fields(Node):
            if part.name != "read":
                setattr(self, part.name, getattr(other, part.name))

    def at(self, index: int) -> Node | None:
        """Return the codec of an element of a list or tuple, None where it is not known."""
        if not self.parts:
            return self.element
        return self.parts[index] if index < len(self.parts) else None

    def with_read(self, read: CoreSchema) -> Node:
        """Return the node with another way to read it."""
        return replace(self, read=read, tag=None, inner=None, direct=False)


@dataclass(frozen=True, slots=True)
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


class Compiler(Protocol):
    """What the compilers of single types need: to compile the types within theirs."""

    def node(self, schema: Schema, options: TypeOptions = PLAIN) -> Node:
        """Compile a schema. Raises UnsupportedType."""
        ...

    def specs(self, cls: type[Any] | None) -> Mapping[str, StoredField] | None:
        """Return the fields of the class being compiled as they were read before, None for a nested class."""
        ...

    @property
    def classes(self) -> Mapping[str, type[Any]]:
        """The classes being defined, by name: their modules may not know them yet."""
        ...

    def ignores_extra(self, cls: type[Any]) -> bool:
        """Return whether attributes that the class does not name are passed over, whatever it says."""
        ...

    def definition(self, ref: str) -> Schema:
        """Return the schema that a reference stands for."""
        ...

    def original(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema, ready to stand inside the reading schema."""
        ...

    def python(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema that takes Python values, though what is read is JSON."""
        ...

    def prepared(self, schema: Schema) -> CoreSchema:
        """Return what `plain` gives, that takes Python values."""
        ...

    def plain(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema without aliases and serializers, for the JSON form."""
        ...

    def closed(self, schema: CoreSchema) -> CoreSchema:
        """Return a reading schema with every definition it may refer to; call it after compiling."""
        ...


TypeCompiler: TypeAlias = Callable[[Compiler, Schema, TypeOptions], Node]


def describe(schema: Schema) -> str:
    """Name a schema's type for a message."""
    cls = schema.get("cls")
    return getattr(cls, "__name__", None) or str(schema["type"])


_REPAIRS = {  # of the two that are taken for each other most
    ("Decimal", "float"): ': write its digits as text, as in Decimal("12.95")',
    ("datetime", "date"): ": name the instant, as in datetime(2026, 1, 2, tzinfo=UTC)",
}


def expected(what: str, value: object) -> InvalidValue:
    """Return the error for a value of another type than the field's."""
    got = type(value).__name__
    return InvalidValue(f"expected {what}, got {got}{_REPAIRS.get((what, got), '')}")


def refuse_extra_entries(schema: Schema) -> None:
    """Raise UnsupportedType for a dataclass that takes more than its fields, which pydantic does not write."""
    if schema.get("config", {}).get("extra_fields_behavior") == "allow":
        message = f"{describe(schema)} keeps extra entries, which a dataclass does not write: use a model"
        raise UnsupportedType(message)


def leaf(schema: Schema) -> Any:  # noqa: ANN401 -- a core schema, whatever its kind
    """Return a schema to stand under a wire tag: no reference of its own, no serializer."""
    return without(schema, "ref", "serialization", "metadata")


WIRE_CONFIG: CoreConfig = {
    "val_json_bytes": "base64",
    "ser_json_bytes": "base64",
    "ser_json_inf_nan": "constants",
    "hide_input_in_errors": True,
    "loc_by_alias": False,
    "validate_by_alias": True,
    "validate_by_name": False,
    "serialize_by_alias": False,
}
_PAYLOAD_ONLY = ("title", "ser_json_timedelta", "ser_json_temporal", "ser_json_bytes")


def wire_config(config: Mapping[str, Any]) -> CoreConfig:
    """Return a model's configuration for reading and writing items: what concerns payloads is replaced."""
    kept: Any = {name: value for name, value in config.items() if name not in _PAYLOAD_ONLY}
    kept |= WIRE_CONFIG
    return kept


def configure(schema: Schema, config: CoreConfig) -> None:
    """Hand a model's configuration down to the typed dictionaries within: they inherit none by themselves.

    One that has a configuration, a model too, got it from here together with all that is below it.
    """
    if "config" in schema:
        return
    if schema.get("type") == "typed-dict":
        schema["config"] = config
    for part in children(schema):
        configure(part, config)


def configure_class(read: Schema, original: Schema) -> None:
    """Give a reading schema of a class the configuration of the class, for itself and for what is below it."""
    config = wire_config(original.get("config", {}))
    configure(read, config)
    read["config"] = config


# --- pieces of reading schemas ------------------------------------------------------------------


def tagged(tag: str, inner: CoreSchema) -> CoreSchema:
    """Read `{tag: inner}` and nothing else; gives what inner gives."""
    shape = core_schema.typed_dict_schema({tag: core_schema.typed_dict_field(inner)}, extra_behavior="forbid")
    return core_schema.no_info_after_validator_function(operator.itemgetter(tag), shape)


def first_of(*choices: CoreSchema) -> CoreSchema:
    """Read what the first fitting schema reads."""
    return core_schema.union_schema(list(choices), mode="left_to_right")


def null(make: Callable[[Any], object]) -> CoreSchema:
    """Read `{"NULL": true}` as what `make` gives."""
    shape = core_schema.typed_dict_schema(
        {"NULL": core_schema.typed_dict_field(core_schema.literal_schema([True]))}, extra_behavior="forbid"
    )
    return core_schema.no_info_after_validator_function(make, shape)


def as_none(_: object) -> None:
    """Read a NULL as None."""


UNTYPED: CoreSchema = core_schema.no_info_plain_validator_function(decode_untyped)
"""Reads any attribute value by its wire type."""


def simple(
    kind: str,
    tag: str,
    encode: Encode,
    inner: CoreSchema,
    *,
    python: tuple[type, ...] = (),
    empty: Callable[[], object] | None = None,
    direct: bool = False,
    element: Node | None = None,
) -> Node:
    """Build a node with one wire tag. `direct` says that inner refuses a whole attribute value."""
    return Node(
        kind=kind,
        types=frozenset({tag}),
        encode=encode,
        read=tagged(tag, inner),
        tag=tag,
        inner=inner,
        direct=direct,
        python=python,
        empty=empty,
        element=element,
    )


def through_python(node: Node, original: CoreSchema) -> Node:
    """Return a node whose values reach pydantic's own schema as Python values.

    For validators of the user, which expect what the field holds and not DynamoDB's form of it: a
    value of the field's type where the stored one fits, else the untyped value.
    """
    out = node.with_read(core_schema.chain_schema([first_of(node.read, UNTYPED), original]))
    if node.tag is not None and node.inner is not None:
        tag = node.tag
        untyped = core_schema.no_info_plain_validator_function(lambda payload: decode_untyped({tag: payload}))
        out.tag, out.inner = tag, core_schema.chain_schema([first_of(node.inner, untyped), original])
    return out
