"""The `AsJson` form: canonical JSON text, and the schemas that write and read it.

The text is canonical (CONTRACT 2). Keys are field names; aliases belong to payloads.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic_core import (
    CoreSchema,
    PydanticSerializationError,
    SchemaSerializer,
    core_schema,
)

from dynamorm_py._codec.annotations import refuse_markers
from dynamorm_py._codec.json_text import json_text
from dynamorm_py._codec.node import Node
from dynamorm_py._codec.normalize import json_of
from dynamorm_py._codec.read_schemas import WIRE_CONFIG, first_of, tagged
from dynamorm_py._codec.roundtrip import checked
from dynamorm_py._codec.schemas import Schema, walk
from dynamorm_py._codec.wrappers import optional
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue
from dynamorm_py.markers import AsBinary, AsJson, AsSet, Attribute, Encrypted, NotStored, OmitEmpty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._codec.compiling import Compiler
    from dynamorm_py._kernel.types import AttributeValue

_REPAIR = "its JSON reads back as another value: annotate the field with the type of its JSON, or drop AsJson()"
_AMBIGUOUS = frozenset(
    {"union", "any", "json", "json-or-python", "lax-or-strict", "complex", "definition-ref", "function-plain"}
)
_EMPTY = frozenset({'""', "0", "-0", "false", "[]", "{}", "null"})
_DEPTH = 190  # pydantic-core parses JSON of less than 200 levels


class JsonNode(Node):
    """One string of JSON; the newer sisters store JSON natively."""

    __slots__ = ()

    has_paths: ClassVar[bool] = False
    is_key_text: ClassVar[bool] = False

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the text of what is stored natively."""
        return value if value.keys() & {"S", "NULL"} else {"S": json_of(value)}

    def mismatch(self, value: AttributeValue, path: str) -> Iterator[tuple[str, str]]:
        """Yield a NULL that is not expected: all else is read as the JSON that it stands for."""
        if "NULL" in value and not self.nullable:
            yield path, "it is stored as NULL, the field as S"

    def is_empty(self, stored: AttributeValue) -> bool:
        """Return whether the text is that of an empty value."""
        return "NULL" in stored or stored["S"] in _EMPTY


def json_node(compiler: Compiler, schema: Schema, native: Node | None = None) -> Node:
    """Compile a field that is stored as one string of JSON, or natively; both forms are read."""
    if native is not None:
        return _native(compiler, schema, native)
    refuse_markers(compiler, schema, _STORAGE, "has no meaning inside JSON: drop it, or drop AsJson()")
    inner = schema["schema"] if schema["type"] == "nullable" else schema
    plain = compiler.plain(inner)
    serializer: list[SchemaSerializer] = []

    def encode(value: object) -> AttributeValue:
        if not serializer:
            serializer.append(SchemaSerializer(compiler.closed(plain), WIRE_CONFIG, _use_prebuilt=False))
        plain_value = _plain_value(serializer[0], value)
        _check_depth(plain_value)
        return {"S": json_text(plain_value)}

    or_none = compiler.plain(schema)  # we write None as NULL, but the text "null" is one too
    read = first_of(core_schema.json_schema(or_none), _lenient(or_none))
    node = JsonNode.of_one_tag("json", "S", encode, read, direct=True)
    if _ambiguous(inner):
        node = replace(node, encode=checked(encode, compiler.closed, node.read, _REPAIR))
    return optional(node) if inner is not schema or inner["type"] in {"any", "none"} else node


def _native(compiler: Compiler, schema: Schema, native: Node) -> Node:
    """Return the node that also reads JSON text, where no text of the type's own can stand."""
    if not native.types or "S" in native.types:
        return native
    text = tagged("S", core_schema.json_schema(compiler.plain(schema)))
    return native.with_read(first_of(native.read, text))


_STORAGE = (Encrypted, NotStored, OmitEmpty, Attribute, AsJson, AsBinary, AsSet)


def _check_depth(value: object, limit: int = _DEPTH) -> None:
    """Raise InvalidValue for what is nested so deep that JSON parsers refuse it."""
    if not limit:
        message = f"it is nested deeper than {_DEPTH} levels, which JSON parsers refuse: flatten it"
        raise InvalidValue(message)
    if isinstance(value, dict):
        for each in cast("dict[object, object]", value).values():
            _check_depth(each, limit - 1)
    elif isinstance(value, list | tuple):
        for each in cast("list[object]", value):
            _check_depth(each, limit - 1)


def _plain_value(serializer: SchemaSerializer, value: object) -> object:
    with suppress(PydanticSerializationError, ValueError, TypeError, AttributeError, RecursionError):
        return serializer.to_python(value, mode="json", by_alias=False, warnings="error")
    message = f"{kind_of(value)} is not what the field holds: assign a value of the field's type"
    raise InvalidValue(message)  # outside of a handler: pydantic's error quotes the value


def _lenient(plain: CoreSchema) -> CoreSchema:
    """Read texts that are valid for a sister's parser only: a lone surrogate, NaN."""

    def parse(text: object) -> object:
        if not isinstance(text, str):
            message = "expected JSON text"
            raise ValueError(message)  # noqa: TRY004 -- pydantic turns a ValueError into its own error
        try:
            return json.loads(text)
        except RecursionError:
            pass
        message = "nested too deep"
        raise ValueError(message)

    return core_schema.chain_schema([core_schema.no_info_plain_validator_function(parse), plain])


def _ambiguous(schema: Schema) -> bool:
    """Return whether a type, or one within it, has values that JSON does not tell apart."""
    return any(map(_is_ambiguous, walk(schema)))


def _is_ambiguous(schema: Schema) -> bool:
    kind = schema.get("type")
    if kind in {"literal", "enum"}:
        values = schema["expected"] if kind == "literal" else [member.value for member in schema["members"]]
        return not all(value is None or type(value) in {str, int, bool} for value in values)
    if "allow" in {schema.get("extra_behavior"), schema.get("config", {}).get("extra_fields_behavior")}:
        return True
    if kind in {"dict", "ordered-dict", "frozen-dict"} and schema.get("keys_schema", {}).get("type", "str") != "str":
        return True
    return kind in _AMBIGUOUS
