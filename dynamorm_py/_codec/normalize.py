"""Forms that other writers of the contract leave in a table, brought into ours before reading (CONTRACT 3).

The fast path reads our own form only. When it fails, the item passes through here once: a NULL where
a default stands, a list where a set or binary is declared, a map where JSON is, numbers with an exponent.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec.times import from_seconds, trimmed
from dynamorm_py._codec.untyped import binary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py._codec.node import FieldNode, Node
    from dynamorm_py._kernel.types import AttributeValue, Item

_DIGITS_OF_RANGE = 200  # more than the exponents of DynamoDB's numbers, which reach from -130 to 125
_NUMBERS = frozenset({"datetime", "int", "float", "decimal", "choice", "literal", "enum", "union"})


def malformed(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every place that holds no attribute value: its path and what is wrong there."""
    if not isinstance(value, dict) or len(cast("Item", value)) != 1:
        yield path, 'not an attribute value, such as {"S": ...}'
        return
    tag, payload = next(iter(cast("dict[str, Any]", value).items()))
    if not isinstance(payload, _PAYLOADS.get(tag, ())):
        yield path, f"not a payload of {tag}" if tag in _PAYLOADS else "not one of DynamoDB's types"
    elif tag == "L":
        for i, part in enumerate(cast("list[object]", payload)):
            yield from malformed(part, f"{path}[{i}]")
    elif tag == "M":
        for name, part in cast("dict[str, object]", payload).items():
            yield from malformed(part, f"{path}.{name}" if path else name)
    elif tag in {"SS", "NS", "BS"}:
        for part in cast("list[object]", payload):
            yield from malformed({tag[0]: part}, path)
    elif tag == "B" and not _is_base64(cast("str", payload)):
        yield path, "not base64"


def _is_base64(text: str) -> bool:
    with suppress(ValueError):
        binary(text)
        return True
    return False


_PAYLOADS: dict[str, type] = {
    **dict.fromkeys(("S", "N", "B"), str),
    **dict.fromkeys(("BOOL", "NULL"), bool),
    **dict.fromkeys(("SS", "NS", "BS", "L"), list),
    "M": dict,
}


def canonical_fields(fields: Mapping[str, FieldNode], item: Mapping[str, AttributeValue]) -> Item:
    """Return the item in our form: attributes that only say "nothing" are left out."""
    by_attribute = {field.attribute: field.node for field in fields.values()}
    out: Item = {}
    for name, value in item.items():
        node = by_attribute.get(name)
        if node is None:
            out[name] = value
        elif "NULL" in value and not node.nullable and "NULL" not in node.types and node.kind != "set":
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
    if number.is_finite() and not -_DIGITS_OF_RANGE < number.adjusted() < _DIGITS_OF_RANGE:
        return text  # no number of DynamoDB's, and plain digits would be as many as its exponent says
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _list(node: Node, payload: list[AttributeValue]) -> AttributeValue:
    if node.kind == "set" and node.tag is not None:
        return _set_of(node.tag, payload)
    if node.kind == "bytes":
        return _bytes_of(payload)
    elements = (node.at(i) for i in range(len(payload)))
    return {"L": [part if e is None else canonical(e, part) for e, part in zip(elements, payload, strict=True)]}


def _set_of(tag: str, payload: list[AttributeValue]) -> AttributeValue:
    """Turn a list into the set it stands for; one with other elements stays, to be refused."""
    if not payload:
        return {"NULL": True}
    if tag == "BS":  # Go writes each binary as a list of byte values
        payload = [_bytes_of(part["L"]) if "L" in part else part for part in payload]
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
    if tag == "B":
        return json.dumps(base64.b64encode(binary(payload)).decode())
    plain: Any = None if tag == "NULL" else payload
    return json.dumps(plain)
