"""Writes of models with unique fields, sent in one transaction with their claims.

The old values are read first, and must still hold when the transaction is made; where they do not, they are read
again, a few times. Source: API Reference, TransactWriteItems; Developer Guide, "Using transactions for uniqueness".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from dynamorm_py._kernel.plans import Parallel, Plan, Request, without_none
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.claims import (
    Change,
    Claim,
    ClaimingWrite,
    changes_of,
    check_assignments,
    claims_of,
    guarded,
    merged_claims,
    touches_claims,
)
from dynamorm_py._operations.outcomes import after_writing
from dynamorm_py._operations.retries import DEFAULT_RETRIES, retried
from dynamorm_py._operations.transaction_actions import CONDITION, may_go_through
from dynamorm_py.errors import (
    AlreadyTaken,
    ConditionFailed,
    TakenInTransaction,
    TransactionCancelled,
    TransactionConflict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.write_conditions import PreparedWrite
    from dynamorm_py.errors import CancellationReason

_READ_ATTEMPTS = 4  # our own: before the others' writes are reported
_KINDS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@frozen
class Claimed:
    """The writes of a transaction, guarded by what was read, and the claims that go with them.

    `old` and `changes` are by the number of the write; a write that is not in them touches no claim.
    """

    prepared: Sequence[PreparedWrite]
    old: Mapping[int, Item]
    changes: Mapping[int, Sequence[Change]]
    claims: Sequence[Claim]

    def reasons(self, error: TransactionCancelled) -> tuple[CancellationReason, ...]:
        """Return a reason for each write: its own, or that of a claim of it."""
        count = len(self.prepared)
        reasons = list(error.reasons[:count])
        for claim, reason in zip(self.claims, error.reasons[count:], strict=False):
            own = reasons[claim.number]
            if reason.code and not own.code:
                message = claim.taken() if reason.code == CONDITION else reason.message
                reasons[claim.number] = replace(own, code=reason.code, message=message)
        return tuple(reasons)

    def taken(self, error: TransactionCancelled) -> Claim | None:
        """Return the first claim that others hold, where no condition of a write itself failed."""
        if any(reason.code == CONDITION for reason in error.reasons[: len(self.prepared)]):
            return None
        return next(iter(self._refused(error, given_up=False)), None)

    def lost(self, error: TransactionCancelled) -> set[str]:
        """Return the claims that a write would give up and others hold: its value was stored without a claim."""
        return {claim.identity for claim in self._refused(error, given_up=True)}

    def _refused(self, error: TransactionCancelled, *, given_up: bool) -> list[Claim]:
        pairs = zip(self.claims, error.reasons[len(self.prepared) :], strict=False)
        return [claim for claim, reason in pairs if reason.code == CONDITION and (claim.item is None) is given_up]

    def outdated(self, error: TransactionCancelled) -> bool:
        """Return whether others changed a unique field since it was read."""
        for number, changes in self.changes.items():
            reason = error.reasons[number]
            item = reason.raw_item or {}
            stored = [item.get(change.field.attribute) for change in changes]
            if reason.code == CONDITION and number in self.old and stored != _read_before(self.old[number], changes):
                return True
        return False


def _read_before(old: Item, changes: Sequence[Change]) -> list[object]:
    return [old.get(change.field.attribute) for change in changes]


def transact_claimed(writes: Sequence[ClaimingWrite], send: Callable[[Claimed, int], Plan[None]]) -> Plan[Claimed]:
    """Read the old values and send the writes with their claims; again where others changed these meanwhile.

    `send` gets what to send, and the number of the attempt. Raises TransactionCancelled with a reason for each
    write; AlreadyTaken; InvalidExpression for a value that is not known.
    """
    for write in writes:
        check_assignments(write)
    lost: set[str] = set()
    for attempt in range(_READ_ATTEMPTS):
        claimed = yield from _read_claims(writes, lost)
        try:
            yield from send(claimed, attempt)
        except TransactionCancelled as error:
            if not error.reasons:  # a damaged answer
                raise
            lost |= claimed.lost(error)
            again = claimed.outdated(error) or bool(claimed.lost(error))
            if not again or attempt + 1 == _READ_ATTEMPTS:
                raise _named(claimed, error) from error.__cause__
        else:
            return claimed
    raise AssertionError


def _named(claimed: Claimed, error: TransactionCancelled) -> TransactionCancelled:
    """Return the error with a reason for each write, and the claim that was taken."""
    taken = claimed.taken(error)
    error.reasons = claimed.reasons(error)
    if taken is None:
        return error
    named = TakenInTransaction(f"{taken.taken()}: choose another")
    named.__dict__.update(error.__dict__)
    named.field = taken.field.name
    return named


def _read_claims(writes: Sequence[ClaimingWrite], lost: Collection[str]) -> Plan[Claimed]:
    touching = {number: write for number, write in enumerate(writes) if touches_claims(write)}
    old: dict[int, Item] = yield from _read_all({n: w for n, w in touching.items() if not _is_new(w)})
    changes = {number: changes_of(write, old.get(number, {})) for number, write in touching.items()}
    prepared = [
        guarded(write, changes[number]) if number in old else write.prepared for number, write in enumerate(writes)
    ]
    claims = [
        claim
        for number, write in touching.items()
        for claim in claims_of(number, write, changes[number], old.get(number, {}))
    ]
    kept = [claim for claim in merged_claims(claims) if claim.item is not None or claim.identity not in lost]
    return Claimed(prepared, old, changes, kept)


def _is_new(write: ClaimingWrite) -> bool:
    return bool(getattr(write.prepared, "new", False))


def _read_all(writes: Mapping[int, ClaimingWrite]) -> Plan[dict[int, Item]]:
    reads = [_read(write.table, write.prepared.key) for write in writes.values()]
    items: list[Item] = [(yield from reads[0])] if len(reads) == 1 else (yield Parallel(reads)) if reads else []
    return dict(zip(writes, items, strict=True))


def _read(table: ModelTable[Any], key: Item) -> Plan[Item]:
    response: Any = yield from ask("GetItem", {"TableName": table.name, "Key": key, "ConsistentRead": True})
    return response.get("Item") or {}


def write_with_claims(
    table: ModelTable[Any], operation: str, prepared: PreparedWrite, returning: str | None, token: str | None
) -> Plan[Response | None]:
    """Send a single write with its claims, under a token if there is one; None where it touches none.

    Raises AlreadyTaken, ConditionFailed.
    """
    write = ClaimingWrite(table, _KINDS[operation], prepared)
    if not touches_claims(write):
        return None
    try:
        claimed = yield from transact_claimed([write], partial(_send, write, token))
    except TransactionCancelled as error:
        raise _of_one(table, error) from error.__cause__
    item: Item | None = None
    if returning == "ALL_NEW":
        item = yield from after_writing(_read(table, prepared.key))
    elif returning == "ALL_OLD":
        item = claimed.old.get(0)
    return Response(document={"Attributes": item} if item else {})


def _send(write: ClaimingWrite, token: str | None, claimed: Claimed, attempt: int) -> Plan[None]:
    parameters = yield from claimed.prepared[0].parameters(write.table)
    if "ConditionExpression" in parameters:
        parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    items = [{write.kind: parameters}, *(claim.request() for claim in claimed.claims)]
    named = None if token is None else token_of(token, attempt)
    request = Request("TransactWriteItems", without_none(TransactItems=items, ClientRequestToken=named))
    yield from retried(request, DEFAULT_RETRIES, may_go_through if token else _changed_nothing, write=True)


def token_of(token: str, attempt: int) -> str:
    """Return the token of an attempt: after reading again, what is sent is another transaction."""
    return token if attempt == 0 else str(uuid5(NAMESPACE_OID, f"{token} {attempt}"))


def _changed_nothing(error: Exception) -> bool:
    """Return whether the transaction met another one, and did nothing."""
    return isinstance(error, TransactionCancelled | TransactionConflict) and may_go_through(error)


def _of_one(table: ModelTable[Any], error: TransactionCancelled) -> Exception:
    """Return what the cancellation means for a single write: a value that is taken, or its condition that failed."""
    if isinstance(error, AlreadyTaken):
        taken = AlreadyTaken(str(error))
        taken.__dict__.update({name: value for name, value in error.__dict__.items() if name != "reasons"})
        return taken
    if not error.reasons or error.reasons[0].code != CONDITION:
        return error
    failed = ConditionFailed(f"{table.model.__name__}: the condition of the write did not hold")
    failed.raw_item = error.reasons[0].raw_item
    return failed
