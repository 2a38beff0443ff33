"""Pydantic models: their fields, validators and extra attributes; how an item becomes an instance."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.annotations import refuse_markers_of_extras, refuse_own_markers
from dynamorm_py._codec.carried import not_carried
from dynamorm_py._codec.field_codecs import Shape, compile_fields, encode_rows, write_field
from dynamorm_py._codec.node import Encode, Node, expected
from dynamorm_py._codec.read_schemas import UNTYPED, configure_class, first_of
from dynamorm_py._codec.scalars import encode_str
from dynamorm_py._codec.structs import StructNode
from dynamorm_py._codec.untyped import check_key
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import CallError, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, RootModel

    from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue, Item

_KEPT = ("cls", "generic_origin", "post_init", "revalidate_instances", "strict", "frozen")


def _model(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    if schema.get("root_model"):
        return _root_model(compiler, schema, options)
    fields, prepared = fields_schema(schema["schema"])
    cls = schema["cls"]
    computed = {c["property_name"]: c["return_schema"] for c in fields.get("computed_fields", [])}
    derived = _derived(compiler, cls)
    computed |= {name: {"type": "str"} for name in derived}
    stored = {name: field["schema"] for name, field in fields["fields"].items()} | computed
    shape = compile_fields(compiler, cls, stored)
    extra_behavior = "ignore" if compiler.ignores_extra(cls) else _extra_behavior(schema, fields)
    extras = _extras(compiler, cls, fields) if extra_behavior == "allow" else None
    if prepared:
        inner = _prepared(compiler, schema, shape, cls if derived else None)
    else:
        inner = _direct(schema, fields, shape, extra_behavior, extras, derived)
        inner = _checked(inner, cls, derived) if derived else inner
    encode = _encoder(cls, shape, extras)
    config: Schema = {} if prepared else schema.get("config", {})  # its own validator reads the fields then
    return StructNode.of_one_tag("model", "M", encode, inner, python=(cls,), fields=shape.fields, config=config)


def _derived(compiler: Compiler, cls: type[Any]) -> dict[str, str]:
    """Return the derived keys of the class being compiled: their attributes by name."""
    specs = compiler.specs(cls) or {}
    return {name: spec.attribute for name, spec in specs.items() if spec.template is not None}


def _checked(built: Any, cls: type[Any], derived: Mapping[str, str]) -> CoreSchema:  # noqa: ANN401 -- a model schema
    """Read derived keys beside the fields, hold them against these, and take them out of the instance again."""
    model = built if built["type"] == "model" else built["schema"]
    text = core_schema.with_default_schema(core_schema.str_schema(), default=None)
    model["schema"]["fields"] |= {
        name: core_schema.model_field(text, validation_alias=[[attribute, "S"]]) for name, attribute in derived.items()
    }
    post_init: str | None = model.pop("post_init", None)

    def take_out(instance: Any) -> object:  # noqa: ANN401 -- an instance of the model
        stored = {name: instance.__dict__.pop(name, None) for name in derived}
        instance.__pydantic_fields_set__.difference_update(derived)
        if post_init is not None:
            getattr(instance, post_init)(None)
        cls.__dynamorm_codec__.check_derived(instance, stored)
        return instance

    checked: Any = core_schema.no_info_after_validator_function(take_out, model)
    outer: Any = {**built, "schema": checked}
    return checked if model is built else outer


def fields_schema(schema: Schema) -> tuple[Schema, bool]:
    """Return the model-fields schema, and whether validators of the whole model run before it."""
    prepared = False
    while schema["type"] != "model-fields":
        schema, prepared = schema["schema"], True
    return schema, prepared


def _direct(  # noqa: PLR0917 -- all that is known of the class
    schema: Schema,
    fields: Schema,
    shape: Shape,
    extra_behavior: str,
    extras: Node | None,
    derived: Mapping[str, str],
) -> CoreSchema:
    """Build the schema that makes an instance straight from the item."""
    read: Any = {
        "type": "model-fields",
        "model_name": fields.get("model_name", ""),
        "fields": {
            name: core_schema.model_field(read.schema, validation_alias=read.alias)
            for name, read in shape.reads.items()
        },
        "extra_behavior": extra_behavior,
    }
    if extras is not None:
        read["extras_schema"] = extras.read
    built: Any = {"type": "model", "custom_init": False, "root_model": False, "schema": read}
    built |= {key: schema[key] for key in _KEPT if key in schema}
    configure_class(built, schema)
    computed = {f.attribute for f in shape.fields.values() if f.computed and f.name not in derived}
    if not computed or read["extra_behavior"] == "ignore":
        return built
    return _ignoring(computed, built)


def _extra_behavior(schema: Schema, fields: Schema) -> str:
    config = schema.get("config", {})
    return schema.get("extra_behavior") or fields.get("extra_behavior") or config.get("extra_fields_behavior", "ignore")


def _ignoring(computed: set[str], built: Any) -> CoreSchema:  # noqa: ANN401 -- a model schema
    """Read a model that stores computed fields: they are not extra attributes, and are computed again."""
    forbid = built["schema"]["extra_behavior"] == "forbid"
    built["schema"] |= {"extra_behavior": "allow", "extras_schema": built["schema"].get("extras_schema", UNTYPED)}

    def drop(model: Any) -> object:  # noqa: ANN401 -- an instance of the model
        extra = {name: value for name, value in model.__pydantic_extra__.items() if name not in computed}
        if forbid and extra:
            message = f"the model forbids the attributes {', '.join(sorted(extra))}"
            raise ValueError(message)
        object.__setattr__(model, "__pydantic_extra__", None if forbid else extra)
        object.__setattr__(model, "__pydantic_fields_set__", model.__pydantic_fields_set__ - computed)
        return model

    return core_schema.no_info_after_validator_function(drop, built)


def _prepared(compiler: Compiler, schema: Schema, shape: Shape, owner: type[Any] | None) -> CoreSchema:
    """Build the schema for a model whose own validator wants to see the data before its fields.

    It gets a dictionary by field name: values of the fields' types where they fit, else as they are.
    `owner` is the class when it has derived keys, which are held against the fields afterwards.
    """
    attributes = {f.attribute: f.name for f in shape.fields.values() if not f.computed}
    computed = {f.attribute for f in shape.fields.values() if f.computed}
    parts = {
        attribute: core_schema.typed_dict_field(first_of(shape.fields[name].node.read, UNTYPED), required=False)
        for attribute, name in attributes.items()
    }

    def rename(values: Mapping[str, object]) -> dict[str, object]:
        return {attributes.get(key, key): value for key, value in values.items() if key not in computed}

    values = core_schema.typed_dict_schema(parts, extra_behavior="allow", extras_schema=UNTYPED)
    if owner is None:
        named = core_schema.no_info_after_validator_function(rename, values)
        return core_schema.chain_schema([named, compiler.prepared(schema)])
    derived = _derived(compiler, owner)

    def checked(stored: Mapping[str, object], validate: Any) -> object:  # noqa: ANN401 -- pydantic's handler
        instance = validate(rename(stored))
        texts = {name: stored.get(attribute) for name, attribute in derived.items()}
        owner.__dynamorm_codec__.check_derived(instance, texts)
        return instance

    return core_schema.chain_schema(
        [values, core_schema.no_info_wrap_validator_function(checked, compiler.prepared(schema))]
    )


def _extras(compiler: Compiler, cls: type[Any], fields: Schema) -> Node:
    """Return the codec of extra attributes for a model that keeps them."""
    refuse_markers_of_extras(compiler, cls)
    return compiler.node(fields.get("extras_schema", {"type": "any"}))


def _encoder(cls: type[Any], shape: Shape, extras: Node | None) -> Encode:
    rows = [write_field(field) for field in shape.fields.values() if not field.computed]
    computed = [write_field(field) for field in shape.fields.values() if field.computed]
    taken = {field.attribute for field in shape.fields.values()}
    beyond_fields = bool(computed) or extras is not None

    def encode(value: Any) -> AttributeValue:  # noqa: ANN401 -- checked here
        if type(value) is not cls:
            raise _other_class(cls, value)
        data: dict[str, object] = value.__dict__
        item: Item = {}
        name = ""
        try:
            for name, attribute, encode_field in rows:
                held = data[name]
                if encode_field is encode_str and type(held) is str and held.isascii():
                    item[attribute] = {"S": held}
                elif (stored := encode_field(held)) is not None:
                    item[attribute] = stored
        except InvalidValue as error:
            raise error.at(name) from error.__cause__
        except KeyError:
            if name in data:
                raise
            raise _without_value(value, name) from None
        if beyond_fields:
            item |= encode_rows(computed, partial(getattr, value))
            _encode_extras(item, value.__pydantic_extra__ or {}, extras, taken)
        return {"M": item}

    return encode


def _without_value(value: BaseModel, name: str) -> CallError:
    """Return the error of an instance without all its fields: read through an index, or never validated."""
    message = "the field has no value: build the instance with all its fields"
    return not_carried(value) or InvalidValue(message, path=name)


def _encode_extras(item: Item, values: Mapping[str, object], extras: Node | None, taken: set[str]) -> None:
    if extras is None:
        return
    for name, value in values.items():
        if name in taken:
            message = "an extra attribute has the name of a field's attribute: rename it"
            raise InvalidValue(message, path=name)
        try:
            item[check_key(name)] = extras.encode(value)
        except InvalidValue as error:
            raise error.at(name) from error.__cause__


def _other_class(cls: type[Any], value: object) -> InvalidValue:
    if isinstance(value, cls):
        message = (
            f"{kind_of(value)} would come back as {cls.__name__}: annotate the field with the subclass "
            "or a union, or use a repository of the subclass"
        )
        return InvalidValue(message)
    return expected(cls.__name__, value)


def _root_model(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    cls = schema["cls"]
    refuse_own_markers(compiler, cls)
    root = compiler.node(schema["schema"], replace(options, absent_is_none=False, bare=False))

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, cls):
            raise expected(cls.__name__, value)
        return root.encode(cast("RootModel[Any]", value).root)

    read: Any = {key: schema[key] for key in _KEPT if key in schema}
    read |= {"type": "model", "root_model": True, "schema": root.read}
    configure_class(read, schema)
    make_empty = root.empty
    return replace(
        root.with_read(read),
        encode=encode,
        config=schema.get("config", {}),
        python=(cls,),
        nullable=False,  # a NULL is its root's, and not the model's
        empty=None if make_empty is None else lambda: cls(make_empty()),
    )


COMPILERS: dict[str, TypeCompiler] = {"model": _model}
