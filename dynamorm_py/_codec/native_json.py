"""`AsJson(form="native")`: a field's JSON stored in DynamoDB's own types, `M`, `L`, `N` or `BOOL`.

What is stored is the very value that the text form writes, so both read back the same; the text form is read
too. A text by itself has no native form: DMS stores `json` of type `S` as the text of its JSON.
Source: DMS 0.2, json attributes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from dynamorm_py._codec.as_json import json_node
from dynamorm_py._codec.node import UnsupportedType
from dynamorm_py._codec.untyped import encode_untyped

if TYPE_CHECKING:
    from dynamorm_py._codec.node import Compiler, Node, Schema
    from dynamorm_py._kernel.types import AttributeValue

_TAGS = {
    **dict.fromkeys(("dict", "ordered-dict", "frozen-dict", "model", "dataclass", "typed-dict"), "M"),
    **dict.fromkeys(("list", "tuple", "set", "frozenset", "deque"), "L"),
    **dict.fromkeys(("int", "float"), "N"),
    "bool": "BOOL",
    "none": "NULL",
}
_STRUCTURED = frozenset({"M", "L"})
_REPAIR = 'AsJson(form="native") is for maps, models, lists, numbers and booleans: annotate one of these, or drop form='


def native_json_node(compiler: Compiler, schema: Schema) -> Node:
    """Compile a field that is stored as the DynamoDB form of its JSON. Raises UnsupportedType for a text."""
    text = json_node(compiler, schema)
    tag = _tag(compiler, schema)
    if tag is None:
        raise UnsupportedType(_REPAIR)
    write_text = text.encode

    def encode(value: object) -> AttributeValue:
        stored = write_text(value)
        return encode_untyped(json.loads(stored["S"], parse_float=Decimal)) if "S" in stored else stored

    return replace(text, encode=encode, types=(text.types & {"NULL"}) | {tag})


def _tag(compiler: Compiler, schema: Schema) -> str | None:
    """Return the one type that the JSON of a type has at its root, None for a text or several."""
    kind = schema["type"]
    if kind == "definition-ref":
        types = compiler.node(schema).types
        return next(iter(types)) if len(types) == 1 and types <= _STRUCTURED else None
    if kind in _TAGS:
        return _TAGS[kind]
    inner = schema.get("schema")
    return _tag(compiler, inner) if isinstance(inner, dict) and kind not in {"json", "lax-or-strict"} else None  # pyright: ignore[reportUnknownArgumentType] -- a core schema
