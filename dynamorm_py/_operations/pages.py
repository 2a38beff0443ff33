"""What Query and Scan share: pages of a read, taken one by one, exactly so many results, or counted.

Source: API Reference, Query and Scan; Developer Guide, "Paginating table query results"; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dynamorm_py._codec import key_of_raw_item
from dynamorm_py._kernel.plans import Plan, Request, Response

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._operations.read import Read

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class PageRead(Generic[P]):
    """One page as DynamoDB gave it. `response` is kept for the key of an item in its middle."""

    items: list[P]
    last_key: Item | None
    count: int
    response: Response
    positions: list[int] | None = None
    """Where the items stand in the response, when some of it are left out."""


@dataclass(frozen=True, slots=True)
class Results(Generic[P]):
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
    parameters = read.parameters(count=count)
    if start is not None:
        parameters["ExclusiveStartKey"] = start
    if limit is not None:
        parameters["Limit"] = limit
    if segment is not None:
        parameters["Segment"], parameters["TotalSegments"] = segment
    response = yield Request(read.operation, parameters, raw=True)
    answer = yield from read.table.decode_page(read.completed(response), read.codec)
    read.seen.add(response, consistent=read.consistent)
    items: list[P] = answer.get("Items", [])
    positions: list[int] | None = answer.get("Positions")
    if positions is not None:
        read.seen.skip(answer.get("Count", 0) - len(positions))
    return PageRead(items, answer.get("LastEvaluatedKey"), answer.get("Count", 0), response, positions)


def take(read: Read[P], start: Item | None, size: int | None, page_size: int | None) -> Plan[Results[P]]:
    """Read exactly `size` results if there are so many, all when it is None, in as many pages as it takes."""
    items: list[P] = []
    while True:
        remaining = None if size is None else size - len(items)
        page = yield from read_page(read, start, read.page_limit(remaining, page_size))
        items += page.items[:remaining]
        if remaining is not None and len(page.items) > remaining:
            return Results(items, _key_at(read, page, remaining - 1))
        start = page.last_key
        if start is None or len(items) == size:
            return Results(items, start)


def count_all(read: Read[Any], limit: int | None, page_size: int | None) -> Plan[int]:
    """Count the results, at most `limit`, without transferring them."""
    start, total = None, 0
    while True:
        remaining = None if limit is None else limit - total
        page = yield from read_page(read, start, read.page_limit(remaining, page_size), count=True)
        total, start = total + page.count, page.last_key
        if start is None or (limit is not None and total >= limit):
            return total if limit is None else min(total, limit)


def _key_at(read: Read[Any], page: PageRead[Any], number: int) -> Item:
    """Return the key, of table and index, of one item of a page as it is stored."""
    position = number if page.positions is None else page.positions[number]
    return key_of_raw_item(page.response, position, [field.attribute for field in read.keys])
