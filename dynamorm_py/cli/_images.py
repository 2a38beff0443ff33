"""Finds the items in what DynamoDB, its streams and tools for them print; attribute values are not looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS = ("Records", "Items")  # a Lambda event, the answer of a query or scan
_WRAPPERS = ("dynamodb", "Item", "Attributes")  # a stream record, answers of reads and writes
_IMAGES = ("NewImage", "OldImage")


@frozen
class Image:
    """An item in DynamoDB's JSON, and its place within the input: "" for the whole."""

    at: str
    item: dict[str, Any]


def images_in(data: object, *, old: bool = False) -> list[Image]:
    """Return the items, in order; of stream records the new images, or the old. Raises ValueError for none.

    A record of a list that has no such image is left out.
    """
    candidates = list(_found(data, "", old=old))
    images = [Image(at, item) for at, item in candidates if item is not None]
    if candidates and not images:
        kind = "old image" if old else "image"
        raise ValueError(f"there is no {kind}: the stream's view type, or the kind of the change, leaves it out")
    alone = len(candidates) == 1 and "[" not in candidates[0][0]
    return [Image("", images[0].item)] if alone else images


def _found(data: object, at: str, *, old: bool) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each item with its place, None where a stream record has no such image."""
    if isinstance(data, list):
        for number, part in enumerate(cast("list[object]", data)):
            yield from _found(part, f"{at}[{number}]", old=old)
        return
    if not isinstance(data, dict):
        message = f"{at or 'it'} is not an item in DynamoDB's JSON: that is a map of attributes"
        raise ValueError(message)  # noqa: TRY004 -- the input is wrong, not its type alone
    known = cast("dict[str, Any]", data)
    inner = _inner(known, old=old)
    if inner is not None:
        yield from _found(known[inner], f"{at}.{inner}".lstrip("."), old=old)
    else:
        yield at, None if _is_record(known) else known


def _inner(data: dict[str, Any], *, old: bool) -> str | None:
    """Return the name under which the items stand, None when this is an item itself."""
    for name in _LISTS:
        if isinstance(data.get(name), list):
            return name
    images = [name for name in (_IMAGES[1:] if old else _IMAGES) if data.get(name) is not None]
    wrappers = [name for name in _WRAPPERS if name in data]
    return next((name for name in (*wrappers, *images) if not _is_attribute(data[name])), None)


def _is_record(data: dict[str, Any]) -> bool:
    """Say whether it is what a stream tells of a change, its images apart."""
    return "SequenceNumber" in data and isinstance(data["SequenceNumber"], str)


def _is_attribute(value: object) -> bool:
    """Say whether it is an attribute value, so that an attribute may be named Item."""
    if not isinstance(value, dict) or len(cast("dict[str, object]", value)) != 1:
        return False
    ((tag, payload),) = cast("dict[str, object]", value).items()
    if not isinstance(payload, dict):
        return True
    entries = cast("dict[str, object]", payload)
    return tag == "M" and all(isinstance(entry, dict) for entry in entries.values())  # an item's M would have a payload
