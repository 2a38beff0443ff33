"""Names for fields: every word of pydantic-core's schemas, of DynamoDB's JSON and of our own models."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st
from pydantic_core import core_schema
from typing_extensions import is_typeddict

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from tests.laws.shapes import Shape


def _of_core_schemas() -> set[str]:
    """Return the keys of every core schema, and the names of the schemas."""
    schemas = [each for each in vars(core_schema).values() if is_typeddict(each)]
    keys = {name for schema in schemas for name in schema.__annotations__}
    return keys | set(get_args(core_schema.CoreSchemaType))


_WIRE = {"S", "N", "B", "L", "M", "NULL", "BOOL", "SS", "NS", "BS", "Item", "Items", "Attributes", "Count"}
_OURS = {"item", "key", "table", "naming", "indexes", "value", "node", "attribute", "stored", "version", "ttl", "own"}
_OF_CLASSES = {"copy", "json", "dict", "values", "keys", "items", "get", "pop", "update", "count", "index", "self"}

WORDS = sorted(
    word
    for word in _of_core_schemas() | _WIRE | _OURS | _OF_CLASSES
    if word.isidentifier() and not keyword.iskeyword(word)
)
"""What pydantic itself takes as the name of a field, and some that it refuses."""

_FOR_TUPLES = [word for word in WORDS if not hasattr(tuple, word)]


def named(draw: DrawFn, shapes: list[Shape], words: list[str] | None = None) -> dict[str, Shape]:
    """Give each shape a name of its own."""
    chosen = st.lists(st.sampled_from(words or WORDS), min_size=len(shapes), max_size=len(shapes), unique_by=str.lower)
    return dict(zip(draw(chosen), shapes, strict=True))


def named_for_tuple(draw: DrawFn, shapes: list[Shape]) -> dict[str, Shape]:
    """Give each shape a name that a named tuple may have."""
    return named(draw, shapes, _FOR_TUPLES)
