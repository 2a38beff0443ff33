"""Forms that other writers of the contract leave in a table, brought into ours before reading (CONTRACT 3).

The fast path reads our own form only. When it fails, the item passes through here once: a NULL where
a default stands, a list where a set or binary is declared, a map where JSON is, numbers with an exponent.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec.times import from_seconds, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec.node import FieldNode, Node
    from dynamorm_py._types import AttributeValue, Item

_NUMBERS = frozenset({"int", "float", "decimal", "choice", "literal", "enum", "union"})


def canonical_fields(fields: Mapping[str, FieldNode], item: Mapping[str, AttributeValue]) -> Item:
    """Return the item in our form: attributes that only say "nothing" are left out."""
    by_attribute = {field.attribute: field.node for field in fields.values()}
    out: Item = {}
    for name, value in item.items():
        node = by_attribute.get(name)
        if node is None:
            out[name] = value
        elif "NULL" in value and not node.nullable and node.kind != "set":
            continue
        else:
            out[name] = canonical(node, value)
    return out


def canonical(node: Node, value: AttributeValue) -> AttributeValue:
    """Return one value in the form that its type is read from."""
    ((tag, payload),) = value.items()
    if node.kind == "json" and tag not in {"S", "NULL"}:
        return {"S": _json_of(value)}
    if tag == "N":
        return _number(node, value)
    if tag == "L":
        return _list(node, payload)
    if tag == "M":
        return {"M": _map(node, payload)}
    if tag == "NS" and node.kind == "set":
        return {"NS": [_plain_digits(text) for text in payload]}
    return value


def _number(node: Node, value: AttributeValue) -> AttributeValue:
    if node.kind == "datetime" and node.tag == "S":  # a lifecycle field of a writer that keeps seconds
        return _text_of_seconds(value)
    return {"N": _plain_digits(value["N"])} if node.kind in _NUMBERS else value


def _text_of_seconds(value: AttributeValue) -> AttributeValue:
    try:
        return trimmed(from_seconds(int(value["N"])))
    except ValueError:
        return value


def _plain_digits(text: str) -> str:
    """Return a number without exponent and trailing zeros."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _list(node: Node, payload: list[AttributeValue]) -> AttributeValue:
    if node.kind == "set" and node.tag is not None:
        return _set_of(node.tag, payload)
    if node.kind == "bytes":
        return _bytes_of(payload)
    element = node.element
    return {"L": payload if element is None else [canonical(element, part) for part in payload]}


def _set_of(tag: str, payload: list[AttributeValue]) -> AttributeValue:
    """Turn a list into the set it stands for; one with other elements stays, to be refused."""
    if not payload:
        return {"NULL": True}
    if any(tag[0] not in part for part in payload):
        return {"L": payload}
    return {tag: list(dict.fromkeys(part[tag[0]] for part in payload))}


def _bytes_of(payload: list[AttributeValue]) -> AttributeValue:
    """Turn a list of byte values into binary."""
    try:
        raw = bytes(int(part["N"]) for part in payload)
    except (KeyError, ValueError):
        return {"L": payload}
    return {"B": base64.b64encode(raw).decode()}


def _map(node: Node, payload: dict[str, AttributeValue]) -> Item:
    if node.fields:
        return canonical_fields(node.fields, payload)
    members = [member for member in node.members if member.fields]
    if len(members) == 1:
        return canonical_fields(members[0].fields, payload)
    element = node.element
    return payload if element is None else {key: canonical(element, part) for key, part in payload.items()}


def _json_of(value: AttributeValue) -> str:
    """Write an attribute value as the JSON it stands for, its numbers digit for digit."""
    ((tag, payload),) = value.items()
    if tag == "N":
        return str(payload)
    if tag == "L":
        return "[" + ",".join(map(_json_of, payload)) + "]"
    if tag == "M":
        return "{" + ",".join(f"{json.dumps(key)}:{_json_of(part)}" for key, part in payload.items()) + "}"
    if tag in {"NS", "SS", "BS"}:
        return "[" + ",".join(_json_of({tag[0]: part}) for part in payload) + "]"
    plain: Any = None if tag == "NULL" else payload
    return json.dumps(plain)
