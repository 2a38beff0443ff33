"""Compiles a model class: its fields, its table, its codec; every problem of it in one error."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import Codec, Node, UnsupportedType, derived_keys, field_specs
from dynamorm_py._schema import (
    CONVENTIONS,
    LIFECYCLE,
    MISSING_KEY,
    ModelSchema,
    StoredField,
    lookalike_problems,
    read_derived,
    read_schema,
    read_write_policy,
    with_searched,
)
from dynamorm_py.errors import ModelDefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from dynamorm_py._model.options import Options

_KEY_TYPES = (frozenset({"S"}), frozenset({"N"}), frozenset({"B"}))


def compile_model(model: type[BaseModel], options: Options) -> Codec[Any]:
    """Return the codec of a model class. Raises ModelDefinitionError with everything that is wrong."""
    names = [*model.model_fields, *model.model_computed_fields]
    naming = options.naming if options.naming in CONVENTIONS else None
    fields, marker_problems = field_specs(model, names, naming=naming)
    fields = with_searched(fields)
    derived, wrong = read_derived(model, names, naming=naming)
    fields |= derived
    marker_problems += wrong
    schema, wrong = read_schema(
        model.__name__, fields.values(), table=options.table, naming=options.naming, declared=options.indexes
    )
    policy, wrong_policy = read_write_policy(options.write_policy, options.protected, schema.fields)
    schema = replace(schema, write_policy=policy)
    problems = marker_problems + wrong + wrong_policy
    problems += lookalike_problems(model, model.model_computed_fields)
    codec: Codec[Any] | None = None
    try:
        codec = Codec(model, schema, fields)
        compiled = codec.node.fields
    except UnsupportedType as error:
        problems += error.args
        compiled = error.fields
    problems += _reads_problems(schema)
    problems += _unique_problems(schema, {name: field.node for name, field in compiled.items()})
    keys, wrong = derived_keys(schema, compiled)
    problems += wrong
    problems += _type_problems(schema, {name: field.node for name, field in compiled.items()})
    if codec is None or problems:
        raise ModelDefinitionError(model.__name__, problems, code=_code(problems, marker_problems))
    codec.derived = keys
    return codec


def _unique_problems(schema: ModelSchema, nodes: dict[str, Node]) -> Iterator[str]:
    unique = [field for field in schema.stored if field.unique]
    for field in unique:
        if field.name in nodes and (nodes[field.name].types - {"NULL"}) not in _KEY_TYPES:
            yield f"{field.name}: a unique field is a string, number or binary: change its type"
    for key in schema.keys if unique else ():
        if key.name in nodes and nodes[key.name].types != frozenset({"S"}):
            yield f"{unique[0].name}: Unique() needs a table whose key is text, and {key.name} is not"


def _reads_problems(schema: ModelSchema) -> Iterator[str]:
    for field in schema.stored:
        for name in field.reads or ():
            if name not in schema.fields or not schema.fields[name].stored or schema.fields[name].computed:
                yield f"{field.name}: reads= names {name!r}, which is not a stored field: name what it is computed from"


def _code(problems: list[str], of_markers: list[str]) -> str | None:
    """Return the portable code of a fault that is alone of its kind: no key, or markers wrong in themselves."""
    if problems == [MISSING_KEY]:
        return "ErrMissingPrimaryKey"
    return "ErrInvalidTag" if problems == of_markers else None


def _type_problems(schema: ModelSchema, nodes: dict[str, Node]) -> Iterator[str]:
    """Yield what the types of fields forbid: keys and lifecycle fields are of few types."""
    for field in schema.stored:
        node = nodes.get(field.name)
        if node is None or (field.converter is not None and (field.roles or field.index_keys)):
            continue  # that a converter stands there is reported already
        if field.is_key:
            yield from _key_problems(field, node)
        elif field.is_index_key and (node.types - {"NULL"}) not in _KEY_TYPES:
            yield f"{field.name}: an index key is a string, number or binary: change its type"
        for role in sorted(field.roles & LIFECYCLE.keys()):
            if not node.holds(*LIFECYCLE[role].types):
                yield f"{field.name}: {role} is {LIFECYCLE[role].article}: change its type"
        if field.format is not None:
            yield from _format_problems(field, node)
        if field.in_vector_index and (node.types - {"NULL"}) not in _KEY_TYPES:
            yield f"{field.name}: a vector index compares a string, number or binary: change its type"
        if field.vectors and not _is_vector(node):
            yield f"{field.name}: a vector is a list of floats: annotate it as list[float], or list[float] | None"


def _is_vector(node: Node) -> bool:
    """Return whether a field holds a list of floats, and perhaps None."""
    return node.holds(list, tuple, deque) and (element := node.element_node()) is not None and element.holds(float)


def _key_problems(field: StoredField, node: Node) -> Iterator[str]:
    if node.nullable:
        yield f"{field.name}: a key is never None: drop the Optional"
    elif node.types not in _KEY_TYPES:
        yield f"{field.name}: a key is a string, number or binary: change its type"


def _format_problems(field: StoredField, node: Node) -> Iterator[str]:
    label = f"{field.name}: format {field.format!r}"
    fits = node.holds(int if field.format == "int" else dt.datetime)
    if not fits and not (node.holds(int) and field.format == "unix_seconds"):
        yield f"{label} is not for this type: drop it, or make the field a datetime"
    elif "ttl" in field.roles and field.format not in {"unix_seconds", "int"}:
        yield f"{label} is not for a time to live: DynamoDB expires items by epoch seconds, so drop it"
