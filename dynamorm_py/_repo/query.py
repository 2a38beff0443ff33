"""`Query`: a query or scan as a lazy value. Nothing is read before it is asked for results.

Each verb performs plans of `_operations.pages`; no rule of DynamoDB is here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, Never, NoReturn, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._runtime.run import run
from dynamorm_py._runtime.threads import merged
from dynamorm_py._transport import lane_of
from dynamorm_py.errors import CallError, InvalidCall, MultipleResults, NoResult

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from decimal import Decimal

    from dynamorm_py._kernel.plans import Plan, Transport
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._operations import Explanation, PageRead, Read, Results

P = TypeVar("P")
T = TypeVar("T")

_MOST_THREADS = 32  # our own: more only wait for each other; further segments are read as threads come free


@public()
@frozen
class Page(Generic[P]):
    """Some results, and the cursor to go on with; None when there are no more.

    A page may be empty and still have a cursor: DynamoDB looked at items that the filter left out.
    """

    items: Sequence[P]
    cursor: str | None
    skipped: int = 0
    """How many items were left out, as `unknown="skip"` or `on_error="skip"` asked for."""

    def __iter__(self) -> Iterator[P]:
        """Iterate over the results."""
        return iter(self.items)


@public()
class Query(Generic[P]):
    """The results of a query or scan, read page by page as they are asked for.

    Iterating, and each verb, reads again. `limit` is the number of results in all, `page_size` how
    many items DynamoDB looks at in one request, before the filter.
    """

    def __init__(
        self,
        client: Transport,
        read: Read[P],
        *,
        limit: int | None = None,
        page_size: int | None = None,
        segments: int = 1,
    ) -> None:
        """Hold a checked read; nothing is sent. Raises CallError for a limit that is not a positive integer."""
        self._client, self._read = client, read
        self._limit = operations.check_limit("limit", limit)
        self._page_size = operations.check_limit("page_size", page_size)
        self._segments = operations.check_segments(segments)

    def __repr__(self) -> str:
        """Name the operation, the table and the index."""
        index = "" if self._read.index is None else f", index={self._read.index.name!r}"
        return f"<{self._read.operation} on {self._read.table.name!r}{index}>"

    def __iter__(self) -> Iterator[P]:
        """Yield the results, at most `limit`; a page is read when the one before is used up."""
        left = self._limit
        pages = self._pages(left) if self._segments == 1 else self._parallel_pages()
        try:
            for page in pages:
                items = page.items if left is None else page.items[:left]
                yield from items
                if left is not None:
                    left -= len(items)
                    if left == 0:
                        return
        finally:
            pages.close()

    def __bool__(self) -> NoReturn:
        """Refuse: whether there are results is not known before they are read."""
        raise CallError(f"{self!r} has no truth value: write query.first() is not None, or query.count()")

    if not TYPE_CHECKING:  # a checker shall see no such operator

        def __getitem__(self, index: object) -> object:
            """Refuse: results are read one after another, not by their number."""
            raise InvalidCall(f"{self!r} has no indexes: write query.first(), query.page(size=...) or query.all()[...]")

        def __len__(self) -> int:
            """Refuse: results are counted by reading. A TypeError, so that `list` takes it for no hint."""
            raise InvalidCall(f"{self!r} has no length: write query.count(), or len(query.all())")

        def __next__(self) -> object:
            """Refuse: each iteration begins at the first result."""
            raise InvalidCall(
                f"{self!r} is not an iterator: write query.first(), or results = iter(query) and next(results)"
            )

        def __getattr__(self, name: str) -> object:
            """Refuse what its results have, or what `query()` takes."""
            if name.startswith("_"):  # copy, pickle, inspect and notebooks probe for such names
                raise AttributeError(name)
            from dynamorm_py._repo.reading import Reading  # noqa: PLC0415 -- only needed for the message

            raise operations.no_attribute_of_query(self, name, self._read.codec.model, Reading.query)

        def __await__(self) -> object:
            """Refuse: there is nothing to wait for."""
            raise InvalidCall(
                f"{self!r} is read synchronously: write query.all() without await, or take Repo from dynamorm_py.aio"
            )

        def __aiter__(self) -> object:
            """Refuse, as `await` does."""
            raise InvalidCall(
                f"{self!r} is read synchronously: write for item in query, or take Repo from dynamorm_py.aio"
            )

    def all(self) -> list[P]:
        """Return every result, at most `limit`."""
        return list(self) if self._segments > 1 else run(self._client, self._take(None, self._limit)).items

    def first(self) -> P | None:
        """Return the first result, None when there is none; no page is read beyond the one that has it."""
        taken = run(self._client, self._take(None, 1))
        return taken.items[0] if taken.items else None

    def one(self) -> P:
        """Return the only result. Raises NoResult, an ItemNotFound, or MultipleResults."""
        return self._only(run(self._client, self._take(None, min(2, self._limit or 2))).items)

    def _only(self, items: list[P]) -> P:
        model, table = self._read.codec.model.__name__, self._read.table.name
        if not items:
            raise NoResult(model, table)
        if len(items) > 1:
            raise MultipleResults(
                f"more than one {model} in table {table!r} matches: name more of the key, or use first()"
            )
        return items[0]

    def count(self) -> int:
        """Return the number of results, at most `limit`; items are counted by DynamoDB and not transferred.

        So it counts items that reading would leave out as bad ones.
        """
        if self._segments == 1:
            return run(self._client, operations.count_all(self._read, self._limit, self._page_size))
        total = sum(page.count for page in self._parallel_pages(count=True))
        return total if self._limit is None else min(total, self._limit)

    def page(self, size: int | None = None, cursor: str | None = None, **unknown: Never) -> Page[P]:
        """Return a page of results and the cursor that goes on exactly after it.

        With `size`, or a `limit`, the page is filled while there are results, to the smaller of the two;
        without, it is one page of DynamoDB's. Raises InvalidCursor for a cursor of another read.
        """
        if unknown:
            raise operations.unknown_paging(unknown)
        return run(self._client, self._page_plan(size, cursor))

    def _page_plan(self, size: int | None, cursor: str | None) -> Plan[Page[P]]:
        """Check the call, and return the plan of one page."""
        remaining = self._limit
        if size is not None:
            operations.check_limit("size", size)
            remaining = size if remaining is None else min(size, remaining)
        if self._segments > 1:
            raise CallError("a scan in segments has no order to page in: leave segments= out")
        return self._paged(operations.start_of(self._read, cursor), remaining)

    def _paged(self, start: Item | None, remaining: int | None) -> Plan[Page[P]]:
        if remaining is None:
            page = yield from operations.read_page(self._read, start, self._page_size)
            return Page(page.items, operations.cursor_after(self._read, page.last_key), page.skipped)
        taken = yield from self._take(start, remaining)
        return Page(taken.items, operations.cursor_after(self._read, taken.last_key), taken.skipped)

    @property
    def skipped(self) -> int:
        """How many items the reads of this query have left out so far: of none of the models, or bad ones."""
        return self._read.seen.skipped

    def explain(self) -> Explanation:
        """Return what would be sent, which key was chosen and why, and what it has cost so far; print it."""
        limit = self._read.page_limit(self._limit, self._page_size)
        return replace(operations.explain(self._read, limit, self._segments), lane=lane_of(self._client))

    def wait(self, until: Callable[[list[P]], object], timeout: float = 5.0) -> list[P]:
        """Read again until the predicate holds for the list of results, and return it.

        For indexes, which follow the table with a delay. `timeout` is in seconds. Raises WaitTimeout.
        """
        return run(self._client, operations.wait_until(lambda: self._take(None, self._limit), until, timeout))

    # --- aggregates, computed here ----------------------------------------------------------------

    def count_distinct(self, field: object) -> int:
        """Return how many different values a field has, given as `fields(Model).field`; None is not a value."""
        place = operations.place_in(self._read, field, "count_distinct")
        return operations.distinct(operations.values(self._read, place, self), place.label)

    def sum(self, field: T | None) -> T:
        """Return the sum of a field: exact for int and Decimal; 0 when there is no value."""
        place = operations.number_in(self._read, field, "sum")
        return operations.total(operations.values(self._read, place, self))

    def avg(self, field: Decimal | float | None) -> Decimal | float | None:
        """Return the mean of a field, None when there is no value: Decimal for int and Decimal, float for float."""
        place = operations.number_in(self._read, field, "avg")
        return operations.average(operations.values(self._read, place, self))

    def min(self, field: T | None) -> T | None:
        """Return the least value of a field, None when there is no value."""
        place = operations.place_in(self._read, field, "min")
        return operations.extreme(min, operations.values(self._read, place, self), place.label)

    def max(self, field: T | None) -> T | None:
        """Return the greatest value of a field, None when there is no value."""
        place = operations.place_in(self._read, field, "max")
        return operations.extreme(max, operations.values(self._read, place, self), place.label)

    def group_by(self, field: T | None) -> dict[T | None, list[P]]:
        """Return the results by the value of a field, in the order read; those without one under None."""
        return operations.grouped(self._read, operations.place_in(self._read, field, "group_by"), self)

    # --- pages ------------------------------------------------------------------------------------

    def _take(self, start: Item | None, size: int | None) -> Plan[Results[P]]:
        return operations.take(self._read, start, size, self._page_size)

    def _pages(
        self, remaining: int | None, segment: tuple[int, int] | None = None, *, count: bool = False
    ) -> Generator[PageRead[P]]:
        start: Item | None = None
        while True:
            limit = self._read.page_limit(remaining, self._page_size)
            plan = operations.read_page(self._read, start, limit, segment=segment, count=count)
            page = run(self._client, plan)
            yield page
            start = page.last_key
            if start is None:
                return
            if remaining is not None:
                remaining -= len(page.items)

    def _parallel_pages(self, *, count: bool = False) -> Generator[PageRead[P]]:
        total = self._segments
        segments = (self._pages(None, (number, total), count=count) for number in range(total))
        return merged(segments, min(total, _MOST_THREADS))
