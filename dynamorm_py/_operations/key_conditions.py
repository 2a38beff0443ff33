"""Which key a query's conditions select: the table's, or an index's, from the fields they name.

Source: API Reference, Query, KeyConditionExpression; CONTRACT 5. Never a scan: what fits no key is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import Condition, KeyCondition
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._operations.part_conditions import Fault, Translated, translate
from dynamorm_py.errors import IndexNotFound, InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import IndexSchema, ModelSchema, StoredField


@frozen
class KeySelection:
    """The key that a query uses: an index, or the table when it is None; the conditions in the key's order; and why.

    `filter` is what the conditions on parts of a derived key let through.
    """

    index: IndexSchema | None
    conditions: tuple[KeyCondition, ...]
    why: str
    filter: Condition | None = None


@frozen
class _Candidate:
    name: str
    index: IndexSchema | None
    partition: tuple[StoredField, ...]
    sort: tuple[StoredField, ...]

    def select(
        self, table: ModelTable[Any], conditions: Mapping[str, KeyCondition], *, literal: bool
    ) -> Translated | Fault:
        """Return the conditions on this key, or why the conditions do not select it."""
        each: list[Translated] = []
        for field in self.partition:
            found = translate(table, field, conditions, partition=True)
            if isinstance(found, Fault):
                return found
            if not found.conditions or found.conditions[0].operator != "=":
                only = ", since a partition key takes == only" if found.conditions else ""
                return Fault(f"needs {_needed(table, field)}{only}")
            each.append(found)
        for field in self.sort:
            found = translate(table, field, conditions, partition=False, literal=literal)
            if isinstance(found, Fault):
                return found
            each.append(found)
        whole = each[0]
        for found in each[1:]:
            whole = whole.joined(found)
        if others := conditions.keys() - whole.used:
            return Fault(f"has no {', '.join(conditions[name].place.label for name in sorted(others))} in its key")
        if len(self.sort) > 1:
            fault = self._sort_fault([found.conditions for found in each[len(self.partition) :]])
            if fault is not None:
                return Fault(fault)
        return whole

    def _sort_fault(self, ordered: list[tuple[KeyCondition, ...]]) -> str | None:
        """Check the sort attributes: conditions from the left, equality on all but the last."""
        named = [conditions for conditions in ordered if conditions]
        used = len(named)
        if ordered[:used] != named:
            return f"takes conditions on {', '.join(f.name for f in self.sort)} from the left, without a gap"
        if any(conditions[0].operator != "=" for conditions in ordered[: max(used - 1, 0)]):
            return "takes a range on its last condition only, equality before it"
        return None


def _needed(table: ModelTable[Any], field: StoredField) -> str:
    key = table.codec.derived.get(field.name)
    names = [field.name] if key is None else key.template.fields or (field.name,)
    return " and ".join(f"Key(u.{name}) == ..." for name in names)


def choose(
    table: ModelTable[Any], requested: Sequence[KeyCondition], index: str | None, *, literal: bool
) -> KeySelection:
    """Return the key that the conditions select; `literal` adds the literal that its sort key begins with.

    Raises InvalidExpression, IndexNotFound.
    """
    conditions = _by_attribute(table, requested)
    candidates = _candidates(table.codec.schema)
    if index is not None:
        return _named(table, candidates, conditions, index, literal=literal)
    fitting: list[tuple[_Candidate, Translated]] = []
    faults: list[str] = []
    for candidate in candidates:
        selected = candidate.select(table, conditions, literal=literal)
        if isinstance(selected, Translated):
            fitting.append((candidate, selected))
        else:
            faults.append(f"{candidate.name} {selected.reason}")
    if fitting and (len(fitting) == 1 or fitting[0][0].index is None):
        others = f", preferred to {', '.join(c.name for c, _ in fitting[1:])}" if len(fitting) > 1 else ""
        return _selection(*fitting[0], f"the conditions name its key{others}")
    if fitting:
        names = " and ".join(repr(candidate.name) for candidate, _ in fitting)
        raise IndexNotFound(f"the key conditions fit the indexes {names}: name one with index=")
    listed = "; ".join(faults)
    raise IndexNotFound(
        f"no key of {table.model.__name__} fits the key conditions: {listed}. "
        "To read every item and filter, write scan(filter=...)"
    )


def _by_attribute(table: ModelTable[Any], requested: Sequence[KeyCondition]) -> dict[str, KeyCondition]:
    conditions: dict[str, KeyCondition] = {}
    for condition in requested:
        _check(table, condition)
        name = str(condition.place.path[0])
        if name in conditions:
            raise InvalidExpression(
                f"{condition.place.label} has two key conditions: DynamoDB takes one for each; use between()"
            )
        conditions[name] = condition
    if not conditions:
        raise InvalidExpression(
            f"a query needs {_needed(table, table.schema.partition)}, or the partition key of an index; "
            "to read every item write scan()"
        )
    return conditions


def _check(table: ModelTable[Any], condition: object) -> None:
    if isinstance(condition, Condition):
        raise InvalidExpression("a key condition is built with Key(...); pass a condition of Attr(...) as filter=")
    if not isinstance(condition, KeyCondition):
        kind = kind_of(condition)
        raise InvalidExpression(f"a query takes key conditions, not {kind}: write Key(u.pk) == value")
    table.check_model(condition.place.model)


def _candidates(schema: ModelSchema) -> list[_Candidate]:
    candidates = [_Candidate("the table", None, schema.keys[:1], schema.keys[1:])]
    for index in schema.indexes.values():
        candidates.append(_Candidate(index.name, index, index.partition, index.sort))  # noqa: PERF401 -- a call on 3.11
    return candidates


def _named(
    table: ModelTable[Any],
    candidates: Iterable[_Candidate],
    conditions: Mapping[str, KeyCondition],
    index: str,
    *,
    literal: bool,
) -> KeySelection:
    named = table.index(index)
    candidate = next(candidate for candidate in candidates if candidate.index is named)
    selected = candidate.select(table, conditions, literal=literal)
    if isinstance(selected, Fault):
        raise IndexNotFound(f"index {index!r} {selected.reason}")
    return _selection(candidate, selected, "index= names it")


def _selection(candidate: _Candidate, selected: Translated, why: str) -> KeySelection:
    return KeySelection(candidate.index, selected.conditions, why, selected.filter)
