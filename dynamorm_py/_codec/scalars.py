"""Scalar types: text, numbers, binary, booleans, times, enumerations, and pydantic's own leaf types.

Each compiler takes pydantic's schema of a type and returns its node. Datetimes have several forms;
they stand in `times.py`.
"""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic_core import CoreSchema, PydanticSerializationError, SchemaSerializer, core_schema

from dynamorm_py._codec.natural import check_text, decode_natural, encode_natural
from dynamorm_py._codec.node import (
    NATURAL,
    PLAIN,
    Compiler,
    Encode,
    Form,
    Node,
    NoForm,
    Schema,
    TypeCompiler,
    describe,
    expected,
    leaf,
    simple,
)
from dynamorm_py._codec.numbers import decimal_text, float_text, int_text
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._types import AttributeValue

_SCALAR_TYPES = (str, int, float, Decimal, bytes, type(None))


def _encode_str(value: object) -> AttributeValue:
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

    def compile_number(_: Compiler, schema: Schema, form: Form) -> Node:
        form.refuse(schema)
        inner: Any = leaf(schema) | {"strict": False}
        return simple(schema["type"], "N", encode, inner, python=(python,), empty=zero, direct=True)

    return compile_number


def _scalar(tag: str, encode: Encode, python: type, empty: Callable[[], object] | None = None) -> TypeCompiler:
    def compile_scalar(_: Compiler, schema: Schema, form: Form) -> Node:
        form.refuse(schema)
        return simple(schema["type"], tag, encode, leaf(schema), python=(python,), empty=empty, direct=True)

    return compile_scalar


def _bytes(_: Compiler, schema: Schema, form: Form) -> Node:
    if form.as_set:
        form.refuse(schema)
    return simple("bytes", "B", _encode_bytes, leaf(schema), python=(bytes,), empty=bytes, direct=True)


def _uuid(_: Compiler, schema: Schema, form: Form) -> Node:
    if form.as_set:
        form.refuse(schema)
    if form.as_binary:
        parse = core_schema.no_info_after_validator_function(lambda b: UUID(bytes=b), core_schema.bytes_schema())
        return simple("uuid", "B", _encode_uuid_bytes, parse, python=(UUID,))
    return simple("uuid", "S", _encode_uuid, leaf(schema), python=(UUID,), direct=True)


def _encode_uuid(value: object) -> AttributeValue:
    if not isinstance(value, UUID):
        raise expected("UUID", value)
    return {"S": str(value)}


def _encode_uuid_bytes(value: object) -> AttributeValue:
    if not isinstance(value, UUID):
        raise expected("UUID", value)
    return {"B": value.bytes}


def _none(_: Compiler, schema: Schema, form: Form) -> Node:
    form.refuse(schema)
    read = core_schema.no_info_after_validator_function(
        lambda _: None, core_schema.typed_dict_schema({"NULL": core_schema.typed_dict_field(core_schema.bool_schema())})
    )
    return Node("none", frozenset({"NULL"}), _encode_none, read, tag="NULL", nullable=True, python=(type(None),))


def _any(_: Compiler, schema: Schema, form: Form) -> Node:
    form.refuse(schema)
    return Node("any", frozenset(), encode_natural, NATURAL, nullable=True, python=(object,))


# --- values out of a fixed list -----------------------------------------------------------------


def _literal(_: Compiler, schema: Schema, form: Form) -> Node:
    form.refuse(schema)
    return _choice("literal", schema, schema["expected"], schema["expected"])


def _enum(_: Compiler, schema: Schema, form: Form) -> Node:
    form.refuse(schema)
    cls = schema["cls"]
    node = _choice("enum", schema, [*schema["members"], *(m.value for m in schema["members"])], schema["members"])
    node.python = (cls,)
    return node


def _choice(kind: str, schema: Schema, accepted: list[Any], members: list[Any]) -> Node:
    """Compile an enumeration or a Literal: text goes to pydantic directly, others through a table."""
    stored = [_scalar_form(schema, member) for member in members]
    by_form = {_form_key(value): member for value, member in zip(stored, members, strict=True)}
    encode = _choice_encoder(accepted, describe(schema))
    types = frozenset(tag for value in stored for tag in value)
    if types == frozenset({"S"}) and "missing" not in schema:
        return simple(kind, "S", encode, leaf(schema), python=(str,), direct=True)

    def look_up(value: dict[str, Any]) -> object:
        found = by_form.get(_form_key(value))
        return decode_natural(value) if found is None else found

    read = core_schema.chain_schema([core_schema.no_info_plain_validator_function(look_up), leaf(schema)])
    tag = next(iter(types)) if len(types) == 1 else None
    python = tuple(set(map(_type_of, members)))
    return Node(
        kind,
        types,
        encode,
        read,
        tag=None,
        direct=False,
        python=python,
        element=_element_of_choice(tag, schema, encode),
    )


def _element_of_choice(tag: str | None, schema: Schema, encode: Encode) -> Node | None:
    """Return the node for elements of a set, which stand without their tag."""
    if tag != "N":
        return None
    number = core_schema.no_info_plain_validator_function(lambda text: decode_natural({"N": text}))
    inner = core_schema.chain_schema([number, leaf(schema)])
    return simple("choice", tag, encode, inner)


def _choice_encoder(accepted: list[Any], name: str) -> Encode:
    forms: dict[tuple[type, object], AttributeValue] = {
        (type(value), value): _natural_scalar(_raw(value)) for value in accepted
    }
    allowed = ", ".join(sorted({str(_raw(value)) for value in accepted}))

    def encode(value: object) -> AttributeValue:
        try:
            return forms[type(value), value]
        except (KeyError, TypeError):
            message = f"expected one of {allowed} ({name}), got another {type(value).__name__}"
            raise InvalidValue(message) from None

    return encode


def _type_of(value: object) -> type[object]:
    return type(value)


def _raw(member: object) -> object:
    return member.value if isinstance(member, enum.Enum) else member


def _natural_scalar(value: object) -> AttributeValue:
    return {"N": float_text(value)} if isinstance(value, float) else encode_natural(_unmixed(value))


def _unmixed(value: object) -> object:
    """Return a str or int subclass's plain value."""
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _scalar_form(schema: Schema, member: object) -> AttributeValue:
    value = _raw(member)
    if not isinstance(value, _SCALAR_TYPES):
        message = f"{describe(schema)} has the value of a {type(value).__name__}, which is no scalar: use a converter="
        raise NoForm(message)
    return _natural_scalar(value)


def _form_key(value: AttributeValue) -> tuple[str, object]:
    ((tag, payload),) = value.items()
    return (tag, payload if tag != "B" else bytes(decode_natural(value)))  # pyright: ignore[reportArgumentType] -- B decodes to bytes


# --- types that pydantic itself writes as text ---------------------------------------------------


def _as_pydantic_writes(compiler: Compiler, schema: Schema, form: Form) -> Node:
    """Compile a leaf type of pydantic (a path, an address, a URL, a secret) by its JSON form."""
    form.refuse(schema)
    inner = _json_branch(schema)
    tag = "S"
    if inner is not None and inner["type"] in {"bytes", "int", "float", "decimal"}:
        tag = compiler.node(inner, PLAIN).tag or "S"
    read: Any = compiler.original(leaf(schema))
    if tag == "N":
        number = core_schema.no_info_plain_validator_function(lambda text: decode_natural({"N": text}))
        read = core_schema.chain_schema([number, read])
    return simple(schema["type"], tag, _pydantic_encoder(schema, tag), read)


def _url(_: Compiler, schema: Schema, form: Form) -> Node:
    """Compile a URL: pydantic's classes wrap the core one, and all give their text."""
    form.refuse(schema)
    return simple("url", "S", _encode_url, leaf(schema))


def _encode_url(value: object) -> AttributeValue:
    if not hasattr(value, "unicode_string"):
        raise expected("URL", value)
    return {"S": str(value)}


def _json_branch(schema: Schema) -> Schema | None:
    """Return the scalar schema that pydantic reads the type's JSON with, if one can be seen."""
    for name in ("lax_schema", "strict_schema", "json_schema", "schema"):
        if isinstance(schema.get(name), dict):
            found = _json_branch(schema[name])
            if found is not None:
                return found
    return schema if schema["type"] in {"str", "bytes", "int", "float", "decimal", "url"} else None


def _pydantic_encoder(schema: Schema, tag: str) -> Encode:
    serializer = _serializer(leaf(schema) | {k: v for k, v in schema.items() if k == "serialization"})

    def encode(value: Any) -> AttributeValue:  # noqa: ANN401 -- a value of pydantic's leaf type
        reveal = getattr(value, "get_secret_value", None)
        written = reveal() if reveal is not None else _written(serializer, value)
        stored = encode_natural(_unmixed(written)) if not isinstance(written, float) else {"N": float_text(written)}
        if tag not in stored:
            raise expected(describe(schema), value)
        return stored

    return encode


def _serializer(schema: Schema) -> SchemaSerializer:
    ready: CoreSchema = schema  # pyright: ignore[reportAssignmentType] -- pydantic made it
    return SchemaSerializer(ready)


def _written(serializer: SchemaSerializer, value: object) -> object:
    try:
        return serializer.to_python(value, mode="json", warnings="error")
    except (PydanticSerializationError, ValueError, TypeError, AttributeError):
        message = f"a {type(value).__name__} is not what the field holds: assign a value of the field's type"
        raise InvalidValue(message) from None


def _opaque(compiler: Compiler, schema: Schema, form: Form) -> Node:
    """Compile a type known only by the user's validator: stored by what its serializer gives, or as it is."""
    form.refuse(schema)
    if "serialization" not in schema:
        return Node("any", frozenset(), encode_natural, _then(compiler, schema), nullable=True, python=(object,))
    serializer = _serializer(schema)
    read = _then(compiler, schema)
    return Node("opaque", frozenset(), lambda v: encode_natural(_written(serializer, v)), read, python=(object,))


def _then(compiler: Compiler, schema: Schema) -> CoreSchema:
    return core_schema.chain_schema([NATURAL, compiler.original(leaf(schema))])


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
    "literal": _literal,
    "enum": _enum,
    "url": _url,
    "multi-host-url": _url,
    "lax-or-strict": _as_pydantic_writes,
    "json-or-python": _as_pydantic_writes,
    "complex": _as_pydantic_writes,
    "function-plain": _opaque,
}
