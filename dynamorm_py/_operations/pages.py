"""What Query and Scan share: pages of a read, taken one by one, up to an exact number of results, or counted.

Source: API Reference, Query and Scan; Developer Guide, "Paginating table query results"; CONTRACT 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dynamorm_py._codec import document_of, key_of_raw_item, to_json
from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.bad_items import decode_items

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._operations.read import Read

P = TypeVar("P")


@frozen
class PageRead(Generic[P]):
    """One page as DynamoDB gave it. `response` is kept for the key of an item in its middle."""

    items: list[P]
    last_key: Item | None
    count: int
    response: Response
    positions: list[int] | None = None
    """Where the items are in the response, when some of it are left out."""

    @property
    def skipped(self) -> int:
        """How many items of the page are left out: of none of the models, or bad ones."""
        return 0 if self.positions is None else self.count - len(self.positions)


@frozen
class Results(Generic[P]):
    """The results of a page, and the key to go on after; None when there are no more."""

    items: list[P]
    last_key: Item | None
    skipped: int = 0


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
    read.seen.add(response, consistent=read.consistent)
    if count and read.table.counted_by(read.carried):
        return (yield from _counted(read, response))
    answer = yield from decode_items(read.table, read.completed(response), response, read.decoder, read.on_error)
    items: list[P] = answer.get("Items", [])
    last_key, positions = answer.get("LastEvaluatedKey"), answer.get("Positions")
    page = PageRead(items, last_key, answer.get("Count", 0), response, positions)
    read.seen.skip(page.skipped)
    return page


def _counted(read: Read[P], response: Response) -> Plan[PageRead[P]]:
    """Return how many items of a page are of the models, which the items tell. Raises ItemDecodeError."""
    document = document_of(response)
    total = read.table.count(document.pop("Items", ()))
    rest = yield from read.table.decode_response(Response(to_json(document)), read.decoder)
    return PageRead([], rest.get("LastEvaluatedKey"), total, response)


def take(read: Read[P], start: Item | None, size: int | None, page_size: int | None) -> Plan[Results[P]]:
    """Read `size` results, or all there are when fewer or when it is None, in as many pages as it takes."""
    items: list[P] = []
    skipped = 0
    while True:
        remaining = None if size is None else size - len(items)
        page = yield from read_page(read, start, read.page_limit(remaining, page_size))
        items += page.items[:remaining]
        if remaining is not None and len(page.items) > remaining:
            return Results(items, _key_at(read, page, remaining - 1), skipped + _skipped_before(page, remaining - 1))
        start, skipped = page.last_key, skipped + page.skipped
        if start is None or len(items) == size:
            return Results(items, start, skipped)


def count_all(read: Read[Any], limit: int | None, page_size: int | None) -> Plan[int]:
    """Count the results, at most `limit`, without transferring them."""
    start, total = None, 0
    while True:
        remaining = None if limit is None else limit - total
        page = yield from read_page(read, start, read.page_limit(remaining, page_size), count=True)
        total, start = total + page.count, page.last_key
        if start is None or (limit is not None and total >= limit):
            return total if limit is None else min(total, limit)


def _skipped_before(page: PageRead[Any], number: int) -> int:
    """Return how many items were left out before one of a page: those after it come again with the next page."""
    return 0 if page.positions is None else page.positions[number] - number


def _key_at(read: Read[Any], page: PageRead[Any], number: int) -> Item:
    """Return the key, of table and index, of one item of a page as it is stored."""
    position = number if page.positions is None else page.positions[number]
    return key_of_raw_item(page.response, position, [field.attribute for field in read.keys])
