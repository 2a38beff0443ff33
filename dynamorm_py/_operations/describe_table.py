"""DescribeTable: what is there, and waiting until it is as asked.

A plan has no clock, so a timeout is the sum of the waits. Source: API Reference, DescribeTable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynamorm_py._kernel.plans import Plan, Sleep
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.arguments import check_number
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.functions import require_plain
from dynamorm_py._operations.retries import waits_within
from dynamorm_py.errors import CallError, TableNotFound, TableNotReady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._model.model_table import ModelTable

    Description: TypeAlias = Mapping[str, Any]

_FIRST_WAIT = 0.1  # seconds
_LONGEST_WAIT = 10.0  # seconds; building an index of a large table takes hours
DEFAULT_TIMEOUT = 300.0  # seconds; a new table with indexes is usually there in some


@public("dynamorm_py.tables")
@frozen
class TableProgress:
    """What a table operation is doing: reported at each step, and while it waits.

    `index` is the index being built or deleted, `backfilling` whether DynamoDB is filling it,
    `items` how many items DynamoDB says the index has so far; the number lags behind by hours on AWS.
    """

    table: str
    step: Literal["creating", "changing", "waiting", "done"]
    subject: str = "table"
    index: str | None = None
    backfilling: bool = False
    items: int = 0


@frozen
class Waiting:
    """How long to wait for the table, and whom to tell. `timeout` is seconds spent waiting, for each step."""

    timeout: float = DEFAULT_TIMEOUT
    progress: Callable[[TableProgress], object] | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a timeout, and what is not a function."""
        check_number("timeout", self.timeout, "seconds", endless=True)
        if self.progress is not None and not callable(self.progress):
            raise CallError("progress= takes a function of a TableProgress, for example print")
        require_plain("progress=", self.progress)

    def tell(self, progress: TableProgress) -> None:
        """Report, if somebody listens."""
        if self.progress is not None:
            self.progress(progress)

    def pauses(self) -> Iterator[float]:
        """Return the waits, growing, that add up to the timeout; 0 ends them."""
        return waits_within(self.timeout, _FIRST_WAIT, _LONGEST_WAIT)


def table_description(table: ModelTable[Any]) -> Plan[dict[str, Any]]:
    """Return DynamoDB's description of the table. Raises TableNotFound."""
    response = yield from ask("DescribeTable", {"TableName": table.name})
    return response["Table"]


def describe_if_there(table: ModelTable[Any]) -> Plan[dict[str, Any] | None]:
    """Return DynamoDB's description of the table, None when there is none."""
    try:
        return (yield from table_description(table))
    except TableNotFound:
        return None


def wait_until_active(table: ModelTable[Any], waiting: Waiting) -> Plan[dict[str, Any]]:
    """Wait until the table and its indexes take requests, and return its description.

    A table that was just asked for may not be seen at once. Raises TableNotReady.
    """
    description: dict[str, Any] | None = None
    for pause in waiting.pauses():
        description = yield from describe_if_there(table)
        if description is not None:
            busy = next(_busy(table, description), None)
            if busy is None:
                return description
            waiting.tell(busy)
        if pause:
            yield Sleep(pause)
    what = "does not exist" if description is None else "is not active"
    raise TableNotReady(
        f"table {table.name!r} {what} after {waiting.timeout:g} s: it may still become so; wait longer with timeout="
    )


def wait_until_gone(table: ModelTable[Any], waiting: Waiting) -> Plan[None]:
    """Wait until the table is deleted. Raises TableNotReady."""
    for pause in waiting.pauses():
        if (yield from describe_if_there(table)) is None:
            return
        waiting.tell(TableProgress(table.name, "waiting"))
        if pause:
            yield Sleep(pause)
    raise TableNotReady(
        f"table {table.name!r} is still being deleted after {waiting.timeout:g} s: wait longer with timeout="
    )


def _busy(table: ModelTable[Any], description: Description) -> Iterator[TableProgress]:
    """Yield what is not active: the table, and each index."""
    if description["TableStatus"] != "ACTIVE":
        yield TableProgress(table.name, "waiting")
    for index in (*(description.get("GlobalSecondaryIndexes") or ()), *(description.get("VectorIndexes") or ())):
        if index["IndexStatus"] != "ACTIVE" or (index.get("Dimensions") and index.get("Backfilling")):
            name, backfilling = index["IndexName"], index.get("Backfilling", False)
            yield TableProgress(
                table.name, "waiting", f"index {name!r}", name, backfilling, items=index.get("ItemCount", 0)
            )
