"""Vectors as a vector index holds them: lists of finite 32-bit floats.

Source: Developer Guide, "Requirements and limitations" of vector indexes. Nothing here knows models.
"""

from __future__ import annotations

from array import array
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeGuard, cast

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 3.4028235e38
_REPAIR = f"a vector index holds 32-bit floats from -{LARGEST} to {LARGEST}"


def as_list(value: object) -> object:
    """Return the elements of an array: `array.array`, numpy's, or another with `tolist`; anything else as it is."""
    return value.tolist() if _is_array(value) else value


class _Array:
    """What `array.array` and the arrays of numpy, torch and their like share."""

    tolist: Callable[[], object]


def _is_array(value: object) -> TypeGuard[_Array]:
    return not isinstance(value, list | tuple) and callable(getattr(value, "tolist", None))


def rounded(values: list[float], dimensions: int) -> list[float]:
    """Return the elements as 32-bit floats. Raises ValueError for another number of them, or one that is not finite."""
    if len(values) != dimensions:
        message = f"a vector of {dimensions} elements is needed, got {len(values)}"
        raise ValueError(message)
    nearest = array("f", values).tolist()
    if not all(map(isfinite, nearest)):
        message = f"an element is not finite: {_REPAIR}"
        raise ValueError(message)
    return nearest


def vector_schema(dimensions: int, inner: Any) -> Any:  # noqa: ANN401 -- core schemas are dictionaries
    """Return pydantic's schema of a vector around that of its type; None passes where the type admits it."""
    from pydantic_core import core_schema  # noqa: PLC0415 -- only needed while a class with a vector is made

    def finish(value: object) -> object:
        return rounded(cast("list[float]", value), dimensions) if isinstance(value, list) else value

    listed = core_schema.no_info_before_validator_function(as_list, inner)
    return core_schema.no_info_after_validator_function(finish, listed)
