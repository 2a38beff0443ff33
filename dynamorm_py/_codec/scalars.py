"""Scalar types: text, numbers, binary, booleans, None and Any.

Each compiler takes pydantic's schema of a type and returns its node. Datetimes have several forms;
they are in `times.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.node import Encode, Node, expected
from dynamorm_py._codec.normalize import bytes_of, plain_number
from dynamorm_py._codec.numbers import SAFE_INT, decimal_text, float_text, int_text
from dynamorm_py._codec.read_schemas import UNTYPED, as_none, leaf, null
from dynamorm_py._codec.untyped import check_key, check_text, encode_untyped

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_UUID_WIDTH = 36


class NumberNode(Node):
    """A number; other writers may give it an exponent."""

    __slots__ = ()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the number without exponent and trailing zeros."""
        return plain_number(value)


class FractionNode(NumberNode):
    """A number with a fraction."""

    __slots__ = ()

    is_exact: ClassVar[bool] = False


class BytesNode(Node):
    """Binary; Go writes it as a list of byte values in some places."""

    __slots__ = ()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the binary that a list of byte values stands for."""
        return bytes_of(value["L"]) if "L" in value else value


class AnyNode(Node):
    """An untyped value, stored by the type that it has."""

    __slots__ = ()

    untyped: ClassVar[bool] = True

    def key_encoder(self) -> Callable[[Any], str]:
        """Return how a key is written: it must be text."""
        return check_key

    def key_schema(self) -> CoreSchema:
        """Return how a key is read: it is text."""
        return core_schema.str_schema()


ANY = AnyNode(name="any", encode=encode_untyped, read=UNTYPED, nullable=True, python=(object,))


def encode_str(value: object) -> AttributeValue:
    """Write text. Raises InvalidValue for anything else, and for what UTF-8 cannot hold."""
    if type(value) is str and value.isascii():  # nearly all; the loops over fields and elements know it too
        return {"S": value}
    if not isinstance(value, str):
        raise expected("str", value)
    return {"S": check_text(value if type(value) is str else str.__str__(value))}


def _encode_int(value: object) -> AttributeValue:
    if type(value) is int and abs(value) < SAFE_INT:  # nearly all
        return {"N": str(value)}
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


def _number(form: type[NumberNode], encode: Encode, python: type) -> TypeCompiler:
    """Compile a number: always read leniently, since the text under N is a number's by its tag."""

    def compile_number(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
        options.refuse(schema)
        inner: Any = leaf(schema) | {"strict": False}
        return form.of_one_tag(schema["type"], "N", encode, inner, python=(python,), empty=python, direct=True)

    return compile_number


def _scalar(tag: str, encode: Encode, python: type) -> TypeCompiler:
    def compile_scalar(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
        options.refuse(schema)
        return Node.of_one_tag(schema["type"], tag, encode, leaf(schema), python=(python,), empty=python, direct=True)

    return compile_scalar


def _bytes(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    if options.as_set:
        options.refuse(schema)
    return BytesNode.of_one_tag("bytes", "B", _encode_bytes, leaf(schema), python=(bytes,), empty=bytes, direct=True)


def _uuid(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    if options.as_set:
        options.refuse(schema)
    if options.as_binary:
        parse = core_schema.no_info_after_validator_function(lambda b: UUID(bytes=b), core_schema.bytes_schema())
        inner = core_schema.chain_schema([parse, compiler.original(leaf(schema))])
        return Node.of_one_tag("uuid", "B", _encode_uuid_bytes, inner, python=(UUID,))
    return Node.of_one_tag("uuid", "S", _encode_uuid, leaf(schema), python=(UUID,), direct=True, key_width=_UUID_WIDTH)


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
    return Node(
        name="none",
        encode=_encode_none,
        read=null(as_none),
        types=frozenset({"NULL"}),
        tag="NULL",
        nullable=True,
        python=(type(None),),
    )


def _any(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    return ANY


COMPILERS: dict[str, TypeCompiler] = {
    "str": _scalar("S", encode_str, str),
    "bool": _scalar("BOOL", _encode_bool, bool),
    "int": _number(NumberNode, _encode_int, int),
    "float": _number(FractionNode, _encode_float, float),
    "decimal": _number(FractionNode, _encode_decimal, Decimal),
    "bytes": _bytes,
    "uuid": _uuid,
    "none": _none,
    "any": _any,
}
