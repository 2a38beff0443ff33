"""The lifecycle rules of CONTRACT 4: what a write sets by itself, and which version it expects.

One reading of the clock serves the whole operation. This module works on encoded items and
expressions; it knows no request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import (
    Action,
    Condition,
    add_to_attribute,
    attribute_equals,
    attribute_not_exists,
    set_attribute,
)
from dynamorm_py._kernel.types import ANY
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    import datetime as dt

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.types import ExpectedVersion, Item


def held_version(codec: Codec[Any], instance: BaseModel) -> int | None:
    """Return the version that an instance holds, by the caller or from a stored item; None for none."""
    field = codec.schema.role("version")
    if field is None or field.name not in instance.model_fields_set:
        return None
    return getattr(instance, field.name)


def expect_version(codec: Codec[Any], expected: ExpectedVersion, held: int | None = None) -> Condition | None:
    """Return the condition on the stored version: the one named, else the one held; None for no check.

    Version 0 also matches an item without the attribute, so items written without one can be adopted.
    Raises InvalidValue when a version is named and the model has none.
    """
    if expected is ANY:
        return None
    version = held if expected is None else expected
    field = codec.schema.role("version")
    if field is None:
        if expected is not None:
            raise InvalidValue(f"{codec.model.__name__} has no version: mark an int field with Version()")
        return None
    if version is None:
        return None
    path = (field.attribute,)
    matches = attribute_equals(path, codec.encode_field(field.name, version))
    return matches if version else attribute_not_exists(path) | matches


def stamp_new(codec: Codec[Any], item: Item, now: dt.datetime) -> None:
    """Set what a created item carries: both times, and version 0."""
    _stamp_time(codec, item, "created_at", now)
    _stamp_time(codec, item, "updated_at", now)
    _stamp_version(codec, item, 0)


def stamp_replacement(
    codec: Codec[Any], instance: BaseModel, item: Item, now: dt.datetime, expected: ExpectedVersion
) -> None:
    """Set what a put item carries: a held creation time stays, the version counts on from the held one."""
    created = codec.schema.role("created_at")
    if created is not None and (created.name not in instance.model_fields_set or not getattr(instance, created.name)):
        _stamp_time(codec, item, "created_at", now)
    _stamp_time(codec, item, "updated_at", now)
    known = expected if isinstance(expected, int) else held_version(codec, instance)
    _stamp_version(codec, item, 0 if known is None else known + 1)


def lifecycle_actions(codec: Codec[Any], now: dt.datetime) -> list[Action]:
    """Return the actions that every update adds: the time of the update, and one more version."""
    actions: list[Action] = []
    if (updated := codec.schema.role("updated_at")) is not None:
        actions.append(set_attribute((updated.attribute,), codec.encode_field(updated.name, now)))
    if (version := codec.schema.role("version")) is not None:
        actions.append(add_to_attribute((version.attribute,), {"N": "1"}))
    return actions


def _stamp_time(codec: Codec[Any], item: Item, role: str, now: dt.datetime) -> None:
    if (field := codec.schema.role(role)) is not None:
        item[field.attribute] = codec.encode_field(field.name, now)


def _stamp_version(codec: Codec[Any], item: Item, version: int) -> None:
    if (field := codec.schema.role("version")) is not None:
        item[field.attribute] = codec.encode_field(field.name, version)
