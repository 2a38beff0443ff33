"""Strategies for models: whatever they give can be stored, and is what a read returns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, PositiveInt, SecretStr, StringConstraints, field_validator

from dynamorm_py import (
    ANY,
    AsBinary,
    AsJson,
    AsSet,
    CreatedAt,
    DynamoModel,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    Version,
)
from dynamorm_py.testing.strategies import from_model

if TYPE_CHECKING:
    from dynamorm_py.testing.plugin import MakeRepo


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    street: str
    number: PositiveInt = 1
    next: Address | None = None


class Everything(DynamoModel, naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    at: Annotated[dt.datetime, SortKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    text: Annotated[str, StringConstraints(min_length=2, max_length=5)] = "ab"
    code: Annotated[str, Field(pattern=r"^[a-z]{3}$")] = "abc"
    few: Annotated[int, Field(gt=0, le=10, multiple_of=2)] = 2
    whole: int = 0
    fraction: float = 0
    share: Annotated[float, Field(ge=0, lt=1)] = 0
    price: Decimal = Decimal(0)
    flag: Annotated[bool, OmitEmpty()] = False
    data: bytes = b""
    picture: Annotated[UUID | None, AsBinary()] = None
    color: Color = Color.RED
    kind: Literal["a", 1] = "a"
    tags: set[str] = Field(default_factory=set[str])
    aliases: Annotated[list[str], AsSet()] = Field(default_factory=list[str])
    lines: list[Address] = Field(default_factory=list["Address"])
    scores: dict[str, int] = Field(default_factory=dict[str, int])
    pair: tuple[int, str] = (0, "")
    prefs: Annotated[dict[str, Any] | None, AsJson()] = None
    anything: Any = None
    ssn: SecretStr | None = None
    seen: Annotated[dt.datetime | None, CreatedAt()] = None
    happened: AwareDatetime | None = None
    day: dt.date = dt.date(2026, 1, 1)
    length: dt.timedelta = dt.timedelta(0)
    version: Annotated[int, Version()] = 0
    until: Annotated[int, TimeToLive()] = 0
    cached: Annotated[int, NotStored()] = 0


class Even(DynamoModel):
    pk: Annotated[int, PartitionKey()]
    half: int

    @field_validator("half")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("odd")
        return value


@given(from_model(Everything))
def test_every_instance_is_stored_and_read_back_the_same(instance: Everything) -> None:
    assert Everything.from_item(instance.to_item()) == instance


@given(from_model(Everything))
def test_the_constraints_of_a_model_hold(instance: Everything) -> None:
    assert Everything.model_validate(instance.model_dump(), by_name=True) == instance
    assert instance.pk
    assert instance.at.tzinfo is not None
    assert instance.aliases == sorted(set(instance.aliases))
    assert instance.cached == 0


def test_the_odd_cases_are_among_them() -> None:
    drawn: list[Everything] = []

    @settings(max_examples=200, derandomize=True, database=None)
    @given(from_model(Everything))
    def draw(instance: Everything) -> None:
        drawn.append(instance)

    draw()

    assert any(abs(each.whole) > 10**30 for each in drawn)
    assert any(each.lines and each.lines[0].next is not None for each in drawn)
    assert any(isinstance(each.anything, dict) for each in drawn)
    assert {each.email is None for each in drawn} == {True, False}
    assert any(each.ssn is not None and each.ssn.get_secret_value() for each in drawn)
    assert any(ord(character) > 0xFFFF for each in drawn for character in each.pk)
    assert {(each.kind, each.color) for each in drawn} == {(k, c) for k in ("a", 1) for c in Color}


@given(from_model(Even))
def test_values_that_a_validator_refuses_are_not_given(instance: Even) -> None:
    assert instance.half % 2 == 0


@given(from_model(Even, pk=st.just(7), half=st.integers(1, 3).map(lambda n: 2 * n)))
def test_a_field_takes_a_strategy_by_its_name(instance: Even) -> None:
    assert instance.pk == 7
    assert instance.half in {2, 4, 6}


def test_a_strategy_for_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Even has no field third"):
        from_model(Even, third=st.none())


def test_what_a_strategy_gives_dynamodb_takes(dynamorm_repo: MakeRepo) -> None:
    repo = dynamorm_repo(Everything)

    @settings(max_examples=20)
    @given(from_model(Everything))
    def is_stored(instance: Everything) -> None:
        stored = repo.put(instance, expected_version=ANY)
        assert repo.get(stored) == stored

    is_stored()
