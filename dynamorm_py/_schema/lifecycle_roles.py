"""The lifecycle roles of CONTRACT 4: which marker makes one, what it may be, how it is stored, what sets it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from dynamorm_py._kernel.values import frozen
from dynamorm_py.markers import CreatedAt, Format, Marker, TimeToLive, UpdatedAt, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITH_EVERY_WRITE = "is set by the library with every write: leave it out"


@frozen
class LifecycleRole:
    """One role of an attribute.

    `types` are the types of the values that it may hold, `article` how a message calls them. `wire_type` and
    `format` are how it is stored when the marker does not say. `refusal` is the message for a caller
    that sets it; None where callers may.
    """

    marker: type[Marker]
    types: frozenset[type]
    article: str
    wire_type: Literal["S", "N"]
    format: Format
    refusal: str | None = None


LIFECYCLE: Mapping[str, LifecycleRole] = {
    "created_at": LifecycleRole(
        *(CreatedAt, frozenset({datetime}), "a datetime", "S", "rfc3339nano"),
        refusal="is set by the library when the item is created: leave it out",
    ),
    "updated_at": LifecycleRole(
        *(UpdatedAt, frozenset({datetime}), "a datetime", "S", "rfc3339nano"), refusal=_WITH_EVERY_WRITE
    ),
    "version": LifecycleRole(*(Version, frozenset({int}), "an int", "N", "int"), refusal=_WITH_EVERY_WRITE),
    "ttl": LifecycleRole(TimeToLive, frozenset({int, datetime}), "a datetime or an int", "N", "unix_seconds"),
}
SET_BY_LIBRARY = frozenset(name for name, role in LIFECYCLE.items() if role.refusal is not None)
"""The roles of fields that no caller sets."""
