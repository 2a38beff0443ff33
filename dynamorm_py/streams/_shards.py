"""The plans that read a DynamoDB stream: its shards from parent to child, each from where it was left.

A `Stream` is the state between polls. No clock, no I/O and no checkpoint store here.
Source: Developer Guide, "Change data capture for DynamoDB Streams"; DynamoDB Streams API Reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynamorm_py._kernel.plans import Plan, without_none
from dynamorm_py._operations.asking import ask
from dynamorm_py.errors import DynamoDBError, DynamormError, TableNotFound
from dynamorm_py.streams._errors import RecordsTrimmed, StreamNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


Start: TypeAlias = Literal["TRIM_HORIZON", "LATEST"]

SERVICE = "dynamodbstreams"
FINISHED = "END"  # the position of a shard that was read to its end
_EXPIRED = "ExpiredIteratorException"
_TRIMMED = "TrimmedDataAccessException"


@dataclass(slots=True)
class Shard:
    """One shard. `position` is the sequence number of the last record read, None before the first."""

    id: str
    parent: str | None
    start: Start = "TRIM_HORIZON"
    position: str | None = None
    iterator: str | None = None

    @property
    def finished(self) -> bool:
        return self.position == FINISHED


@dataclass(slots=True)
class Stream:
    """A stream and how far it was read; `start` is for a stream that was never read."""

    arn: str
    start: Start
    positions: Mapping[str, str]
    page_size: int
    shards: dict[str, Shard] = field(default_factory=dict[str, Shard])
    enabled: bool = True
    failure: DynamormError | None = None
    relist: bool = False
    listed: bool = False

    def readable(self) -> list[Shard]:
        """Return the shards whose turn it is: those not finished, whose parent is finished or gone."""
        return [s for s in self.shards.values() if not s.finished and self._parent_done(s)]

    def stale(self) -> bool:
        """Return whether the listing of shards may lack one: a finished shard still has no child."""
        parents = {shard.parent for shard in self.shards.values()}
        childless = any(shard.finished and shard.id not in parents for shard in self.shards.values())
        return self.relist or not self.shards or (self.enabled and childless)

    def _parent_done(self, shard: Shard) -> bool:
        parent = self.shards.get(shard.parent or "")
        return parent is None or parent.finished


def find_stream(table: str) -> Plan[str]:
    """Return the ARN of a table's stream. Raises StreamNotFound, TableNotFound."""
    description = (yield from ask("DescribeTable", {"TableName": table}))["Table"]
    if not description.get("StreamSpecification", {}).get("StreamEnabled"):
        raise StreamNotFound(
            f"table {table!r} has no stream: switch it on with a view type, "
            'Repo(...).table.ensure(TableSettings(stream="NEW_AND_OLD_IMAGES"))',
            operation="DescribeTable",
        )
    return description["LatestStreamArn"]


def poll(stream: Stream) -> Plan[list[tuple[Shard, list[dict[str, Any]]]]]:
    """Read one page of every shard that may be read now, a shard's records in their order.

    Raises RecordsTrimmed once for a shard whose records were removed; StreamNotFound.
    """
    if stream.failure is not None:
        failure, stream.failure = stream.failure, None
        raise failure
    if stream.stale():
        yield from _list_shards(stream)
    pages: list[tuple[Shard, list[dict[str, Any]]]] = []
    before: list[tuple[Shard, str | None, str | None]] = []
    for shard in stream.readable():
        before.append((shard, shard.position, shard.iterator))
        try:
            pages.append((shard, (yield from _read_page(stream, shard))))
        except DynamormError as error:
            stream.relist = isinstance(error, StreamNotFound)  # the shard may have gone since it was listed
            if not pages:
                raise
            stream.failure = error  # what was read is handed out first
            break
        except BaseException:  # interrupted: nothing is handed out, and the next poll reads it again
            for read, position, iterator in before:
                read.position, read.iterator = position, iterator
            raise
    return pages


def _list_shards(stream: Stream) -> Plan[None]:
    """Learn new shards and forget those that are gone. Raises RecordsTrimmed for one not read to its end."""
    listed: dict[str, dict[str, Any]] = {}
    after: str | None = None
    while True:
        response = yield from _ask("DescribeStream", StreamArn=stream.arn, ExclusiveStartShardId=after)
        description = response["StreamDescription"]
        listed |= {shard["ShardId"]: shard for shard in description["Shards"]}
        stream.enabled = description["StreamStatus"] in {"ENABLED", "ENABLING"}
        after = description.get("LastEvaluatedShardId")
        if after is None:
            break
    first, stream.listed, stream.relist = not stream.listed, True, False
    gone = [shard for shard in _unfinished(stream) if shard not in listed]
    known = {name: shard for name, shard in stream.shards.items() if name in listed}
    stream.shards = {name: known.get(name) or _new_shard(stream, shard, first=first) for name, shard in listed.items()}
    stream.positions = {name: position for name, position in stream.positions.items() if name in listed}
    if gone:
        raise _trimmed(gone[0])


def _unfinished(stream: Stream) -> Iterator[str]:
    """Yield the shards that were not read to their end, by this reader or the one before it."""
    known = {**stream.positions, **{shard.id: shard.position for shard in stream.shards.values()}}
    yield from (name for name, position in known.items() if position != FINISHED)


def _new_shard(stream: Stream, description: dict[str, Any], *, first: bool) -> Shard:
    """Return a shard at its checkpoint, else at the start; a shard that came later is read whole."""
    shard = Shard(
        description["ShardId"], description.get("ParentShardId"), position=stream.positions.get(description["ShardId"])
    )
    if first and stream.start == "LATEST" and not stream.positions:
        shard.start = "LATEST"
        if "EndingSequenceNumber" in description["SequenceNumberRange"]:  # closed before the reader began
            shard.position = FINISHED
    return shard


def _read_page(stream: Stream, shard: Shard) -> Plan[list[dict[str, Any]]]:
    """Read on in a shard; an iterator that expired (after 15 minutes) is made again from the position."""
    if shard.iterator is None:
        yield from _place_iterator(stream, shard)
    try:
        response = yield from _records(stream, shard)
    except DynamoDBError as error:
        if error.aws_code not in {_EXPIRED, _TRIMMED}:
            raise
        lost = _lose_place(shard, error.aws_code)
        if lost is not None:
            raise lost from error
        yield from _place_iterator(stream, shard)
        response = yield from _records(stream, shard)
    records: list[dict[str, Any]] = response["Records"]
    if records:
        shard.position = records[-1]["dynamodb"]["SequenceNumber"]
    shard.iterator = response.get("NextShardIterator")
    if shard.iterator is None:
        shard.position = FINISHED
    return [{**record, "eventSourceARN": stream.arn} for record in records]


def _records(stream: Stream, shard: Shard) -> Plan[Mapping[str, Any]]:
    return (yield from _ask("GetRecords", ShardIterator=shard.iterator, Limit=stream.page_size))


def _place_iterator(stream: Stream, shard: Shard) -> Plan[None]:
    """Point the iterator behind the position, or to the start. Raises RecordsTrimmed."""
    place = {"ShardIteratorType": shard.start}
    if shard.position is not None:
        place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": shard.position}
    try:
        response = yield from _ask("GetShardIterator", StreamArn=stream.arn, ShardId=shard.id, **place)
    except DynamoDBError as error:
        lost = _lose_place(shard, error.aws_code)
        if error.aws_code != _TRIMMED or lost is None:
            raise
        raise lost from error
    shard.iterator = response["ShardIterator"]


def _lose_place(shard: Shard, code: str | None) -> RecordsTrimmed | None:
    """Drop an iterator that is of no use any more; return the error if records may be lost with it.

    They are when what follows the position was removed, and when a reader of the latest changes had
    no position yet.
    """
    shard.iterator = None
    unread = shard.position is None and shard.start == "LATEST" and code == _EXPIRED
    removed = shard.position is not None and code == _TRIMMED
    if removed:
        shard.position, shard.start = None, "TRIM_HORIZON"
    return _trimmed(shard.id) if unread or removed else None


def _trimmed(shard: str) -> RecordsTrimmed:
    error = RecordsTrimmed(
        f"records of shard {shard} may be lost: they were removed after 24 hours, or the reader paused for more than "
        "15 minutes before its first record; poll again to go on with what is there"
    )
    error.shard = shard
    return error


def _ask(operation: str, **parameters: object) -> Plan[Mapping[str, Any]]:
    """Ask DynamoDB Streams. Raises StreamNotFound for a stream or a shard that is gone."""
    try:
        return (yield from ask(operation, without_none(**parameters), SERVICE))
    except TableNotFound as error:
        raise StreamNotFound(
            f"{operation}: the stream or its shard is gone: poll again; for a new stream make a new StreamReader",
            operation=operation,
            aws_code=error.aws_code,
            request_id=error.request_id,
        ) from error
