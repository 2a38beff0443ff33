"""Leaf types that pydantic itself writes as text or a number: paths, addresses, URLs, secrets, opaque types."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Secret
from pydantic_core import CoreSchema, PydanticSerializationError, SchemaSerializer, core_schema

from dynamorm_py._codec.compiling import PLAIN, Compiler, TypeCompiler, TypeOptions, describe
from dynamorm_py._codec.node import Encode, Node, UnsupportedType, expected, through_python
from dynamorm_py._codec.read_schemas import UNTYPED, leaf
from dynamorm_py._codec.roundtrip import checked
from dynamorm_py._codec.scalars import ANY
from dynamorm_py._codec.serializers import is_foreign, own_serializer
from dynamorm_py._codec.untyped import decode_untyped, encode_scalar, encode_untyped
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_TAGS = {"bytes": "B", "int": "N", "float": "N", "decimal": "N", "bool": "BOOL"}
_JSON_SCALARS = {*_TAGS, "str", "url", "uuid", "date", "time", "datetime", "timedelta"}
_REPAIR = "the JSON of its type does not hold the whole value: give the field Attribute(converter=)"


def _as_pydantic_writes(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile a leaf type of pydantic (a path, an address, a URL, a secret) by its JSON form."""
    if schema.get("json_schema", {}).get("type") == "list":
        return _abstract_sequence(compiler, schema, options)
    options.refuse(schema)
    if _holds_a_secret(schema):
        return _secret(compiler, schema, options)
    inner = _json_branch(schema)
    if inner is not None and inner["type"] == "datetime" and options.datetimes != PLAIN.datetimes:
        return replace(through_python(compiler.node(inner, options), compiler.python(leaf(schema))), python=())
    if inner is None and schema["type"] != "complex":
        message = f"{describe(schema)} has no DynamoDB form: use a list or dict, or give the field a converter="
        raise UnsupportedType(message)
    tag = "S" if inner is None else _TAGS.get(inner["type"], "S")
    read: Any = compiler.original(leaf(schema))
    if tag == "N":
        number = core_schema.no_info_plain_validator_function(lambda text: decode_untyped({"N": text}))
        read = core_schema.chain_schema([number, read])
    if schema.get("json_schema", {}).get("type") == "str":  # the text alone is not a value of the type: Python's branch
        read = core_schema.chain_schema([core_schema.str_schema(), compiler.python(leaf(schema))])
    held = encode_scalar if inner is None else compiler.node(inner).encode
    encoders = [_pydantic_encoder(writing, tag, held) for writing in _writing(schema, leaf(schema))]
    node = Node.of_one_tag(schema["type"], tag, encoders[0], read)
    return replace(node, encode=_first_read_back(compiler, encoders, node.read))


def _holds_a_secret(schema: Schema) -> bool:
    """Return whether this is `Secret[T]` of a type that pydantic writes to JSON as something else."""
    function = schema.get("serialization", {}).get("function")
    of_pydantic = getattr(function, "__module__", "") == "pydantic.types" and "secret" in getattr(
        function, "__name__", ""
    )
    inner = schema.get("json_schema", {}).get("schema", {})
    return of_pydantic and inner.get("type", "str") not in {*_TAGS, "str"}


def _secret(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile `Secret[T]` as its T."""
    inner = compiler.node(schema["json_schema"]["schema"], replace(options, absent_is_none=False, bare=False))

    def encode(value: object) -> AttributeValue:
        if not hasattr(value, "get_secret_value"):
            raise expected("Secret", value)
        return inner.encode(cast("Secret[object]", value).get_secret_value())

    secret = compiler.python(leaf(schema))
    held = inner.inner and core_schema.chain_schema([inner.inner, secret])
    read = core_schema.chain_schema([inner.read, secret])
    return replace(inner.with_read(read), encode=encode, python=(Secret, *inner.python), tag=inner.tag, inner=held)


def _abstract_sequence(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile `Sequence[T]`: stored as a list and read as one, so a list is what it takes."""
    node = compiler.node(schema["json_schema"], options)
    inner = node.encode

    def encode(value: object) -> AttributeValue:
        if type(value) is not list:
            message = f"{kind_of(value)} in a Sequence would read back as a list: annotate the field with its type"
            raise InvalidValue(message)
        return inner(value)

    return replace(node, encode=encode)


def _url(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile a URL: pydantic's classes wrap the core one, and all give their text."""
    options.refuse(schema)
    return Node.of_one_tag("url", "S", _encode_url, leaf(schema))


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
    return schema if schema["type"] in _JSON_SCALARS else None


def _writing(schema: Schema, typed: Schema) -> list[Schema]:
    """Return the schemas to write a value with: the type's serializer, then what pydantic knows of the value alone.

    The serializer of the schema may be one for payloads that was put around the type's own, which is then lost.
    """
    serialization = schema.get("serialization")
    if serialization is None or schema["type"] == "complex":
        return [typed]
    held = typed | {"serialization": serialization}
    own = own_serializer(schema)
    if own is not None:
        return [typed | ({"serialization": own} if own else {}), held]
    return [held, dict(core_schema.any_schema())] if is_foreign(serialization) else [held]


def _first_read_back(compiler: Compiler, encoders: list[Encode], read: CoreSchema) -> Encode:
    """Write with the first encoder whose text is read back as the value; refuse with the words of the first."""
    first, *others = (checked(encode, compiler.closed, read, _REPAIR) for encode in encoders)

    def encode(value: object) -> AttributeValue:
        try:
            return first(value)
        except InvalidValue as error:
            refusal = error
        for other in others:
            with suppress(InvalidValue):
                return other(value)
        raise refusal

    return encode if others else first


def _pydantic_encoder(schema: Schema, tag: str, encode_held: Encode) -> Encode:
    """Write what the serializer of a schema gives; `encode_held` writes what a secret holds."""
    serializer = _serializer(schema)

    def encode(value: Any) -> AttributeValue:  # noqa: ANN401 -- a value of pydantic's leaf type
        reveal = getattr(value, "get_secret_value", None)
        stored = _scalar_of(serializer, value, tag) if reveal is None else encode_held(reveal())
        if tag not in stored:
            (got,) = stored
            message = f"a {type(value).__name__} is written as {got} and read from {tag}: give it a converter="
            raise InvalidValue(message)
        return stored

    return encode


def _scalar_of(serializer: SchemaSerializer, value: object, tag: str) -> AttributeValue:
    written = _written(serializer, value, "python" if tag == "B" else "json")
    if tag == "N" and isinstance(written, str):  # which is how pydantic writes a Decimal
        written = _number(written)
    return encode_scalar(written)


def _serializer(schema: Schema) -> SchemaSerializer:
    ready: CoreSchema = schema  # pyright: ignore[reportAssignmentType] -- pydantic made it
    return SchemaSerializer(ready)


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _written(serializer: SchemaSerializer, value: object, mode: Literal["json", "python"] = "json") -> object:
    with suppress(PydanticSerializationError, ValueError, TypeError, AttributeError):
        return serializer.to_python(value, mode=mode, warnings="error")
    message = f"{kind_of(value)} is not what the field holds: assign a value of the field's type"
    raise InvalidValue(message)  # outside of a handler: pydantic's error quotes the value


def _opaque(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile a type known only by the user's validator: stored by what its serializer gives, or as it is."""
    if "schema" in schema.get("serialization", {}):  # pydantic's knowledge of the annotated type
        node = compiler.node(schema["serialization"]["schema"], replace(options, bare=True))
        return node if options.bare else through_python(node, compiler.python(leaf(schema)))
    options.refuse(schema)
    if "serialization" not in schema:
        return replace(ANY, read=_then(compiler, schema))
    read = _then(compiler, schema)
    encoders = [_untyped_encoder(_serializer(writing)) for writing in _writing(schema, schema)]
    encode = _first_read_back(compiler, encoders, read)
    return Node(name="opaque", encode=encode, read=read, python=(object,))


def _untyped_encoder(serializer: SchemaSerializer) -> Encode:
    return lambda value: encode_untyped(_written(serializer, value))


def _then(compiler: Compiler, schema: Schema) -> CoreSchema:
    return core_schema.chain_schema([UNTYPED, compiler.original(leaf(schema))])


COMPILERS: dict[str, TypeCompiler] = {
    "url": _url,
    "multi-host-url": _url,
    "lax-or-strict": _as_pydantic_writes,
    "json-or-python": _as_pydantic_writes,
    "complex": _as_pydantic_writes,
    "function-plain": _opaque,
}
