"""Canonical JSON text: compact, keys sorted by code point at every level, raw UTF-8, numbers as JavaScript writes them.

Source: CONTRACT 2. Knows no types of fields.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import cast

from dynamorm_py.errors import InvalidValue

_EXPONENT_FROM = 21  # JavaScript's Number::toString writes an exponent from 1e21 on
_EXPONENT_BELOW = -7  # and below 1e-6


def json_text(value: object) -> str:  # noqa: PLR0911 -- one for each kind of JSON value
    """Write canonical JSON. Raises InvalidValue for what JSON cannot hold, with the path."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=any("\ud800" <= c <= "\udfff" for c in value))
        case int():
            return int.__repr__(value)
        case float():
            return _float_text(value)
        case list() | tuple():
            items = cast("list[object]", value)
            return "[" + ",".join(_at(f"[{i}]", item) for i, item in enumerate(items)) + "]"
        case dict():
            return _object_text(cast("dict[object, object]", value))
        case _:
            name = type(value).__name__
            message = f"a {name} has no JSON form here: annotate it with its type, or convert it"
            raise InvalidValue(message)


def _object_text(value: dict[object, object]) -> str:
    if not all(isinstance(key, str) for key in value):
        message = "a JSON object's keys are str: convert the keys"
        raise InvalidValue(message)
    entries = sorted(cast("dict[str, object]", value).items())
    return "{" + ",".join(f"{json_text(key)}:{_at(key, item)}" for key, item in entries) + "}"


def _at(step: str, value: object) -> str:
    try:
        return json_text(value)
    except InvalidValue as error:
        raise error.at(step) from error.__cause__


def _float_text(value: float) -> str:
    """Write a float as JavaScript does: plain digits up to 1e21, `1e-7` below a millionth."""
    if not math.isfinite(value):
        message = f"{value} has no JSON form: store None instead"
        raise InvalidValue(message)
    if not value:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()  # no arithmetic: that rounds by the caller's context
    text = "".join(map(str, digits)).rstrip("0")
    adjusted = len(digits) + int(exponent) - 1
    if _EXPONENT_BELOW < adjusted < _EXPONENT_FROM:
        return "-" * sign + _plain(text, adjusted)
    fraction = f".{text[1:]}" if len(text) > 1 else ""
    return f"{'-' * sign}{text[0]}{fraction}e{adjusted:+d}"


def _plain(digits: str, adjusted: int) -> str:
    """Write digits whose first stands for ten to the power of `adjusted`."""
    if adjusted < 0:
        return "0." + "0" * (-adjusted - 1) + digits
    whole = digits[: adjusted + 1].ljust(adjusted + 1, "0")
    return f"{whole}.{digits[adjusted + 1 :]}".rstrip(".")
