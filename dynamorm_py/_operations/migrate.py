"""What a migration asks of its target: writing whole items as they are, and looking whether they arrived.

Puts without a condition may be done any number of times, so whatever stops a migration, doing a page again
is right. Source: API Reference, BatchWriteItem, BatchGetItem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from dynamorm_py._model import DynamoModel
from dynamorm_py._plans import Plan, Request, Sleep
from dynamorm_py.errors import (
    CallError,
    ConnectionFailed,
    DynamoDBError,
    InternalServerError,
    InvalidValue,
    RequestTimeout,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from dynamorm_py._table import Table
    from dynamorm_py._types import Item

M = TypeVar("M", bound=DynamoModel)

_WRITE_LIMIT = 25  # writes in one request: API Reference, BatchWriteItem
_READ_LIMIT = 100  # keys in one request: API Reference, BatchGetItem
_PASSING = (Throttled, ConnectionFailed, RequestTimeout, InternalServerError)
_RETRIES = 10
_FIRST_DELAY, _LONGEST_DELAY = 0.05, 5.0  # seconds; a table under load needs longer than a single write waits

ByKey: TypeAlias = "dict[Hashable, Prepared]"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item to write, in clear, and its key."""

    key: Item
    item: Item


def prepare_items(table: Table[M], instances: Iterable[M]) -> ByKey:
    """Encode instances as they are, lifecycle fields too, and return them by their keys.

    Raises InvalidValue, InvalidKey, ItemTooLarge; CallError when two that differ have the same key.
    """
    prepared: ByKey = {}
    for instance in instances:
        given = cast("object", instance)
        if type(given) is not table.model:
            raise InvalidValue(f"transform gives a {type(given).__name__}, not a {table.model.__name__}")
        item = table.codec.encode(instance)
        key = table.key_of_item(item)
        table.codec.read_back(item)
        before = prepared.setdefault(_identity(key), Prepared(key, item))
        if before.item != item:
            raise CallError(
                f"transform gives two different {table.model.__name__} with one key: one would replace the other"
            )
    return prepared


def write_items(table: Table[Any], prepared: ByKey) -> Plan[None]:
    """Put every item, whatever is there. Raises the last fault after ten retries of a batch."""
    puts: list[dict[str, Any]] = []
    for each in prepared.values():
        sealed = yield from table.sealed(each.item, each.key)
        puts.append({"PutRequest": {"Item": sealed}})
    for batch in _chunks(puts, _WRITE_LIMIT):
        left: Mapping[str, Any] = {table.name: batch}
        for delay in _delays():
            answer = yield from _attempt(Request("BatchWriteItem", {"RequestItems": left}), delay)
            left = left if answer is None else answer.get("UnprocessedItems") or {}
            if not left:
                break
            yield from _pause(delay, "BatchWriteItem", table)


def differing_keys(table: Table[M], prepared: ByKey) -> Plan[list[Item]]:
    """Return the keys of those items that the table does not have exactly so, read consistently."""
    wrong: list[Item] = []
    for batch in _chunks(list(prepared.items()), _READ_LIMIT):
        found: dict[Hashable, Item] = {}
        for instance in (yield from _read(table, [each.key for _, each in batch])):
            item = table.codec.encode(instance)
            found[_identity(table.key_of_item(item))] = item
        wrong += [each.key for identity, each in batch if found.get(identity) != each.item]
    return wrong


def _read(table: Table[M], keys: list[Item]) -> Plan[list[M]]:
    instances: list[M] = []
    left: Mapping[str, Any] = {table.name: {"Keys": keys, "ConsistentRead": True}}
    for delay in _delays():
        answer = yield from _attempt(Request("BatchGetItem", {"RequestItems": left}), delay)
        if answer is not None:
            items = [item for found in answer["Responses"].values() for item in found]
            instances += (yield from table.answer({"Items": items}, table.codec))["Items"]
            left = answer.get("UnprocessedKeys") or {}
        if not left:
            break
        yield from _pause(delay, "BatchGetItem", table)
    return instances


def _attempt(request: Request, delay: float | None) -> Plan[Mapping[str, Any] | None]:
    """Send a request; None for a fault that may pass, as long as there is a delay to try again after."""
    try:
        return (yield request)
    except _PASSING:
        if delay is None:
            raise
        return None


def _pause(delay: float | None, operation: str, table: Table[Any]) -> Plan[None]:
    if delay is None:
        raise DynamoDBError(
            f"{operation} on table {table.name!r}: DynamoDB left items unprocessed {_RETRIES + 1} times: "
            "set a lower writes_per_second=, or raise the capacity; then resume",
            operation=operation,
        )
    yield Sleep(delay)


def _delays() -> Iterator[float | None]:
    """Yield the wait after each attempt, None after the last."""
    for retry in range(_RETRIES):
        yield min(_FIRST_DELAY * 2**retry, _LONGEST_DELAY)
    yield None


T = TypeVar("T")


def _chunks(values: list[T], size: int) -> Iterator[list[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _identity(key: Item) -> Hashable:
    return tuple((name, *value.items()) for name, value in sorted(key.items()))
