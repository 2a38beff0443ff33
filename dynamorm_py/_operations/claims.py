"""Unique fields: a claim, an item of its own, is written with each item whose value no other item may have.

A claim's key is `UNIQUE#Model#attribute#value`, with the sort key `UNIQUE`; it carries the owner's key and time to
live. Nothing here asks DynamoDB: `claimed_writes` reads the old values and sends the transaction.
Source: Developer Guide, "Using transactions for uniqueness".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from dynamorm_py._codec import plain_number
from dynamorm_py._expressions import (
    Action,
    Condition,
    Constant,
    Placeholders,
    attribute_equals,
    attribute_not_exists,
    render_condition,
)
from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model.kinds import CLAIM
from dynamorm_py._operations.write_conditions import together
from dynamorm_py._schema import PARTITION_KEY_BYTES
from dynamorm_py.errors import AlreadyTaken, InvalidExpression, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.write_conditions import PreparedWrite
    from dynamorm_py._schema import StoredField

_OWNER = "dynamorm_owner"


@frozen
class ClaimingWrite:
    """A write of a model with unique fields; `kind` is the key of its action in TransactItems."""

    table: ModelTable[Any]
    kind: str
    prepared: PreparedWrite

    @property
    def actions(self) -> Sequence[Action]:
        """The actions of an update."""
        return getattr(self.prepared, "actions", ())


@frozen
class Change:
    """What becomes of one unique field: its value before and after, None for none."""

    field: StoredField
    old: AttributeValue | None
    new: AttributeValue | None

    def held(self) -> Condition:
        """Return the condition that the old value is still there."""
        path = (self.field.attribute,)
        if self.old is None:
            return attribute_not_exists(path) | attribute_equals(path, {"NULL": True})
        return attribute_equals(path, self.old)


@frozen
class Claim:
    """A claim that is made or released by the write of this number; `owners` are the keys that may hold it now."""

    number: int
    write: ClaimingWrite
    field: StoredField
    key: Item
    owners: tuple[Item, ...]
    item: Item | None

    @property
    def identity(self) -> str:
        """What names the claim among those of one client."""
        return f"{self.write.table.name} {self.key[self.write.table.schema.partition.attribute]['S']}"

    def request(self) -> dict[str, Any]:
        """Return the action as TransactItems has it: only the owners may hold the claim."""
        names = Placeholders()
        free = attribute_not_exists((self.write.table.schema.partition.attribute,))
        for owner in self.owners:
            free |= attribute_equals((_OWNER,), {"M": owner})
        parameters = without_none(
            TableName=self.write.table.name,
            Key=self.key if self.item is None else None,
            Item=self.item,
            ConditionExpression=render_condition(free, names),
            ExpressionAttributeNames=names.names,
            ExpressionAttributeValues=names.values,
        )
        return {"Delete" if self.item is None else "Put": parameters}

    def taken(self) -> str:
        """Return what is wrong when another holds the claim."""
        return f"{self.write.table.model.__name__}.{self.field.name} is unique, and another item has this value"


def touches_claims(write: ClaimingWrite) -> bool:
    """Return whether a write may change a claim of the model's unique fields, or how long it lives."""
    schema = write.table.schema
    if not schema.unique or write.kind not in {"Put", "Update", "Delete"}:
        return False
    ttl = schema.role("ttl")
    roots = {action.path[0] for action in write.actions}
    watched = {each.attribute for each in (*schema.unique, *([ttl] if ttl is not None else []))}
    return write.kind != "Update" or bool(roots & watched)


def changes_of(write: ClaimingWrite, old: Mapping[str, Any]) -> list[Change]:
    """Return what becomes of each unique field of the item that is there. Raises InvalidExpression."""
    return [_change(each, write, old) for each in write.table.schema.unique]


def check_assignments(write: ClaimingWrite) -> None:
    """Raise InvalidExpression for an update whose new value of a unique field is not known."""
    for each in write.table.schema.unique if write.kind == "Update" else ():
        for action in write.actions:
            if action.path[0] == each.attribute:
                _assigned(each, action)


def guarded(write: ClaimingWrite, changes: Iterable[Change]) -> PreparedWrite:
    """Return the write on condition that the old values are still there."""
    condition = together(write.prepared.condition, *(change.held() for change in changes))
    return cast("PreparedWrite", replace(cast("Any", write.prepared), condition=condition))


def _change(field: StoredField, write: ClaimingWrite, old: Mapping[str, Any]) -> Change:
    before = _value(old.get(field.attribute))
    if write.kind == "Delete":
        return Change(field, before, None)
    if write.kind == "Put":
        item: Item = cast("Any", write.prepared).item
        return Change(field, before, _value(item.get(field.attribute)))
    for action in write.actions:
        if action.path[0] == field.attribute:
            return Change(field, before, _assigned(field, action))
    return Change(field, before, before)


def _assigned(field: StoredField, action: Action) -> AttributeValue | None:
    if action.clause == "REMOVE":
        return None
    if action.clause == "SET" and len(action.path) == 1 and isinstance(action.operand, Constant):
        return _value(action.operand.value)
    raise InvalidExpression(f"{field.name} is unique, and its new value must be known: set() it to a value")


def _value(stored: AttributeValue | None) -> AttributeValue | None:
    return None if stored is None or "NULL" in stored else stored


def claims_of(number: int, write: ClaimingWrite, changes: Iterable[Change], old: Item) -> Iterator[Claim]:
    """Yield each claim that the write makes, renews or gives up. Raises InvalidValue."""
    ends, owner = _ends(write, old), write.prepared.key
    for change in changes:
        field, name = change.field, f"{write.table.model.__name__}.{change.field.name}"
        before, after = (_claimed(write.table, field, value) for value in (change.old, change.new))
        if before is not None and before != after:
            key = claim_key(write.table, field, before)
            yield Claim(number, write, field, key, (owner,), None)
        if after is not None:
            key = claim_key(write.table, field, after)
            _check_length(write.table, field, key)
            item = {**key, CLAIM: {"S": name}, _OWNER: {"M": owner}, **ends}
            yield Claim(number, write, field, key, (owner,), item)


def _claimed(table: ModelTable[Any], field: StoredField, value: AttributeValue | None) -> AttributeValue | None:
    """Return what is claimed, in one form for values that are equal: 1.50 is 1.5. None for what `OmitEmpty` omits."""
    node = table.codec.node.fields[field.name].node
    if value is None or (field.omit_empty and node.is_empty(value)):
        return None
    return plain_number(node.normalize(value))


def merged_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Make one action of a value that one write gives up and another takes. Raises AlreadyTaken where two take it."""
    found: dict[str, Claim] = {}
    for claim in claims:
        other = found.get(claim.identity)
        if other is None:
            found[claim.identity] = claim
            continue
        if claim.item is not None and other.item is not None:
            error = AlreadyTaken(f"{claim.taken()} in the same transaction: choose another")
            error.field = claim.field.name
            raise error
        made = other if claim.item is None else claim
        found[claim.identity] = replace(made, owners=(*other.owners, *claim.owners))
    return list(found.values())


def _ends(write: ClaimingWrite, old: Item) -> Item:
    """Return the time to live that the item will have, as the attribute of its claims."""
    ttl = write.table.schema.role("ttl")
    if ttl is None:
        return {}
    value = old.get(ttl.attribute)
    if write.kind == "Put":
        value = cast("Any", write.prepared).item.get(ttl.attribute)
    for action in write.actions:
        if action.path[0] == ttl.attribute:
            value = action.value
    return {} if value is None or "N" not in value else {ttl.attribute: value}


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


def _check_length(table: ModelTable[Any], field: StoredField, key: Item) -> None:
    if len(key[table.schema.partition.attribute]["S"].encode()) > PARTITION_KEY_BYTES:
        raise InvalidValue(
            f"{table.model.__name__}.{field.name} is unique, and its value is too long for the key of its claim, which "
            f"holds {PARTITION_KEY_BYTES} bytes: limit the field's length"
        )
