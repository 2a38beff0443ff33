"""Types that the user says how to store: by a converter of a field, in `Annotated` at any type, or by the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic_core import core_schema

from dynamorm_py._codec.annotations import refuse_markers
from dynamorm_py._codec.node import Node
from dynamorm_py._codec.read_schemas import UNTYPED, leaf
from dynamorm_py._codec.untyped import encode_untyped
from dynamorm_py._codec.wrappers import optional
from dynamorm_py._kernel.noted import CONVERTER
from dynamorm_py._schema import converter_of, scalar_stored_by
from dynamorm_py.markers import Encrypted

if TYPE_CHECKING:
    from dynamorm_py._codec.compiling import Compiler
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue
    from dynamorm_py.markers import Converter


class ConvertedNode(Node):
    """A value that the user's converter stores."""

    __slots__ = ()

    is_key_text: ClassVar[bool] = False


def converted(compiler: Compiler, schema: Schema, converter: Converter) -> Node:
    """Compile a type with the user's converter between it and what is stored."""
    while CONVERTER in (schema.get("metadata") or {}):
        schema = schema["schema"]
    inner = schema["schema"] if schema["type"] == "nullable" else schema
    why = "is not seen by a converter: drop it, and mark the whole field"
    refuse_markers(compiler, inner, (Encrypted,), why, items=False)  # they may be stored as what refers to them
    scalar = scalar_stored_by(converter)
    node = _untyped(compiler, inner, converter) if scalar is None else _scalar(compiler, inner, converter, scalar)
    return optional(node) if inner is not schema else node


def registered(compiler: Compiler, schema: Schema) -> Node | None:
    """Compile a type that says itself how it is stored; None for any other."""
    converter = converter_of(schema)
    return None if converter is None else converted(compiler, schema, converter)


def _untyped(compiler: Compiler, schema: Schema, converter: Converter) -> Node:
    """Store whatever the converter makes, by what it is."""
    back = core_schema.no_info_plain_validator_function(converter.from_attribute)

    def encode(value: object) -> AttributeValue:
        return encode_untyped(converter.to_attribute(value))

    read = core_schema.chain_schema([UNTYPED, back, compiler.python(leaf(schema))])
    return ConvertedNode(name="converted", encode=encode, read=read, python=(object,))


def _scalar(compiler: Compiler, schema: Schema, converter: Converter, scalar: str) -> Node:
    """Store a scalar of a known type, which may be a key, an element of a set and a map's key."""
    stored = compiler.node({"type": scalar})
    back = core_schema.no_info_plain_validator_function(converter.from_attribute)

    def encode(value: object) -> AttributeValue:
        return stored.encode(converter.to_attribute(value))

    inner = core_schema.chain_schema([stored.inner or stored.read, back, compiler.python(leaf(schema))])
    return ConvertedNode.of_one_tag("converted", stored.tag or "S", encode, inner, python=(object,))
