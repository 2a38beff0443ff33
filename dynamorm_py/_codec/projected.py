"""Smaller models that are read out of a model's items: which fields they may have, and of which types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from dynamorm_py.errors import InvalidProjection

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynamorm_py._codec.structs import StructNode
    from dynamorm_py._schema import ModelSchema, StoredField

_PROJECTIONS = "__dynamorm_projections__"


def projected_fields(schema: ModelSchema, node: StructNode, target: type[BaseModel]) -> dict[str, StoredField]:
    """Return the fields of a smaller model as the whole one stores them. Raises InvalidProjection."""
    known = {name: schema.fields[name] for name in node.fields}
    missing = [name for name in target.model_fields if name not in known]
    if missing or not target.model_fields:
        listed = ", ".join(missing) or "no fields at all"
        names = f"{target.__name__} has {listed}, which {schema.name} does not store"
        raise InvalidProjection(f"{names}: project a subset of its fields")
    # a derived key is a text like any other there: the fields that it is composed from need not be read
    return {name: replace(known[name], template=None, computed=False) for name in target.model_fields}


def check_projected_types(
    model: type[BaseModel], node: StructNode, target: type[BaseModel], projected: StructNode
) -> None:
    """Raise InvalidProjection for a field that is stored as another type than the smaller model has."""
    for name, field in projected.fields.items():
        stored = node.fields[name].node.types
        if stored and field.node.types and not stored <= field.node.types:
            raise InvalidProjection(
                f"{target.__name__}.{name} is stored as {' or '.join(sorted(field.node.types))}, but "
                f"{model.__name__}.{name} as {' or '.join(sorted(stored))}: give both the same type"
            )


def projections_to(target: type[BaseModel]) -> WeakKeyDictionary[Any, Any]:
    """Return the codecs that read a class out of others' items, kept with the class, so that they go when it does."""
    kept: WeakKeyDictionary[Any, Any] | None = vars(target).get(_PROJECTIONS)
    if kept is None:
        kept = WeakKeyDictionary()
        setattr(target, _PROJECTIONS, kept)
    return kept
