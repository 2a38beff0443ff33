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

from dynamorm_py._codec.untyped import binary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py._codec.node import FieldNode
    from dynamorm_py._kernel.types import AttributeValue, Item

_DIGITS_OF_RANGE = 200  # more than the exponents of DynamoDB's numbers, which reach from -130 to 125


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


def canonical_fields(fields: Iterable[FieldNode], item: Mapping[str, AttributeValue]) -> Item:
    """Return the item in our form: attributes that only say "nothing" are left out."""
    by_attribute = {field.attribute: field.node for field in fields}
    out: Item = {}
    for name, value in item.items():
        node = by_attribute.get(name)
        if node is None:
            out[name] = value
        elif "NULL" not in value or node.takes_null():
            out[name] = node.normalize(value)
    return out


def plain_number(value: AttributeValue) -> AttributeValue:
    """Return a number without exponent and trailing zeros; other text is returned unchanged."""
    return {"N": plain_digits(value["N"])} if "N" in value else value


def plain_digits(text: str) -> str:
    """Return a number without exponent and trailing zeros."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if number.is_finite() and not -_DIGITS_OF_RANGE < number.adjusted() < _DIGITS_OF_RANGE:
        return text  # no number of DynamoDB's, and plain digits would be as many as its exponent says
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def set_of(tag: str, payload: list[AttributeValue]) -> AttributeValue:
    """Turn a list into the set it stands for; one with other elements stays, to be refused."""
    if not payload:
        return {"NULL": True}
    if tag == "BS":  # Go writes each binary as a list of byte values
        payload = [bytes_of(part["L"]) if "L" in part else part for part in payload]
    if any(tag[0] not in part for part in payload):
        return {"L": payload}
    return {tag: list(dict.fromkeys(part[tag[0]] for part in payload))}


def bytes_of(payload: list[AttributeValue]) -> AttributeValue:
    """Turn a list of byte values into binary."""
    try:
        raw = bytes(int(part["N"]) for part in payload)
    except (KeyError, ValueError):
        return {"L": payload}
    return {"B": base64.b64encode(raw).decode()}


def json_of(value: AttributeValue) -> str:
    """Write an attribute value as the JSON it stands for, its numbers digit for digit."""
    ((tag, payload),) = value.items()
    if tag == "N":
        return str(payload)
    if tag == "L":
        return "[" + ",".join(map(json_of, payload)) + "]"
    if tag == "M":
        return "{" + ",".join(f"{json.dumps(key)}:{json_of(part)}" for key, part in payload.items()) + "}"
    if tag in {"NS", "SS", "BS"}:
        return "[" + ",".join(json_of({tag[0]: part}) for part in payload) + "]"
    if tag == "B":
        return json.dumps(base64.b64encode(binary(payload)).decode())
    plain: Any = None if tag == "NULL" else payload
    return json.dumps(plain)
