"""The lines of an export read into models: items of a full export, changes of an incremental one.

A line that cannot be read becomes a `DamagedLine` among the values, in its place: the reader decides whether
that is raised or counted. Source: Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamorm_py._codec import from_json, to_json
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.kinds import CLAIM
from dynamorm_py.errors import DynamoDBError, DynamormError
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._kinds import CLAIM_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py.exports._kinds import Kinds
    from dynamorm_py.exports._lines import Chunk

M = TypeVar("M", bound=DynamoModel)

_START, _END = b'{"Item":', b"}"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@public("dynamorm_py.exports")
@frozen
class Deleted(Generic[M]):
    """An item that was deleted in the time of an incremental export.

    `key` is as `Repo.delete` takes it: the partition key's value, or `(partition, sort)`. `old` is the item as
    it was, None where the export has no old images; `at` is when it was deleted, in UTC. `model` is the model of the
    item, None where several of a table's may have had it.
    """

    key: Any
    old: M | None = field(default=None, compare=False)
    at: dt.datetime | None = field(default=None, compare=False)
    model: type[M] | None = field(default=None, compare=False)


@public("dynamorm_py.exports")
@frozen
class Change(Generic[M]):
    """What became of one item in the time of an incremental export.

    `old` is the item before, None where there was none or the export has no old images; `new` the item at the
    end, None when it was deleted. `at` is the time of the last write, in UTC. `model` is as in `Deleted`.
    """

    key: Any
    old: M | None
    new: M | None
    at: dt.datetime | None
    model: type[M] | None = field(default=None, compare=False)


def read_items(kinds: Kinds[M], chunk: Chunk) -> list[M | Deleted[M] | DamagedLine | None]:
    """Read a chunk of either export: items, and deletions; None for what is left out."""
    text = chunk.text.strip(b"\n")
    if text.startswith(_START) and text.endswith(_END):
        with suppress(DynamormError, ValueError):  # read again, line by line, to find the damaged one
            return _read_whole(kinds, text)
    return list(_one_by_one(chunk.file, list(chunk.lines()), lambda record: _item(kinds, record)))


def _read_whole(kinds: Kinds[M], text: bytes) -> list[M | Deleted[M] | DamagedLine | None]:
    """Read lines of items in one pass; those that are left out come last. Raises ValueError, DynamormError."""
    count = text.count(b"\n") + 1
    if CLAIM_NAME in text:
        lines = text.split(b"\n")
        text = b"\n".join(line for line in lines if CLAIM_NAME not in line or CLAIM not in from_json(line)["Item"])
    # A line break is never within JSON's text: around one stand the end of an item and the beginning of the next.
    items = kinds.read_joined(text[len(_START) : -len(_END)].replace(_END + b"\n" + _START, b","))
    if len(items) > count:
        message = "a line has several items"
        raise _NotARecord(message)
    return [*items, *[None] * (count - len(items))]


def read_changes(kinds: Kinds[M], chunk: Chunk) -> list[Change[M] | DamagedLine | None]:
    """Read a chunk of an incremental export: what each item was, and what became of it; None for what is left out."""
    return list(_one_by_one(chunk.file, list(chunk.lines()), lambda record: _change(kinds, record)))


T = TypeVar("T")


def _one_by_one(
    file: str, lines: list[tuple[int, bytes]], read: Callable[[dict[str, Any]], T]
) -> Iterator[T | DamagedLine]:
    for number, line in lines:
        try:
            yield read(_record(line))
        except (DynamormError, ValueError) as error:
            damaged = DamagedLine(file, number, _reason(error))
            damaged.__cause__ = error if isinstance(error, DynamormError) else None
            yield damaged


def _reason(error: Exception) -> str:
    """Return what is wrong; the parser of JSON quotes what it read, so its words are not used."""
    if isinstance(error, DynamoDBError):  # which speaks of answers
        return 'it has an attribute that is not an attribute value, such as {"S": ...}'
    return str(error) if isinstance(error, DynamormError | _NotARecord) else "it is not JSON"


class _NotARecord(ValueError):
    """JSON that is not a line of an export."""


def _record(line: bytes) -> dict[str, Any]:
    record = from_json(line)
    if not isinstance(record, dict):
        message = "it is not an object"
        raise _NotARecord(message)
    return cast("dict[str, Any]", record)


def _item(kinds: Kinds[M], record: Mapping[str, Any]) -> M | Deleted[M] | None:
    if "Item" in record:
        return kinds.read(to_json(record["Item"]))
    if "NewImage" in record:
        return kinds.read(to_json(record["NewImage"]))
    change = _change(kinds, record)
    return None if change is None else Deleted(change.key, change.old, change.at, change.model)


def _change(kinds: Kinds[M], record: Mapping[str, Any]) -> Change[M] | None:
    if "Item" in record:
        message = "it is an item of a full export: read it with exports.read()"
        raise _NotARecord(message)
    if "Keys" not in record:
        message = "it has neither Item nor Keys"
        raise _NotARecord(message)
    _check(record)
    old, new = (_image(kinds, record, name) for name in ("OldImage", "NewImage"))
    known = [record[name] for name in ("Keys", "OldImage", "NewImage") if name in record]
    if any(kinds.leaves_out(item) for item in known) or (old is None and new is None and len(known) > 1):
        return None
    try:
        key, model = kinds.key(record["Keys"], new if new is not None else old)
    except (KeyError, TypeError):  # of a derived key, which is text as it stands
        message = "its Keys are not the key of the model"
        raise _NotARecord(message) from None
    return Change(key, old, new, _time(record.get("Metadata")), cast("type[M] | None", model))


def _check(record: Mapping[str, Any]) -> None:
    """Refuse what is not a change of an item, before a key is taken apart."""
    for name in ("Keys", "OldImage", "NewImage"):
        if not isinstance(record.get(name, {}), dict):
            message = f"{name} is not an object"
            raise _NotARecord(message)
    for value in cast("dict[str, Any]", record["Keys"]).values():
        payloads = list(cast("dict[str, Any]", value).values()) if isinstance(value, dict) else []
        if len(payloads) != 1 or not isinstance(payloads[0], str):
            message = 'Keys are not attribute values, such as {"S": ...}'
            raise _NotARecord(message)


def _image(kinds: Kinds[M], record: Mapping[str, Any], name: str) -> M | None:
    return kinds.read(to_json(record[name])) if name in record else None


def _time(metadata: Any) -> dt.datetime | None:  # noqa: ANN401 -- JSON
    """Return the time of the write: microseconds, as a number of DynamoDB, a text or a number."""
    written = _entry(_entry(metadata, "WriteTimestampMicros"), "N")
    try:
        return None if written is None else _EPOCH + dt.timedelta(microseconds=int(written))
    except (ValueError, TypeError, OverflowError):
        message = "Metadata.WriteTimestampMicros is not a number of microseconds"
        raise _NotARecord(message) from None


def _entry(value: object, name: str) -> Any:  # noqa: ANN401 -- JSON
    """Return an entry of an object; anything else as it is."""
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else value
