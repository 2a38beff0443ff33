"""Values that an update sets, where a validator of the field asks for other fields of the same request.

An action alone cannot give them. The update can: what its other actions set, an instance's fields, the key's parts.
Source: CONTRACT 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._operations.recompute import known_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamorm_py._expressions import Action
    from dynamorm_py._model.model_table import ModelTable


def validated_actions(table: ModelTable[Any], key: object, actions: Sequence[Action]) -> list[Action]:
    """Return the actions with every value validated. Raises InvalidValue, also for a field that is not known."""
    waiting = {str(action.path[0]): action for action in actions if action.unvalidated is not None}
    known = known_values(table, key) | _set_values(table, actions)
    validated: dict[int, Action] = {}
    for name, attribute in table.codec.attributes.items():  # a validator gets the fields before its own
        action = waiting.get(attribute)
        value = None if action is None else action.unvalidated
        if action is not None and value is not None:
            made = table.codec.validated(name, value.passed, known)
            known[name] = made.value
            validated[id(action)] = action.with_value(made.stored)
    return [validated.get(id(action), action) for action in actions]


def _set_values(table: ModelTable[Any], actions: Iterable[Action]) -> dict[str, object]:
    """Return the values that actions set as a whole, or take away, by the names of their fields."""
    whole = [action for action in actions if len(action.path) == 1 and action.unvalidated is None]
    item = {str(each.path[0]): each.value for each in whole if each.clause == "SET" and each.value is not None}
    removed = {each.path[0] for each in whole if each.clause == "REMOVE"}
    read = table.codec.check_fields(item)
    return {
        name: read.get(attribute)
        for name, attribute in table.codec.attributes.items()
        if attribute in read or attribute in removed
    }
