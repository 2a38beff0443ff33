"""Orders in a table with indexes of every kind that every local DynamoDB has."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from dynamorm_py import DynamoModel, GlobalIndex, PartitionKey, SortKey, fields


class Order(
    DynamoModel,
    table="orders",
    indexes=[GlobalIndex("by-day", "KEYS_ONLY"), GlobalIndex("by-shop", ["total", "shade"])],
):
    """About 900 bytes, so that a page of DynamoDB's holds some 1,100."""

    customer: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    total: Annotated[Decimal, SortKey(index="by-total")]
    raw: Annotated[bytes, PartitionKey(index="by-raw")]
    at: Annotated[Decimal, SortKey(index="by-raw"), SortKey(index="by-shop")]
    day: Annotated[str | None, PartitionKey(index="by-day")] = None
    shop: Annotated[str | None, PartitionKey(index="by-shop")] = None
    shade: str = "red"
    note: str = ""


class Line(BaseModel):
    """What the index by-shop carries of an order."""

    number: int
    total: Decimal


class DayLine(BaseModel):
    """What the index by-day carries of an order."""

    number: int
    day: str | None


o = fields(Order)

_SHADES = ("red", "green", "blue")


def order(customer: str, number: int) -> Order:
    """Return one of many: `total` falls as `number` rises, `at` is in an order of its own."""
    return Order(
        customer=customer,
        number=number,
        total=Decimal(10_000 - number) / 100,
        raw=bytes([255, number % 2]),
        at=Decimal(number * 7_919 % 10_007) / 1000,
        day=f"2026-01-{number % 2 + 1:02}" if number % 5 else None,
        shop="Oslo <1>" if customer == "small" else "Rome",
        shade=_SHADES[number % 3],
        note="n" * 850,
    )


LARGE = [order("large", number) for number in range(2_600)]
SMALL = [order("small", number) for number in range(150)]
ALL = [*LARGE, *SMALL]
