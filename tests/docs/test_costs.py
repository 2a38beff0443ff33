"""The page of costs, measured: what a local DynamoDB says that each call consumes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    Call,
    DynamoModel,
    Get,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    fields,
    observed,
    transact_get,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing.plugin import MakeRepo

_PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "cost.md").read_text()
_STATED = {call: float(units) for call, units in re.findall(r"^\| (.+?) \| ([\d.]+) \|$", _PAGE, re.MULTILINE)}
_TEXT = "x" * 6_000


class Doc(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    tag: Annotated[str | None, PartitionKey(index="by-tag")] = None
    text: str = _TEXT


class Small(BaseModel):
    pk: str


d = fields(Doc)
_THREE = Key(d.pk) == "a"

_CALLS: dict[str, Callable[[Repo[Doc]], object]] = {
    "`get`": lambda r: r.get(("a", 1)),
    "`get`, `consistent=True`": lambda r: r.get(("a", 1), consistent=True),
    "`get`, `project=` a small model": lambda r: r.get(("a", 1), project=Small),
    "`exists`": lambda r: r.exists(("a", 1)),
    "`get_or_none` of a missing item": lambda r: r.get_or_none(("b", 1)),
    "`query` of three items": lambda r: r.query(_THREE).all(),
    "`query` of three items, `consistent=True`": lambda r: r.query(_THREE, consistent=True).all(),
    "`query` of three items, a filter lets none pass": lambda r: r.query(_THREE, filter=Attr(d.text) == "no").all(),
    "`query` of three items, `.count()`": lambda r: r.query(_THREE).count(),
    "`query` of three items, `limit=1`": lambda r: r.query(_THREE, limit=1).all(),
    "`batch_get` of three items": lambda r: r.batch_get([("a", 1), ("a", 2), ("a", 3)]),
    "`transact_get`": lambda r: transact_get([Get(r, ("a", 1))]),
    "`create`, `put`": lambda r: r.create(Doc(pk="b", sk=1)),
    "`put`, and the item enters the index": lambda r: r.put(Doc(pk="a", sk=1, tag="new")),
    "`put`, and its index key changes": lambda r: r.put(Doc(pk="a", sk=3, tag="other")),
    "`put`, and nothing of the index changes": lambda r: r.put(Doc(pk="a", sk=3, tag="old")),
    "`update` of one attribute": lambda r: r.update(("a", 1), Attr(d.text).set(_TEXT)),
    "`update` of one attribute, `once=True`": lambda r: r.update(("a", 1), Attr(d.text).set(_TEXT), once=True),
    "`delete`": lambda r: r.delete(("a", 1)),
    "`delete` of a missing item": lambda r: r.delete(("b", 1)),
    "`batch_write` of three items": lambda r: r.batch_write(put=[Doc(pk="b", sk=n) for n in range(3)]),
}


_READS_OF_ITEMS = {  # ministack counts none of an item's size: row 25 of local-backends.md
    call for call in _CALLS if re.match(r"`(get|exists|query|batch_get|transact_get)`|.*once", call)
}


def test_every_cost_of_the_page_is_measured_here() -> None:
    assert _STATED.keys() == _CALLS.keys()


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(call, marks=[pytest.mark.differs("ministack", row=25)] if call in _READS_OF_ITEMS else [])
        for call in _CALLS
    ],
)
def test_a_call_costs_what_the_page_says(call: str, dynamodb: DynamoDBClient, dynamorm_repo: MakeRepo) -> None:
    calls: list[Call] = []
    docs = dynamorm_repo(Doc, client=observed(calls.append, dynamodb, capacity="INDEXES"))
    docs.batch_write(put=[Doc(pk="a", sk=1), Doc(pk="a", sk=2), Doc(pk="a", sk=3, tag="old")])
    calls.clear()

    _CALLS[call](docs)

    assert sum(each.capacity or 0 for each in calls) == _STATED[call]
