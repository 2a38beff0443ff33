"""The form of a stream record: checked and taken apart, its images still in DynamoDB's JSON.

Lambda and EventBridge Pipes give JSON (binary as base64 text), boto3 dictionaries (binary as bytes);
codecs read both, so nothing here looks into an attribute value. It knows no model.
Source: DynamoDB Streams API Reference, Record, StreamRecord, Identity; Lambda Developer Guide, DynamoDB.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamorm_py._kernel.values import frozen
from dynamorm_py.streams._errors import InvalidStreamRecord

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import Item

Kind: TypeAlias = Literal["INSERT", "MODIFY", "REMOVE"]

_KINDS = ("INSERT", "MODIFY", "REMOVE")
_REPAIR = "pass one entry of a DynamoDB Streams event's Records"
_TABLE = re.compile(r":table/([\w.-]+)")
_TIME_TO_LIVE = ("Service", "dynamodb.amazonaws.com")  # Developer Guide, "DynamoDB Streams and Time to Live"


@frozen
class StreamRecord:
    """One record; an image is None where the view type leaves it out. `table` is None without an ARN."""

    kind: Kind
    keys: Item
    old: Item | None
    new: Item | None
    sequence_number: str
    at: dt.datetime | None
    expired: bool
    table: str | None
    known: Item
    """Every attribute that the record tells, the newest value of each."""


def records_of(event: object) -> list[object]:
    """Return the records of a Lambda event, or of an EventBridge pipe's. Raises InvalidStreamRecord."""
    records = cast("Mapping[str, object]", event).get("Records") if isinstance(event, Mapping) else event
    if not isinstance(records, list):
        raise InvalidStreamRecord('the event has no list "Records": pass what DynamoDB Streams gave the function')
    return cast("list[object]", records)


def parse_record(record: object) -> StreamRecord:
    """Check a record and take it apart; Powertools' record class counts too. Raises InvalidStreamRecord."""
    whole = _mapping(getattr(record, "raw_event", record), "the record")
    change = _mapping(whole.get("dynamodb"), "dynamodb")
    old, new = change.get("OldImage"), change.get("NewImage")
    kind = whole.get("eventName")
    if kind not in _KINDS:
        raise InvalidStreamRecord(f"eventName of the stream record is not INSERT, MODIFY or REMOVE: {_REPAIR}")
    keys = _mapping(change.get("Keys"), "Keys")
    old = None if old is None else _mapping(old, "OldImage")
    new = None if new is None else _mapping(new, "NewImage")
    return StreamRecord(
        kind=kind,
        keys=keys,
        old=old,
        new=new,
        sequence_number=_sequence_number(change),
        at=_instant(change.get("ApproximateCreationDateTime")),
        expired=kind == "REMOVE" and _identity(whole) == _TIME_TO_LIVE,
        table=table_in(whole.get("eventSourceARN")),
        known={**(old or {}), **(new or {}), **keys},
    )


def sequence_number_of(record: object) -> str:
    """Return a record's sequence number. Raises InvalidStreamRecord."""
    return _sequence_number(_mapping(_mapping(plain(record), "the record").get("dynamodb"), "dynamodb"))


def _sequence_number(change: Mapping[str, object]) -> str:
    number = change.get("SequenceNumber")
    if not isinstance(number, str) or not number:
        raise InvalidStreamRecord(f"the stream record has no SequenceNumber: {_REPAIR}")
    return number


def plain(record: object) -> object:
    """Return the record itself, or the one inside Powertools' `DynamoDBRecord`."""
    return getattr(record, "raw_event", record)


def table_in(arn: object) -> str | None:
    """Return the table's name out of an ARN of it, or of its stream; None for anything else."""
    match = _TABLE.search(arn) if isinstance(arn, str) else None
    return None if match is None else match[1]


def _mapping(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 -- checked here
    if value and (value.__class__ is dict or issubclass(value.__class__, Mapping)):
        return value
    raise InvalidStreamRecord(f"{name} of the stream record is not a mapping, or empty: {_REPAIR}")


def _identity(record: Mapping[str, Any]) -> tuple[object, object]:
    """Return what deleted the item; Lambda and the API spell its entries differently."""
    identity = _mapping(record.get("userIdentity") or {"type": None}, "userIdentity")
    return (
        identity.get("type", identity.get("Type")),
        identity.get("principalId", identity.get("PrincipalId")),
    )


def _instant(value: object) -> dt.datetime | None:
    """Return the time in UTC, from boto3's datetime or Lambda's epoch seconds; test events may have none."""
    if value is None:
        return None
    try:
        if isinstance(value, dt.datetime) and value.utcoffset() is not None:
            return value.astimezone(dt.UTC)
        if isinstance(value, int | float):
            return dt.datetime.fromtimestamp(value, dt.UTC)
    except (ValueError, OverflowError, OSError):  # milliseconds, for example
        pass
    raise InvalidStreamRecord("ApproximateCreationDateTime of the stream record is not in epoch seconds")
