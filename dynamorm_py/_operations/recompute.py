"""Keys and computed fields that follow from what an update changes: written along, or the update is refused.

What is known of an item comes from the actions, from its key, from an instance, or from a read before; what an
instance or a read says becomes a condition. Nothing is left stale. Source: CONTRACT 1, "Derived keys".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import DerivedKey
from dynamorm_py._expressions import (
    Action,
    Arithmetic,
    Condition,
    Constant,
    IfNotExists,
    Reference,
    attribute_equals,
    attribute_not_exists,
    remove_attribute,
    set_attribute,
)
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel, part_of
from dynamorm_py.errors import InvalidExpression, InvalidValue, ItemDecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import StoredField


_NUMBERS = Context(prec=38, Emin=MIN_EMIN, Emax=MAX_EMAX)  # Developer Guide, "Number": 38 digits of precision


class _Unknown(Exception):
    """What an attribute will hold is not known; `changed` says that an action changes it to something not known."""

    def __init__(self, name: str, *, changed: bool = False) -> None:
        super().__init__(name)
        self.name, self.changed = name, changed


class _Needs(Exception):
    """What follows from the changes, and cannot be known without these."""

    def __init__(self, what: str, unknown: list[_Unknown]) -> None:
        super().__init__(what)
        self.what, self.unknown = what, unknown


@frozen
class Source:
    """Where values come from that the actions do not say."""

    instance: DynamoModel | None = None
    read: Item | None = None
    guarded: bool = False
    """Whether a version guards the instance, so that its values need no condition of their own."""
    whole: bool = False
    """Whether every change is a field of the instance."""
    absent: bool = False
    """Whether the item was looked for and is not there."""


@dataclass(slots=True)
class _Known:
    table: ModelTable[Any]
    key: Item
    source: Source
    changes: dict[str, list[Action]]
    conditions: dict[str, Condition] = field(default_factory=dict[str, "Condition"])

    def value(self, name: str) -> AttributeValue | None:
        """Return what a field will store, None for nothing. Raises _Unknown."""
        attribute = self.table.codec.node.fields[name].attribute
        if attribute in self.changes:
            value = self._changed(name, attribute, self.changes[attribute])
        elif attribute in self.key:
            value = self.key[attribute]
        else:
            value = self._stored(name, attribute)
        return None if value is None or "NULL" in value else value

    def _changed(self, name: str, attribute: str, actions: list[Action]) -> AttributeValue | None:
        action = actions[0]
        if len(actions) > 1 or len(action.path) > 1:
            raise _Unknown(name, changed=True)
        if action.clause == "REMOVE":
            return None
        if action.clause == "SET" and isinstance(action.operand, Constant):
            return action.operand.value
        if self.source.read is None:
            raise _Unknown(name, changed=True)
        if action.clause == "SET" and isinstance(action.operand, Reference) and len(action.operand.path) == 1:
            return self._stored(name, str(action.operand.path[0]))  # another attribute, as it is before the update
        return _calculated(name, action, self._stored(name, attribute))

    def _stored(self, name: str, attribute: str) -> AttributeValue | None:
        """Return what is stored now, which becomes a condition."""
        if self.source.read is not None:
            value = self.source.read.get(attribute)
        elif self.source.instance is not None:
            value = stored_value(self.table, name, getattr(self.source.instance, name))
        else:
            raise _Unknown(name)
        if self.source.read is not None or not self.source.guarded:
            self.conditions.setdefault(attribute, _holds(attribute, value))
        return value


def recomputed(
    table: ModelTable[Any], key: Item, actions: Iterable[Action], source: Source
) -> tuple[list[Action], list[Condition]]:
    """Return the actions that renew what follows from these, and what must hold for them.

    Raises InvalidExpression with the fields that it needs too, InvalidValue for a key that no fields compose.
    """
    codec = table.codec
    computed = codec.schema.computed
    if not codec.derived and not computed:
        return [], []
    derived = [each for each in codec.derived.values() if not each.field.is_key]
    changes: dict[str, list[Action]] = {}
    for action in actions:
        changes.setdefault(str(action.path[0]), []).append(action)
    _refuse_keys(table, changes)
    known = _Known(table, key_parts_of(table, key), source, changes)
    added: list[Action] = []
    needs: list[_Needs] = []
    for each in (*computed, *derived):
        try:
            action = _derived(known, each) if isinstance(each, DerivedKey) else _computed(known, each)
        except _Needs as missing:
            needs.append(missing)
            continue
        if action is not None:
            changes[each.attribute] = [action]
            added.append(action)
    if needs:
        raise _refused(table, needs, absent=source.absent)
    return added, list(known.conditions.values())


def key_parts_of(table: ModelTable[Any], key: Item) -> Item:
    """Return every attribute that a key tells: its own, and those that it was composed from."""
    parts: Item = dict(key)
    for each in table.codec.derived.values():
        if each.field.is_key:
            parts |= each.parts_of(key[each.attribute]["S"]) or {}
    return parts


def known_values(table: ModelTable[Any], key: object) -> dict[str, object]:
    """Return the values of fields that a key tells: all of an instance, else the key's own and its parts."""
    if isinstance(key, DynamoModel):
        return {**key.__dict__}
    read = table.codec.check_fields(key_parts_of(table, table.key(key)))
    return {name: read[attribute] for name, attribute in table.codec.attributes.items() if attribute in read}


def stored_value(table: ModelTable[Any], name: str, value: object) -> AttributeValue | None:
    """Return what a field's value is stored as, None where it is left out. Raises InvalidValue."""
    each = table.codec.node.fields[name]
    if value is None and each.omit_none:
        return None
    stored = table.codec.encode_field(name, value)
    return None if each.omit_empty and each.node.is_empty(stored) else stored


def assigned(table: ModelTable[Any], name: str, value: object) -> Action:
    """Return the action that gives a field a value as a whole, or takes it away where it is left out."""
    path = (table.codec.node.fields[name].attribute,)
    stored = stored_value(table, name, value)
    if stored is None:
        return remove_attribute(path)
    return set_attribute(path, stored, encrypted=table.schema.fields[name].encrypted)


def _holds(attribute: str, value: AttributeValue | None) -> Condition:
    if value is None or "NULL" in value:
        return attribute_not_exists((attribute,)) | attribute_equals((attribute,), {"NULL": True})
    return attribute_equals((attribute,), value)


def _calculated(name: str, action: Action, stored: AttributeValue | None) -> AttributeValue | None:
    """Return what an action makes of a value that was read. Raises _Unknown."""
    match action.clause, action.operand:
        case "SET", IfNotExists(_, Constant(default)):
            return default if stored is None else stored
        case "ADD", Constant({"N": step}):
            return {"N": _sum(Decimal((stored or {"N": "0"})["N"]), Decimal(step))}
        case "SET", Arithmetic(Reference(path), sign, Constant({"N": step})) if path == action.path and stored:
            return {"N": _sum(Decimal(stored["N"]), Decimal(step) if sign == "+" else Decimal(step).copy_negate())}
        case _:
            raise _Unknown(name, changed=True)


def _sum(left: Decimal, right: Decimal) -> str:
    """Add as DynamoDB does, to 38 digits, whatever the caller's decimal context is."""
    return f"{_NUMBERS.normalize(_NUMBERS.add(left, right)):f}"


def _refuse_keys(table: ModelTable[Any], changes: dict[str, list[Action]]) -> None:
    for each in table.codec.derived.values():
        where = f"{table.model.__name__}.{each.name}"
        if each.attribute in changes:
            raise InvalidExpression(f"{where} is composed from {', '.join(each.template.fields)}: update these instead")
        for name, attribute in each.attributes.items():
            if each.field.is_key and attribute in changes:
                raise InvalidExpression(
                    f"{table.model.__name__}.{name} is a part of the table's key ({where}), which cannot change: "
                    "delete the item and create another"
                )


def _derived(known: _Known, key: DerivedKey) -> Action | None:
    if not any(attribute in known.changes for attribute in key.attributes.values()):
        return None
    values: dict[str, AttributeValue | None] = {}
    unknown: list[_Unknown] = []
    for name in key.template.fields:
        try:
            values[name] = key.part(name, known.value(name))
        except _Unknown as missing:
            unknown.append(missing)
    if any(value is None for value in values.values()):
        return remove_attribute((key.attribute,))
    if unknown:
        raise _Needs(f"the index key {known.table.model.__name__}.{key.name}", unknown)
    try:
        text = key.template.compose(values.get)
    except InvalidValue as error:
        raise error.at(key.name).of(known.table.model.__name__) from None
    stored = known.table.codec.encode_field(key.name, text)
    return set_attribute((key.attribute,), stored)


def _computed(known: _Known, each: StoredField) -> Action | None:
    """Return the action that renews a stored computed field; None where it stays, or the caller sets it."""
    table, source = known.table, known.source
    if each.attribute in known.changes:
        return None
    if each.reads is None and source.whole and source.instance is not None:
        return assigned(table, each.name, getattr(source.instance, each.name))
    names = each.reads if each.reads is not None else _all_fields(table)
    if each.reads is not None and not any(table.codec.node.fields[n].attribute in known.changes for n in names):
        return None
    if each.reads is None and source.read is None:
        where = f"{table.model.__name__}.{each.name}"
        raise InvalidExpression(
            f"{where} is computed and stored, and does not say from what: add Attribute(reads=(...)) to it, set it in "
            "the update, or pass read=True"
        )
    return assigned(table, each.name, _value_of(known, each, names))


def _all_fields(table: ModelTable[Any]) -> tuple[str, ...]:
    return tuple(name for name, each in table.codec.node.fields.items() if not each.computed)


def _value_of(known: _Known, each: StoredField, names: Sequence[str]) -> object:
    """Compute a field from what its reads will be. Raises InvalidExpression."""
    table = known.table
    item: Item = {}
    unknown: list[_Unknown] = []
    for name in names:
        try:
            if (value := known.value(name)) is not None:
                item[table.codec.node.fields[name].attribute] = value
        except _Unknown as missing:
            unknown.append(missing)
    if unknown:
        raise _Needs(f"the computed field {table.model.__name__}.{each.name}", unknown)
    return computed_value(table, each, names, item)


def computed_value(table: ModelTable[Any], each: StoredField, names: Sequence[str], item: Item) -> object:
    """Return a computed field of these fields as an item stores them. Raises InvalidExpression."""
    part = part_of(table.model, names, "Part")
    try:
        read = table.codec.projected(part).load(item)
    except ItemDecodeError as error:
        raise InvalidExpression(f"{each.name} cannot be computed after the update: {error.reason}") from None
    values = {name: getattr(read, name) for name in names}
    return getattr(table.model.model_construct(**values), each.name)


def _refused(table: ModelTable[Any], needs: Sequence[_Needs], *, absent: bool) -> InvalidExpression:
    """Return the error that names all that follows from the changes, and every field that it needs too."""
    model, computed = table.model.__name__, {each.name for each in table.codec.schema.computed}
    what = " and ".join(each.what for each in needs)
    unknown = [each for need in needs for each in need.unknown if each.name not in computed or len(needs) == 1]
    missing = dict.fromkeys(f"{model}.{each.name}" for each in unknown if not each.changed)
    changed = dict.fromkeys(f"{model}.{each.name}" for each in unknown if each.changed)
    several = len(needs) > 1
    reasons = (
        [f"{'they' if several else 'it'} also need{'' if several else 's'} {', '.join(missing)}"] if missing else []
    )
    reasons += [f"{', '.join(changed)} must be set to a value that is known"] if changed else []
    repair = "set them here too, pass an instance as the key, or read=True to read the item first"
    if absent:
        repair = "there is no item with this key to read them from, so set them here too"
    follow = "follow" if several else "follows"
    return InvalidExpression(f"{what} {follow} from what this changes, and {', and '.join(reasons)}: {repair}")
