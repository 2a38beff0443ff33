"""UpdateItem: change an item by actions, or set named fields from an instance.

Source: API Reference, UpdateItem; CONTRACT 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID, uuid5

from dynamorm_py._codec import damaged, not_carried
from dynamorm_py._expressions import (
    Action,
    Condition,
    Constant,
    IfNotExists,
    ListAppend,
    Placeholders,
    Unvalidated,
    attribute_exists,
    render_update,
)
from dynamorm_py._kernel.types import SET_TYPES
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.lifecycle import VersionGuard, expect_version, held_version, lifecycle_actions
from dynamorm_py._operations.once import update_once
from dynamorm_py._operations.outcomes import accounted, after_writing
from dynamorm_py._operations.recompute import Source, assigned, recomputed
from dynamorm_py._operations.upsert import completes, completing_actions
from dynamorm_py._operations.validated_actions import validated_actions
from dynamorm_py._operations.write_conditions import (
    add_condition,
    checked_condition,
    own_kind,
    together,
    write,
)
from dynamorm_py._operations.write_policy import check_update
from dynamorm_py._schema import SET_BY_LIBRARY
from dynamorm_py.errors import ConditionFailed, InvalidExpression, InvalidKey

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._kernel.types import ExpectedVersion, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.writes import Update
    from dynamorm_py._schema import StoredField

M = TypeVar("M", bound=DynamoModel)

_LONG = 256  # characters, of up to 4 bytes: an expression has no room for enough shorter texts to make 400 KB
_TEXTS, _CONTAINERS = {"S", "B"}, {"L", "M", *SET_TYPES}
_READ_ATTEMPTS = 4  # our own: with read=True, before the others' writes are reported


@frozen
class UpdateRequest:
    """A prepared update: its actions, values in clear, and the condition."""

    key: Item
    actions: tuple[Action, ...]
    condition: Condition | None
    version: VersionGuard | None = None
    kind: Condition | None = None
    _rendered: dict[str, Any] = field(init=False, repr=False, compare=False)
    """The expressions, with the values in clear."""

    def __post_init__(self) -> None:
        """Write the expressions: overlapping paths and over-long ones show before anything is sent."""
        object.__setattr__(self, "_rendered", self._expressions(self.actions))

    def parameters(self, table: ModelTable[Any]) -> Plan[dict[str, Any]]:
        """Return the parameters as single writes and transactions send them."""
        rendered = self._rendered
        if table.cipher is not None and any(action.encrypted for action in self.actions):
            rendered = self._expressions((yield from _sealed(table, self.key, self.actions)))
        for value in rendered.get("ExpressionAttributeValues", {}).values():
            ((tag, payload),) = value.items()  # in place: small updates are not counted, and should stay quick
            if len(payload) >= _LONG if tag in _TEXTS else tag in _CONTAINERS:
                _check_size(table, self.key, self.actions)
                break
        return {"TableName": table.name, "Key": self.key, **rendered}

    def _expressions(self, actions: Sequence[Action]) -> dict[str, Any]:
        placeholders = Placeholders()
        expressions: dict[str, Any] = {"UpdateExpression": render_update(actions, placeholders)}
        condition = self.condition if self.kind is None else together(self.condition, self.kind)
        add_condition(expressions, condition, placeholders)
        return expressions


def prepare_update(
    table: ModelTable[M],
    key: object,
    actions: tuple[Action, ...],
    now: dt.datetime,
    *,
    fields: Iterable[str] | None = None,
    condition: Condition | None = None,
    expected_version: ExpectedVersion = None,
    must_exist: bool = False,
    read: Item | None = None,
) -> UpdateRequest:
    """Build an update. An instance as key guards it by the version that it holds.

    `read` is the item as it was read, empty where none is there.
    """
    wire_key = table.key(key)
    instance = cast("M", key) if isinstance(key, DynamoModel) else None
    changes = _checked_actions(table, key, actions)
    if fields is not None:
        changes += _field_actions(table, instance, fields)
    check_update(table.codec, changes)
    if table.codec.schema.vectors:
        _check_vectors(table, changes)
    if not changes:
        raise InvalidExpression(
            "the update changes nothing: pass actions such as Attr(u.score).add(1), or fields= with an instance"
        )
    held = None if instance is None else held_version(table.codec, instance)
    version = None
    if table.codec.schema.stamped or expected_version is not None:
        version = expect_version(table.codec, expected_version, held)
        changes += lifecycle_actions(table.codec, now)
    if fields is not None and expected_version is None:
        _check_version_known(table, instance)
    source = Source(instance, read or None, guarded=version is not None, whole=not actions, absent=read == {})
    followers, holding = recomputed(table, wire_key, changes, source)
    actions = (*changes, *followers)
    must = None
    if version is None and (must_exist or holding or not completes(table, wire_key, actions)):
        must = attribute_exists((table.codec.schema.partition.attribute,))
    elif version is None:
        actions = (*actions, *completing_actions(table, wire_key, actions, now))
    if condition is not None or version is not None or holding:
        must = together(must, checked_condition(table, condition), version and version.condition, *holding)
    return UpdateRequest(wire_key, actions, must, version, own_kind(table))


def update_after_read(table: ModelTable[M], write: Update[M], now: dt.datetime, once: UUID | None = None) -> Plan[M]:
    """Read the item, build the update from what was read, and write it on condition that this still holds.

    An item that others change meanwhile is read again, a few times. Raises ConditionFailed.
    """
    accounting: Callable[[Plan[Item | None]], Plan[Item | None]] = accounted
    for attempt in range(_READ_ATTEMPTS):
        item = yield from accounting(_read_first(table, table.key(write.key)))
        try:
            token = None if once is None else uuid5(once, str(attempt))  # each attempt is another request
            return (yield from update(table, write.prepare(table, now, item or {}), token))
        except ConditionFailed as error:
            others_wrote = write.condition is None and error.raw_item is not None
            if not others_wrote or item is None or attempt + 1 == _READ_ATTEMPTS:
                raise
            accounting = after_writing if error.outcome == "unknown" else accounting
    raise AssertionError


def _read_first(table: ModelTable[Any], key: Item) -> Plan[Item | None]:
    response: Any = yield from ask("GetItem", {"TableName": table.name, "Key": key, "ConsistentRead": True})
    return response.get("Item")


def perform_update(table: ModelTable[M], write: Update[M], now: dt.datetime, once: UUID | None = None) -> Plan[M]:
    """Update an item, after reading it where the caller asks for that. Raises ConditionFailed.

    `once` is the token under which it is applied once, whatever becomes of the answers.
    """
    if write.read:
        check_update(table.codec, _checked_actions(table, write.key, write.actions))  # before anything is read
        return update_after_read(table, write, now, once)
    return update(table, write.prepare(table, now), once)


def update(table: ModelTable[M], request: UpdateRequest, once: UUID | None = None) -> Plan[M]:
    """Update an item and return it as it is now. Raises ConditionFailed."""
    if once is not None:
        return (yield from update_once(table, request, once))
    response = yield from write(table, "UpdateItem", request, returning="ALL_NEW")
    return (yield from after_writing(_updated(table, response), "the item was updated all the same"))


def _updated(table: ModelTable[M], response: Response) -> Plan[M]:
    item: M | None = (yield from table.decode_response(response, table.codec)).get("Attributes")
    if item is None:
        raise damaged("UpdateItem")
    return item


def _sealed(table: ModelTable[Any], key: Item, actions: tuple[Action, ...]) -> Plan[list[Action]]:
    """Return the actions with the values of encrypted attributes sealed."""
    out: list[Action] = []
    for action in actions:
        if action.encrypted and action.value is not None:
            name = str(action.path[0])
            sealed = yield from table.sealed({name: action.value}, key)
            out.append(action.with_value(sealed[name]))
        else:
            out.append(action)
    return out


def _checked_actions(table: ModelTable[M], key: object, actions: Iterable[object]) -> list[Action]:
    """Return the actions. Raises for anything else, for another model's, and for values that would not read back."""
    checked: list[Action] = []
    waits = False
    for action in actions:
        if not isinstance(action, Action):
            raise InvalidExpression(
                f"an update takes actions, not {kind_of(action)}: write Attr(u.score).set(3), or name fields="
            )
        table.check_model(action.model)
        operand = action.operand
        if isinstance(operand.default if isinstance(operand, IfNotExists) else operand, Unvalidated):
            waits = True
        else:
            _check_readable(table, action)
        checked.append(action)
    return validated_actions(table, key, checked) if waits else checked


def _check_readable(table: ModelTable[Any], action: Action) -> None:
    """Hold what is written to the field's type: a value as a whole, what is put into a list or set by its elements."""
    value = action.value if action.clause == "SET" else None
    if value is None:
        table.codec.check_elements(action.path, action.elements)
    elif len(action.path) == 1:
        table.codec.check_fields({str(action.path[0]): value})
    else:
        table.codec.check_inside(action.path, value)


def _check_size(table: ModelTable[Any], key: Item, actions: Iterable[Action]) -> None:
    """Raise ItemTooLarge where what is set makes the item too large by itself; what else is there, DynamoDB knows."""
    item: Item = dict(key)
    for action in actions:
        if action.clause == "SET" and len(action.path) == 1 and isinstance(action.operand, Constant):
            item[str(action.path[0])] = action.operand.value
    table.codec.check_size(item)


def _field_actions(table: ModelTable[M], instance: M | None, names: Iterable[str]) -> list[Action]:
    """Return the actions that set the named fields to the instance's values."""
    if isinstance(names, str) or not isinstance(cast("object", names), Iterable):
        raise InvalidExpression('fields= takes a collection of names: write fields={"nickname"}')
    if instance is None:
        raise InvalidKey("fields= takes the values from an instance: pass the instance instead of its key")
    listed = list(names)
    if not all(isinstance(cast("object", name), str) for name in listed):
        raise InvalidExpression('fields= takes names, as strings: write fields={"nickname"}')
    return [_field_action(table, instance, name) for name in dict.fromkeys(listed)]


def _check_version_known(table: ModelTable[M], instance: M | None) -> None:
    """Raise FieldNotCarried for an instance read through an index without its version: nothing would guard it."""
    version = table.schema.role("version")
    unknown = None if version is None or instance is None else not_carried(instance, version.name)
    if unknown is not None:
        raise unknown


def _field_action(table: ModelTable[M], instance: M, name: str) -> Action:
    field = table.codec.node.fields.get(name)
    if field is None:
        raise InvalidExpression(f"{table.model.__name__} stores no field {name!r}: fields= names fields of the model")
    _refuse_field(table, table.schema.fields[name])
    action = assigned(table, name, _validated(table, instance, name))
    if action.value is not None:
        table.codec.check_fields({field.attribute: action.value})
    return action


def _validated(table: ModelTable[M], instance: M, name: str) -> object:
    """Return a field's value after its own validation: it may have been assigned without."""
    value: object = getattr(instance, name)
    field = table.codec.node.fields[name]
    if field.computed or (value is None and field.omit_none):
        return value
    others = {**instance.__dict__, **(instance.__pydantic_extra__ or {})}  # not dict(), which a field `keys` misleads
    return table.codec.validated(name, value, others).value


def _refuse_field(table: ModelTable[M], field: StoredField) -> None:
    where = f"{table.model.__name__}.{field.name}"
    if field.is_key:
        raise InvalidExpression(
            f"{where} is a part of the key, which cannot change: delete the item and create another"
        )
    if field.roles & SET_BY_LIBRARY:
        raise InvalidExpression(f"{where} is set by the library: leave it out of fields=")


def _check_vectors(table: ModelTable[Any], actions: Iterable[Action]) -> None:
    """Refuse what would leave a vector with other elements than its index has, or with none of 32 bits."""
    vectors = {vector.field.attribute: vector for vector in table.schema.vectors.values()}
    for action in actions:
        vector = vectors.get(str(action.path[0]))
        element = len(action.path) > 1
        keeps = isinstance(action.operand, Constant) if element else not isinstance(action.operand, ListAppend)
        if vector is not None and ((element and action.clause != "SET") or not keeps):
            raise InvalidExpression(
                f"{vector.field.name} has {vector.dimensions} elements of 32 bits in index {vector.name!r}: set() it "
                "as a whole, or one element to a value"
            )
