"""A model class as a DMS entry: what DMS can say of it, and a refusal where it has no word.

Reads the compiled codec and its schema. Knows no documents, no text and no tables that exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py._schema import LIFECYCLE, SET_BY_LIBRARY
from dynamorm_py.dms._document import JSON_TYPES, Model
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.dms._rules import model_faults
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py._codec import Codec, Node
    from dynamorm_py._schema import IndexSchema, ModelSchema, StoredField, VectorSchema
    from dynamorm_py.dms._document import DmsVersion

_ROLES = ("pk", "sk", *LIFECYCLE)
ROLE_FORMATS: Mapping[str, str] = {name: role.format for name, role in LIFECYCLE.items()}
"""How a lifecycle attribute is stored by default."""
_NATIVE_JSON = frozenset(JSON_TYPES["0.2"]) - {"S"}
_REPAIR = 'use version="0.2"'
_ENVELOPE = {"v": 1}  # the version of the envelope: CONTRACT 6


def describe(codec: Codec[Any], *, table: str | None = None, version: DmsVersion = "0.1") -> dict[str, Any]:
    """Return a model's DMS entry, in the table named or the class's; without `table` when there is none.

    Raises InvalidDocument with everything that this version of DMS has no word for.
    """
    problems = [*_unsayable(codec), *(_later(codec) if version == "0.1" else ())]
    if problems:
        raise InvalidDocument(codec.model.__name__, problems)
    schema = codec.schema
    table = table or schema.table
    entry = without_none(
        name=schema.name,
        table=table and {"name": table},
        naming=None if schema.naming is None else {"convention": schema.naming},
        keys={word: _key(codec, field) for word, field in zip(("partition", "sort"), schema.keys, strict=False)},
        write_policy=_write_policy(schema),
        attributes=[_attribute(codec, field) for field in schema.stored],
        indexes=[_index(codec, index) for index in schema.indexes.values()] or None,
    )
    _check(entry, version)
    return entry


def _check(entry: Mapping[str, Any], version: DmsVersion) -> None:
    """Hold the entry to the rules of documents, so that what is wrong names the model and no place in a text."""
    model = Model.model_validate({"table": {"name": "any"}, **entry})
    if faults := list(model_faults(model, version)):
        raise InvalidDocument(model.name, [Problem(message, spelled_path(path)) for path, message in faults])


def wire_type(node: Node) -> str | None:
    """Return the one type that values are stored as, None when there are several."""
    types = node.types - {"NULL"} or node.types
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


def _later(codec: Codec[Any]) -> Iterator[Problem]:
    """Yield what came with DMS 0.2."""
    if _write_policy(codec.schema) is not None:
        yield Problem(f"DMS 0.1 has no write policies: {_REPAIR}", "write_policy")
    if codec.schema.naming == "dynamorm":
        yield Problem(f"DMS 0.1 does not know the convention dynamorm: {_REPAIR}", "naming")
    for field in codec.schema.stored:
        node = codec.node.fields[field.name].node
        if _is_json(field, node) and wire_type(node) not in {"S", None}:
            yield Problem(f"DMS 0.1 stores json as text only: {_REPAIR}", field.name)


def _write_policy(schema: ModelSchema) -> dict[str, Any] | None:
    policy = schema.write_policy
    protected = [schema.fields[name].attribute for name in policy.protected]
    mode = None if policy.mode == "mutable" else policy.mode
    return without_none(mode=mode, protected_attributes=protected or None) or None


def _attribute(codec: Codec[Any], field: StoredField) -> dict[str, Any]:
    node = codec.node.fields[field.name].node
    required, optional = presence(codec, field)
    vectors = [vector for vector in codec.schema.vectors.values() if vector.field.name == field.name]
    return without_none(
        attribute=field.attribute,
        type=wire_type(node),
        required=required or None,
        optional=optional or None,
        omit_empty=field.omit_empty or None,
        json=_is_json(field, node) or None,
        binary=field.as_binary or None,
        format=_format(field, node),
        roles=[role for role in _ROLES if role in field.roles] or None,
        encryption=dict(_ENVELOPE) if field.encrypted else None,
        tags=without_none(
            vector_indexes=[_vector(codec, v) for v in vectors] or None,
            template=None if field.template is None else field.template.source,
        )
        or None,
    )


def _vector(codec: Codec[Any], vector: VectorSchema) -> dict[str, Any]:
    """Return a vector index, which DMS cannot express, as an extension under `tags`."""
    projection = vector.projection
    carried = None if isinstance(projection, str) else [codec.schema.fields[name].attribute for name in projection]
    return without_none(
        name=vector.name,
        dimensions=vector.dimensions,
        distance=vector.distance,
        partition=None if vector.partition is None else vector.partition.attribute,
        filters=[field.attribute for field in vector.filters] or None,
        projection=carried or projection,
    )


def _is_json(field: StoredField, node: Node) -> bool:
    """Return whether DMS says json of a field: of native S, B and sets it has no such word, they are what they are."""
    return field.as_json and not (field.native_json and wire_type(node) not in _NATIVE_JSON)


def presence(codec: Codec[Any], field: StoredField) -> tuple[bool, bool]:
    """Return `required` and `optional` of a field.

    Required: a key, or a field without a default that is always written. Optional: any other. Neither:
    created_at, updated_at and version, which the library sets. `Attribute(required=, optional=)` overrules.
    """
    pydantic_field = codec.model.model_fields.get(field.name)
    without_default = pydantic_field is not None and pydantic_field.is_required()
    required = field.is_key or (without_default and not field.omit_empty)
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
    return "rfc3339nano" if node.order == "trimmed time" and not in_key else None


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
