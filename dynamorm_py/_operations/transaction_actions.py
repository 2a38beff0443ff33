"""What transactions of writes and of reads share: their limits, their retries, and the reasons of a cancellation.

Source: API Reference, TransactWriteItems and TransactGetItems, "TransactionCanceledException"; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.retries import may_pass
from dynamorm_py._operations.write_conditions import item_as_it_was
from dynamorm_py.errors import (
    ConditionFailed,
    InvalidTransaction,
    TransactionCancelled,
    TransactionConflict,
    TransactionInProgress,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import Context
    from dynamorm_py.errors import CancellationReason

_ACTION_LIMIT = 100  # actions in one transaction: API Reference, TransactWriteItems and TransactGetItems
CONDITION = "ConditionalCheckFailed"
_MAY_PASS = frozenset(
    {
        "TransactionConflict",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "RequestLimitExceeded",
        "InternalServerError",
        "InternalFailure",
    }
)


@frozen
class Action:
    """One action of a transaction: the value as it was passed, its repository, the key of its item."""

    value: Any
    context: Context[Any]
    key: Item


def check_actions(actions: Sequence[Action]) -> None:
    """Raise InvalidTransaction unless there are 1 to 100, of one client, each on another item."""
    if not 0 < len(actions) <= _ACTION_LIMIT:
        repair = "split it" if actions else "leave out the call when there is nothing to do"
        raise InvalidTransaction(f"a transaction has 1 to {_ACTION_LIMIT} actions, this one {len(actions)}: {repair}")
    first: dict[Hashable, int] = {}
    for index, action in enumerate(actions):
        actions[0].context.check_shares_client(action.context, InvalidTransaction)
        other = first.setdefault(action.context.table.identity(action.key), index)
        if other != index:
            raise InvalidTransaction(
                f"actions {other} and {index} are about one item of table {action.context.table.name!r}: "
                "a transaction takes one action for each item, so combine them, such as an Update with a condition"
            )


def check_count(actions: int, claims: int) -> None:
    """Raise InvalidTransaction unless the actions fit into one request together with the claims of unique fields."""
    if actions + claims > _ACTION_LIMIT:
        raise InvalidTransaction(
            f"a transaction has at most {_ACTION_LIMIT} actions, and the unique fields of these {actions} take "
            f"{claims} more: split it"
        )


def may_go_through(error: Exception) -> bool:
    """Return whether the same transaction may go through a little later."""
    if isinstance(error, TransactionCancelled):
        codes = {reason.code for reason in error.reasons if reason.code is not None}
        return bool(codes) and codes <= _MAY_PASS
    return may_pass(error) or isinstance(error, TransactionConflict | TransactionInProgress)


def complete_reasons(error: TransactionCancelled, actions: Sequence[Action]) -> Plan[None]:
    """Put the typed reasons on the error; on a ConditionFailed also the item and key of the first that failed."""
    reasons: list[CancellationReason] = []
    for reason, action in zip(error.reasons, actions, strict=False):
        item = yield from action.context.own(item_as_it_was(action.context.table, reason.raw_item, error))
        reasons.append(replace(reason, action=action.value, item=item))
    error.reasons = tuple(reasons)
    failed = next((reason for reason in reasons if reason.code == CONDITION), None)
    if isinstance(error, ConditionFailed) and failed is not None:
        error.item, error.raw_item, error.key = failed.item, failed.raw_item, actions[failed.index].key
