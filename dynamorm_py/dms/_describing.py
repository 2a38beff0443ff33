"""A model class as a DMS entry: what DMS can say of it, and a refusal where it has no word.

Reads the compiled codec and its schema. Knows no documents, no text and no tables that exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.types import SET_TYPES
from dynamorm_py._schema import SET_BY_LIBRARY
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._codec import Codec, Node
    from dynamorm_py._schema import IndexSchema, StoredField

_ROLES = ("pk", "sk", "created_at", "updated_at", "version", "ttl")
ROLE_FORMATS = {"created_at": "rfc3339nano", "updated_at": "rfc3339nano", "version": "int", "ttl": "unix_seconds"}
"""How a lifecycle attribute is stored when nothing else is said."""
_ENVELOPE = {"v": 1}  # the version of the envelope: CONTRACT 6


def describe(codec: Codec[Any], *, table: str | None = None) -> dict[str, Any]:
    """Return a model's DMS entry, in the table named or the class's; without `table` when there is none.

    Raises InvalidDocument with everything that DMS has no word for.
    """
    problems = list(_unsayable(codec))
    if problems:
        raise InvalidDocument(codec.model.__name__, problems)
    schema = codec.schema
    table = table or schema.table
    return without_none(
        name=schema.name,
        table=table and {"name": table},
        naming=None if schema.naming is None else {"convention": schema.naming},
        keys={word: _key(codec, field) for word, field in zip(("partition", "sort"), schema.keys, strict=False)},
        attributes=[_attribute(codec, field) for field in schema.stored],
        indexes=[_index(codec, index) for index in schema.indexes.values()] or None,
    )


def wire_type(node: Node) -> str | None:
    """Return the one type that values are stored as, None when there are several."""
    types = node.types - {"NULL"} or node.types
    sets = types & SET_TYPES
    if node.kind == "set" and len(sets) == 1:
        types = sets  # the other is the empty list, by which an optional set tells empty from None
    return next(iter(types)) if len(types) == 1 else None


def _unsayable(codec: Codec[Any]) -> Iterator[Problem]:
    """Yield what DMS has no word for."""
    for field in codec.schema.stored:
        node = codec.node.fields[field.name].node
        if wire_type(node) is None:
            repair = "annotate one type, or store it with AsJson()"
            yield Problem(f"it is stored as one of several types, and DMS names one: {repair}", field.name)
        for role in sorted(field.roles & {"created_at", "updated_at"}):
            if field.format not in {None, "rfc3339nano"}:
                yield Problem(f"DMS stores {role} as rfc3339nano only: drop format={field.format!r}", field.name)
    for index in codec.schema.indexes.values():
        if len(index.partition) > 1 or len(index.sort) > 1:
            yield Problem("DMS has no multi-attribute keys: leave the index out", f"index {index.name}")


def _attribute(codec: Codec[Any], field: StoredField) -> dict[str, Any]:
    node = codec.node.fields[field.name].node
    required, optional = presence(codec, field)
    return without_none(
        attribute=field.attribute,
        type=wire_type(node),
        required=required or None,
        optional=optional or None,
        omit_empty=field.omit_empty or None,
        json=field.as_json or None,
        binary=field.as_binary or None,
        format=_format(field, node),
        roles=[role for role in _ROLES if role in field.roles] or None,
        encryption=dict(_ENVELOPE) if field.encrypted else None,
        tags=None if field.template is None else {"template": field.template.source},
    )


def presence(codec: Codec[Any], field: StoredField) -> tuple[bool, bool]:
    """Return `required` and `optional` of a field.

    Required: a key, or a field without a default that is always written. Optional: any other. Neither:
    created_at, updated_at and version, which the library sets. `Attribute(required=, optional=)` overrules.
    """
    pydantic_field = codec.model.model_fields.get(field.name)
    without_default = pydantic_field is not None and pydantic_field.is_required()
    required = (without_default and not field.omit_empty) or field.is_key
    optional = not required
    if field.roles & SET_BY_LIBRARY:
        required = optional = False
    return (
        required if field.required is None else field.required,
        optional if field.optional is None else field.optional,
    )


def _format(field: StoredField, node: Node) -> str | None:
    """Return DMS's word for the form of a time or a number; fixed-width timestamps have none."""
    role = next((role for role in ROLE_FORMATS if role in field.roles), None)
    if field.format is not None:
        return None if field.format == "fixed_nano" else field.format
    if role is not None:
        return ROLE_FORMATS[role]
    in_key = field.is_key or field.is_index_key  # where fixed width is the default
    return "rfc3339nano" if node.kind == "datetime" and not in_key else None


def _key(codec: Codec[Any], field: StoredField) -> dict[str, Any]:
    return {"attribute": field.attribute, "type": wire_type(codec.node.fields[field.name].node)}


def _index(codec: Codec[Any], index: IndexSchema) -> dict[str, Any]:
    projection = index.projection
    fields = None if isinstance(projection, str) else [codec.schema.fields[name].attribute for name in projection]
    return without_none(
        name=index.name,
        type=index.kind,
        partition=_key(codec, index.partition[0]),
        sort=_key(codec, index.sort[0]) if index.sort else None,
        projection=without_none(type="INCLUDE" if fields else projection, fields=fields),
    )
