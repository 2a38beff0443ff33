"""A model, and the recorded Lambda event of its table, for tests of streams."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from dynamorm_py import AsJson, DynamoModel, PartitionKey, SortKey

_EVENT = json.loads((Path(__file__).parents[2] / "fixtures" / "streams" / "lambda_event.json").read_text())


class Prefs(BaseModel):
    theme: str


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str = ""
    score: int = 0
    tags: set[str] = Field(default_factory=set)
    avatar: bytes = b""
    prefs: Annotated[Prefs | None, AsJson()] = None


ADA = User(
    pk="USER#1", sk="PROFILE", name="Ada", score=3, tags={"a", "b"}, avatar=b"\0\1\xfe", prefs=Prefs(theme="dark")
)


def event() -> dict[str, Any]:
    """Return the recorded event: an insert, a change of score and preferences, an expiry."""
    return copy.deepcopy(_EVENT)


def record(kind: str = "MODIFY", /, **told: object) -> dict[str, Any]:
    """Return the recorded record of a kind, with entries of `dynamodb` replaced, or left out when None."""
    (found,) = [r for r in event()["Records"] if r["eventName"] == kind]
    found["dynamodb"] = {name: value for name, value in (found["dynamodb"] | told).items() if value is not None}
    return found
