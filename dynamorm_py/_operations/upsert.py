"""When an update may make an item that is not there: only where the result is an item that its model reads.

Source: API Reference, UpdateItem ("adds a new item if it does not exist"); CONTRACT 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import (
    Action,
    Arithmetic,
    Constant,
    IfNotExists,
    ListAppend,
    Operand,
    set_if_absent,
)
from dynamorm_py._operations.recompute import computed_value, key_parts_of, stored_value
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from dynamorm_py._codec import DerivedKey
    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import StoredField


def completes(table: ModelTable[Any], key: Item, actions: Sequence[Action]) -> bool:
    """Return whether the actions make an item of the model where none is: they set every required field."""
    known = key
    if table.codec.derived:
        known = key_parts_of(table, key)
        if not _parses(table, key):
            return False
    required = table.codec.required - known.keys()
    if len(required) > len(actions):  # each sets one at most
        return False
    return required <= {str(a.path[0]) for a in actions if _creates(a)} and all(map(_possible, actions))


def completing_actions(table: ModelTable[Any], key: Item, actions: Iterable[Action], now: dt.datetime) -> list[Action]:
    """Return what such an update sets in addition, each only where the attribute is not there."""
    changed = {str(action.path[0]) for action in actions}
    item: Item = {name: value for name, value in key_parts_of(table, key).items() if name not in key}
    item |= _discriminators(table)
    if (created := table.schema.role("created_at")) is not None:
        item[created.attribute] = table.codec.encode_field(created.name, now)
    for each in table.codec.schema.computed:
        if each.reads is not None and each.attribute not in changed:
            item |= _computed(table, each, each.reads, item)
    for each in table.codec.derived.values():
        if not each.field.is_key and not changed & set(each.attributes.values()):
            item |= _index_key(table, each, item)
    return [set_if_absent((name,), value) for name, value in item.items() if name not in changed]


def _parses(table: ModelTable[Any], key: Item) -> bool:
    keys = (each for each in table.codec.derived.values() if each.field.is_key)
    return all(each.parts_of(key[each.attribute]["S"]) is not None for each in keys)


def _creates(action: Action) -> bool:
    return len(action.path) == 1 and (action.clause == "ADD" or (action.clause == "SET" and _settles(action.operand)))


def _possible(action: Action) -> bool:
    """Return whether DynamoDB performs the action where there is no item: nothing is below a path, or to copy from."""
    return len(action.path) == 1 and (action.clause != "SET" or _settles(action.operand))


def _settles(operand: Operand | None) -> bool:
    match operand:
        case Constant():
            return True
        case IfNotExists(_, default):
            return _settles(default)
        case Arithmetic(left, _, right):
            return _settles(left) and _settles(right)
        case ListAppend(first, second):
            return _settles(first) and _settles(second)
        case _:
            return False


def _discriminators(table: ModelTable[Any]) -> Item:
    """Return the fields whose type is a Literal and that have a default: they tell the models of a table apart."""
    closed = {name for name, each in table.codec.node.fields.items() if each.node.closed}
    return _defaults(table, closed & single_literals(table))


def single_literals(table: ModelTable[Any]) -> set[str]:
    """Return the fields of one literal value only."""
    return set(table.codec.discriminators)


def _defaults(table: ModelTable[Any], names: Iterable[str]) -> Item:
    item: Item = {}
    for name in names:
        info = table.model.model_fields.get(name)
        if info is None or info.is_required() or info.default_factory_takes_validated_data:
            continue
        try:
            stored = stored_value(table, name, info.get_default(call_default_factory=True))
        except InvalidValue:
            continue
        if stored is not None and "NULL" not in stored:
            item[table.codec.node.fields[name].attribute] = stored
    return item


def _computed(table: ModelTable[Any], each: StoredField, reads: Sequence[str], known: Item) -> Item:
    """Return a stored computed field and the defaults that it follows from."""
    attributes = {name: table.codec.node.fields[name].attribute for name in reads}
    parts: Item = {attribute: known[attribute] for attribute in attributes.values() if attribute in known}
    parts |= _defaults(table, [name for name, attribute in attributes.items() if attribute not in known])
    stored = stored_value(table, each.name, computed_value(table, each, reads, parts))
    return parts if stored is None else {**parts, each.attribute: stored}


def _index_key(table: ModelTable[Any], key: DerivedKey, known: Item) -> Item:
    """Return an index key and the defaults that it is composed from; nothing where a part has none."""
    parts: Item = {attribute: known[attribute] for attribute in key.attributes.values() if attribute in known}
    parts |= _defaults(table, [name for name, attribute in key.attributes.items() if attribute not in known])
    values: dict[str, AttributeValue | None] = {name: parts.get(a) for name, a in key.attributes.items()}
    try:
        text = key.template.compose(values.get)
    except InvalidValue:
        return {}
    return {} if text is None else {**parts, key.attribute: table.codec.encode_field(key.name, text)}
