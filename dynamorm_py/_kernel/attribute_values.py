"""The one fold over attribute values: what a value becomes from what its parts become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._kernel.types import AttributeValue

T = TypeVar("T")


def fold(
    value: Mapping[str, Any],
    leaf: Callable[[str, Any], T],
    of_list: Callable[[list[T]], T],
    of_map: Callable[[dict[str, T]], T],
) -> T:
    """Return what a value becomes: a leaf, a set too, by its wire type and payload, a list or map by its parts.

    Raises ValueError for what has not one wire type.
    """
    ((tag, payload),) = value.items()
    if tag == "L":
        return of_list([fold(part, leaf, of_list, of_map) for part in payload])
    if tag == "M":
        return of_map({name: fold(part, leaf, of_list, of_map) for name, part in payload.items()})
    return leaf(tag, payload)


def with_binaries(value: AttributeValue, convert: Callable[[Any], object]) -> AttributeValue:
    """Return a value with each of its binaries converted: from bytes to base64 or back."""

    def leaf(tag: str, payload: Any) -> AttributeValue:  # noqa: ANN401 -- a payload
        if tag == "B":
            return {tag: convert(payload)}
        return {tag: [convert(part) for part in payload] if tag == "BS" else payload}

    return fold(value, leaf, lambda parts: {"L": parts}, lambda parts: {"M": parts})
