"""The cursors of a read: made after a key, and accepted only where a read can go on from it.

Source: CONTRACT 5; API Reference, Query and Scan, ExclusiveStartKey. `cursor_format` has their bytes.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from dynamorm_py._codec import encode_untyped
from dynamorm_py._operations.cursor_format import decode_cursor, encode_cursor, sign, verify
from dynamorm_py.errors import InvalidCursor, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._operations.cursor_format import Cursor
    from dynamorm_py._operations.read import Read


def cursor_after(read: Read[Any], last_key: Item | None) -> str | None:
    """Return the cursor after a key, None after the last item."""
    if not last_key:
        return None
    token = encode_cursor(last_key, read.index_name, read.sort)
    return token if read.secret is None else sign(token, read.secret, _context(read))


def start_of(read: Read[Any], token: str | None) -> Item | None:
    """Return the key to go on after. Raises InvalidCursor for another read's cursor."""
    if token is None:
        return None
    cursor = decode_cursor(token if read.secret is None else verify(token, read.secret, _context(read)))
    return _checked(read, cursor) if cursor.last_key else None


def _context(read: Read[Any]) -> str:
    """Return what a signature binds: table, index, direction and key conditions."""
    conditions = [[str(c.path[0]), c.operator, [_spelled(value) for value in c.values]] for c in read.conditions]
    return json.dumps([read.table.name, read.index_name, read.sort, conditions])


def _spelled(value: Mapping[str, Any]) -> str:
    return repr(sorted(value.items()))


def _checked(read: Read[Any], cursor: Cursor) -> Item:
    """Return the cursor's key; refuse what DynamoDB would, and what lies outside this read.

    One that names no index belongs to whatever has exactly its keys: Go writes so when it inferred the index.
    """
    if cursor.index not in {None, read.index_name}:
        _refuse(f"it is of {_key_name(cursor.index)}, this reads {_key_name(read.index_name)}")
    if cursor.sort is not None and read.sort is not None and cursor.sort.upper() != read.sort:
        _refuse("it is of the other direction")
    expected = {f.attribute: read.table.codec.node.fields[f.name].node.types - {"NULL"} for f in read.keys}
    if set(cursor.last_key) != set(expected):
        _refuse(f"its key is not that of this read, which has {', '.join(expected)}")
    if any(expected[name].isdisjoint(value) for name, value in cursor.last_key.items()):
        _refuse("its key is of another type")
    key = {name: _key_value(value) for name, value in cursor.last_key.items()}
    if not all(condition.holds(key[str(condition.path[0])]) for condition in read.conditions):
        _refuse("it is of a query with other key conditions")
    return key


def _key_value(value: AttributeValue) -> AttributeValue:
    """Return a key's value, a number as we write it. Refuse one that no key has."""
    ((tag, payload),) = value.items()
    if not payload:
        _refuse("its key is empty")
    if tag != "N":
        return value
    try:
        return encode_untyped(Decimal(payload))
    except (InvalidOperation, InvalidValue):
        _refuse("its key is not a number")


def _key_name(index: str | None) -> str:
    return "the table" if index is None else f"index {index!r}"


def _refuse(reason: str) -> NoReturn:
    raise InvalidCursor(f"the cursor belongs to another read: {reason}; use it with the query that gave it")
