"""When an update may create its item, and what it sets besides: no item is made that its own model cannot read.

Source: CONTRACT 5, update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin

from dynamorm_py._expressions import set_if_absent
from dynamorm_py._schema import SET_BY_LIBRARY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Action


def missing_fields(codec: Codec[Any], actions: Iterable[Action]) -> list[str]:
    """Return the required fields that the actions leave unset where no item is; `add` sets a number."""
    set_attributes = {str(action.path[0]) for action in actions if _sets_whole(action)}
    fields = codec.schema.fields
    return [
        name
        for name, field in codec.node.fields.items()
        if field.required
        and field.attribute not in set_attributes
        and not (name in fields and (fields[name].is_key or fields[name].roles & SET_BY_LIBRARY))
    ]


def initial_actions(codec: Codec[Any], actions: Iterable[Action], now: dt.datetime) -> list[Action]:
    """Return what a created item gets besides: its creation time, and the literals that tell its model."""
    named = {str(action.path[0]) for action in actions}
    out: list[Action] = []
    created = codec.schema.role("created_at")
    if created is not None:
        out.append(set_if_absent((created.attribute,), codec.encode_field(created.name, now)))
    for name, value in _literals(codec):
        attribute = codec.node.fields[name].attribute
        if attribute not in named:
            out.append(set_if_absent((attribute,), codec.encode_field(name, value)))
    return out


def _sets_whole(action: Action) -> bool:
    return len(action.path) == 1 and action.clause in {"SET", "ADD"}


def _literals(codec: Codec[Any]) -> Iterable[tuple[str, object]]:
    """Yield the fields that have one value only, which is their default: they tell models of one table apart."""
    for name, info in codec.model.model_fields.items():
        values = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
        stored = codec.schema.fields.get(name)
        if len(values) == 1 and info.default == values[0] and stored is not None and not stored.is_key:
            yield name, cast("object", values[0])
