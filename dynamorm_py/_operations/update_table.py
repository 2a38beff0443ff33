"""UpdateTable: `ensure`, which makes a table what the model needs, one change at a time; `drop_index`.

Others may do the same at the same time, and die in the middle: what is there is read again before each
change, and a refused change is first compared again. Source: API Reference, UpdateTable; CONTRACT 9.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import Plan, Sleep
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.compare_table import differences, read_live
from dynamorm_py._operations.create_table import retry_until_available, table_parameters
from dynamorm_py._operations.describe_table import (
    TableProgress,
    describe_if_there,
    table_description,
    wait_until_active,
    wait_until_gone,
)
from dynamorm_py._operations.retries import backoff
from dynamorm_py.errors import (
    IndexNotFound,
    LimitExceeded,
    RequestRefused,
    TableInUse,
    TableMismatch,
    TableNotFound,
    TableNotReady,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.describe_table import Waiting
    from dynamorm_py._operations.difference import Difference
    from dynamorm_py._operations.table_settings import TableSettings

_ATTEMPTS = 5  # at one change; others that change the table at the same time make some of them fail
_BEFORE_AGAIN = 0.5  # seconds, doubled each time: a description may be older than the change


def ensure_table(table: ModelTable[Any], settings: TableSettings, waiting: Waiting) -> Plan[list[Difference]]:
    """Create the table, or change it into what the model needs, and return what was changed.

    Nothing is taken away. Raises TableMismatch, before it changes anything, for what cannot be changed so.
    """
    parameters = table_parameters(table, settings)
    done: list[Difference] = []
    attempts: Counter[str] = Counter()
    while True:
        if not (yield from _exists(table, parameters, waiting)):
            continue
        description = yield from wait_until_active(table, waiting)
        live = yield from read_live(table, description, settings)
        left = list(differences(table, live, settings))
        _refuse_conflicts(table, left)
        change = next((each for each in left if each.kind == "change"), None)
        if change is None:
            waiting.tell(TableProgress(table.name, "done"))
            return done
        attempts[change.subject] += 1
        if (yield from _make(table, change, attempts[change.subject], waiting)):
            done += [change] if change not in done else []


def drop_index(table: ModelTable[Any], index: str, waiting: Waiting) -> Plan[None]:
    """Delete a global or vector index by its name, and wait until it is gone. Raises IndexNotFound, TableNotFound."""
    description = yield from table_description(table)
    if index not in _dropped(description):
        local = index in {each["IndexName"] for each in description.get("LocalSecondaryIndexes") or ()}
        fault = "is local, and goes with the table only" if local else "is not there"
        raise IndexNotFound(
            f"index {index!r} of table {table.name!r} {fault}: drop_index takes a global or vector index"
        )
    waiting.tell(TableProgress(table.name, "changing", f"index {index!r}", index))
    yield from wait_until_active(table, waiting)
    yield from ask(
        "UpdateTable", {"TableName": table.name, _dropped(description)[index]: [{"Delete": {"IndexName": index}}]}
    )
    for attempt in range(_ATTEMPTS):
        description = yield from wait_until_active(table, waiting)
        if index not in _dropped(description):
            return
        yield Sleep(backoff(attempt, _BEFORE_AGAIN))
    raise TableNotReady(f"index {index!r} of table {table.name!r} is still there: look at it again with describe()")


def _dropped(description: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameter of UpdateTable that each index is deleted by, by the index's name."""
    kinds = {"GlobalSecondaryIndexes": "GlobalSecondaryIndexUpdates", "VectorIndexes": "VectorIndexUpdates"}
    return {each["IndexName"]: word for kind, word in kinds.items() for each in description.get(kind) or ()}


def _exists(table: ModelTable[Any], parameters: dict[str, Any], waiting: Waiting) -> Plan[bool]:
    """Create the table if there is none; False when it has to be looked at again."""
    description = yield from describe_if_there(table)
    if description is None:
        waiting.tell(TableProgress(table.name, "creating"))
        with suppress(TableInUse):  # another was first
            yield from ask("CreateTable", parameters)
        return True
    if description["TableStatus"] == "DELETING":
        yield from wait_until_gone(table, waiting)
        return False
    return True


def _make(table: ModelTable[Any], change: Difference, attempt: int, waiting: Waiting) -> Plan[bool]:
    """Make one change and wait for it; False when another makes it, or the table has to be looked at again."""
    if change.request is None or attempt > _ATTEMPTS:
        raise TableNotReady(
            f"table {table.name!r} does not take on {change.subject}, asked for {attempt - 1} times: "
            "check that this DynamoDB supports the setting, and that nothing else changes the table"
        )
    if attempt > 1:
        yield Sleep(backoff(attempt - 2, _BEFORE_AGAIN))
    waiting.tell(TableProgress(table.name, "changing", change.subject))
    try:
        yield from retry_until_available(change.request, waiting)
    except (TableInUse, LimitExceeded, RequestRefused, TableNotFound):
        # Refused because another makes this change, or any other: then the comparison will not show it again.
        if attempt >= _ATTEMPTS:
            raise
        return False
    yield from wait_until_active(table, waiting)
    return True


def _refuse_conflicts(table: ModelTable[Any], left: Sequence[Difference]) -> None:
    conflicts = [each for each in left if each.kind == "conflict"]
    if conflicts:
        listed = "".join(f"\n  - {each}" for each in conflicts)
        raise TableMismatch(f"table {table.name!r} is not what {table.model.__name__} needs:{listed}", conflicts)
