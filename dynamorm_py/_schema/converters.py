"""What a converter stores: known where its `to_attribute` says so, or where the type says it of itself.

A known type may be a key, an element of a set and a map's key; any other is stored by what a value happens to be.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_type_hints

from dynamorm_py._kernel.noted import CONVERTER
from dynamorm_py.markers import StoredAs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py.markers import Converter

_SCHEMA_OF: Mapping[object, str] = {str: "str", bytes: "bytes", int: "int", float: "float", Decimal: "decimal"}


def scalar_stored_by(converter: Converter) -> str | None:
    """Return pydantic's word for the scalar that a converter stores; None where that is not known."""
    if isinstance(converter, StoredAs):
        return _SCHEMA_OF[converter.type]
    try:
        returned: object = get_type_hints(converter.to_attribute).get("return")
    except (NameError, TypeError, AttributeError):  # it names what only its own scope knows, or is not a function
        return None
    return _SCHEMA_OF.get(returned) if isinstance(returned, type) else None


def converter_of(schema: Mapping[str, Any]) -> Converter | None:
    """Return the converter of a core schema: of `Annotated`, or what the class registers as `__dynamorm_stored__`."""
    metadata: Mapping[str, Any] = schema.get("metadata") or {}
    own: Converter | None = getattr(schema.get("cls"), "__dynamorm_stored__", None)
    return metadata.get(CONVERTER) or own
