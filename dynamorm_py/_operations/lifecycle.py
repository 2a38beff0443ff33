"""The lifecycle rules of CONTRACT 4: what a write sets by itself, and which version it expects.

One reading of the clock serves the whole operation. This module works on encoded items and
expressions; it knows no request.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import (
    Action,
    Condition,
    add_to_attribute,
    attribute_equals,
    attribute_exists,
    attribute_not_exists,
    set_attribute,
)
from dynamorm_py._kernel.types import ANY
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.types import AttributeValue, ExpectedVersion, Item


def held_version(codec: Codec[Any], instance: BaseModel) -> int | None:
    """Return the version that an instance holds, by the caller or from a stored item; None for none."""
    field = codec.schema.role("version")
    if field is None or field.name not in instance.model_fields_set:
        return None
    return getattr(instance, field.name)


@frozen
class VersionGuard:
    """The version that a write expects; `expected` is None where no version may be stored yet."""

    attribute: str
    expected: AttributeValue | None
    condition: Condition

    def matches(self, item: Mapping[str, Any] | None) -> bool:
        """Return whether a stored item, None for none, has the version that was expected."""
        stored = None if item is None else item.get(self.attribute)
        if self.expected is None:
            return stored is None
        if item is not None and stored is None:
            return self.expected == {"N": "0"}
        return stored is not None and "N" in stored and Decimal(stored["N"]) == Decimal(self.expected["N"])


def expect_version(codec: Codec[Any], expected: ExpectedVersion, held: int | None = None) -> VersionGuard | None:
    """Return the guard by the stored version: the one named, else the one held; None for no check.

    Version 0 also matches an existing item without the attribute, so items written without one can be adopted, and
    deleted ones are not revived. Raises InvalidValue when a version is named and the model has none.
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
    path, stored = (field.attribute,), codec.encode_field(field.name, version)
    equal = attribute_equals(path, stored)
    if not version:
        partition = (codec.schema.partition.attribute,)
        equal = (attribute_exists(partition) & attribute_not_exists(path)) | equal
    return VersionGuard(field.attribute, stored, equal)


def expect_no_version(codec: Codec[Any]) -> VersionGuard | None:
    """Return the guard of a put that knows no version: it starts one, and so may not replace an item that has one."""
    field = codec.schema.role("version")
    return None if field is None else VersionGuard(field.attribute, None, attribute_not_exists((field.attribute,)))


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
