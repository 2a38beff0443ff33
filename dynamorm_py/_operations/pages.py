"""What Query and Scan share: a read of many items, page by page, stopping and going on exactly.

Source: API Reference, Query and Scan; Developer Guide, "Paginating table query results"; CONTRACT 5.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from dynamorm_py._codec import key_of_raw_item
from dynamorm_py._cursor import Cursor, decode_cursor, encode_cursor, sign, verify
from dynamorm_py._expressions import (
    Condition,
    KeyCondition,
    Placeholders,
    render_condition,
    render_key_conditions,
    render_projection,
)
from dynamorm_py._operations.explanation import Seen
from dynamorm_py._plans import Plan, Request, Response, present
from dynamorm_py.errors import CallError, InvalidCursor, InvalidExpression, InvalidProjection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec import Codec
    from dynamorm_py._schema import IndexSchema, StoredField
    from dynamorm_py._table import Table
    from dynamorm_py._types import Item

P = TypeVar("P")

_LARGEST_INT = 2**31 - 1  # Limit is a 32-bit integer: API Reference, Query


@dataclass(frozen=True, slots=True)
class Read(Generic[P]):
    """A checked read of many items: what every request of it says, and how its answers are read."""

    operation: Literal["Query", "Scan"]
    table: Table[Any]
    codec: Codec[Any]
    index: IndexSchema | None = None
    why: str = ""
    conditions: tuple[KeyCondition, ...] = ()
    filter: Condition | None = None
    ascending: bool | None = None
    consistent: bool = False
    secret: bytes | None = None
    seen: Seen = field(default_factory=Seen)

    @property
    def keys(self) -> tuple[StoredField, ...]:
        """The key fields of the table and of the index that is read."""
        own = () if self.index is None else (*self.index.partition, *self.index.sort)
        return tuple({field.name: field for field in (*self.table.schema.keys, *own)}.values())

    @property
    def projected(self) -> list[str]:
        """The attributes asked for: a smaller model's, and the keys, which a cursor needs; empty for all."""
        if self.codec is self.table.codec:
            return []
        return list(dict.fromkeys([*self.codec.attributes.values(), *(field.attribute for field in self.keys)]))

    @property
    def sort(self) -> str | None:
        """The direction as a cursor says it."""
        return None if self.ascending is None else ("ASC" if self.ascending else "DESC")

    def parameters(self, *, count: bool = False) -> dict[str, Any]:
        """Return what every request of the read says; `count` asks for numbers instead of items."""
        names = Placeholders()
        paths = [] if count else [(attribute,) for attribute in self.projected]
        return present(
            TableName=self.table.name,
            IndexName=None if self.index is None else self.index.name,
            KeyConditionExpression=render_key_conditions(self.conditions, names) if self.conditions else None,
            FilterExpression=None if self.filter is None else render_condition(self.filter, names),
            ProjectionExpression=render_projection(paths, names) if paths else None,
            ExpressionAttributeNames=names.names,
            ExpressionAttributeValues=names.values,
            ScanIndexForward=False if self.ascending is False else None,
            ConsistentRead=self.consistent or None,
            Select="COUNT" if count else None,
        )

    # --- cursors ----------------------------------------------------------------------------------

    def cursor(self, last_key: Item | None) -> str | None:
        """Return the cursor after a key, None after the last item."""
        if not last_key:
            return None
        token = encode_cursor(last_key, None if self.index is None else self.index.name, self.sort)
        return token if self.secret is None else sign(token, self.secret, self._context())

    def start(self, token: str | None) -> Item | None:
        """Return the key to go on after. Raises InvalidCursor for another read's cursor."""
        if token is None:
            return None
        if not isinstance(token, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- what arrives in a payload
            raise InvalidCursor(f"a cursor is a str, not a {type(token).__name__}: pass it as it was given out")
        cursor = decode_cursor(token if self.secret is None else verify(token, self.secret, self._context()))
        if not cursor.last_key:
            return None
        self._check(cursor)
        return cursor.last_key

    def _context(self) -> str:
        """Return what a signature binds: table, index, direction and key conditions."""
        conditions = [[str(c.path[0]), c.operator, [_spelled(value) for value in c.values]] for c in self.conditions]
        index = None if self.index is None else self.index.name
        return json.dumps([self.table.name, index, self.sort, conditions])

    def _check(self, cursor: Cursor) -> None:
        index = None if self.index is None else self.index.name
        if cursor.index != index:
            _refuse(f"it is of {_key_name(cursor.index)}, this reads {_key_name(index)}")
        if cursor.sort is not None and cursor.sort.upper() != (self.sort or cursor.sort.upper()):
            _refuse("it is of the other direction")
        expected = {field.attribute: self._types(field) for field in self.keys}
        if set(cursor.last_key) != set(expected):
            _refuse(f"its key is not that of this read, which has {', '.join(expected)}")
        if any(next(iter(value)) not in expected[name] for name, value in cursor.last_key.items()):
            _refuse("its key is of another type")
        for condition in self.conditions:
            if condition.operator == "=" and cursor.last_key[str(condition.path[0])] != condition.values[0]:
                _refuse("it is of a query with other key conditions")

    def _types(self, field: StoredField) -> frozenset[str]:
        return self.table.codec.node.fields[field.name].node.types


def _spelled(value: Mapping[str, Any]) -> str:
    return repr(sorted(value.items()))


def _key_name(index: str | None) -> str:
    return "the table" if index is None else f"index {index!r}"


def _refuse(reason: str) -> None:
    raise InvalidCursor(f"the cursor belongs to another read: {reason}; use it with the query that gave it")


# --- checks that queries and scans share ---------------------------------------------------------


def check_number(name: str, value: int | None) -> int | None:
    """Return a limit, page size or number of segments. Raises CallError unless it is a positive 32-bit integer."""
    given = cast("object", value)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= _LARGEST_INT:
        raise CallError(f"{name} is a positive integer, at most {_LARGEST_INT}: leave it out for no limit")
    return given


def check_index(read: Read[Any]) -> None:
    """Raise when the index cannot be read as asked: consistently, or with attributes that it does not carry."""
    index = read.index
    if index is None:
        return
    if index.kind == "GSI" and read.consistent:
        raise InvalidExpression(
            f"index {index.name!r} is global, and global indexes have no consistent reads: leave consistent= out"
        )
    if index.projection == "ALL":
        return
    carried = {field.name for field in read.keys}
    carried |= set() if isinstance(index.projection, str) else set(index.projection)
    smaller = read.codec is not read.table.codec
    missing = [f.name for f in read.codec.node.fields.values() if (smaller or f.required) and f.name not in carried]
    if missing:
        raise InvalidProjection(
            f"index {index.name!r} does not carry {', '.join(missing)}, which {read.codec.model.__name__} needs: "
            "pass project= a model of what it carries, or read the table"
        )


# --- plans --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageRead(Generic[P]):
    """One page as DynamoDB gave it. `response` is kept for the key of an item in its middle."""

    items: list[P]
    last_key: Item | None
    count: int
    response: Response


@dataclass(frozen=True, slots=True)
class Taken(Generic[P]):
    """So many results, and the key to go on after; None when there are no more."""

    items: list[P]
    last_key: Item | None


def read_page(
    read: Read[P],
    start: Item | None,
    limit: int | None = None,
    *,
    count: bool = False,
    segment: tuple[int, int] | None = None,
) -> Plan[PageRead[P]]:
    """Read one page of at most `limit` items before the filter. `segment` is (number, of how many)."""
    number, total = segment or (None, None)
    extra = present(ExclusiveStartKey=start, Limit=limit, Segment=number, TotalSegments=total)
    response = yield Request(read.operation, read.parameters(count=count) | extra, raw=True)
    answer = yield from read.table.answer(response, read.codec)
    found = answer.get("Count", 0)
    read.seen.add(found, response, consistent=read.consistent)
    return PageRead(answer.get("Items", []), answer.get("LastEvaluatedKey"), found, response)


def take(read: Read[P], start: Item | None, size: int, page_size: int | None) -> Plan[Taken[P]]:
    """Read exactly `size` results if there are so many, in as many pages as it takes."""
    items: list[P] = []
    while True:
        wanted = size - len(items)
        # Without a filter DynamoDB can stop exactly; with one, the rest of a page is cut off.
        limit = page_size if read.filter is not None else min(wanted, page_size or wanted)
        page = yield from read_page(read, start, limit)
        items += page.items[:wanted]
        if len(page.items) > wanted:
            return Taken(items, key_at(read, page.response, wanted - 1))
        start = page.last_key
        if start is None or len(items) == size:
            return Taken(items, start)


def count_all(read: Read[Any], limit: int | None, page_size: int | None) -> Plan[int]:
    """Count the results, at most `limit`, without transferring them."""
    start, total = None, 0
    while True:
        page = yield from read_page(read, start, page_size, count=True)
        total, start = total + page.count, page.last_key
        if start is None or (limit is not None and total >= limit):
            return total if limit is None else min(total, limit)


def key_at(read: Read[Any], response: Response, position: int) -> Item:
    """Return the key, of table and index, of one item of a page as it is stored."""
    return key_of_raw_item(response, position, [field.attribute for field in read.keys])
