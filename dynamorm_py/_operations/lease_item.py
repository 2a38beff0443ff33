"""Leases: an item that one holder at a time owns until a time that it names.

A lease is an item of its own with the attributes that all languages of the contract share, whatever the
model's naming. The token names the holder; the time is compared by each contender's own clock, so what
the lease guards is safe only under the token's condition. Source: CONTRACT 9.
"""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._expressions import (
    Condition,
    Placeholders,
    attribute_at_most,
    attribute_equals,
    attribute_not_exists,
    render_condition,
    render_update,
    set_attribute,
)
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._operations.arguments import check_number
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.outcomes import accounted
from dynamorm_py.errors import CallError, ConditionFailed, InvalidKey, LeaseHeld, LeaseLost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.model_table import ModelTable

_TOKEN, _EXPIRES, _TTL = ("lease_token",), ("lease_expires_at",), ("ttl",)  # CONTRACT 9
_TTL_MARGIN = 3600  # seconds from expiry to the item's deletion by DynamoDB: CONTRACT 9
_SHORTEST = 1  # second; expiry is stored in whole seconds
_NO_LEASE = "an item that is not a lease has this key: keep leases under keys of their own"


@public("dynamorm_py.leases")
@frozen
class Lease:
    """An acquired lease: its key as passed, the holder's token, and when it expires unless it is refreshed."""

    key: object
    token: str
    expires_at: dt.datetime

    @property
    def condition(self) -> Condition:
        """The fence: holds for the lease's item until another holder takes it, whatever any clock says.

        Put it on a check of `.key` in the transaction that the lease guards.
        """
        return attribute_equals(_TOKEN, {"S": self.token})


def acquire_lease(table: ModelTable[Any], key: object, token: str, now: dt.datetime, seconds: float) -> Plan[Lease]:
    """Take the lease when there is none, it has expired, or this token holds it. Raises LeaseHeld.

    The same token may take it again: so does a request whose first answer was lost.
    """
    wire_key, lease = table.key(key), _lease(key, token, now, seconds)
    free = attribute_not_exists((table.schema.partition.attribute,))
    expired = attribute_at_most(_EXPIRES, {"N": str(math.floor(now.timestamp()))})
    placeholders = Placeholders()
    parameters = {
        "TableName": table.name,
        "Item": wire_key | _attributes(lease),
        "ConditionExpression": render_condition(free | expired | lease.condition, placeholders),
    }
    try:
        yield from accounted(_ask("PutItem", parameters, placeholders))
    except ConditionFailed as error:
        raise _held(table, wire_key, error) from error.__cause__
    return lease


def refresh_lease(table: ModelTable[Any], lease: Lease, now: dt.datetime, seconds: float) -> Plan[Lease]:
    """Hold the lease for this many seconds from now. Raises LeaseLost when another took it, or it was released.

    A lease that has expired and was not taken is held again.
    """
    longer = _lease(_held_lease(lease).key, lease.token, now, seconds)
    actions = [set_attribute((name,), value) for name, value in _attributes(longer).items() if name != _TOKEN[0]]
    placeholders = Placeholders()
    parameters = {
        "TableName": table.name,
        "Key": table.key(lease.key),
        "UpdateExpression": render_update(actions, placeholders),
        "ConditionExpression": render_condition(lease.condition, placeholders),
    }
    try:
        yield from accounted(_ask("UpdateItem", parameters, placeholders))
    except ConditionFailed as error:
        raise _lost(table, error) from error.__cause__
    return longer


def release_lease(table: ModelTable[Any], lease: Lease) -> Plan[bool]:
    """Give the lease up and return whether it was still there. Raises LeaseLost when another holds it."""
    placeholders = Placeholders()
    parameters = {
        "TableName": table.name,
        "Key": table.key(_held_lease(lease).key),
        "ConditionExpression": render_condition(lease.condition, placeholders),
    }
    try:
        yield from accounted(_ask("DeleteItem", parameters, placeholders))
    except ConditionFailed as error:
        if error.raw_item:
            raise _lost(table, error) from error.__cause__
        return False  # released before, perhaps by a request whose answer was lost
    return True


def _ask(operation: str, parameters: dict[str, Any], placeholders: Placeholders) -> Plan[None]:
    yield from ask(
        operation,
        parameters
        | {
            "ExpressionAttributeNames": placeholders.names,
            "ExpressionAttributeValues": placeholders.values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def _held_lease(lease: Lease) -> Lease:
    """Return the lease of a call. Raises CallError for anything else, a key as well."""
    value = cast("object", lease)
    if not isinstance(value, Lease):
        raise CallError(f"a lease is refreshed and released by what acquire() returned, got {kind_of(value)}")
    return lease


def _lease(key: object, token: str, now: dt.datetime, seconds: float) -> Lease:
    """Return the lease from now on, its end rounded up to a whole second. Raises CallError."""
    check_number("seconds", seconds, "seconds", least=_SHORTEST)
    if not isinstance(cast("object", token), str) or not token:
        raise CallError("a lease's token is a str that no other holder has: leave token= out for one of its own")
    if now.tzinfo is None:
        raise CallError("the clock gives a naive datetime: clock=lambda: datetime.now(UTC)")
    expires_at = None
    with suppress(OverflowError):
        expires_at = _instant(math.ceil(now.timestamp() + seconds))
    if expires_at is None:
        raise CallError("a lease ends after the year 9999 with these seconds: pass fewer, such as seconds=30")
    return Lease(key, token, expires_at)


def _instant(seconds: float) -> dt.datetime | None:
    """Return the instant of epoch seconds; None beyond the years that Python knows."""
    with suppress(OverflowError, ValueError, OSError):
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    return None


def _attributes(lease: Lease) -> Item:
    expires = int(lease.expires_at.timestamp())
    return {
        _TOKEN[0]: {"S": lease.token},
        _EXPIRES[0]: {"N": str(expires)},
        _TTL[0]: {"N": str(expires + _TTL_MARGIN)},
    }


def _held(table: ModelTable[Any], key: Item, error: ConditionFailed) -> LeaseHeld | InvalidKey:
    stored: Mapping[str, Any] = error.raw_item or {}
    if error.raw_item is not None and _TOKEN[0] not in stored:
        return InvalidKey(f"{table.name!r}: {_NO_LEASE}")
    until = stored.get(_EXPIRES[0], {}).get("N")
    held = LeaseHeld(
        f"another holder has this lease in table {table.name!r}: try again after .expires_at (the key is in .key)",
        operation=error.operation,
        aws_code=error.aws_code,
        request_id=error.request_id,
    )
    held.key, held.outcome = key, error.outcome
    held.expires_at = None if until is None else _instant(float(until))
    return held


def _lost(table: ModelTable[Any], error: ConditionFailed) -> LeaseLost:
    lost = LeaseLost(
        f"the lease in table {table.name!r} is no longer this holder's: it expired and another holder took it, or it "
        "was released; stop what it guards, and acquire it again",
        operation=error.operation,
        aws_code=error.aws_code,
        request_id=error.request_id,
    )
    lost.outcome = error.outcome
    return lost
