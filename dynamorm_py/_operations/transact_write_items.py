"""TransactWriteItems: 1 to 100 writes and checks over any tables, all or none.

All attempts of one call carry one token, so a transaction whose answer was lost is applied once.
Source: API Reference, TransactWriteItems; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec import item_size
from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._operations.outcomes import accounted
from dynamorm_py._operations.put_item import PutRequest
from dynamorm_py._operations.retries import retried
from dynamorm_py._operations.transactions import Action, check_actions, complete_reasons, may_go_through
from dynamorm_py._operations.writes import Check, Create, Delete, Put, Update, Write
from dynamorm_py.errors import InvalidTransaction, TransactionCancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations.conditions import PreparedWrite

_SIZE_LIMIT = 4 * 1024 * 1024  # bytes of all items of a transaction: API Reference, TransactWriteItems
_TOKEN_LIMIT = 36  # characters: API Reference, TransactWriteItems, ClientRequestToken


@dataclass(frozen=True, slots=True)
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
            kind = type(write).__name__
            raise InvalidTransaction(f"transact_write takes Put, Create, Update, Delete and Check, not {kind}")
        _refuse_claims(write)
        if isinstance(write, Update) and write.read:
            raise InvalidTransaction("a transaction reads nothing first: read the item, and pass it as the key")
    now = writes[0].context.clock() if writes else None
    prepared = [write.prepare(now) for write in writes if now is not None]
    actions = [Action(write, write.context, each.key) for write, each in zip(writes, prepared, strict=True)]
    check_actions(actions)
    return TransactWrite(actions, prepared, token)


def _refuse_claims(write: Write[Any]) -> None:
    unique = [each.name for each in write.context.table.schema.stored if each.unique]
    if unique and not isinstance(write, Check):
        raise InvalidTransaction(
            f"{', '.join(unique)} of {write.context.table.model.__name__} is unique, which takes a transaction of its "
            "own: write the item by itself"
        )


def transact_write(transaction: TransactWrite, retries: int) -> Plan[tuple[DynamoModel | None, ...]]:
    """Write all or nothing; return what each put and create stored, None for the others.

    Raises TransactionCancelled, InvalidTransaction over 4 MB, and the faults that outlast the retries.
    """
    items = yield from accounted(_sealed(transaction))
    request = Request("TransactWriteItems", {"TransactItems": items, "ClientRequestToken": transaction.token}, raw=True)
    try:
        yield from accounted(retried(request, retries, may_go_through, write=True))
    except TransactionCancelled as error:
        yield from complete_reasons(error, transaction.actions)
        raise
    return tuple(_stored(prepared) for prepared in transaction.prepared)


def _stored(prepared: PreparedWrite) -> DynamoModel | None:
    return cast("PutRequest[DynamoModel]", prepared).stored if isinstance(prepared, PutRequest) else None


def _sealed(transaction: TransactWrite) -> Plan[list[dict[str, Any]]]:
    """Return the actions as the request has them, once for all attempts. Raises InvalidTransaction over 4 MB."""
    items: list[dict[str, Any]] = []
    size = 0
    for action, prepared in zip(transaction.actions, transaction.prepared, strict=True):
        context = action.context
        parameters = yield from context.own(prepared.parameters(context.table))
        size += item_size(parameters.get("Item", prepared.key))
        if "ConditionExpression" in parameters:
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        items.append({action.value.action_name: parameters})
    if size > _SIZE_LIMIT:
        raise InvalidTransaction(f"the items have {size} bytes, a transaction takes {_SIZE_LIMIT}: make it two")
    return items
