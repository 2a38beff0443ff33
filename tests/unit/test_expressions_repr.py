"""The `repr` of keys, conditions and actions is the code that makes them, and never raises."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from dynamorm_py import Attr, DynamoModel, Encrypted, Key, KeyCondition, PartitionKey, SortKey, fields, key_of, some


class Tier(Enum):
    BASIC = "basic"
    GOLD = "gold"


class Home(BaseModel):
    city: str = ""


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    limit: int = 0
    price: Decimal = Decimal(0)
    name: str | None = None
    tier: Tier = Tier.BASIC
    seen: dt.datetime | None = None
    tags: set[str] = Field(default_factory=set[str])
    lines: list[str] = Field(default_factory=list[str])
    data: bytes = b""
    home: Home | None = None
    scores: dict[str, int] = Field(default_factory=dict[str, int])
    ssn: Annotated[str | None, Encrypted()] = None


WORDS = (Attr, Key, fields, key_of, some, User, Tier, Home, Decimal)
NAMES: dict[str, Any] = {word.__name__: word for word in WORDS} | {"datetime": dt}
u = fields(User)
MORNING = dt.datetime(2026, 1, 2, 3, 4, 5, 600000, tzinfo=dt.UTC)

EXPRESSIONS: list[Any] = [
    Attr(u.age) >= 18,
    Attr(u.age) != 18,
    Attr(u.name) == None,  # noqa: E711 -- the words of a condition
    Attr(u.name) != None,  # noqa: E711 -- the same
    Attr(u.age) < Attr(u.limit),
    Attr(u.price) <= Decimal("1.50"),
    Attr(u.tier).is_in([Tier.GOLD]),
    Attr(u.seen) > MORNING,
    Attr(u.seen).between(MORNING, MORNING + dt.timedelta(seconds=1)),
    Attr(u.age).between(1, 2),
    Attr(u.name).begins_with("A"),
    Attr(u.tags).contains("x"),
    Attr(u.lines).size() > 3,
    Attr(u.tags).size().between(1, 2),
    Attr(u.tags).size().is_in([1, 2]),
    Attr(u.name).exists() & Attr(u.home).not_exists(),
    ~(Attr(u.age).attribute_type("N") | (Attr(u.age) == 1)) & (Attr(some(u.home).city) == "Rome"),
    ((Attr(u.seen) > MORNING) & (Attr(u.age) == 1)) & Attr(u.scores["math"]).exists(),
    Attr(u.lines[0]) == "a",
    Attr(u.age).add(1),
    Attr(u.tags).delete({"x"}),
    Attr(u.name).set("Al"),
    Attr(u.name).set(None),
    Attr(u.name).remove(),
    Attr(u.age).set(Attr(u.age) + 1),
    Attr(u.age).set(Attr(u.limit).if_not_exists(0) - 1),
    Attr(u.lines).list_append(["a"]),
    Attr(u.lines).if_not_exists([]).list_prepend(["a"]),
    Attr(u.data).set(b"\x00"),
    Key(u.pk) == "USER#1",
    Key(u.sk).between("a", "b"),
    Key(u.sk).begins_with("a"),
    key_of(User, pk="1", sk="2"),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=repr)
def test_it_is_the_code_that_makes_it(expression: object) -> None:
    made: object = eval(repr(expression), NAMES)  # noqa: S307 -- written above
    assert type(made) is type(expression)
    assert repr(made) == repr(expression)
    assert len(repr(expression)) < 300
    assert _parts(made) == _parts(expression)


def _parts(expression: Any) -> Any:  # noqa: ANN401 -- a key condition's places are compared by their paths
    is_key = isinstance(expression, KeyCondition)
    return (expression.path, expression.operator, expression.values) if is_key else expression


@given(st.text(), st.integers(-(10**37), 10**37))
def test_any_value_stands_in_it(text: str, number: int) -> None:
    for expression in (Attr(u.name) == text, Attr(u.age).add(number)):
        shown = repr(expression)
        assert len(shown) < 200
        if "..." not in shown:
            assert repr(eval(shown, NAMES)) == shown  # noqa: S307 -- ours


def test_a_long_value_is_shortened() -> None:
    assert len(repr(Attr(u.name) == "x" * 400_000)) < 200
    assert len(repr(Attr(u.lines).set(["line"] * 10_000))) < 200
    assert len(repr(Attr(u.data).set(b"x" * 100_000))) < 200


def test_an_encrypted_value_does_not_stand_in_it() -> None:
    assert repr(Attr(u.ssn).set("078-05-1120")) == "Attr(fields(User).ssn).set(...)"
    assert repr(Attr(u.ssn).if_not_exists("078-05-1120")) == "Attr(fields(User).ssn).if_not_exists(...)"
    assert repr(Attr(u.ssn).remove()) == "Attr(fields(User).ssn).remove()"


class Unshowable(str):
    __slots__ = ()

    def __repr__(self) -> str:
        raise RuntimeError


def test_it_never_raises() -> None:
    assert repr(Attr(u.name) == Unshowable("x")).startswith("Attr(fields(User).name) == <Unshowable")


def test_words_without_a_value_name_themselves() -> None:
    assert repr(Attr(u.age)) == "Attr(fields(User).age)"
    assert repr(Key(u.pk)) == "Key(fields(User).pk)"
    assert repr(Attr(u.tags).size()) == "Attr(fields(User).tags).size()"
    assert repr(Attr(u.age) + 1) == "Attr(fields(User).age) + 1"
