"""Scalar types: text, numbers, binary, booleans, None and Any.

Each compiler takes pydantic's schema of a type and returns its node. Datetimes have several forms;
they stand in `times.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic_core import core_schema

from dynamorm_py._codec.node import (
    UNTYPED,
    Compiler,
    Encode,
    Node,
    Schema,
    TypeCompiler,
    TypeOptions,
    as_none,
    expected,
    leaf,
    null,
    simple,
)
from dynamorm_py._codec.numbers import decimal_text, float_text, int_text
from dynamorm_py._codec.untyped import check_text, encode_untyped

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.types import AttributeValue


def _encode_str(value: object) -> AttributeValue:
    if type(value) is str and value.isascii():  # nearly all
        return {"S": value}
    if not isinstance(value, str):
        raise expected("str", value)
    return {"S": check_text(value if type(value) is str else str.__str__(value))}


def _encode_int(value: object) -> AttributeValue:
    if not isinstance(value, int) or isinstance(value, bool):
        raise expected("int", value)
    return {"N": int_text(int(value))}


def _encode_float(value: object) -> AttributeValue:
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise expected("float", value)
    return {"N": float_text(value) if isinstance(value, float) else int_text(value)}


def _encode_decimal(value: object) -> AttributeValue:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"N": int_text(value)}
    if not isinstance(value, Decimal):
        raise expected("Decimal", value)
    return {"N": decimal_text(value)}


def _encode_bool(value: object) -> AttributeValue:
    if not isinstance(value, bool):
        raise expected("bool", value)
    return {"BOOL": value}


def _encode_bytes(value: object) -> AttributeValue:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise expected("bytes", value)
    return {"B": bytes(value)}  # pyright: ignore[reportUnknownArgumentType] -- a memoryview of any kind


def _encode_none(value: object) -> AttributeValue:
    if value is not None:
        raise expected("None", value)
    return {"NULL": True}


def _number(encode: Encode, python: type, zero: Callable[[], object]) -> TypeCompiler:
    """Compile a number: always read leniently, since the text under N is a number's by its tag."""

    def compile_number(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
        options.refuse(schema)
        inner: Any = leaf(schema) | {"strict": False}
        return simple(schema["type"], "N", encode, inner, python=(python,), empty=zero, direct=True)

    return compile_number


def _scalar(tag: str, encode: Encode, python: type, empty: Callable[[], object] | None = None) -> TypeCompiler:
    def compile_scalar(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
        options.refuse(schema)
        return simple(schema["type"], tag, encode, leaf(schema), python=(python,), empty=empty, direct=True)

    return compile_scalar


def _bytes(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    if options.as_set:
        options.refuse(schema)
    return simple("bytes", "B", _encode_bytes, leaf(schema), python=(bytes,), empty=bytes, direct=True)


def _uuid(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    if options.as_set:
        options.refuse(schema)
    if options.as_binary:
        parse = core_schema.no_info_after_validator_function(lambda b: UUID(bytes=b), core_schema.bytes_schema())
        inner = core_schema.chain_schema([parse, compiler.original(leaf(schema))])
        return simple("uuid", "B", _encode_uuid_bytes, inner, python=(UUID,))
    return simple("uuid", "S", _encode_uuid, leaf(schema), python=(UUID,), direct=True)


def _encode_uuid(value: object) -> AttributeValue:
    if not isinstance(value, UUID):
        raise expected("UUID", value)
    return {"S": str(value)}


def _encode_uuid_bytes(value: object) -> AttributeValue:
    if not isinstance(value, UUID):
        raise expected("UUID", value)
    return {"B": value.bytes}


def _none(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    null_type = frozenset({"NULL"})
    return Node("none", null_type, _encode_none, null(as_none), tag="NULL", nullable=True, python=(type(None),))


def _any(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    return Node("any", frozenset(), encode_untyped, UNTYPED, nullable=True, python=(object,))


COMPILERS: dict[str, TypeCompiler] = {
    "str": _scalar("S", _encode_str, str, str),
    "bool": _scalar("BOOL", _encode_bool, bool, bool),
    "int": _number(_encode_int, int, int),
    "float": _number(_encode_float, float, float),
    "decimal": _number(_encode_decimal, Decimal, Decimal),
    "bytes": _bytes,
    "uuid": _uuid,
    "none": _none,
    "any": _any,
}
