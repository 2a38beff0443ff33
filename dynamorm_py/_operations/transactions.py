"""What transactions of writes and of reads share: their limits, their retries, and the reasons of a cancellation.

Source: API Reference, TransactWriteItems and TransactGetItems, "TransactionCanceledException"; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py._operations.conditions import item_as_it_was
from dynamorm_py._operations.retries import may_pass
from dynamorm_py.errors import (
    ConditionFailed,
    InvalidTransaction,
    TransactionCancelled,
    TransactionConflict,
    TransactionInProgress,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import Context

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


@public()
@dataclass(frozen=True, slots=True)
class CancellationReason:
    """What one action had to do with the cancellation of its transaction.

    `action` is the `Put`, `Update`, `Get` … as it was passed, at `index` from 0. `code` is DynamoDB's, such as
    `ConditionalCheckFailed`, None when this action would have gone through. `item` is the item as it was,
    decoded into the model, when the action's condition did not hold; `raw_item` the same in DynamoDB's form.
    """

    index: int
    action: Any
    code: str | None
    message: str | None = field(default=None, repr=False)
    item: Any = field(default=None, repr=False)
    raw_item: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
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
                "a transaction has one action an item, so make them one, such as an Update with a condition"
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
        codes = {code for reason in error.reasons if (code := _code(reason)) is not None}
        return bool(codes) and codes <= _MAY_PASS
    return may_pass(error) or isinstance(error, TransactionConflict | TransactionInProgress)


def complete_reasons(error: TransactionCancelled, actions: Sequence[Action]) -> Plan[None]:
    """Put the typed reasons on the error; on a ConditionFailed also the item and key of the first that failed."""
    reasons: list[CancellationReason] = []
    for index, (entry, action) in enumerate(zip(error.reasons, actions, strict=False)):
        raw_item = entry.get("Item") or None
        item = yield from action.context.own(item_as_it_was(action.context.table, raw_item, error))
        reason = CancellationReason(index, action.value, _code(entry), entry.get("Message"), item, raw_item)
        reasons.append(reason)
    error.reasons = tuple(reasons)
    failed = next((reason for reason in reasons if reason.code == CONDITION), None)
    if isinstance(error, ConditionFailed) and failed is not None:
        error.item, error.raw_item, error.key = failed.item, failed.raw_item, actions[failed.index].key


def _code(entry: Mapping[str, Any]) -> str | None:
    """Return DynamoDB's code, None where it says "None": this action had no part in the cancellation."""
    code = entry.get("Code")
    return None if code == "None" else code
