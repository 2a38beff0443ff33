"""Key conditions on the parts of derived keys: which conditions on key attributes they amount to.

Equality on parts from the left composes the beginning of a key; a range or `begins_with` may be on the last.
Source: CONTRACT 1, "Derived keys"; CONTRACT 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import KeyCondition, attribute_matches
from dynamorm_py._kernel.values import frozen
from dynamorm_py._schema import PARTITION_KEY_BYTES, SORT_KEY_BYTES
from dynamorm_py._schema.ranges import range_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamorm_py._codec import DerivedKey
    from dynamorm_py._expressions import Condition
    from dynamorm_py._kernel.types import AttributeValue
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import StoredField


@frozen
class Fault:
    """Why conditions do not select a key."""

    reason: str


@frozen
class Translated:
    """Conditions on key attributes, the conditions that they stand for, and a filter for what they let through."""

    conditions: tuple[KeyCondition, ...] = ()
    used: frozenset[str] = frozenset()
    filter: Condition | None = None

    def joined(self, other: Translated) -> Translated:
        """Return both, on one attribute after the other."""
        condition = self.filter
        if other.filter is not None:
            condition = other.filter if condition is None else condition & other.filter
        return Translated((*self.conditions, *other.conditions), self.used | other.used, condition)


def translate(
    table: ModelTable[Any],
    field: StoredField,
    conditions: Mapping[str, KeyCondition],
    *,
    partition: bool,
    literal: bool = False,
) -> Translated | Fault:
    """Return what the conditions say of one key attribute, by their attributes; `literal` adds its own beginning.

    Raises InvalidValue.
    """
    direct = conditions.get(field.attribute)
    if direct is not None:
        return Translated((direct,), frozenset({field.attribute}))
    key = table.codec.derived.get(field.name)
    parts = {} if key is None else {n: a for n, a in key.attributes.items() if a in conditions}
    if key is None or not (parts or (partition and not key.template.parts)):
        return _literal(table, key) if key is not None and literal else Translated()
    return _of_parts(table, key, {name: conditions[a] for name, a in parts.items()}, partition=partition)


def _literal(table: ModelTable[Any], key: DerivedKey) -> Translated:
    """Return the condition that a key begins with its template's literal."""
    head = key.template.head
    if not head:
        return Translated()
    return Translated((constant(table, key, "begins_with" if key.template.parts else "=", head),))


def constant(table: ModelTable[Any], key: DerivedKey, operator: Any, *texts: str) -> KeyCondition:  # noqa: ANN401 -- a word
    """Return a condition on a derived key as a whole."""
    values = tuple({"S": text} for text in texts)
    return KeyCondition(table.codec.root.field(key.name), operator, values)


def _of_parts(
    table: ModelTable[Any], key: DerivedKey, conditions: Mapping[str, KeyCondition], *, partition: bool
) -> Translated | Fault:
    names = list(dict.fromkeys(key.template.fields))
    used = frozenset(key.attributes[name] for name in conditions)
    if fault := _order_fault(names, conditions, partition=partition):
        return Fault(fault)
    equal = [name for name in names if name in conditions and conditions[name].operator == "="]
    values = {name: conditions[name].values[0] for name in equal}
    if len(equal) == len(names):
        return Translated((constant(table, key, "=", _composed(table, key, values)),), used)
    ranged = next((conditions[name] for name in names if name in conditions and name not in equal), None)
    prefix = _prefix(table, key, values, len(equal))
    if ranged is None:
        return Translated((constant(table, key, "begins_with", prefix),), used)
    part = key.template.parts[len(equal)]
    last = not part.after and len(key.template.parts) == len(equal) + 1
    limit = PARTITION_KEY_BYTES if partition else SORT_KEY_BYTES
    found = range_of(prefix, part, ranged.operator, ranged.values, last=last, limit=limit)
    residual = None if found.exact else attribute_matches(ranged.path, ranged.operator, ranged.values)
    return Translated((constant(table, key, found.operator, *found.texts),), used, residual)


def _order_fault(names: Sequence[str], conditions: Mapping[str, KeyCondition], *, partition: bool) -> str | None:
    named = [name in conditions for name in names]
    count = sum(named)
    if partition and any(condition.operator != "=" for condition in conditions.values()):
        return f"needs {_equal(names)}, since a partition key takes == only"
    if partition and count < len(names):
        return f"needs {_equal(names)}"
    if not all(named[:count]):
        return f"takes conditions on {', '.join(names)} from the left, without a gap"
    if any(conditions[name].operator != "=" for name in names[: max(count - 1, 0)]):
        return "takes a range on its last condition only, equality before it"
    return None


def _equal(names: Iterable[str]) -> str:
    return " and ".join(f"Key(u.{name}) == ..." for name in names)


def _composed(table: ModelTable[Any], key: DerivedKey, values: Mapping[str, AttributeValue]) -> str:
    try:
        return key.template.compose(values.get) or ""
    except InvalidValue as error:
        raise error.of(table.model.__name__) from None


def _prefix(table: ModelTable[Any], key: DerivedKey, values: Mapping[str, AttributeValue], known: int) -> str:
    try:
        return key.template.prefix(values, known)
    except InvalidValue as error:
        raise error.of(table.model.__name__) from None
