"""Unique fields: a claim, an item of its own, is written with each item whose value nobody else may have.

A claim's key is `UNIQUE#Model#attribute#value`, with the sort key `UNIQUE`; it carries the owner's key and time to
live. The old value is read first, and must still hold when the transaction is made. Source: API Reference,
TransactWriteItems; Developer Guide, "Using transactions for uniqueness".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from dynamorm_py._expressions import (
    Action,
    Condition,
    Constant,
    attribute_equals,
    attribute_not_exists,
    render_condition,
)
from dynamorm_py._expressions import Placeholders as Names
from dynamorm_py._kernel.plans import Plan, Request, without_none
from dynamorm_py._model.kinds import CLAIM
from dynamorm_py.errors import AlreadyTaken, ConditionFailed, InvalidExpression, TransactionCancelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._kernel.plans import Response
    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._model.table import ModelTable
    from dynamorm_py._operations.conditions import PreparedWrite
    from dynamorm_py._schema import StoredField

_OWNER = "dynamorm_owner"
_ACTIONS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of one unique field: its value before and after, None for none."""

    field: StoredField
    old: AttributeValue | None
    new: AttributeValue | None


def touches_claims(table: ModelTable[Any], operation: str, prepared: PreparedWrite) -> bool:
    """Return whether a write may change a claim of the model's unique fields, or how long it lives."""
    unique = [each for each in table.schema.stored if each.unique]
    if not unique or operation != "UpdateItem":
        return bool(unique)
    ttl = table.schema.role("ttl")
    roots = {action.path[0] for action in _actions(prepared)}
    return bool(roots & {each.attribute for each in (*unique, *([ttl] if ttl is not None else []))})


def write_with_claims(
    table: ModelTable[Any], operation: str, prepared: PreparedWrite, returning: str | None
) -> Plan[Response]:
    """Send a write together with its claims. Raises AlreadyTaken with the field, ConditionFailed."""
    old = yield from _read(table, prepared.key)
    changes = [_change(each, operation, prepared, old) for each in table.schema.stored if each.unique]
    holding = [_as_read(change) for change in changes]
    guarded = cast("PreparedWrite", replace(cast("Any", prepared), condition=_all(prepared.condition, holding)))
    parameters = yield from guarded.parameters(table)
    parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    claims = list(_claims(table, prepared, operation, old, changes))
    items: list[Any] = [{_ACTIONS[operation]: parameters}, *(action for _, action in claims)]
    try:
        yield Request("TransactWriteItems", {"TransactItems": items})
    except TransactionCancelled as error:
        raise _refusal(table, error, [field for field, _ in claims]) from error
    if returning == "ALL_NEW":
        return {"Attributes": (yield from _read(table, prepared.key))}
    return {"Attributes": old} if old and returning == "ALL_OLD" else {}


def _read(table: ModelTable[Any], key: Item) -> Plan[Item]:
    response: Any = yield Request("GetItem", {"TableName": table.name, "Key": key, "ConsistentRead": True})
    return response.get("Item") or {}


def _actions(prepared: PreparedWrite) -> Sequence[Action]:
    return getattr(prepared, "actions", ())


def _change(field: StoredField, operation: str, prepared: PreparedWrite, old: Mapping[str, Any]) -> _Change:
    before = _value(old.get(field.attribute))
    if operation == "DeleteItem":
        return _Change(field, before, None)
    if operation == "PutItem":
        item: Item = cast("Any", prepared).item
        return _Change(field, before, _value(item.get(field.attribute)))
    for action in _actions(prepared):
        if action.path[0] == field.attribute:
            return _Change(field, before, _assigned(field, action))
    return _Change(field, before, before)


def _assigned(field: StoredField, action: Action) -> AttributeValue | None:
    if action.clause == "REMOVE":
        return None
    if action.clause == "SET" and len(action.path) == 1 and isinstance(action.operand, Constant):
        return _value(action.operand.value)
    raise InvalidExpression(f"{field.name} is unique, and its new value must be known: set() it to a value")


def _value(stored: AttributeValue | None) -> AttributeValue | None:
    return None if stored is None or "NULL" in stored else stored


def _as_read(change: _Change) -> Condition:
    path = (change.field.attribute,)
    if change.old is None:
        return attribute_not_exists(path) | attribute_equals(path, {"NULL": True})
    return attribute_equals(path, change.old)


def _all(condition: Condition | None, holding: Sequence[Condition]) -> Condition | None:
    for each in holding:
        condition = each if condition is None else condition & each
    return condition


def _claims(
    table: ModelTable[Any], prepared: PreparedWrite, operation: str, old: Item, changes: Sequence[_Change]
) -> Any:  # noqa: ANN401 -- pairs of a field and an action
    """Yield each claim that is made, renewed or given up, with its field."""
    ends = _ends(table, prepared, operation, old)
    for change in changes:
        if change.old is not None and change.old != change.new:
            yield change.field, {"Delete": {"TableName": table.name, "Key": claim_key(table, change.field, change.old)}}
        if change.new is not None:
            yield change.field, {"Put": _claim(table, prepared.key, change, ends)}


def _ends(table: ModelTable[Any], prepared: PreparedWrite, operation: str, old: Item) -> Item:
    """Return the time to live that the item will have, as the attribute of its claims."""
    ttl = table.schema.role("ttl")
    if ttl is None:
        return {}
    value = old.get(ttl.attribute)
    if operation == "PutItem":
        value = cast("Any", prepared).item.get(ttl.attribute)
    for action in _actions(prepared):
        if action.path[0] == ttl.attribute:
            value = action.value
    return {} if value is None or "N" not in value else {ttl.attribute: value}


def _claim(table: ModelTable[Any], key: Item, change: _Change, ends: Item) -> dict[str, Any]:
    """Return the put of a claim, on condition that nobody else has it."""
    names = Names()
    free = attribute_not_exists((table.schema.partition.attribute,)) | attribute_equals((_OWNER,), {"M": key})
    value: Any = change.new
    item = {
        **claim_key(table, change.field, value),
        CLAIM: {"S": f"{table.model.__name__}.{change.field.name}"},
        _OWNER: {"M": key},
        **ends,
    }
    return without_none(
        TableName=table.name,
        Item=item,
        ConditionExpression=render_condition(free, names),
        ExpressionAttributeNames=names.names,
        ExpressionAttributeValues=names.values,
    )


def claim_key(table: ModelTable[Any], field: StoredField, value: AttributeValue) -> Item:
    """Return the key of a claim."""
    ((tag, payload),) = value.items()
    text = payload.hex() if isinstance(payload, bytes) else quote(payload, safe="@-._~+")
    key: Item = {
        table.schema.partition.attribute: {"S": f"UNIQUE#{table.model.__name__}#{field.attribute}#{tag}#{text}"}
    }
    if table.schema.sort is not None:
        key[table.schema.sort.attribute] = {"S": "UNIQUE"}
    return key


def _refusal(
    table: ModelTable[Any], error: TransactionCancelled, fields: Sequence[StoredField]
) -> ConditionFailed | TransactionCancelled:
    """Return what a cancelled write means: a failed condition of the item itself, or a value that is taken."""
    own, *claims = error.reasons
    if own.code == "ConditionalCheckFailed":
        failed = ConditionFailed(f"{table.model.__name__}: the condition of the write did not hold")
        failed.raw_item = own.raw_item
        return failed
    for field, reason in zip(fields, claims, strict=True):
        if reason.code == "ConditionalCheckFailed":
            where = f"{table.model.__name__}.{field.name}"
            taken = AlreadyTaken(f"{where} is unique, and another item has this value: choose another")
            taken.field = field.name
            return taken
    return error
