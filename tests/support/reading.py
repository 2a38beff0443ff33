"""A model with keys of every kind, and a client that answers from a script, for tests of queries and scans."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from dynamorm_py import DynamoModel, GlobalIndex, PartitionKey, SortKey, fields
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Iterable


NARROW = [GlobalIndex("by-day", "KEYS_ONLY"), GlobalIndex("by-team", ["nickname"])]


class Person(DynamoModel, table="people", indexes=NARROW):
    """Keys of a table, of local, global and multi-attribute indexes, and of two that carry little."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    score: Annotated[int, SortKey(index="by-score")] = 0
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    city: Annotated[str | None, PartitionKey(index="by-city")] = None
    country: Annotated[str | None, PartitionKey(index="by-place", position=1), PartitionKey(index="by-country-a")] = (
        None
    )
    region: Annotated[str | None, PartitionKey(index="by-place", position=2)] = None
    street: Annotated[str | None, SortKey(index="by-place", position=1)] = None
    house: Annotated[int | None, SortKey(index="by-place", position=2), SortKey(index="by-city")] = None
    flat: Annotated[bytes | None, SortKey(index="by-place", position=3)] = None
    state: Annotated[str | None, SortKey(index="by-country-a")] = None
    union: Annotated[str | None, PartitionKey(index="by-union-b"), PartitionKey(index="by-union-c")] = None
    day: Annotated[str | None, PartitionKey(index="by-day")] = None
    team: Annotated[str | None, PartitionKey(index="by-team")] = None
    nickname: str | None = None
    balance: Decimal | None = None
    weight: float = 0.0
    tags: list[str] = Field(default_factory=list)
    extra: Any = None


class Strict(DynamoModel, table="people", indexes=[GlobalIndex("by-day", "KEYS_ONLY")]):
    """A person who needs more than the index carries."""

    pk: Annotated[str, PartitionKey()]
    day: Annotated[str, PartitionKey(index="by-day")]
    weight: float


class Summary(BaseModel):
    """What a list of people shows."""

    nickname: str | None
    score: int


class OfTeam(BaseModel):
    """What the index by-team carries."""

    sk: str
    nickname: str | None


class Foreign(BaseModel):
    """What no person has."""

    height: int


u = fields(Person)
o = fields(type("Other", (Person,), {}, table="others"))
"""The fields of another model."""


class Scripted(ScriptedClient):
    """A scripted client that shows where the pages it was asked for begin, and how long they may be."""

    @property
    def limits(self) -> list[int | None]:
        """The Limit of each request."""
        return [request.parameters.get("Limit") for request in self.requests]

    @property
    def starts(self) -> list[str | None]:
        """The sort key that each request goes on after."""
        keys = [request.parameters.get("ExclusiveStartKey") for request in self.requests]
        return [None if key is None else key["sk"]["S"] for key in keys]


def stored(number: int, **attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the item of one of many people under one partition key."""
    return {"pk": {"S": "A"}, "sk": {"S": f"{number:03}"}, "score": {"N": str(number)}, **attributes}


def page(numbers: Iterable[int], last: int | None = None) -> bytes:
    """Return a page of these people; `last` is the one it stopped at."""
    items = [stored(number) for number in numbers]
    return answer(items, None if last is None else {name: stored(last)[name] for name in ("pk", "sk")})


def answer(items: list[dict[str, Any]], last_key: dict[str, Any] | None = None) -> bytes:
    """Return an answer of Query or Scan."""
    rest = {} if last_key is None else {"LastEvaluatedKey": last_key}
    return json.dumps({"Items": items, "Count": len(items), "ScannedCount": len(items), **rest}).encode()


def numbers_of(people: Iterable[Person]) -> list[int]:
    """Return which of the many people these are."""
    return [int(person.sk) for person in people]
