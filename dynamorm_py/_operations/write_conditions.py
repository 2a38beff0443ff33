"""What conditional writes share: rendering a condition, and completing the error when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from dynamorm_py._expressions import (
    Condition,
    Placeholders,
    attribute_equals,
    attribute_matches,
    attribute_not_exists,
    render_condition,
)
from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.plans import Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model.kinds import CLAIM, is_other
from dynamorm_py._operations.outcomes import DOUBT, account_for, accounted, as_kind, same_item
from dynamorm_py.errors import (
    AlreadyTaken,
    ConditionFailed,
    DynamoDBError,
    DynamormError,
    EncryptionError,
    InvalidCall,
    InvalidExpression,
    ItemDecodeError,
    VersionConflict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.lifecycle import VersionGuard

_REPAIR = "a condition is built with Attr(...), for example Attr(fields(User).score) > 3"
_LEFT_BEHIND = (
    "; Python's `is None`, `in`, `and`, `or` and `not` leave a bool behind, so write Attr(x) == None, "
    "Attr(x).is_in([...]), and & | ~ between conditions"
)


def together(*conditions: Condition | None) -> Condition | None:
    """Return the conditions joined by AND; None when there is none."""
    joined: Condition | None = None
    for condition in conditions:
        if condition is not None:
            joined = condition if joined is None else joined & condition
    return joined


def checked_condition(
    table: ModelTable[Any], condition: Condition | None, parameter: str = "condition="
) -> Condition | None:
    """Return the caller's condition. Raises InvalidExpression when it is none, or of another model."""
    value = cast("object", condition)
    if value is not None and not isinstance(value, Condition):
        more = _LEFT_BEHIND if isinstance(value, bool) else ""
        refusal = InvalidCall if value is MISSING else InvalidExpression
        raise refusal(f"{parameter} is {kind_of(value)}: {_REPAIR}{more}")
    if condition is not None:
        table.check_model(condition.model)
    return condition


def own_kind(table: ModelTable[Any]) -> Condition | None:
    """Return the condition that no item of another model is written over; None where nothing tells models apart."""
    kinds = table.codec.kind
    if not kinds:  # nearly all
        return _no_claim(table) if table.codec.schema.unique else None
    return together(*(attribute_not_exists((n,)) | attribute_is_one_of(n, values) for n, values in kinds.items()))


def is_kind(table: ModelTable[Any], carried: frozenset[str] | None = None) -> Condition | None:
    """Return the filter for the items of the model, by the attributes that an index carries."""
    if not table.codec.kind:  # nearly all
        return _no_claim(table) if table.codec.schema.unique else None
    kinds = table.codec.kind.items()
    return together(*(attribute_is_one_of(n, values) for n, values in kinds if carried is None or n in carried))


def attribute_is_one_of(name: str, values: Iterable[AttributeValue]) -> Condition:
    """Return the condition that an attribute has one of some values."""
    first, *others = (attribute_equals((name,), value) for value in values)
    for other in others:
        first |= other
    return first


def _no_claim(table: ModelTable[Any]) -> Condition | None:
    """Return the condition that an item is not a claim of a unique field, where no template of the key says so."""
    return None if table.codec.composes_key else attribute_not_exists((CLAIM,))


def scanned_kind(table: ModelTable[Any], carried: frozenset[str] | None = None) -> Condition | None:
    """Return the filter of a scan for the items of the model: by literals, else by how their keys begin."""
    kind = is_kind(table, carried)
    if kind is not None:
        return kind
    keys = [(key.attribute, key.template.head) for key in table.codec.derived.values() if key.field.is_key]
    begins = (attribute_matches((name,), "begins_with", ({"S": head},)) for name, head in keys if head)
    return together(attribute_not_exists((CLAIM,)) if table.schema.unique else None, *begins)


def unexpired(table: ModelTable[Any]) -> Condition | None:
    """Return the filter for items whose time to live has not passed; None where expired items are read."""
    if table.hides_expired is None or table.expiry is None:
        return None
    path, now = (table.expiry,), {"N": str(int(table.hides_expired().timestamp()))}
    without = attribute_not_exists(path) | attribute_equals(path, {"NULL": True})
    return without | attribute_matches(path, ">", (now,))


def render_optional(condition: Condition | None, placeholders: Placeholders) -> str | None:
    """Write a condition, if there is one."""
    return None if condition is None else render_condition(condition, placeholders)


def add_condition(parameters: dict[str, Any], condition: Condition | None, placeholders: Placeholders) -> None:
    """Add a condition, if there is one, to the parameters of a write, with all the placeholders."""
    if condition is not None:
        parameters["ConditionExpression"] = render_condition(condition, placeholders)
    if (names := placeholders.names) is not None:
        parameters["ExpressionAttributeNames"] = names
    if (values := placeholders.values) is not None:
        parameters["ExpressionAttributeValues"] = values


class PreparedWrite(Protocol):
    """A write that is checked and encoded, and only has to be sealed and sent."""

    @property
    def key(self) -> Item:
        """The item's key in DynamoDB's form."""
        ...

    @property
    def condition(self) -> Condition | None:
        """What must hold for the item; the caller's conditions, and those of create, must_exist and version."""
        ...

    @property
    def version(self) -> VersionGuard | None:
        """The version that the condition asks for, None where it asks for none."""
        ...

    def parameters(self, table: ModelTable[Any]) -> Plan[dict[str, Any]]:
        """Return the parameters as single writes and transactions send them."""
        ...


@frozen
class GuardedKey:
    """A key and the condition on its item: all that a delete or a condition check says."""

    key: Item
    condition: Condition | None
    version: VersionGuard | None = None
    kind: Condition | None = None

    def parameters(self, table: ModelTable[Any]) -> Plan[dict[str, Any]]:
        """Return the parameters as single writes and transactions send them."""
        yield from ()
        parameters: dict[str, Any] = {"TableName": table.name, "Key": self.key}
        if self.condition is not None or self.kind is not None:
            add_condition(parameters, together(self.condition, self.kind), Placeholders())
        return parameters


def write(
    table: ModelTable[Any],
    operation: str,
    prepared: PreparedWrite,
    returning: str | None = None,
    token: str | None = None,
) -> Plan[Response]:
    """Send a single write; a failed condition is raised with the item as it was and the key.

    `token` is for a write that claims make a transaction. Every error tells by `.outcome` whether the write may have
    been applied.
    """
    if table.codec.schema.unique:
        return _write_claimed(table, operation, prepared, returning, token)
    return _write_alone(table, operation, prepared, returning)


def _write_claimed(
    table: ModelTable[Any], operation: str, prepared: PreparedWrite, returning: str | None, token: str | None
) -> Plan[Response]:
    """Send a write of a model with unique fields, in a transaction where it touches their claims."""
    from dynamorm_py._operations.claimed_writes import write_with_claims  # noqa: PLC0415 -- it needs this one

    try:
        answer = yield from accounted(write_with_claims(table, operation, prepared, returning, token))
    except AlreadyTaken:
        raise
    except ConditionFailed as error:
        raise (yield from explained(table, prepared, error)) from error.__cause__
    return (yield from _write_alone(table, operation, prepared, returning)) if answer is None else answer


def _write_alone(
    table: ModelTable[Any], operation: str, prepared: PreparedWrite, returning: str | None
) -> Plan[Response]:
    parameters: dict[str, Any] = {}
    try:
        parameters = yield from prepared.parameters(table)
        if returning is not None:
            parameters["ReturnValues"] = returning
        if "ConditionExpression" in parameters:
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return (yield Request(operation, parameters, raw=True))
    except DynamormError as error:
        account_for(error)
        if not isinstance(error, ConditionFailed):
            raise
        if _is_own_write(parameters, error):
            return Response(document={})
        raise (yield from explained(table, prepared, error)) from error.__cause__


def _is_own_write(parameters: Mapping[str, Any], error: ConditionFailed) -> bool:
    """Return whether the item in the way is the one that an earlier attempt of this very call has put."""
    return error.outcome == "unknown" and "Item" in parameters and same_item(parameters["Item"], error.raw_item)


def explained(table: ModelTable[Any], prepared: PreparedWrite, error: ConditionFailed) -> Plan[ConditionFailed]:
    """Return the error with the item as it was, the key and what is known of the reason."""
    other = holds_other(table, error)
    guard, conflict = prepared.version, not other and _is_version_conflict(prepared, error)
    why = "; there is no item with this key" if error.raw_item is None else _OTHER if other else ""
    if conflict and error.raw_item is not None and guard is not None:
        why = _STARTS_OVER if guard.expected is None else _CHANGED
    text, doubt, _ = str(error).partition(DOUBT)
    explained = as_kind(VersionConflict, text, error) if conflict else error
    explained.args = (f"{text}{why}{doubt}",)
    yield from complete(table, prepared.key, explained)
    return explained


def holds_other(table: ModelTable[Any], error: ConditionFailed) -> bool:
    """Return whether the item in the way is of another model of the table."""
    return error.raw_item is not None and table.codec.told_apart and is_other(table.codec, error.raw_item)


def _is_version_conflict(prepared: PreparedWrite, error: ConditionFailed) -> bool:
    """Return whether the guard by the version failed; beside another condition, what is stored tells."""
    guard = prepared.version
    if guard is None:
        return False
    return prepared.condition == guard.condition or not guard.matches(error.raw_item)


_CHANGED = "; the item may have changed since its version was read (it is in .item as it is now)"
_OTHER = "; the item there is of another model (it is in .raw_item): use another key"
_STARTS_OVER = (
    "; the item there has a version, and what was put holds none: read it first and put what you read, "
    "or pass expected_version=ANY to overwrite it"
)


def complete(table: ModelTable[Any], key: Item, error: ConditionFailed) -> Plan[None]:
    """Put the key and the old item, as a model, on the error."""
    error.key = key
    error.item = yield from item_as_it_was(table, error.raw_item, error)


def item_as_it_was(table: ModelTable[Any], raw_item: Mapping[str, Any] | None, error: DynamoDBError) -> Plan[Any]:
    """Return the old item of a failed condition as a model; None for none, another model's, and an unreadable one.

    The failed condition is the news: that the item cannot be read is a note on its error.
    """
    if raw_item is None or CLAIM in raw_item:
        return None
    try:
        return (yield from table.decode_response(Response(document={"Item": raw_item}), table.codec))["Item"]
    except (ItemDecodeError, EncryptionError) as unreadable:
        error.add_note(f"the item as it was is in .raw_item, since it cannot be read: {unreadable}")
        return None
