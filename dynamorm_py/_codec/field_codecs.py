"""One field of a class: what its markers make of its type, and where its attribute is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from dynamorm_py._codec.annotations import field_specs, resolve
from dynamorm_py._codec.compiling import Compiler, TypeOptions
from dynamorm_py._codec.converted import converted
from dynamorm_py._codec.defaults import (
    check_empty_default,
    is_none,
    split_default,
    validated,
    validates_defaults,
    with_default,
)
from dynamorm_py._codec.node import Encode, FieldNode, Node, UnsupportedType
from dynamorm_py._codec.read_schemas import first_of, leaf
from dynamorm_py._kernel.types import AttributeValue, Item
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._schema import StoredField
    from dynamorm_py.markers import Format

_NEVER = "\0"  # no attribute has this name, so a field that is not stored always takes its default
_MILLISECONDS_FROM = 10**11  # epoch seconds reach this in the year 5138; milliseconds passed it in 1973


@frozen
class ReadField:
    """How a field is read: pydantic's schema for it, and the path that leads to its value."""

    schema: CoreSchema
    alias: Any


WriteField: TypeAlias = tuple[str, str, Callable[[Any], AttributeValue | None]]
"""A field's Python name, its attribute, and the encoder that gives None for what is left out."""


@frozen
class Shape:
    """The compiled fields of a class: those with an attribute, and how each is read."""

    fields: dict[str, FieldNode] = field(default_factory=dict[str, FieldNode])
    reads: dict[str, ReadField] = field(default_factory=dict[str, ReadField])


def compile_fields(compiler: Compiler, cls: type[Any] | None, schemas: Mapping[str, Schema]) -> Shape:
    """Compile every field of a class. Raises UnsupportedType with all that is wrong, each with the field's name."""
    specs = compiler.specs(cls) or _nested_specs(compiler, cls, schemas)
    validates = validates_defaults(cls)
    shape = Shape()
    problems: list[str] = []
    for name, schema in schemas.items():
        spec = specs[name]
        if spec.computed and not spec.stored:
            continue
        try:
            node, read = _compile_field(compiler, schema, spec, validates_defaults=validates)
        except UnsupportedType as error:
            problems += [f"{name}: {problem}" for problem in error.args]
            continue
        if node is not None:
            shape.fields[name] = node
        if not spec.computed:
            shape.reads[name] = read
    if problems:
        error = UnsupportedType(*problems)
        error.fields = shape.fields
        raise error
    return shape


def _nested_specs(compiler: Compiler, cls: type[Any] | None, names: Mapping[str, object]) -> dict[str, StoredField]:
    """Read the markers of a class inside an item; keys and roles have no meaning there."""
    resolve(cls, compiler.classes)
    naming = getattr(cls, "__dynamorm_naming__", None)
    specs, problems = field_specs(cls, names, naming=naming, classes=compiler.classes)
    for spec in specs.values():
        if spec.encrypted:
            problems.append(f"{spec.name}: only whole attributes are encrypted: move Encrypted() to the outer field")
        if spec.vectors and not hasattr(cls, "__dynamorm_options__"):  # a model of its own has its own table
            problems.append(f"{spec.name}: a vector index is over a whole attribute: move the vector to the item")
    if problems:
        name = getattr(cls, "__name__", "nested class")
        raise UnsupportedType(*(f"{name}.{problem}" for problem in problems))
    return {n: replace(spec, roles=frozenset(), index_keys=(), vectors=()) for n, spec in specs.items()}


def write_field(field: FieldNode) -> WriteField:
    """Return how a field is written, leaving it out when its markers say so."""
    encode, is_empty = field.node.encode, field.node.is_empty

    def encode_unless_none(value: object) -> AttributeValue | None:
        return None if value is None else encode(value)

    def encode_unless_empty(value: object) -> AttributeValue | None:
        if value is None:
            return None
        stored = encode(value)
        return None if is_empty(stored) else stored

    if field.encrypted:
        encode = _concealing(encode)
    if field.omit_empty:
        return field.name, field.attribute, encode_unless_empty
    return field.name, field.attribute, encode_unless_none if field.omit_none else encode


def concealed(error: InvalidValue) -> InvalidValue:
    """Return the error of an encrypted field without the place inside it and without the names of keys."""
    reason, unknown, _ = error.reason.partition(" unknown keys")
    return InvalidValue(reason + unknown)


def _concealing(encode: Encode) -> Encode:
    """Name no place inside an encrypted value: the keys of a map are part of the secret."""

    def encode_concealed(value: object) -> AttributeValue:
        try:
            return encode(value)
        except InvalidValue as error:
            refusal = concealed(error)
        raise refusal

    return encode_concealed


def encode_rows(rows: Iterable[WriteField], get: Callable[[str], object]) -> Item:
    """Write fields, each value got by its name. Raises InvalidValue with the field's name."""
    item: Item = {}
    name = ""
    try:
        for name, attribute, encode in rows:
            if (stored := encode(get(name))) is not None:
                item[attribute] = stored
    except InvalidValue as error:
        raise error.at(name) from error.__cause__
    return item


def _compile_field(
    compiler: Compiler, schema: Schema, spec: StoredField, *, validates_defaults: bool
) -> tuple[FieldNode | None, ReadField]:
    """Compile one field. The node is None when the field is not stored. Raises UnsupportedType."""
    default, inner = split_default(schema)
    if not spec.stored:
        if default is None:
            message = "a field that is not stored needs a default, which it has after a read: give it one"
            raise UnsupportedType(message)
        return None, ReadField(compiler.original(leaf(schema)), _NEVER)
    none_by_default = is_none(default)
    absent_is_none = spec.omits_none if default is None else none_by_default
    node = _form_node(compiler, inner, spec, absent_is_none=absent_is_none)
    check_empty_default(node, default, spec)
    value, alias = _position(node, spec.attribute)
    if default is not None and default.get("validate_default", validates_defaults):
        default = validated(compiler, default, inner)
    read = ReadField(with_default(value, default, node, spec), alias)
    omit_none = spec.omits_none or none_by_default
    required = default is None and not spec.computed and read.schema["type"] != "default"
    field = FieldNode(
        name=spec.name,
        attribute=spec.attribute,
        node=node,
        omit_empty=spec.omit_empty,
        omit_none=omit_none,
        encrypted=spec.encrypted,
        computed=spec.computed,
        required=required,
    )
    return field, read


def _position(node: Node, attribute: str) -> tuple[CoreSchema, Any]:
    """Return the schema of the value at an attribute, and the alias that leads to it.

    A type that refuses a whole attribute value is read straight through a path (`["age", "N"]`),
    with the attribute itself as the second choice so that a wrong wire type is seen.
    """
    if not node.direct or node.inner is None:
        return node.read, [attribute]
    inner = first_of(node.inner, *node.also) if node.also else node.inner
    return inner, [[attribute, node.tag], [attribute]]


def _form_node(compiler: Compiler, schema: Schema, spec: StoredField, *, absent_is_none: bool) -> Node:
    if spec.converter is not None:
        return converted(compiler, schema, spec.converter)
    if spec.as_json:
        from dynamorm_py._codec.as_json import json_node  # noqa: PLC0415 -- few fields are JSON text

        native = compiler.node(schema, TypeOptions(absent_is_none=absent_is_none)) if spec.native_json else None
        return json_node(compiler, schema, native)
    node = compiler.node(schema, _options(spec, absent_is_none=absent_is_none))
    if "ttl" in spec.roles:
        node = replace(node, encode=_checked_seconds(node))
    if spec.is_index_key and not spec.is_key:
        node = replace(node, encode=_checked_index_key(node, spec))
    return node


def _options(spec: StoredField, *, absent_is_none: bool) -> TypeOptions:
    lifecycle = bool(spec.roles & {"created_at", "updated_at", "ttl"})
    datetimes: Format = spec.format or "rfc3339nano"
    if spec.format is None and "ttl" in spec.roles:
        datetimes = "unix_seconds"
    elif spec.format is None and (spec.is_key or spec.is_index_key) and not lifecycle:
        datetimes = "fixed_nano"
    elif spec.format == "int":
        datetimes = "rfc3339nano"
    return TypeOptions(
        as_set=spec.as_set,
        as_binary=spec.as_binary,
        datetimes=datetimes,
        floor_seconds=lifecycle,
        absent_is_none=absent_is_none,
    )


def _checked_seconds(node: Node) -> Any:  # noqa: ANN401 -- an encoder
    """Refuse milliseconds where DynamoDB expects epoch seconds: the item would never expire."""
    inner = node.encode

    def encode(value: object) -> AttributeValue:
        stored = inner(value)
        if "N" in stored and int(stored["N"]) > _MILLISECONDS_FROM:
            message = "a time to live is in epoch seconds, and this looks like milliseconds: divide it by 1000"
            raise InvalidValue(message)
        return stored

    return encode


def _checked_index_key(node: Node, spec: StoredField) -> Any:  # noqa: ANN401 -- an encoder
    """Refuse what DynamoDB would refuse as a key of an index, which is the whole item."""
    inner, limit = node.encode, spec.index_key_bytes

    def encode(value: object) -> AttributeValue:
        stored = inner(value)
        if stored in ({"S": ""}, {"B": b""}) and not spec.omit_empty:
            message = "an index key cannot be empty: use None to keep the item out of the index, or add OmitEmpty()"
            raise InvalidValue(message)
        ((tag, payload),) = stored.items()
        size = len(payload.encode()) if tag == "S" else len(payload) if tag == "B" else 0
        if size > limit:
            message = f"a key of an index has at most {limit} bytes, and this value {size}: shorten it"
            raise InvalidValue(message)
        return stored

    return encode
