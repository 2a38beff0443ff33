"""The same update of many items: one UpdateItem each, side by side, and a result for each.

DynamoDB has no batch of updates. Each follows the rules of a single one: the client repeats it after a lost answer, so
an `add` may count twice, unless it is sent under a token (`once`).
"""

from __future__ import annotations

from dataclasses import field
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID, uuid5

from dynamorm_py._kernel.plans import Parallel, Plan
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._operations.chunking import incomplete
from dynamorm_py._operations.outcomes import nothing_written
from dynamorm_py._operations.update_item import perform_update
from dynamorm_py.errors import (
    AccessDenied,
    CallError,
    DynamormError,
    EncryptionError,
    InvalidKey,
    TableNotFound,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from dynamorm_py._operations.writes import Update

M = TypeVar("M", bound=DynamoModel)

_CONCERNS_ALL = (AccessDenied, CallError, TableNotFound, EncryptionError)


@public()
@frozen
class Updated(Generic[M]):
    """The result of one update of `update_many`.

    `key` is the key as you passed it. `item` is the item as it is now, None if `error` says why it was not updated;
    after RequestTimeout, ConnectionFailed and InternalServerError it may have been updated nevertheless.
    """

    key: object
    item: M | None = None
    error: Exception | None = field(default=None, compare=False)


def update_each(
    updates: Iterable[Update[M]], now: dt.datetime, concurrency: int, *, whole: bool, once: UUID | None = None
) -> Plan[list[Updated[M]]]:
    """Perform the updates in their order, at most `concurrency` at a time; return a result for each.

    Raises BatchIncomplete with the results so far when an error concerns all of them, or the updates stop coming.
    When the updates are `whole`, no stream, it has the keys not tried as well. `once` is what the token of each is
    made from.
    """
    results: list[Updated[M]] = []
    supply = iter(updates)
    while wave := _next(supply, concurrency, results):
        tokens = [once and uuid5(once, str(len(results) + position)) for position in range(len(wave))]
        got: list[Updated[M]] = yield Parallel([_one(*each, now) for each in zip(wave, tokens, strict=True)])
        results += got
        fault = next((each.error for each in got if _concerns_all(each.error)), None)
        if fault is not None:
            _stop(results, fault, supply if whole else ())
    return results


def _next(supply: Iterator[Update[M]], count: int, results: list[Updated[M]]) -> list[Update[M]]:
    wave: list[Update[M]] = []
    try:
        for each in islice(supply, count):
            wave.append(each)  # noqa: PERF402 -- what came before a fault of the supply is kept
    except Exception as fault:  # noqa: BLE001 -- raised again, with the results so far
        _stop(results, fault, wave)
    return wave


def _one(each: Update[M], once: UUID | None, now: dt.datetime) -> Plan[Updated[M]]:
    try:
        return Updated(each.key, (yield from perform_update(each.context.table, each, now, once)))
    except Exception as error:  # noqa: BLE001 -- it is the result
        return Updated(each.key, error=error)


def _concerns_all(error: Exception | None) -> bool:
    """Return whether no other update would do better: by its actions, the table, the rights, or a defect."""
    if error is None or isinstance(error, InvalidKey):
        return False
    return isinstance(error, _CONCERNS_ALL) or not isinstance(error, DynamormError)


def _stop(results: list[Updated[M]], fault: Exception, left: Iterable[Update[M]]) -> None:
    """Raise BatchIncomplete; or the fault itself when nothing at all was updated."""
    if all(each.error is not None and nothing_written(each.error) for each in results):
        raise fault
    stopped = [each for each in results if _concerns_all(each.error)]
    done = [each for each in results if not _concerns_all(each.error)]
    refused = [each.key for each in stopped if each.error is not None and nothing_written(each.error)]
    unknown = [each.key for each in results if each.error is not None and not nothing_written(each.error)]
    count = sum(each.error is None for each in done)
    not_tried = (each.key for each in left)
    raise incomplete("UpdateItem", done, [*refused, *not_tried], unknown, fault, done_count=count) from fault
