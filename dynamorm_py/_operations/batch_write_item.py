"""BatchWriteItem: any number of puts and deletes over any tables, 25 in a request, nothing lost.

A write is encoded and sealed once, and the very same bytes are sent again until DynamoDB has taken them.
Each is known at any time to be done, not done, or possibly done.
Source: API Reference, BatchWriteItem; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec import answer_of, damaged, to_json
from dynamorm_py._kernel.plans import Parallel, Plan, Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.serialized import SerializedBatch, SerializedItem
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._operations.chunking import chunks, incomplete
from dynamorm_py._operations.outcomes import nothing_written
from dynamorm_py._operations.put_item import PutRequest
from dynamorm_py._operations.retries import attempts, may_pass
from dynamorm_py._operations.writes import BatchWrite, Delete, Put
from dynamorm_py.errors import CallError, DynamormError, InvalidBatch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from dynamorm_py._kernel.response import Response
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import Context
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.write_conditions import PreparedWrite

WRITE_LIMIT = 25  # writes in one request: API Reference, BatchWriteItem


@frozen
class BatchEntry:
    """A write, and what is sent of it: its JSON, or the key and the item in clear that is to be sealed first."""

    write: BatchWrite
    context: Context[Any]
    identity: Hashable
    body: bytes = field(default=b"", repr=False)
    key: Item | None = None
    item: Item | None = field(default=None, repr=False)

    @property
    def is_sealed(self) -> bool:
        """Whether its JSON is known."""
        return bool(self.body)

    def sealed(self) -> Plan[bytes]:
        """Return the write's JSON, its item sealed: that may ask for a data key, of its own client."""
        if self.item is None or self.key is None:
            return self.body
        return put_body((yield from self.context.own(self.context.table.sealed(self.item, self.key))))


def put_body(item: Item) -> bytes:
    """Return the JSON of the put of an item as it goes to the table."""
    known = item.json if isinstance(item, SerializedItem) else None
    return b'{"PutRequest":{"Item":%b}}' % (to_json(item) if known is None else known)


def delete_body(key: Item) -> bytes:
    """Return the JSON of a delete."""
    return b'{"DeleteRequest":{"Key":%b}}' % to_json(key)


def batch_entry(write: BatchWrite, context: Context[Any], prepared: PreparedWrite) -> BatchEntry:
    """Return the entry of a write that was prepared."""
    identity = context.table.identity(prepared.key)
    if not isinstance(prepared, PutRequest):
        return BatchEntry(write, context, identity, delete_body(prepared.key))
    if context.table.cipher is None:
        return BatchEntry(write, context, identity, put_body(prepared.item))
    return BatchEntry(write, context, identity, key=prepared.key, item=prepared.item)


@frozen
class BatchWriteResult:
    """What came of one chunk. `error` is the fault that ended it, None when DynamoDB only left some over."""

    done: Sequence[BatchEntry]
    left: Sequence[BatchEntry]
    unknown: Sequence[BatchEntry] = ()
    error: Exception | None = None


class WriteBatch:
    """The writes waiting to be sent, the last of each item, and the account of those that were.

    It holds at most 25 for each of `concurrency` requests. `keep_done` keeps every write that is done for the
    error of a later one; without it only those of the last requests, so that a stream takes no memory.
    """

    def __init__(self, now: dt.datetime, *, retries: int, concurrency: int = 1, keep_done: bool = False) -> None:
        """Start empty; every write gets this time."""
        self._now, self._retries, self._keep_done = now, retries, keep_done
        self._capacity = WRITE_LIMIT * concurrency
        self._waiting: dict[Hashable, BatchEntry] = {}
        self._refused: list[BatchWrite] = []
        self._done: list[BatchWrite] = []
        self._first: Context[Any] | None = None
        self._bound: Context[Any] | None = None
        self.written = 0
        self.in_flight = 0  # sent, and not answered yet: what an interrupt leaves in doubt

    @property
    def waiting(self) -> int:
        """How many writes are accepted and not sent."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether it is time to flush."""
        return len(self._waiting) >= self._capacity

    def entry(self, write: BatchWrite) -> BatchEntry:
        """Check and encode a write. Raises InvalidBatch for one that no batch can do, CallError as the single write."""
        context = self._bind(write)
        return batch_entry(write, context, self._prepare(write, context))

    def accept(self, write: BatchWrite) -> PreparedWrite:
        """Accept a write, and return it as it was prepared. Raises as `entry`."""
        context = self._bind(write)
        prepared = self._prepare(write, context)
        self.add(batch_entry(write, context, prepared))
        return prepared

    def _prepare(self, write: BatchWrite, context: Context[Any]) -> PreparedWrite:
        prepared = write.prepare(context.table, self._now)
        if prepared.condition is not None:
            _refuse_condition(write, prepared)
        return prepared

    def _bind(self, write: BatchWrite) -> Context[Any]:
        """Return the context of a write, checked once for all those of one repository in a row."""
        context = checked_batch_write(write).context
        if context is not self._bound:
            self._first = self._first or context
            self._first.check_shares_client(context, InvalidBatch)
            _refuse_unique(context.table)
            self._bound = context
        return context

    def entries(self, writes: Iterable[BatchWrite]) -> Iterator[BatchEntry]:
        """Check and encode writes one by one."""
        for write in writes:
            try:
                yield self.entry(write)
            except CallError:
                self._refused = [write]
                raise

    def add(self, entry: BatchEntry) -> None:
        """Accept a write, in place of an earlier one of the same item."""
        self._waiting.pop(entry.identity, None)
        self._waiting[entry.identity] = entry

    def flush(self, rest: Iterable[BatchEntry] = ()) -> Plan[None]:
        """Send what is waiting. Raises BatchIncomplete; `rest` is what would have come after."""
        waiting, self._waiting = list(self._waiting.values()), {}
        if not waiting:
            return
        plans = [send(chunk, self._retries) for chunk in chunks(waiting, WRITE_LIMIT)]
        self.in_flight += len(waiting)  # tasks may fill one batch, and another's request be under way
        sent: list[BatchWriteResult] = yield Parallel(plans)
        self.in_flight -= len(waiting)
        done = [entry.write for each in sent for entry in each.done]
        self.written += len(done)
        if not self._keep_done:
            self._done = []
        self._done += done
        left = [entry.write for each in sent for entry in each.left]
        unknown = [entry.write for each in sent for entry in each.unknown]
        if left or unknown:
            fault = next((each.error for each in sent if each.error is not None), None)
            self.stop(fault, [*left, *(entry.write for entry in rest)], unknown)

    def stop(
        self, fault: Exception | None, left: Sequence[BatchWrite] = (), unknown: Sequence[BatchWrite] = ()
    ) -> None:
        """Raise BatchIncomplete; or the fault itself when it cannot pass and nothing at all was written."""
        if fault is not None and not (self.written or unknown or may_pass(fault)):
            if isinstance(fault, DynamormError):
                fault.outcome = "not applied"
            raise fault
        left = [*left, *(entry.write for entry in self._waiting.values()), *self._refused]
        raise incomplete("BatchWriteItem", self._done, left, unknown, fault, done_count=self.written) from fault


def checked_batch_write(write: BatchWrite) -> BatchWrite:
    """Return the write. Raises InvalidBatch for what a batch cannot do."""
    value = cast("object", write)
    if not isinstance(value, Put | Delete):
        raise InvalidBatch(
            f"a batch takes Put and Delete, not {kind_of(value)}: send others with transact_write, "
            "or many updates with update_many"
        )
    return write


def batch_write(batch: WriteBatch, writes: Iterable[BatchWrite], *, whole: bool) -> Plan[int]:
    """Write all and return how many items were written. Raises BatchIncomplete.

    When the writes are `whole`, no stream, all are checked before the first is sent.
    """
    entries = _last_of_each(batch.entries(writes)) if whole else batch.entries(writes)
    more = True
    while more:
        more = _fill(batch, entries)
        yield from batch.flush(rest=entries if whole else ())
    return batch.written


def _last_of_each(entries: Iterable[BatchEntry]) -> Iterator[BatchEntry]:
    """Check all the writes, and return the last of each item, in its position."""
    last: dict[Hashable, BatchEntry] = {}
    for entry in entries:
        last.pop(entry.identity, None)
        last[entry.identity] = entry
    return iter(last.values())


def _fill(batch: WriteBatch, entries: Iterator[BatchEntry]) -> bool:
    """Take writes until the batch is full; return False when there are no more."""
    try:
        for entry in entries:
            batch.add(entry)
            if batch.full:
                return True
    except Exception as fault:  # noqa: BLE001 -- raised again, with the account of what was written
        batch.stop(fault)
    return False


def _refuse_unique(table: ModelTable[Any]) -> None:
    unique = [each.name for each in table.schema.unique]
    if unique:
        raise InvalidBatch(
            f"{table.model.__name__} has unique fields ({', '.join(unique)}), whose claims a batch cannot hold: "
            "write the items one by one"
        )


def _refuse_condition(write: BatchWrite, prepared: PreparedWrite) -> None:
    starts_over = prepared.version is not None and prepared.version.expected is None
    if starts_over and write.condition is None:  # batches cannot check: CONTRACT 4
        return
    what = f"{type(write).__name__} of a {write.context.table.model.__name__}"
    if write.condition is not None:
        raise InvalidBatch(f"{what} has a condition, and DynamoDB's batches have none: send it with transact_write")
    raise InvalidBatch(
        f"{what} would check the version that the instance holds, and DynamoDB's batches check nothing: "
        "send it with transact_write, or pass expected_version=ANY to write over any version"
    )


def send(entries: Sequence[BatchEntry], retries: int) -> Plan[BatchWriteResult]:
    """Send the writes of one request, again while some are left over or the fault may pass."""
    try:
        sealed = yield from _sealed(entries)
    except Exception as error:  # noqa: BLE001 -- nothing was sent; other requests must give their account
        return BatchWriteResult((), entries, error=error)
    pending = {entry.identity: entry for entry in entries}
    doubtful: set[Hashable] = set()
    fault: Exception | None = None
    for pause in attempts(retries):
        try:
            if pause is not None:
                yield pause
            response = yield _request(pending.values(), sealed)
            left_over = _unprocessed(pending, response)
        except Exception as error:  # noqa: BLE001 -- whatever the client raised, the account must be complete
            fault = error
            if not nothing_written(error):
                doubtful |= pending.keys()
            if not may_pass(error):
                break
        else:
            if response.retries:  # an attempt that went before may have written what this one left over
                doubtful |= left_over.keys()
            fault, pending = None, left_over
            if not pending:
                break
    open_ = pending.values()
    return BatchWriteResult(
        done=[entry for entry in entries if entry.identity not in pending],
        left=[entry for entry in open_ if entry.identity not in doubtful],
        unknown=[entry for entry in open_ if entry.identity in doubtful],
        error=fault,
    )


def _sealed(entries: Iterable[BatchEntry]) -> Plan[dict[Hashable, bytes]]:
    """Return the JSON of each write, once for all attempts."""
    sealed: dict[Hashable, bytes] = {}
    for entry in entries:
        sealed[entry.identity] = entry.body if entry.is_sealed else (yield from entry.sealed())
    return sealed


def _request(entries: Iterable[BatchEntry], sealed: Mapping[Hashable, bytes]) -> Request:
    by_table: dict[str, list[bytes]] = {}
    for entry in entries:
        by_table.setdefault(entry.context.table.name, []).append(sealed[entry.identity])
    return Request("BatchWriteItem", SerializedBatch(by_table))


def _unprocessed(pending: dict[Hashable, BatchEntry], response: Response) -> dict[Hashable, BatchEntry]:
    """Return the writes that DynamoDB left over; all of them when it names one that was not asked."""
    tables = {entry.context.table.name: entry.context.table for entry in pending.values()}
    left: set[Hashable] = set()
    answer = answer_of(response, "BatchWriteItem")
    leftovers: dict[str, list[dict[str, Any]]] = answer.get("UnprocessedItems") or {}
    for name, requests in leftovers.items():
        for request in requests:
            put: dict[str, Any] = request.get("PutRequest") or {}
            delete: dict[str, Any] = request.get("DeleteRequest") or {}
            if not put and not delete:
                raise damaged("BatchWriteItem")
            item = put["Item"] if put else delete["Key"]
            left.add(tables[name].identity(item) if name in tables else None)
    if left - pending.keys():
        return pending
    return {identity: entry for identity, entry in pending.items() if identity in left}
