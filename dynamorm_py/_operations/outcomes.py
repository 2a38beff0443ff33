"""What became of a write that failed: not applied, or unknown since an attempt of it may have been.

The client may have sent a request more than once before it gave up; its answer tells by `RetryAttempts` how often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamorm_py._kernel.api_operations import OPERATIONS
from dynamorm_py.errors import (
    AccessDenied,
    CallError,
    ConditionFailed,
    DeadlineExceeded,
    DynamormError,
    EncryptionError,
    IdempotentParameterMismatch,
    ItemDecodeError,
    LimitExceeded,
    RequestRefused,
    RequestTooLarge,
    TableNotFound,
    Throttled,
    TransactionCancelled,
    TransactionConflict,
)

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Plan

T = TypeVar("T")
E = TypeVar("E", bound=DynamormError)

# Answered before anything is written. What is not named here may have been written in part: a lost answer, a failure
# on DynamoDB's side, an item collection that became too large while others of the request fitted.
_NOTHING_WRITTEN = (
    CallError,
    Throttled,
    TableNotFound,
    AccessDenied,
    RequestRefused,
    RequestTooLarge,
    LimitExceeded,
    ConditionFailed,
    TransactionConflict,
    TransactionCancelled,
    IdempotentParameterMismatch,
    EncryptionError,  # sealing comes before sending
)
# All or nothing under one token: an attempt that was applied would have been answered with success.
_ATOMIC = (TransactionCancelled, IdempotentParameterMismatch)

DOUBT = "; an earlier attempt of this call may have been applied (.outcome): read the item before writing again"


def nothing_written(error: BaseException) -> bool:
    """Return whether it is certain that a write which ended so changed nothing, in any of its attempts."""
    if isinstance(error, DynamormError) and error.outcome == "unknown":
        return False
    if _is_read(error):
        return True
    if isinstance(error, DeadlineExceeded):
        return not error.sent
    if isinstance(error, _ATOMIC):
        return True
    return isinstance(error, _NOTHING_WRITTEN) and not earlier_attempts(error)


def _is_read(error: BaseException) -> bool:
    """Return whether it is the error of a read that comes before a write."""
    operation = OPERATIONS.get(getattr(error, "operation", None) or "")
    return operation is not None and operation.kind == "reads"


def earlier_attempts(error: BaseException) -> int:
    """Return how often the client had sent the request before the attempt that was answered with this error."""
    response: object = getattr(error.__cause__, "response", None)
    if not isinstance(response, Mapping):
        return 0
    metadata: Mapping[str, Any] = cast("Mapping[str, Any]", response).get("ResponseMetadata") or {}
    return int(metadata.get("RetryAttempts") or 0)


def accounted(plan: Plan[T]) -> Plan[T]:
    """Perform the plan of a write; every error of it tells by `.outcome` what became of the write."""
    try:
        return (yield from plan)
    except DynamormError as error:
        account_for(error)
        raise


def account_for(error: DynamormError) -> None:
    """Have the error of a write tell by `.outcome`, and in its text, what became of the write."""
    certain = nothing_written(error)
    error.outcome = "not applied" if certain else "unknown"
    if not certain and isinstance(error, _NOTHING_WRITTEN) and DOUBT not in str(error):
        text = str(error).replace(", nothing was written", "").replace(", nothing was done", "")
        error.args = (text + DOUBT, *error.args[1:])


def after_writing(plan: Plan[T], done: str | None = None) -> Plan[T]:
    """Perform what follows a write that was applied: an error of it never says that nothing was.

    `done` is a note on the error of an item that cannot be read.
    """
    try:
        return (yield from plan)
    except DynamormError as error:
        error.outcome = "unknown"
        if isinstance(error, DeadlineExceeded):
            error.sent = True
        if done is not None and isinstance(error, ItemDecodeError | EncryptionError):
            error.add_note(f"{done}; it is in .raw_item")
        raise


def as_kind(kind: type[E], message: str, error: DynamormError) -> E:
    """Return an error of another class with everything that an error carries: data, notes, the request's identity."""
    made = kind(message)
    made.__dict__.update(error.__dict__)
    return made


def same_item(sent: Mapping[str, Any], stored: Mapping[str, Any] | None) -> bool:
    """Return whether a stored item is the one that was sent: sets have no order, and a number several spellings."""
    return stored is not None and _comparable({"M": sent}) == _comparable({"M": stored})


_COMPARED: Mapping[str, Callable[[Any], object]] = {
    "M": lambda entries: {name: _comparable(each) for name, each in entries.items()},
    "L": lambda elements: [_comparable(each) for each in elements],
    "N": Decimal,
    "B": bytes,
    "NS": lambda numbers: frozenset(map(Decimal, numbers)),
    "SS": frozenset,
    "BS": lambda parts: frozenset(map(bytes, parts)),
}


def _comparable(value: Mapping[str, Any]) -> object:
    ((tag, payload),) = value.items()
    return tag, _COMPARED[tag](payload) if tag in _COMPARED else payload
