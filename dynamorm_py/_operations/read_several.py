"""Query and Scan over several models of one table: one request, each item read as its own model.

Source: API Reference, Query and Scan; CONTRACT 5, "several models in one table".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._expressions import KeyCondition
from dynamorm_py._model.kinds import is_filtered
from dynamorm_py._operations.bad_items import check_on_error
from dynamorm_py._operations.key_conditions import choose
from dynamorm_py._operations.query_items import refuse_filter_on_key
from dynamorm_py._operations.read import Read, check_index
from dynamorm_py._operations.scan import prepare_scan
from dynamorm_py._operations.write_conditions import attribute_is_one_of, checked_condition, together
from dynamorm_py.errors import InvalidProjection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Condition
    from dynamorm_py._model.several import SeveralTable
    from dynamorm_py._operations.bad_items import OnError


def prepare_query_of_several(
    table: SeveralTable,
    conditions: Sequence[KeyCondition],
    *,
    filter: Condition | None = None,
    index: str | None = None,
    ascending: bool = True,
    consistent: bool = False,
    project: type[BaseModel] | None = None,
    secret: bytes | None = None,
    on_error: OnError = "raise",
) -> Read[Any]:
    """Check a query; the conditions are about one of the models. Raises as `prepare_query`."""
    first = cast("object", conditions[0]) if conditions else None
    of_model = table.table_of(first.model) if isinstance(first, KeyCondition) else table.tables[0]
    choice = choose(of_model, conditions, index, literal=False)
    read: Read[Any] = Read(
        operation="Query",
        table=table,
        codec=_codec(table, project),
        index=None if choice.index is None else table.schema.indexes[choice.index.name],
        why=choice.why,
        conditions=choice.conditions,
        filter=together(choice.filter, checked_condition(table, filter, "filter=")),
        ascending=ascending,
        consistent=consistent,
        secret=secret,
        on_error=check_on_error(on_error),
    )
    check_index(read)
    read = replace(read, kind=_kinds(table, read.carried))
    refuse_filter_on_key(read)
    read.parameters()
    return read


def prepare_scan_of_several(
    table: SeveralTable,
    *,
    filter: Condition | None = None,
    index: str | None = None,
    consistent: bool = False,
    secret: bytes | None = None,
    on_error: OnError = "raise",
) -> Read[Any]:
    """Check a scan. Raises as `prepare_scan`."""
    return prepare_scan(
        table,
        table.codec,
        filter=filter,
        index=index,
        consistent=consistent,
        secret=secret,
        on_error=on_error,
        kind=_kinds,
    )


def _codec(table: SeveralTable, project: type[BaseModel] | None) -> Codec[Any]:
    """Return what reads the items: each model's own, or a smaller one that all of them can be read as."""
    if project is None:
        return table.codec
    codecs: list[Codec[Any]] = [each.projected(project) for each in table.chosen]
    if any(codec.attributes != codecs[0].attributes for codec in codecs):
        raise InvalidProjection(
            f"{project.__name__} has fields that the models store under different names: pass of= with one of them"
        )
    own: Any = table.codec
    return own.projected(project, codecs[0])


def _kinds(table: SeveralTable, carried: frozenset[str] | None) -> Condition | None:
    """Return the filter for the models chosen, where literals tell them all; the rest is left out when it is read."""
    if table.chosen == table.tables:
        return None
    found: Condition | None = None
    for each in table.chosen:
        own = together(*(attribute_is_one_of(name, values) for name, values in each.codec.kind.items()))
        if own is None or not is_filtered(each.codec, carried):
            return None
        found = own if found is None else found | own
    return found
