"""Which fields of an instance are known: all, unless it was read through an index that does not carry them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py.errors import FieldNotCarried

if TYPE_CHECKING:
    from pydantic import BaseModel

INDEX = "__dynamorm_index__"
"""Where an instance notes the index that it was read through: beside its fields, so that copies and pickles have it."""


def not_carried(instance: BaseModel, name: str | None = None) -> FieldNotCarried | None:
    """Return the error of a field without a value, or of all; None for an instance of which everything is known."""
    index = instance.__dict__.get(INDEX)
    if index is None:
        return None
    model = type(instance)
    missing = [field for field in model.model_fields if field not in instance.__dict__]
    if not missing or (name is not None and name not in missing):
        return None
    return FieldNotCarried(model.__name__, index, missing if name is None else [name])


def is_partial(item: BaseModel) -> bool:
    """Return whether an item was read through an index that does not carry every field, so that some are unknown."""
    return not_carried(item) is not None
