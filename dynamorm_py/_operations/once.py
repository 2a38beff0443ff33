"""An update that is applied once, though an answer is lost: a transaction of one action, under a token.

All attempts carry the token, and DynamoDB answers an attempt that was applied before with success, for ten minutes. A
transaction returns no item, so the item is read afterwards. Source: API Reference, TransactWriteItems,
ClientRequestToken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamorm_py._kernel.plans import Request
from dynamorm_py._model import DynamoModel
from dynamorm_py._operations.claims import ClaimingWrite, touches_claims
from dynamorm_py._operations.outcomes import accounted, after_writing, as_kind
from dynamorm_py._operations.retries import DEFAULT_RETRIES, retried
from dynamorm_py._operations.transaction_actions import CONDITION, may_go_through
from dynamorm_py._operations.write_conditions import explained, write
from dynamorm_py.errors import ConditionFailed, ItemNotFound, TransactionCancelled

if TYPE_CHECKING:
    from uuid import UUID

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.update_item import UpdateRequest

M = TypeVar("M", bound=DynamoModel)


def update_once(table: ModelTable[M], request: UpdateRequest, token: UUID) -> Plan[M]:
    """Update an item, once for all attempts, and return it as it is just after.

    Raises ConditionFailed; ItemNotFound where the item was updated, and deleted before it could be read.
    """
    if touches_claims(ClaimingWrite(table, "Update", request)):  # its claims make it a transaction already
        yield from write(table, "UpdateItem", request, token=str(token))
    else:
        yield from accounted(_transact(table, request, str(token)))
    return (yield from after_writing(_read_afterwards(table, request), "the item was updated all the same"))


def _read_afterwards(table: ModelTable[M], request: UpdateRequest) -> Plan[M]:
    parameters = {"TableName": table.name, "Key": request.key, "ConsistentRead": True}
    response = yield Request("GetItem", parameters, raw=True)
    item = (yield from table.decode_response(response, table.codec)).get("Item")
    if item is None:
        error = ItemNotFound(table.model.__name__, table.name, request.key)
        error.add_note("the item was updated, and deleted by another caller before it could be read")
        raise error
    return cast("M", item)


def _transact(table: ModelTable[Any], request: UpdateRequest, token: str) -> Plan[None]:
    parameters = yield from request.parameters(table)
    if "ConditionExpression" in parameters:
        parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    body = {"TransactItems": [{"Update": parameters}], "ClientRequestToken": token}
    try:
        yield from retried(Request("TransactWriteItems", body, raw=True), DEFAULT_RETRIES, may_go_through, write=True)
    except TransactionCancelled as cancelled:
        reason = cancelled.reasons[0] if cancelled.reasons else None
        if reason is None or reason.code != CONDITION:
            raise
        message = f"UpdateItem on table {table.name!r}: the condition did not hold, nothing was written"
        failed = as_kind(ConditionFailed, message, cancelled)
        failed.raw_item = reason.raw_item
        raise (yield from explained(table, request, failed)) from cancelled.__cause__
