"""Query: read the items of one partition key, of the table or of an index, in the order of the sort key.

Source: API Reference, Query; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._operations.bad_items import check_on_error
from dynamorm_py._operations.key_conditions import choose
from dynamorm_py._operations.read import Read, check_index
from dynamorm_py._operations.write_conditions import checked_condition, is_kind, together
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Condition, KeyCondition
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError


def prepare_query(
    table: ModelTable[Any],
    codec: Codec[Any],
    conditions: Sequence[KeyCondition],
    *,
    filter: Condition | None = None,
    index: str | None = None,
    ascending: bool = True,
    consistent: bool = False,
    secret: bytes | None = None,
    on_error: OnError = "raise",
) -> Read[Any]:
    """Check a query. Raises InvalidExpression, IndexNotFound, InvalidProjection before anything is sent."""
    choice = choose(table, conditions, index, literal=True)
    asked = choice.filter
    if filter is not None:
        asked = together(asked, checked_condition(table, filter, "filter="))
    read: Read[Any] = Read(
        operation="Query",
        table=table,
        codec=codec,
        index=choice.index,
        why=choice.why,
        conditions=choice.conditions,
        filter=asked,
        ascending=ascending,
        consistent=consistent,
        secret=secret,
        kind=None if choice.index is not None else is_kind(table),
        on_error=check_on_error(on_error),
    )
    if choice.index is not None:
        check_index(read)
        read = replace(read, kind=is_kind(table, read.carried))
    if read.filter is not None:
        refuse_filter_on_key(read)
    read.parameters()  # an expression over DynamoDB's limits shows here
    return read


def refuse_filter_on_key(read: Read[Any]) -> None:
    """Refuse a filter on a key that the query reads by: DynamoDB takes none there."""
    if read.filter is None:
        return
    schema, index = read.table.schema, read.index
    own = schema.keys if index is None else (*index.partition, *index.sort)
    for field in own:
        if any(path[0] == field.attribute for path in read.filter.paths):
            raise InvalidExpression(
                f"{field.name} is a key of this query, and DynamoDB filters by other attributes only: "
                f"use Key(u.{field.name}) as a key condition"
            )
