"""What looks like a declaration and is not one: a marker on a plain property, PynamoDB's `class Meta`.

pydantic passes both over in silence, and the class would lack its key or its table.
"""

from __future__ import annotations

import re
from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any

from dynamorm_py import markers
from dynamorm_py.markers import Marker

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NAMES = [name for name, value in vars(markers).items() if isinstance(value, type) and issubclass(value, Marker)]
_MARKERS = rf"\b({'|'.join(_NAMES)})\("  # compiled with its first use, as few models have properties
_OF_PYNAMODB = frozenset(
    {"table_name", "region", "host", "billing_mode", "read_capacity_units", "write_capacity_units"}
)


def lookalike_problems(cls: type[Any], computed: Collection[str]) -> Iterator[str]:
    """Yield what a class and its parents hold that was meant as a declaration, each with the repair."""
    for above in cls.__mro__:
        for name, value in vars(above).items():
            if name not in computed and (marker := _marker_of(value)) is not None:
                yield f"{name}: {marker}() on a plain property stores nothing: write @computed_field above @property"
        meta = vars(above).get("Meta")
        if isinstance(meta, type) and not _OF_PYNAMODB.isdisjoint(vars(meta)):
            table = getattr(meta, "table_name", "...")
            yield f"class Meta is PynamoDB's: write class {cls.__name__}(DynamoModel, table={table!r}), without Meta"


def _marker_of(value: object) -> str | None:
    """Return the marker in the return annotation of a property or method, if one is there."""
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, cached_property):
        value = value.func
    if not isinstance(value, FunctionType):
        return None
    try:
        annotation = value.__annotations__.get("return")
    except Exception:  # noqa: BLE001 -- from Python 3.14 on it is evaluated here, and may name what is not there yet
        return None
    if isinstance(annotation, str):
        found = re.search(_MARKERS, annotation)
        return None if found is None else found[1]
    marked = (type(each).__name__ for each in getattr(annotation, "__metadata__", ()) if isinstance(each, Marker))
    return next(marked, None)
