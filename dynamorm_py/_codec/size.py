"""The size of an item as DynamoDB counts it: Developer Guide, "DynamoDB item sizes and formats"."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.types import AttributeValue, Item

ITEM_LIMIT = 400 * 1024  # bytes of one item: Developer Guide, "Service, account, and table quotas"
_CONTAINER = 3  # bytes of a list or map in addition to its contents, the same page as the sizes


def item_size(item: Item) -> int:
    """Return the bytes of an item: names in UTF-8 plus values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: AttributeValue) -> int:
    ((tag, payload),) = value.items()
    return _SIZES[tag](payload)


def _number_size(text: str) -> int:
    """Count one byte for two significant digits, paired from the decimal point; one more, and one for a sign.

    The page says "approximately"; the pairs are what DynamoDB Local counts.
    """
    number = Decimal(text)
    if not number:
        return 1
    sign, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    first, last = number.adjusted() // 2, (int(exponent) + zeros) // 2
    return first - last + 2 + sign


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda p: len(p.encode()),
    "N": _number_size,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda p: sum(len(text.encode()) for text in p),
    "NS": lambda p: sum(_number_size(text) for text in p),
    "BS": lambda p: sum(len(part) for part in p),
    "L": lambda p: _CONTAINER + sum(1 + _value_size(part) for part in p),
    "M": lambda p: _CONTAINER + sum(1 + len(key.encode()) + _value_size(part) for key, part in p.items()),
}
