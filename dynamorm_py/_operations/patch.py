"""The body of a PATCH as an update: the fields that are set in a smaller model, or a mapping.

Each value is validated as the field of the model, under its name or its alias. Source: CONTRACT 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._operations.recompute import assigned, known_values
from dynamorm_py._schema import SET_BY_LIBRARY
from dynamorm_py.errors import InvalidCall, InvalidExpression

if TYPE_CHECKING:
    from dynamorm_py._expressions import Action
    from dynamorm_py._model.model_table import ModelTable


def patch_actions(table: ModelTable[Any], key: object, changes: object) -> tuple[Action, ...]:
    """Return the actions that set what a body says. Raises InvalidExpression, InvalidValue, InvalidKey."""
    values = {_field(table, name): value for name, value in _set_values(changes).items()}
    if not values:
        raise InvalidExpression("the patch changes nothing: set a field of it")
    known = known_values(table, key) if table.codec.changes_values else {}
    for name in sorted(values, key=list(table.codec.node.fields).index):  # a validator gets the fields before its own
        values[name] = known[name] = _validated(table, name, values[name], known)
    return tuple(_action(table, name, value) for name, value in values.items())


def _validated(table: ModelTable[Any], name: str, value: object, known: Mapping[str, object]) -> object:
    made = table.codec.validate_field(name, value, known)
    if made is None and table.codec.node.fields[name].omit_none:
        return None
    return table.codec.settled(name, made, table.codec.encode_field(name, made), known).value


def _set_values(changes: object) -> dict[str, object]:
    if isinstance(changes, BaseModel):
        return {name: getattr(changes, name) for name in type(changes).model_fields if name in changes.model_fields_set}
    if isinstance(changes, Mapping):
        return dict(cast("Mapping[str, object]", changes))
    refusal = InvalidCall if changes is MISSING else InvalidExpression
    raise refusal(
        f"patch() takes a pydantic model or a mapping, not {kind_of(changes)}: for actions and instances write update()"
    )


def _field(table: ModelTable[Any], name: str) -> str:
    """Return the field's name for a name or an alias. Raises InvalidExpression for what cannot be patched."""
    model = table.model.__name__
    by_alias = {
        alias: field
        for field, info in table.model.model_fields.items()
        for alias in (info.alias, info.validation_alias)
        if isinstance(alias, str)
    }
    field = table.schema.fields.get(name if name in table.schema.fields else by_alias.get(name, ""))
    if field is None or not field.stored:
        raise InvalidExpression(f"{model} stores no field {name!r}: a patch names fields of the model")
    where = f"{model}.{field.name}"
    if field.is_key:
        raise InvalidExpression(f"{where} is a part of the key, which cannot change: leave it out of the patch")
    if field.computed:
        raise InvalidExpression(f"{where} is computed from other fields: leave it out of the patch")
    if field.roles & SET_BY_LIBRARY:
        raise InvalidExpression(f"{where} is set by the library: leave it out of the patch")
    return field.name


def _action(table: ModelTable[Any], name: str, value: object) -> Action:
    action = assigned(table, name, value)
    if action.value is not None:
        table.codec.check_fields({str(action.path[0]): action.value})
    return action
