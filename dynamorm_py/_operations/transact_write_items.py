"""TransactWriteItems: 1 to 100 writes and checks over any tables, all or none.

All attempts of one call carry one token, so a transaction whose answer was lost is applied once.
Source: API Reference, TransactWriteItems; CONTRACT 5.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec import item_size
from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._operations.claimed_writes import Claimed, token_of, transact_claimed
from dynamorm_py._operations.claims import ClaimingWrite
from dynamorm_py._operations.outcomes import accounted
from dynamorm_py._operations.put_item import PutRequest
from dynamorm_py._operations.retries import retried
from dynamorm_py._operations.transaction_actions import (
    Action,
    check_actions,
    check_count,
    complete_reasons,
    may_go_through,
)
from dynamorm_py._operations.writes import Check, Create, Delete, Put, Update, Write
from dynamorm_py.errors import InvalidTransaction, TransactionCancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations.write_conditions import PreparedWrite

_SIZE_LIMIT = 4 * 1024 * 1024  # bytes of all items of a transaction: API Reference, TransactWriteItems
_TOKEN_LIMIT = 36  # characters: API Reference, TransactWriteItems, ClientRequestToken


@frozen
class TransactWrite:
    """A transaction that is checked and encoded, and only has to be sealed and sent."""

    actions: Sequence[Action]
    prepared: Sequence[PreparedWrite]
    token: str


def prepare_transact_write(writes: Sequence[Write[Any]], token: str) -> TransactWrite:
    """Check and encode the writes, all at one reading of the first repository's clock. Raises InvalidTransaction."""
    if not isinstance(cast("object", token), str) or not 0 < len(token) <= _TOKEN_LIMIT:
        raise InvalidTransaction(f"token= takes a str of 1 to {_TOKEN_LIMIT} characters")
    for write in writes:
        if not isinstance(cast("object", write), Put | Create | Update | Delete | Check):
            raise InvalidTransaction(
                f"transact_write takes Put, Create, Update, Delete and Check, not {kind_of(write)}"
            )
        if isinstance(write, Update) and write.read:
            raise InvalidTransaction("a transaction reads nothing first: read the item, and pass it as the key")
    now = writes[0].context.clock() if writes else None
    prepared = [write.prepare(write.context.table, now) for write in writes if now is not None]
    actions = [Action(write, write.context, each.key) for write, each in zip(writes, prepared, strict=True)]
    check_actions(actions)
    return TransactWrite(actions, prepared, token)


def transact_write(transaction: TransactWrite, retries: int) -> Plan[tuple[DynamoModel | None, ...]]:
    """Write all or nothing; return what each put and create stored, None for the others.

    Claims of unique fields go along. Raises TransactionCancelled, InvalidTransaction over 4 MB or 100 actions with the
    claims, AlreadyTaken, and the faults that outlast the retries.
    """
    writes = [
        ClaimingWrite(each.context.table, "" if isinstance(each.value, Check) else each.value.action_name, prepared)
        for each, prepared in zip(transaction.actions, transaction.prepared, strict=True)
    ]
    try:
        yield from accounted(transact_claimed(writes, partial(_send, transaction, retries)))
    except TransactionCancelled as error:
        yield from complete_reasons(error, transaction.actions)
        raise
    return tuple(_stored(prepared) for prepared in transaction.prepared)


def _send(transaction: TransactWrite, retries: int, claimed: Claimed, attempt: int) -> Plan[None]:
    items = yield from _sealed(transaction.actions, claimed)
    token = token_of(transaction.token, attempt)
    request = Request("TransactWriteItems", {"TransactItems": items, "ClientRequestToken": token}, raw=True)
    yield from retried(request, retries, may_go_through, write=True)


def _stored(prepared: PreparedWrite) -> DynamoModel | None:
    return cast("PutRequest[DynamoModel]", prepared).stored if isinstance(prepared, PutRequest) else None


def _sealed(actions: Sequence[Action], claimed: Claimed) -> Plan[list[dict[str, Any]]]:
    """Return the actions and claims as the request has them, once for its retries. Raises InvalidTransaction."""
    check_count(len(actions), len(claimed.claims))
    items: list[dict[str, Any]] = []
    size = 0
    for action, prepared in zip(actions, claimed.prepared, strict=True):
        context = action.context
        parameters = yield from context.own(prepared.parameters(context.table))
        size += item_size(parameters.get("Item", prepared.key))
        if "ConditionExpression" in parameters:
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        items.append({action.value.action_name: parameters})
    if size > _SIZE_LIMIT:
        raise InvalidTransaction(f"the items have {size} bytes, a transaction takes {_SIZE_LIMIT}: make it two")
    return [*items, *(claim.request() for claim in claimed.claims)]
