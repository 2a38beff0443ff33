"""PutItem: `put` replaces an item, `create` writes it only where none is.

Source: API Reference, PutItem; CONTRACT 4 and 5.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dynamorm_py._expressions import Condition, Placeholders, attribute_not_exists
from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of, with_article
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.item_key import key_parts
from dynamorm_py._operations.lifecycle import (
    VersionGuard,
    expect_no_version,
    expect_version,
    held_version,
    stamp_new,
    stamp_replacement,
)
from dynamorm_py._operations.outcomes import account_for
from dynamorm_py._operations.write_conditions import (
    add_condition,
    checked_condition,
    holds_other,
    own_kind,
    together,
    write,
)
from dynamorm_py._operations.write_policy import check_replacement
from dynamorm_py.errors import AlreadyTaken, ConditionFailed, InvalidCall, InvalidValue, ItemAlreadyExists

if TYPE_CHECKING:
    import datetime as dt

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.serialized import SerializedItem
    from dynamorm_py._kernel.types import ExpectedVersion, Item
    from dynamorm_py._model.model_table import ModelTable

M = TypeVar("M", bound=DynamoModel)


@frozen
class PutRequest(Generic[M]):
    """A prepared put: the item in clear, and the condition.

    `read` is what was read back; None where the model is sure to read the item, so that only a caller who gets it
    pays for it.
    """

    key: Item
    item: SerializedItem = field(repr=False)
    condition: Condition | None
    codec: Codec[M] = field(repr=False)
    read: M | None = None
    version: VersionGuard | None = None
    kind: Condition | None = None
    new: bool = False
    """Whether it writes only where no item is."""

    @property
    def stored(self) -> M:
        """What will be read of the item."""
        return self.codec.read_back(self.item) if self.read is None else self.read

    def parameters(self, table: ModelTable[M]) -> Plan[dict[str, Any]]:
        """Return the parameters as single writes and transactions send them."""
        item = self.item if table.cipher is None else (yield from table.sealed(self.item, self.key))
        parameters: dict[str, Any] = {"TableName": table.name, "Item": item}
        if self.condition is not None or self.kind is not None:
            add_condition(parameters, together(self.condition, self.kind), Placeholders())
        return parameters


def prepare_replacement(
    table: ModelTable[M],
    instance: M,
    now: dt.datetime,
    *,
    condition: Condition | None = None,
    expected_version: ExpectedVersion = None,
) -> PutRequest[M]:
    """Build the put of a caller: as `prepare_put`, refused where the model's write policy forbids it."""
    check_replacement(table.codec)
    return prepare_put(table, instance, now, condition=condition, expected_version=expected_version)


def prepare_put(
    table: ModelTable[M],
    instance: M,
    now: dt.datetime,
    *,
    condition: Condition | None = None,
    expected_version: ExpectedVersion = None,
) -> PutRequest[M]:
    """Build the replacement of an item, guarded by the version that the instance holds."""
    item, guard = _encoded(table, instance), None
    if table.codec.schema.stamped or expected_version is not None:
        stamp_replacement(table.codec, instance, item, now, expected_version)
        guard = _version_guard(table, instance, expected_version)
    if condition is not None or guard is not None:
        condition = together(checked_condition(table, condition), guard and guard.condition)
    return _request(table, item, condition, guard, own_kind(table))


def _version_guard(table: ModelTable[M], instance: M, expected_version: ExpectedVersion) -> VersionGuard | None:
    held = held_version(table.codec, instance)
    if expected_version is None and held is None:
        return expect_no_version(table.codec)
    return expect_version(table.codec, expected_version, held)


def prepare_create(
    table: ModelTable[M], instance: M, now: dt.datetime, *, condition: Condition | None = None
) -> PutRequest[M]:
    """Build the write of a new item, refused where one exists."""
    condition = together(_absent(table), checked_condition(table, condition))
    item = _encoded(table, instance)
    stamp_new(table.codec, item, now)
    return replace(_request(table, item, condition), new=True)


def put(table: ModelTable[M], request: PutRequest[M]) -> Plan[M]:
    """Put an item and return it as stored. Raises ConditionFailed."""
    yield from write(table, "PutItem", request)
    return request.stored


def create(table: ModelTable[M], request: PutRequest[M]) -> Plan[M]:
    """Put a new item and return it as stored. Raises ItemAlreadyExists, or ConditionFailed for a further condition."""
    try:
        yield from write(table, "PutItem", request)
    except ConditionFailed as error:
        unmet = error.raw_item is None and request.condition != _absent(table)  # the caller's condition failed
        if unmet or isinstance(error, AlreadyTaken):
            raise
        raise _already_exists(table, error) from error.__cause__
    return request.stored


def _absent(table: ModelTable[Any]) -> Condition:
    return attribute_not_exists((table.schema.partition.attribute,))


def _encoded(table: ModelTable[M], instance: object) -> Item:
    if not isinstance(instance, table.model):
        name = table.model.__name__
        value: object = instance
        several = ", or write several with batch_write(put=[...])" if isinstance(value, list | tuple | set) else ""
        refusal = InvalidCall if instance is MISSING else InvalidValue
        raise refusal(
            f"{with_article(name)} is stored here, not {kind_of(instance)}: make one with {name}(...){several}"
        )
    codec = table.codec
    checked = _with_valid_parts(codec, instance) if codec.composes_key and codec.changes_values else instance
    return codec.encode(checked)


def _with_valid_parts(codec: Codec[M], instance: M) -> M:
    """Return the instance with the fields that its key is composed from as their validation makes them."""
    known = dict(instance.__dict__)
    parts = {name: known[name] for name in key_parts(codec) if known.get(name) is not None}
    made = {name: codec.validated(name, value, known).value for name, value in parts.items()}
    changed = {name: value for name, value in made.items() if value != parts[name]}
    return instance.model_copy(update=changed) if changed else instance


def _request(
    table: ModelTable[M],
    item: Item,
    condition: Condition | None,
    version: VersionGuard | None = None,
    kind: Condition | None = None,
) -> PutRequest[M]:
    if table.codec.derived:
        table.codec.derive(item)  # again: the library may have set a field that a key is composed from
    item, stored = _as_read(table, item)
    return PutRequest(table.key_of_item(item), item, condition, table.codec, stored, version, kind)


def _as_read(table: ModelTable[M], item: Item) -> tuple[SerializedItem, M | None]:
    """Return an item with what is read back of it; what was assigned goes through the validators, and is stored so."""
    codec = table.codec
    serialized = codec.serialized(item)
    if codec.reads_all_it_writes:
        return serialized, None
    stored = codec.read_back(serialized)
    if not codec.changes_values:
        return serialized, stored
    again = codec.encode(stored)
    if again == item:
        return serialized, stored
    serialized = codec.serialized(again)
    stored = codec.read_back(serialized)
    if codec.encode(stored) != again:
        raise InvalidValue(
            f"a validator of {table.model.__name__} makes another value each time: let it keep its value"
        )
    return serialized, stored


def _already_exists(table: ModelTable[M], error: ConditionFailed) -> ItemAlreadyExists:
    there = "" if error.item is None else " (it is in .item)"
    repair = "put() replaces it, update() changes it"
    if table.schema.write_policy.mode == "write_once":
        repair = "it is written once, so use another key"
    elif holds_other(table, error):
        repair, there = "it is of another model, so use another key", " (it is in .raw_item)"
    if table.expired(error.raw_item or {}):
        there += "; it has expired, and DynamoDB has not deleted it yet"
    exists = ItemAlreadyExists(
        f"{table.model.__name__}: an item with this key exists in table {table.name!r}: {repair}{there}"
    )
    exists.__dict__.update(error.__dict__)  # the item, the key, which call it was, and notes on these
    account_for(exists)
    return exists
