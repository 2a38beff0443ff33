"""The matrix of round trips in the documentation: every cell is a write to DynamoDB and a read back.

`UPDATE_DOCS=1 make test ARGS=tests/docs` writes the page again.
"""

from __future__ import annotations

import datetime as dt
import enum
import os
import secrets
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from dynamorm_py import AsJson, InvalidValue, ModelDefinitionError, OmitEmpty
from tests.support.building import holding, model_of, same, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py import DynamoModel

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "round-trips.md"
_HEAD = """\
# Round trips

Every kind of value, in every position that it can have in a model, reads back equal and of the same type. Each cell
was produced by writing a value of the row in the position of the column to DynamoDB and reading it back; it names the
wire type that holds the value. A test, `tests/docs/test_round_trip_matrix.py`,
makes this page, and fails if a value is lost or the page is wrong.

"""
_FOOT = """
* *not a set*: a DynamoDB set holds strings, numbers or bytes; the model is refused when its class is created.
* *refused*: the stored value does not tell which type it was, so the write is refused, with the repair.
* *no empty value*: the type has none, so with `OmitEmpty()` the field needs a default.
* An empty set is stored as `NULL`. So `set[int] | None` needs the default `None`, which is left out; otherwise the
  class is refused.
* Under `Any` an integral number reads as `int`, any other as `Decimal`.
"""


class Color(enum.Enum):
    RED = "red"


class Home(BaseModel):
    city: str = ""


class Kind(NamedTuple):
    """A row: the type, a value that is easily lost, and the type's empty value if it has one."""

    annotation: Any
    value: object
    empty: Callable[[], object] | None = None


_KINDS = {
    "`str`": Kind(str, "日本 \u2028 😀", str),
    "`int` (2**60 + 1)": Kind(int, 2**60 + 1, int),
    "`Decimal` (38 digits)": Kind(Decimal, Decimal("1234567890.1234567890123456789012345678"), Decimal),
    "`float` (0.1)": Kind(float, 0.1, float),
    "`bool`": Kind(bool, True, bool),  # noqa: FBT003 -- the value
    "`bytes`": Kind(bytes, b"\x00\xff\xfe", bytes),
    "`datetime`": Kind(dt.datetime, dt.datetime(2026, 1, 2, 3, 4, 5, 678901, dt.UTC)),
    "`date`": Kind(dt.date, dt.date(2026, 1, 2)),
    "`UUID`": Kind(UUID, UUID("12345678-1234-5678-1234-567812345678")),
    "`Enum`": Kind(Color, Color.RED),
    "`list[bytes]`": Kind(list[bytes], [b"\xff", b""], list),
    "`dict[str, Decimal]`": Kind(dict[str, Decimal], {"a": Decimal("0.1")}, dict),
    "`set[int]`": Kind(set[int], {3, 2**60 + 1}, set),
    "nested model": Kind(Home, Home(city="a"), Home),
}


class Way(NamedTuple):
    """A column: the annotation of the field, its value, and the way to the value in what is stored."""

    annotation: Any
    value: object
    path: tuple[str | int, ...] = ()
    default: object = ...


def _ways(kind: Kind) -> dict[str, Way]:
    a, value = kind.annotation, kind.value
    create: Any = create_model
    nested: type[BaseModel] = create("Nested", part=(a, ...))
    ways = {
        "field": Way(a, value),
        "`\\| None`, holding it": Way(a | None, value),
        "`\\| None`, `None`": Way(a | None, None),
        "in a `list`": Way(list[a], [value], ("L", 0)),
        "in a `dict`": Way(dict[str, a], {"k": value}, ("M", "k")),
        "in a model": Way(nested, nested.model_construct(None, part=value), ("M", "part")),
        "in a `set`": Way(set[a], value),
        "`AsJson()`": Way(Annotated[a, AsJson()], value),
        "`Any`": Way(Any, value),
    }
    if kind.empty is not None:
        ways["empty"] = Way(a, kind.empty())
        ways["empty, `\\| None`"] = Way(a | None, kind.empty())
        ways["empty, `OmitEmpty()`"] = Way(
            Annotated[a, OmitEmpty()], kind.empty(), (), Field(default_factory=kind.empty)
        )
    return ways


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> Iterator[str]:
    name = f"test-{secrets.token_hex(8)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


def _cell(way: Way, column: str, dynamodb: DynamoDBClient, table: str) -> str:
    """Write and read back; name the wire type that held the value."""
    try:
        model = model_of(way.annotation, way.default)
    except ModelDefinitionError:
        return "*not a set*"
    value = {way.value} if column == "in a `set`" else way.value
    instance = holding(model, value)
    try:
        stored, found = _through_dynamodb(instance, dynamodb, table)
    except InvalidValue:
        return "*refused*"
    assert same(found, instance), f"{column}: {way.value!r} came back as {value_of(found)!r}"
    for step in way.path:
        stored = stored[step]
    return f"`{next(iter(stored))}`" if stored else "absent"


def _through_dynamodb(instance: DynamoModel, dynamodb: DynamoDBClient, table: str) -> tuple[Any, DynamoModel]:
    dynamodb.put_item(TableName=table, Item=instance.to_item())
    answer: dict[str, Any] = {**dynamodb.get_item(TableName=table, Key={"pk": {"S": "k"}}, ConsistentRead=True)}
    return answer["Item"].get("v"), type(instance).from_item(answer["Item"])


def _page(dynamodb: DynamoDBClient, table: str) -> str:
    columns = list(_ways(_KINDS["`str`"]))
    rows = [["value", *columns], ["---"] * (len(columns) + 1)]
    for name, kind in _KINDS.items():
        ways = _ways(kind)
        cells = [_cell(ways[c], c, dynamodb, table) if c in ways else "*no empty value*" for c in columns]
        rows.append([name, *cells])
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) + _FOOT


def test_the_page_shows_what_dynamodb_gives_back_and_no_value_is_lost(dynamodb: DynamoDBClient, table: str) -> None:
    page = _page(dynamodb, table)
    if os.environ.get("UPDATE_DOCS") == "1":
        _PAGE.write_text(page)
    assert _PAGE.read_text() == page
