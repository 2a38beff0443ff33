"""A model with a field of every kind, for tests of expressions and operations; a fixed clock; a client that records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from dynamorm_py import (
    Attribute,
    CreatedAt,
    DynamoModel,
    Encrypted,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)


class Address(BaseModel):
    city: str
    zip_code: Annotated[str, OmitEmpty()] = ""


class Line(BaseModel):
    sku: str
    price: Decimal = Decimal(0)


class User(DynamoModel, table="users", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()] = "PROFILE"
    email_hash: Annotated[str | None, PartitionKey(index="gsi-email")] = None
    name: Annotated[str | None, Attribute("fullName")] = None
    label: str = ""
    nickname: Annotated[str, OmitEmpty()] = ""
    kind: Literal["a", "b"] = "a"
    age: Annotated[int, Field(ge=0)] = 0
    limit: int = 0
    balance: Decimal = Decimal(0)
    active: bool = False
    avatar: bytes = b""
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    groups: set[str] = Field(default_factory=set[str])
    lines: list[Line] = Field(default_factory=list[Line])
    notes: list[str] = Field(default_factory=list[str])
    scores: dict[str, int] = Field(default_factory=dict[str, int])
    by_year: dict[int, int] = Field(default_factory=dict[int, int])
    home: Address | None = None
    seen: datetime | None = None
    anything: Any = None
    cached: Annotated[int, NotStored()] = 0
    created: Annotated[datetime | None, CreatedAt(), Attribute("createdAt")] = None
    updated: Annotated[datetime | None, UpdatedAt(), Attribute("updatedAt")] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[int | None, TimeToLive()] = None


class Order(DynamoModel, table="orders"):
    number: Annotated[int, PartitionKey()]
    total: Decimal = Decimal(0)


class Patient(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    name: str = ""
    ssn: Annotated[str, Encrypted()] = ""
    secrets: Annotated[dict[str, str], Encrypted()] = Field(default_factory=dict[str, str])


class Clock:
    """A clock that goes on by one second with every reading."""

    def __init__(self) -> None:
        """Start at a fixed time."""
        self.readings = 0

    def __call__(self) -> datetime:
        """Read it."""
        self.readings += 1
        return self.last

    @property
    def last(self) -> datetime:
        """What it showed at the last reading."""
        return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=self.readings)
