"""Where a core schema of pydantic notes the converter of its type."""

from __future__ import annotations

from pydantic_core import CoreSchema, core_schema

CONVERTER = "dynamorm_converter"


def noting(schema: CoreSchema, converter: object) -> CoreSchema:
    """Return a core schema that says how its type is stored, wherever it stands."""
    return core_schema.no_info_after_validator_function(_same, schema, metadata={CONVERTER: converter})


def _same(value: object) -> object:
    return value
