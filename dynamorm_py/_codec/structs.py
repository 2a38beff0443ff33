"""Classes with fields that are no models: dataclasses, TypedDicts and named tuples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.annotations import refuse_own_markers
from dynamorm_py._codec.containers import encode_elements
from dynamorm_py._codec.fields import ReadField, Shape, compile_fields, encode_rows, write_field
from dynamorm_py._codec.node import (
    Compiler,
    Node,
    Schema,
    TypeCompiler,
    TypeOptions,
    UnsupportedType,
    configure_class,
    describe,
    expected,
    leaf,
    refuse_extra_entries,
    simple,
    through_python,
)
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import AttributeValue

_KEPT = (
    "cls",
    "cls_name",
    "fields",
    "post_init",
    "slots",
    "frozen",
    "strict",
    "revalidate_instances",
    "generic_origin",
)


def _dataclass(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    refuse_extra_entries(schema)
    arguments = schema["schema"]
    if arguments["type"] != "dataclass-args":
        message = f"{describe(schema)} has a validator of the whole dataclass that runs before its fields: use a model"
        raise UnsupportedType(message)
    for field in arguments["fields"]:
        if field.get("init_only") or field.get("init") is False:
            message = (
                f"{describe(schema)}.{field['name']} is not both a field and an argument: it could not be read back"
            )
            raise UnsupportedType(message)
    cls = schema["cls"]
    shape = compile_fields(compiler, cls, {f["name"]: f["schema"] for f in arguments["fields"]})
    fields = [
        core_schema.dataclass_field(
            f["name"],
            shape.reads[f["name"]].schema,
            kw_only=f.get("kw_only"),
            validation_alias=shape.reads[f["name"]].alias,
        )
        for f in arguments["fields"]
    ]
    inner: Any = {key: schema[key] for key in _KEPT if key in schema}
    inner |= {"type": "dataclass", "schema": core_schema.dataclass_args_schema(arguments["dataclass_name"], fields)}
    configure_class(inner, schema)
    rows = [write_field(field) for field in shape.fields.values()]

    def encode(value: object) -> AttributeValue:
        if type(value) is not cls:
            raise expected(cls.__name__, value)
        return {"M": encode_rows(rows, partial(getattr, value))}

    return _with_fields(simple("model", "M", encode, inner, python=(cls,)), shape)


def _typed_dict(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    total = schema.get("total", True)
    required = {name: field.get("required", total) for name, field in schema["fields"].items()}
    shape = compile_fields(compiler, schema.get("cls"), {n: f["schema"] for n, f in schema["fields"].items()})
    fields = {name: _entry(read, required=required[name]) for name, read in shape.reads.items()}
    inner: Any = {"type": "typed-dict", "fields": fields}
    configure_class(inner, schema)
    if inner["config"].get("extra_fields_behavior") == "allow":  # a model that keeps its own hands that down to us
        inner["config"]["extra_fields_behavior"] = "ignore"
    rows = [write_field(field) for field in shape.fields.values()]

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, Mapping):
            raise expected(describe(schema), value)
        entries: Mapping[str, object] = value  # pyright: ignore[reportUnknownVariableType] -- any mapping
        unknown = sorted(str(key) for key in entries if key not in required)
        missing = sorted(key for key, needed in required.items() if needed and key not in entries)
        if unknown or missing:
            message = f"the dict {'has unknown' if unknown else 'lacks'} keys {', '.join(unknown or missing)}"
            raise InvalidValue(message)
        return {"M": encode_rows([row for row in rows if row[0] in entries], entries.__getitem__)}

    return _with_fields(simple("model", "M", encode, inner, python=(dict,)), shape)


def _entry(read: ReadField, *, required: bool) -> core_schema.TypedDictField:
    """Return how one key is read. What a marker left out is filled in, but a key that may be absent stays so."""
    schema: Any = read.schema
    if schema["type"] == "default":
        schema = schema if required else schema["schema"]
        required = False
    return core_schema.typed_dict_field(schema, required=required, validation_alias=read.alias)


def _call(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile what is made by a call: before pydantic 2.14 that is how it describes a named tuple."""
    cls: Any = schema["function"]
    if not isinstance(cls, type) or not issubclass(cls, tuple):
        message = f"{describe(schema)} has no DynamoDB form: give the field Attribute(converter=)"
        raise UnsupportedType(message)
    return _tuple_of(compiler, schema, options, cls, schema["arguments_schema"]["arguments_schema"])


def _named_tuple(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    return _tuple_of(compiler, schema, options, schema["cls"], schema["fields"])


def _tuple_of(compiler: Compiler, schema: Schema, options: TypeOptions, cls: Any, fields: list[Schema]) -> Node:  # noqa: ANN401 -- a class
    options.refuse(schema)
    refuse_own_markers(compiler, cls)
    parts = [compiler.node(field["schema"]) for field in fields]

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, cls):
            raise expected(cls.__name__, value)
        values = cast("tuple[object, ...]", value)
        walk = iter(parts)
        return {"L": encode_elements(lambda part: next(walk).encode(part), values)}

    items: list[CoreSchema] = [part.read for part in parts]
    node = simple("tuple", "L", encode, core_schema.tuple_schema(items), python=(cls,))
    node.parts = tuple(parts)
    return through_python(node, compiler.python(leaf(schema)))


def _with_fields(node: Node, shape: Shape) -> Node:
    node.fields = shape.fields
    return node


COMPILERS: dict[str, TypeCompiler] = {
    "dataclass": _dataclass,
    "typed-dict": _typed_dict,
    "named-tuple": _named_tuple,
    "call": _call,
}
