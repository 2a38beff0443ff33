"""What is encrypted: one attribute value as compact JSON, the same bytes in every language (CONTRACT 6).

`{"t": "S", "s": "…"}`: the wire type and its payload; maps sorted by code point, raw UTF-8. Reading
also takes what Go writes: escaped text, and no payload where it is empty. Nothing here knows keys.
"""

from __future__ import annotations

import base64
import binascii
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._kernel.attribute_values import fold
from dynamorm_py.errors import InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.types import AttributeValue

_BROKEN = "what it decrypts to is not an attribute value: it was written by something other than DynamORM"


def to_plaintext(value: AttributeValue) -> bytes:
    """Return the bytes to encrypt."""
    return json.dumps(_written(value), ensure_ascii=False, separators=(",", ":")).encode()


def from_plaintext(plaintext: bytes) -> AttributeValue:
    """Return the attribute value. Raises InvalidEncryptedEnvelope, without a word of the plaintext."""
    value: AttributeValue | None = None
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        value = _read(json.loads(plaintext.decode()))
    if value is None:  # raised here, not above, so that no exception that quotes the plaintext is its context
        raise InvalidEncryptedEnvelope(_BROKEN)
    return value


def _written(value: AttributeValue) -> dict[str, object]:
    return fold(
        value,
        lambda tag, payload: _tagged(tag, _WRITE[tag](payload)),
        lambda parts: _tagged("L", parts),
        lambda parts: _tagged("M", dict(sorted(parts.items()))),
    )


def _tagged(tag: str, payload: object) -> dict[str, object]:
    return {"t": tag, tag.lower(): payload}


def _text_of(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


_WRITE: dict[str, Callable[[Any], object]] = {
    "S": lambda p: p,
    "N": lambda p: p,
    "B": _text_of,
    "BOOL": lambda p: p,
    "NULL": lambda _: True,
    "SS": list[str],
    "NS": list[str],
    "BS": lambda p: [_text_of(part) for part in p],
}


def _read(value: object) -> AttributeValue:
    parts = _typed(value, dict)
    tag = _typed(parts["t"], str)
    payload = parts.get(tag.lower())
    return {tag: _READ[tag](_EMPTY[tag] if payload is None and tag in _EMPTY else payload)}


def _typed(value: object, kind: type[Any]) -> Any:  # noqa: ANN401 -- parsed JSON
    if type(value) is not kind:
        raise TypeError(kind)
    return value


def _text(payload: object) -> str:
    text: str = _typed(payload, str)
    text.encode()  # a lone surrogate is a ValueError
    return text


def _bytes(payload: object) -> bytes:
    return binascii.a2b_base64(_text(payload), strict_mode=True)


def _all(read: Callable[[object], object]) -> Callable[[object], list[object]]:
    return lambda payload: [read(part) for part in cast("list[object]", _typed(payload, list))]


_EMPTIES: tuple[tuple[str, object], ...] = (("S", ""), ("B", ""), ("BOOL", False), ("NULL", True), ("M", {}))
_EMPTY = dict([*_EMPTIES, *((tag, list[object]()) for tag in ("SS", "NS", "BS", "L"))])
_READ: dict[str, Callable[[Any], object]] = {
    "S": _text,
    "N": _text,
    "B": _bytes,
    "BOOL": lambda p: _typed(p, bool),
    "NULL": lambda p: _typed(p, bool),
    "SS": _all(_text),
    "NS": _all(_text),
    "BS": _all(_bytes),
    "L": _all(_read),
    "M": lambda p: {_text(key): _read(part) for key, part in _typed(p, dict).items()},
}
