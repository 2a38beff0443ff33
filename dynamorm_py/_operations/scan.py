"""Scan: read every item of a table or an index, in one stream or in segments side by side.

Source: API Reference, Scan; Developer Guide, "Parallel scan".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._operations.arguments import check_int
from dynamorm_py._operations.bad_items import check_on_error
from dynamorm_py._operations.read import Read, check_index
from dynamorm_py._operations.write_conditions import checked_condition, scanned_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Condition
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError

_SEGMENT_LIMIT = 1_000_000  # TotalSegments: API Reference, Scan


def prepare_scan(
    table: ModelTable[Any],
    codec: Codec[Any],
    *,
    filter: Condition | None = None,
    index: str | None = None,
    consistent: bool = False,
    secret: bytes | None = None,
    on_error: OnError = "raise",
    kind: Callable[[Any, frozenset[str] | None], Condition | None] = scanned_kind,
) -> Read[Any]:
    """Check a scan. Raises InvalidExpression, IndexNotFound, InvalidProjection before anything is sent.

    `kind` returns the filter for the items of the table's models, from the table and what the index carries.
    """
    read: Read[Any] = Read(
        operation="Scan",
        table=table,
        codec=codec,
        index=None if index is None else table.index(index),
        why="a scan reads every item" if index is None else "index= names it; a scan reads every item of it",
        filter=checked_condition(table, filter, "filter="),
        consistent=consistent,
        secret=secret,
        on_error=check_on_error(on_error),
    )
    check_index(read)
    read = replace(read, kind=kind(table, read.carried))
    read.parameters()
    return read


def check_segments(segments: int) -> int:
    """Return the number of segments. Raises CallError unless it is 1 to 1,000,000."""
    return check_int("segments", segments, most=_SEGMENT_LIMIT, repair="a few for each processor are a good choice")
