"""What a smaller model reads out of another model's items, and the codecs that do so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from dynamorm_py.errors import InvalidProjection

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynamorm_py._codec.codec import Codec
    from dynamorm_py._schema import StoredField

_PROJECTIONS = "__dynamorm_projections__"


def projected_fields(codec: Codec[Any], target: type[BaseModel]) -> dict[str, StoredField]:
    """Return the stored fields behind those of the target. Raises InvalidProjection for one that is not there."""
    known = {name: codec.schema.fields[name] for name in codec.node.fields}
    missing = [name for name in target.model_fields if name not in known]
    if missing or not target.model_fields:
        listed = ", ".join(missing) or "no fields at all"
        names = f"{target.__name__} has {listed}, which {codec.model.__name__} does not store"
        raise InvalidProjection(f"{names}: project a subset of its fields")
    # a derived key is a text like any other there: the fields that it is composed from need not be read
    return {name: replace(known[name], template=None, computed=False) for name in target.model_fields}


def require_same_types(codec: Codec[Any], smaller: Codec[Any]) -> None:
    """Raise InvalidProjection for a field that the smaller model would read from another type than is stored."""
    for name, field in smaller.node.fields.items():
        stored = codec.node.fields[name].node.types
        if stored and field.node.types and not stored <= field.node.types:
            raise InvalidProjection(
                f"{smaller.model.__name__}.{name} is stored as {' or '.join(sorted(field.node.types))}, but "
                f"{codec.model.__name__}.{name} as {' or '.join(sorted(stored))}: give both the same type"
            )


def projections_to(target: type[BaseModel]) -> WeakKeyDictionary[Codec[Any], Codec[Any]]:
    """Return the codecs that read a class out of others' items, kept with the class, so that they go when it does."""
    kept: WeakKeyDictionary[Codec[Any], Codec[Any]] | None = vars(target).get(_PROJECTIONS)
    if kept is None:
        kept = WeakKeyDictionary()
        setattr(target, _PROJECTIONS, kept)
    return kept
