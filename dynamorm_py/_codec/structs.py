"""Classes with fields that are not models: dataclasses, TypedDicts and named tuples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.annotations import refuse_own_markers
from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions, describe, refuse_extra_entries
from dynamorm_py._codec.containers import TupleNode, encode_elements
from dynamorm_py._codec.field_codecs import ReadField, compile_fields, encode_rows, write_field
from dynamorm_py._codec.node import FieldNode, Node, UnsupportedType, expected, through_python
from dynamorm_py._codec.normalize import canonical_fields
from dynamorm_py._codec.read_schemas import configure_class, leaf
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._codec.schemas import Schema
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


@frozen(kw_only=True, eq=False, repr=False)
class StructNode(Node):
    """A class with fields: a model, a dataclass or a TypedDict, stored as a map."""

    fields: Mapping[str, FieldNode]

    always_has_members: ClassVar[bool] = True

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the map with each attribute in the form that its field is read from."""
        return {"M": canonical_fields(self.fields.values(), value["M"])} if "M" in value else value

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- of any tag
        """Yield the mismatches of attributes that are there."""
        for field in self.fields.values() if tag == "M" else ():
            if field.attribute in payload and not field.computed:
                inside = f"{path}.{field.attribute}" if path else field.attribute
                yield from field.node.mismatch(payload[field.attribute], inside)

    def is_empty(self, stored: AttributeValue) -> bool:
        """Return whether it is None: an instance is never empty, whatever its fields hold."""
        return "NULL" in stored

    def step(self, step: str | int) -> Node | None:
        """Return the node of an attribute."""
        return next((field.node for field in self.fields.values() if field.attribute == step), None)

    def named(self, name: str) -> tuple[str, Node] | None:
        """Return the attribute and the node of a field."""
        field = self.fields.get(name)
        return None if field is None else (field.attribute, field.node)

    def all_fields(self) -> Iterable[FieldNode]:
        """Yield the fields."""
        return self.fields.values()

    def attribute_called(self, names: frozenset[str]) -> str | None:
        """Return the attribute of the field that a payload calls by one of these names or aliases."""
        for name in names & self.fields.keys():
            return self.fields[name].attribute
        for cls in self.python:
            for name, info in getattr(cls, "__pydantic_fields__", {}).items():
                if {info.alias, info.validation_alias} & names and name in self.fields:
                    return self.fields[name].attribute
        return None

    def entry(self, key: object) -> FieldNode | None:
        """Return the field under a key of a TypedDict."""
        return self.fields.get(key) if self.holds(dict) and isinstance(key, str) else None

    def map_key(self, key: object) -> str | None:  # noqa: ARG002 -- whatever is asked
        """Return None: it has fields and no keys."""
        return None


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

    config = schema.get("config", {})
    return StructNode.of_one_tag("model", "M", encode, inner, python=(cls,), fields=shape.fields, config=config)


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

    own = {name: replace(f, required=f.required and required[name]) for name, f in shape.fields.items()}
    config = schema.get("config", {})
    return StructNode.of_one_tag("model", "M", encode, inner, python=(dict,), fields=own, config=config)


def _entry(read: ReadField, *, required: bool) -> core_schema.TypedDictField:
    """Return how one key is read. What a marker left out is filled in, but a key that may be absent stays so."""
    schema: Any = read.schema
    if schema["type"] == "default":
        schema = schema if required else schema["schema"]
        required = False
    return core_schema.typed_dict_field(schema, required=required, validation_alias=read.alias)


def _named_tuple(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    cls = schema["cls"]
    refuse_own_markers(compiler, cls)
    parts = [compiler.node(field["schema"]) for field in schema["fields"]]

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, cls):
            raise expected(cls.__name__, value)
        values = cast("tuple[object, ...]", value)
        walk = iter(parts)
        return {"L": encode_elements(lambda part: next(walk).encode(part), values)}

    items: list[CoreSchema] = [part.read for part in parts]
    node = TupleNode.of_one_tag(
        "tuple", "L", encode, core_schema.tuple_schema(items), python=(cls,), parts=tuple(parts)
    )
    return through_python(node, compiler.python(leaf(schema)))


COMPILERS: dict[str, TypeCompiler] = {
    "dataclass": _dataclass,
    "typed-dict": _typed_dict,
    "named-tuple": _named_tuple,
}
