"""Untyped values: what Python objects are stored as under `Any`, and what they read back as.

Only values that come back equal and of the same type are taken (CONTRACT 3, "Under `Any`"), and integral
Decimals, which come back as the equal int; others are refused with the repair, since nothing would tell
the reader what they were.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec.numbers import decimal_text, float_text, int_text, untyped_number
from dynamorm_py._kernel.attribute_values import fold
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._kernel.types import AttributeValue

_STANDARD_ALPHABET = str.maketrans("-_", "+/")  # pydantic-core writes base64 in the URL-safe one
_DEPTH = 32  # nesting of lists and maps: Developer Guide, "Service, account, and table quotas"


def check_text(value: str) -> str:
    """Return a str that UTF-8 can hold. Raises InvalidValue for a lone surrogate."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # which holds the text: refused outside of its handler
        pass
    else:
        return value
    message = "the text has a lone surrogate, which UTF-8 cannot hold: clean it before it is stored"
    raise InvalidValue(message)


def encode_untyped(value: object, depth: int = 0) -> AttributeValue:
    """Encode an untyped value. Raises InvalidValue for one that would not read back as itself."""
    encode = _ENCODERS.get(type(value))
    if encode is None:
        raise InvalidValue(_no_form(value))
    if depth > _DEPTH:
        message = f"it is nested deeper than DynamoDB's {_DEPTH} levels: flatten it, or store it AsJson()"
        raise InvalidValue(message)
    return encode(value, depth)


def encode_scalar(value: object) -> AttributeValue:
    """Encode the plain value of an enumeration's member or of a leaf type; a float's text is its own."""
    if isinstance(value, str):
        return encode_untyped(str.__str__(value))
    if isinstance(value, float):
        return {"N": float_text(value)}
    return encode_untyped(int(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _no_form(value: object) -> str:
    name = type(value).__name__
    if isinstance(value, float):
        return "a float reads back as Decimal here: use Decimal, annotate the field as float, or store it AsJson()"
    return f"a {name} would not read back as {name} here: annotate the field with its type, or give it a converter="


def _encode_list(value: list[object], depth: int) -> AttributeValue:
    return {"L": [_at(f"[{i}]", element, depth) for i, element in enumerate(value)]}


def _encode_dict(value: dict[object, object], depth: int) -> AttributeValue:
    return {"M": {check_key(key): _at(str(key), element, depth) for key, element in value.items()}}


def _at(step: str, value: object, depth: int) -> AttributeValue:
    try:
        return encode_untyped(value, depth + 1)
    except InvalidValue as error:
        raise error.at(step) from error.__cause__


def check_key(key: object) -> str:
    """Return a map's key. Raises InvalidValue for one that is not a str, or empty."""
    if not isinstance(key, str):
        message = f"a map's keys are str, not {type(key).__name__}: convert the keys"
        raise InvalidValue(message)
    if not key:
        message = "a map's key cannot be empty: name it"
        raise InvalidValue(message)
    return check_text(key)


def _encode_set(value: set[object] | frozenset[object], _depth: int) -> AttributeValue:
    if not value:
        message = "an empty set would read back as None here: annotate the field as a set, or leave it out"
        raise InvalidValue(message)
    return set_value([encode_untyped(element) for element in value])


def set_value(elements: list[AttributeValue]) -> AttributeValue:
    """Build a set from its encoded elements: sorted, no duplicates. Empty gives NULL."""
    if not elements:
        return {"NULL": True}
    tags = {tag for element in elements for tag in element}
    if len(tags) > 1 or not tags <= {"S", "N", "B"}:
        message = "a set holds strings, numbers or bytes, all of one kind: store a list instead"
        raise InvalidValue(message)
    tag = tags.pop()
    texts = [element[tag] for element in elements]
    if tag == "N":
        return {"NS": [text for _, text in sorted({Decimal(text): text for text in texts}.items())]}
    return {tag + "S": sorted(set(texts))}


_ENCODERS: dict[type, Callable[[Any, int], AttributeValue]] = {
    str: lambda v, _: {"S": check_text(v)},
    bool: lambda v, _: {"BOOL": v},
    int: lambda v, _: {"N": int_text(v)},
    Decimal: lambda v, _: {"N": decimal_text(v)},
    bytes: lambda v, _: {"B": v},
    type(None): lambda _v, _: {"NULL": True},
    list: _encode_list,
    dict: _encode_dict,
    set: _encode_set,
}


def decode_untyped(value: Mapping[str, Any]) -> object:
    """Decode an untyped attribute value; binary may be bytes or base64 text. Raises ValueError."""
    try:
        return fold(value, _decoded_leaf, _as_is, _as_is)
    except (KeyError, TypeError, AttributeError):
        message = "not an attribute value"
        raise ValueError(message) from None


def _decoded_leaf(tag: str, payload: object) -> object:
    return _DECODERS[tag](payload)


def _as_is(parts: object) -> object:
    return parts


def binary(payload: object) -> bytes:
    """Return bytes from either form that clients give: bytes, or base64 text in JSON, in either alphabet."""
    if isinstance(payload, str):
        return base64.b64decode(payload.translate(_STANDARD_ALPHABET), validate=True)
    return bytes(cast("bytes", payload))


_DECODERS: dict[str, Callable[[Any], object]] = {
    "S": lambda p: p,
    "N": untyped_number,
    "B": binary,
    "BOOL": lambda p: p,
    "NULL": lambda _: None,
    "SS": set[str],
    "NS": lambda p: {untyped_number(text) for text in p},
    "BS": lambda p: {binary(part) for part in p},
}
