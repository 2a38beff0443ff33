"""Cursors: where a read goes on, as one text that all languages of the contract share (CONTRACT 5).

A cursor is base64url of compact JSON, byte for byte Go's. A signed one has an HMAC behind a dot and
is this library's own. Whether a cursor belongs to a query is the reader's check, not this module's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, NoReturn, cast

from dynamorm_py._kernel.attribute_values import fold, with_binaries
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._kernel.types import AttributeValue, Item

_MAX_CHARACTERS = 131_072  # keys of table and index, each character escaped, stay below; a longer text is not a cursor
_MAX_DEPTH = 32  # nesting of lists and maps: Developer Guide, "Service, account, and table quotas"
_GO_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})  # as Go's encoding/json writes them


@public()
@frozen
class Cursor:
    """What a cursor says: the key of the last item read, and the index and direction it was read in."""

    last_key: Item
    index: str | None = None
    sort: str | None = None


def encode_cursor(last_key: Mapping[str, AttributeValue], index: str | None = None, sort: str | None = None) -> str:
    """Return the cursor after a key in DynamoDB's form, as LastEvaluatedKey gives it; "" after none.

    `index` is the index that is read, `sort` "ASC" or "DESC". Raises InvalidCursor for what is not a key.
    """
    if not last_key:
        return ""
    try:
        written = _writable(last_key)
        _readable(written)  # what could not be read again is not a key
        parts: dict[str, object] = {"lastKey": written}
        parts |= {name: value for name, value in (("index", index), ("sort", sort)) if value}
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).translate(_GO_ESCAPES)
        return base64.urlsafe_b64encode(text.encode()).decode()
    except (InvalidCursor, AttributeError, TypeError, ValueError, RecursionError):
        raise InvalidCursor(
            "a cursor is made of a key in DynamoDB's form: pass LastEvaluatedKey as boto3's client gives it"
        ) from None


def decode_cursor(token: str) -> Cursor:
    """Return what a cursor of any of the languages says; an empty one has no key.

    Spaces around it, missing padding and either base64 alphabet are accepted. Raises InvalidCursor.
    """
    token = _stripped(token)
    if not token:
        return Cursor({})
    parts = _parsed(token)
    last_key = parts.get("lastKey")
    if not isinstance(last_key, dict):
        _refuse("it holds no key")
    return Cursor(_readable(cast("dict[str, Any]", last_key)), _text(parts, "index"), _text(parts, "sort"))


def sign(token: str, secret: bytes, context: str) -> str:
    """Return the cursor with a signature that binds it to a context."""
    return f"{token}.{_signature(token, secret, context)}" if token else ""


def verify(token: str, secret: bytes, context: str) -> str:
    """Return the cursor without its signature. Raises InvalidCursor when it was altered or is another context's."""
    token = _stripped(token)
    if not token:
        return ""
    if not token.isascii():
        _refuse("it is not base64url with a signature")
    payload, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(payload, secret, context).encode()):
        _refuse("its signature is not of this query: it was altered, unsigned, or made for another query")
    return payload


def _signature(token: str, secret: bytes, context: str) -> str:
    digest = hmac.new(secret, f"{context}\n{token}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _refuse(reason: str) -> NoReturn:
    raise InvalidCursor(f"the cursor cannot be used: {reason}; start again without a cursor")


def _stripped(token: object) -> str:
    if not isinstance(token, str):
        _refuse(f"it is {kind_of(token)}, not the str of `page.cursor`")
    if len(token) > _MAX_CHARACTERS:
        _refuse(f"it has {len(token)} characters, more than any key needs")
    return token.strip()


def _parsed(token: str) -> dict[str, object]:
    alphabet = token.translate(str.maketrans("+/", "-_")).rstrip("=")
    try:
        raw = base64.b64decode(alphabet + "=" * (-len(alphabet) % 4), altchars=b"-_", validate=True)
        parsed: object = json.loads(raw.decode())
        json.dumps(parsed, ensure_ascii=False).encode()  # an escaped half of a surrogate pair is not text
    except (binascii.Error, ValueError, RecursionError):
        _refuse("it is not base64url of JSON")
    if not isinstance(parsed, dict):
        _refuse("it is not a JSON object")
    return cast("dict[str, object]", parsed)


def _text(parts: Mapping[str, object], name: str) -> str | None:
    value = parts.get(name)
    if value is not None and not isinstance(value, str):
        _refuse(f"its {name} is not a text")
    return value or None


# --- attribute values: binary is base64 inside, bytes outside ------------------------------------


def _writable(values: Mapping[str, AttributeValue]) -> dict[str, object]:
    return {name: _sorted(with_binaries(values[name], _base64)) for name in sorted(values)}


def _sorted(value: AttributeValue) -> AttributeValue:
    """Return a value whose maps are sorted by their keys."""
    return fold(
        value,
        lambda tag, payload: {tag: payload},
        lambda parts: {"L": parts},
        lambda parts: {"M": dict(sorted(parts.items()))},
    )


def _base64(payload: bytes | str) -> str:
    return payload if isinstance(payload, str) else base64.b64encode(payload).decode()


def _readable(values: Mapping[str, Any], depth: int = 0) -> Item:
    if depth > _MAX_DEPTH:
        _refuse("its key is nested too deep")
    return {name: _read(value, depth) for name, value in values.items()}


def _read(value: object, depth: int) -> AttributeValue:
    if not isinstance(value, dict) or len(cast("dict[str, object]", value)) != 1:
        _refuse("its key has a part that is not an attribute value")
    ((tag, payload),) = cast("dict[str, Any]", value).items()
    read = _READERS.get(tag)
    if read is None:
        _refuse("its key has a part of no DynamoDB type")
    return {tag: read(payload, depth)}


def _of(kind: type) -> Callable[[Any, int], object]:
    def read(payload: object, _: int) -> object:
        if not isinstance(payload, kind):
            _refuse("its key has a part of the wrong type")
        return payload

    return read


def _read_bytes(payload: object, _: int) -> bytes:
    if not isinstance(payload, str):
        _refuse("its key has binary that is not base64")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError:
        _refuse("its key has binary that is not base64")


def _list_of(read: Callable[[Any, int], object]) -> Callable[[Any, int], object]:
    def read_list(payload: object, depth: int) -> object:
        if not isinstance(payload, list):
            _refuse("its key has a part of the wrong type")
        return [read(part, depth + 1) for part in cast("list[object]", payload)]

    return read_list


def _read_map(payload: object, depth: int) -> Item:
    if not isinstance(payload, dict):
        _refuse("its key has a part of the wrong type")
    return _readable(cast("dict[str, Any]", payload), depth + 1)


_READERS: dict[str, Callable[[Any, int], object]] = {
    "S": _of(str),
    "N": _of(str),
    "B": _read_bytes,
    "BOOL": _of(bool),
    "NULL": _of(bool),
    "SS": _list_of(_of(str)),
    "NS": _list_of(_of(str)),
    "BS": _list_of(_read_bytes),
    "L": _list_of(lambda part, depth: _readable({"": part}, depth)[""]),
    "M": _read_map,
}
