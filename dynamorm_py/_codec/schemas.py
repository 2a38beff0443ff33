"""The shape of pydantic's core schemas: which of their entries are schemas, so that a walk meets no field's name.

Entries are known by the schema's own keys; the names of fields and tags, which users choose, are only values here.
Source: pydantic_core.core_schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic import BaseModel

Schema: TypeAlias = dict[str, Any]
"""A pydantic-core schema, seen as the dictionary that it is."""

_ENTRIES = frozenset(
    {"schema", "items_schema", "values_schema", "keys_schema", "extras_schema", "lax_schema", "strict_schema"}
    | {"json_schema", "python_schema", "return_schema", "arguments_schema", "var_args_schema", "var_kwargs_schema"}
    | {"fields", "choices", "steps", "definitions", "computed_fields"}
)

_WRITERS = frozenset({"schema", "return_schema"})
"""The entries of a serializer that are schemas."""


def complete_schema(model: type[BaseModel]) -> Schema:
    """Return pydantic's own schema of a model, which is completed first where it waits for a name."""
    if not model.__pydantic_complete__:
        model.model_rebuild()
    return dict(model.__pydantic_core_schema__)


def children(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas right below one, and the fields that hold schemas."""
    for name in _ENTRIES & schema.keys():
        yield from _schemas(schema[name])
    if (known := _known_type(schema)) is not None:
        yield known


def _schemas(part: object) -> Iterator[Schema]:
    """Yield the schemas of one entry: it is one, or several by name, in a row, or with a label each."""
    if _is_schema(part):
        yield cast("Schema", part)
    elif isinstance(part, dict | list):
        for each in _values(cast("Any", part)):
            schema = cast("object", each[0]) if isinstance(each, tuple) else each
            if isinstance(schema, dict):  # a dataclass lists its fields by name
                yield cast("Schema", schema)


def _values(part: dict[str, object] | list[object]) -> Iterable[object]:
    return part.values() if isinstance(part, dict) else part


def rebuilt(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return a copy of a schema with each schema right below it replaced, those of its serializer too."""
    out = dict(schema)
    for name in _ENTRIES & schema.keys():
        out[name] = _changed(schema[name], change)
    writer = schema.get("serialization")
    if isinstance(writer, dict) and isinstance(schema.get("type"), str):
        out["serialization"] = _rebuilt_writer(cast("Schema", writer), change)
    return out


def _rebuilt_writer(writer: Schema, change: Callable[[Schema], Schema]) -> Schema:
    return {name: change(part) if name in _WRITERS and part is not None else part for name, part in writer.items()}


def _known_type(schema: Schema) -> Schema | None:
    """Return the annotated type of a plain validator, which pydantic keeps where the value is written only."""
    return schema.get("serialization", {}).get("schema") if schema.get("type") == "function-plain" else None


def _changed(part: object, change: Callable[[Schema], Schema]) -> object:
    if _is_schema(part):
        return change(cast("Schema", part))
    if isinstance(part, dict):
        return {name: _changed_one(each, change) for name, each in cast("Schema", part).items()}
    return [_changed_one(each, change) for each in cast("list[object]", part)] if isinstance(part, list) else part


def _changed_one(each: object, change: Callable[[Schema], Schema]) -> object:
    if isinstance(each, tuple):
        schema, *label = cast("tuple[Schema, object]", each)
        return (change(schema), *label)
    return change(cast("Schema", each)) if isinstance(each, dict) else each


def _is_schema(part: object) -> bool:
    """Tell one schema from several: what holds several by name has no text as its `type`."""
    return isinstance(part, dict) and isinstance(cast("Schema", part).get("type"), str)


def walk(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all below it."""
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(children(each))


def without(schema: Schema, *names: str) -> Schema:
    """Return a schema without some of its entries."""
    return {name: value for name, value in schema.items() if name not in names}
