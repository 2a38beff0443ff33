"""The item that the benchmarks read and write: 11 attributes of most kinds."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from dynamorm_py import DynamoModel, PartitionKey, SortKey

_START = datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


class Address(BaseModel):
    """A nested map with a list in it."""

    city: str
    lines: list[str]


class Person(DynamoModel, table="people"):
    """An item of 11 attributes."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email: str
    age: int
    score: Decimal
    active: bool
    nickname: str | None
    tags: set[str]
    avatar: bytes
    created: datetime
    address: Address


def person(number: int) -> Person:
    """Return one of many alike."""
    return Person(
        pk="USER#1",
        sk=f"ORDER#{number:06}",
        email=f"user{number}@example.com",
        age=number,
        score=Decimal("12.5"),
        active=True,
        nickname=None,
        tags={"a", "b", "c"},
        avatar=bytes(range(6)),
        created=_START + timedelta(minutes=number),
        address=Address(city="Oslo", lines=["a", "b"]),
    )


def page(items: int) -> bytes:
    """Return the body of a Query answer."""
    return body({"Items": [person(number).to_item() for number in range(items)], "Count": items, "ScannedCount": items})


def body(answer: dict[str, object]) -> bytes:
    """Return an answer as DynamoDB sends it."""
    return json.dumps(answer, default=lambda raw: base64.b64encode(raw).decode()).encode()
