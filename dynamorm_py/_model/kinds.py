"""Which items of a table are of a model: by a `Literal` field of one value, or by keys that only it composes.

Source: CONTRACT 5, "several models in one table".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec import Codec
    from dynamorm_py._codec.key_composition import DerivedKey
    from dynamorm_py._kernel.types import Item


CLAIM = "dynamorm_claim"
"""The attribute that only claims of unique fields have: items of no model."""


def discriminators(codec: Codec[Any]) -> Item:
    """Return the attributes of one literal value that tell a model's items apart, as they are stored."""
    return {name: values[0] for name, values in codec.kind.items() if len(values) == 1}


def is_claim(item: Mapping[str, Any]) -> bool:
    """Return whether an item, or only its key, is a claim of a unique field."""
    if CLAIM in item:
        return True
    has_mark = has_name = False
    for value in item.values():
        text: Any = value["S"] if value.__class__ is dict and "S" in value else None  # a record's may be anything
        if text == "UNIQUE":
            has_mark = True
        elif text.__class__ is str and text.startswith("UNIQUE#"):
            has_name = True
    return has_name and (has_mark or len(item) == 1)  # a table without a sort key has no mark


def is_filtered(codec: Codec[Any], carried: frozenset[str] | None) -> bool:
    """Return whether a filter on literals tells a model's items, by what an index carries; None for all."""
    return bool(codec.kind) and (carried is None or codec.kind.keys() <= carried)


def is_other(codec: Codec[Any], item: Mapping[str, Any]) -> bool:
    """Return whether an item, in DynamoDB's JSON, is of another model: by a literal, or by its key."""
    if CLAIM in item:
        return True
    if codec.kind and any(item.get(name, values[0]) not in values for name, values in codec.kind.items()):
        return True
    if not codec.derived:
        return False
    keys = (key for key in codec.derived.values() if key.field.is_key and key.attribute in item)
    return not all(_may_be(key, item[key.attribute]) for key in keys)


def _may_be(key: DerivedKey, stored: object) -> bool:
    """Return whether the model composes a stored key; a damaged one may be, and is refused when it is read."""
    if not isinstance(stored, dict):
        return True
    value = cast("dict[str, object]", stored)
    text = value.get("S")
    return "S" in value and (not isinstance(text, str) or key.parts_of(text) is not None)


def telling_attributes(codec: Codec[Any]) -> list[str]:
    """Return the attributes that tell items apart: literals, the table's key, and what only claims have."""
    if not codec.told_apart:
        return []
    claim = [CLAIM] if codec.schema.unique else []
    return [*codec.kind, *(field.attribute for field in codec.schema.keys), *claim]
