"""Which key a query's conditions select: the table's, or an index's, from the fields they name.

Source: API Reference, Query, KeyConditionExpression; CONTRACT 5. Never a scan: what fits no key is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._expressions import Condition, KeyCondition
from dynamorm_py.errors import IndexNotFound, InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamorm_py._model.table import ModelTable
    from dynamorm_py._schema import IndexSchema, ModelSchema, StoredField


@dataclass(frozen=True, slots=True)
class KeySelection:
    """The key that a query uses: an index, or the table when it is None; the conditions in the key's order; and why."""

    index: IndexSchema | None
    conditions: tuple[KeyCondition, ...]
    why: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    index: IndexSchema | None
    partition: tuple[StoredField, ...]
    sort: tuple[StoredField, ...]

    @property
    def attributes(self) -> list[str]:
        return [field.attribute for field in (*self.partition, *self.sort)]

    def fault(self, conditions: Mapping[str, KeyCondition]) -> str | None:
        """Say why the conditions do not select this key, or return None."""
        for field in self.partition:
            condition = conditions.get(field.attribute)
            if condition is None or condition.operator != "=":
                return f"needs Key(u.{field.name}) == ..."
        foreign = sorted(set(conditions) - set(self.attributes))
        if foreign:
            return f"has no {', '.join(conditions[name].place.label for name in foreign)} in its key"
        return self._sort_fault(conditions)

    def _sort_fault(self, conditions: Mapping[str, KeyCondition]) -> str | None:
        """Check the sort attributes: conditions from the left, equality on all but the last."""
        ordered = [conditions.get(field.attribute) for field in self.sort]
        used = sum(condition is not None for condition in ordered)
        if any(condition is None for condition in ordered[:used]):
            return f"takes conditions on {', '.join(f.name for f in self.sort)} from the left, without a gap"
        if any(condition is not None and condition.operator != "=" for condition in ordered[: max(used - 1, 0)]):
            return "takes a range on its last condition only, equality before it"
        return None


def choose(table: ModelTable[Any], requested: Sequence[KeyCondition], index: str | None) -> KeySelection:
    """Return the key that the conditions select. Raises InvalidExpression, IndexNotFound."""
    conditions = _by_attribute(table, requested)
    candidates = _candidates(table.schema)
    if index is not None:
        return _named(table, candidates, conditions, index)
    faults = {candidate.name: candidate.fault(conditions) for candidate in candidates}
    fitting = [candidate for candidate in candidates if faults[candidate.name] is None]
    if fitting and (len(fitting) == 1 or fitting[0].index is None):
        others = f", preferred to {', '.join(c.name for c in fitting[1:])}" if len(fitting) > 1 else ""
        return _choice(fitting[0], conditions, f"the conditions name its key{others}")
    if fitting:
        names = " and ".join(repr(candidate.name) for candidate in fitting)
        raise IndexNotFound(f"the key conditions fit the indexes {names}: name one with index=")
    listed = "; ".join(f"{name} {fault}" for name, fault in faults.items())
    raise IndexNotFound(
        f"no key of {table.model.__name__} fits the key conditions: {listed}. "
        "To read every item and filter, write scan(filter=...)"
    )


def _by_attribute(table: ModelTable[Any], requested: Sequence[KeyCondition]) -> dict[str, KeyCondition]:
    conditions: dict[str, KeyCondition] = {}
    for condition in requested:
        _check(table, condition)
        name = str(condition.path[0])
        if name in conditions:
            raise InvalidExpression(
                f"{condition.place.label} has two key conditions: DynamoDB takes one for each; use between()"
            )
        conditions[name] = condition
    if not conditions:
        raise InvalidExpression(
            f"a query needs Key(u.{table.schema.partition.name}) == ..., or the partition key of an index; "
            "to read every item write scan()"
        )
    return conditions


def _check(table: ModelTable[Any], condition: KeyCondition) -> None:
    value = cast("object", condition)
    if isinstance(value, Condition):
        raise InvalidExpression("a key condition is built with Key(...); pass a condition of Attr(...) as filter=")
    if not isinstance(value, KeyCondition):
        raise InvalidExpression(f"a query takes key conditions, not a {type(value).__name__}: write Key(u.pk) == value")
    table.check_model(condition.model)


def _candidates(schema: ModelSchema) -> list[_Candidate]:
    sort = () if schema.sort is None else (schema.sort,)
    table = _Candidate("the table", None, (schema.partition,), sort)
    return [table, *(_Candidate(i.name, i, i.partition, i.sort) for i in schema.indexes.values())]


def _named(
    table: ModelTable[Any], candidates: Iterable[_Candidate], conditions: Mapping[str, KeyCondition], index: str
) -> KeySelection:
    named = table.index(index)
    candidate = next(candidate for candidate in candidates if candidate.index is named)
    fault = candidate.fault(conditions)
    if fault is not None:
        raise IndexNotFound(f"index {index!r} {fault}")
    return _choice(candidate, conditions, "index= names it")


def _choice(candidate: _Candidate, conditions: Mapping[str, KeyCondition], why: str) -> KeySelection:
    ordered = tuple(conditions[name] for name in candidate.attributes if name in conditions)
    return KeySelection(candidate.index, ordered, why)
