"""The stored forms of types: frozen when built, recursive ones by reference, choices without their wire type."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from dataclasses import FrozenInstanceError
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import pytest
from pydantic import AfterValidator, BaseModel, Field, InstanceOf, PlainValidator, Secret

from dynamorm_py import (
    AsJson,
    Attr,
    Attribute,
    DynamoModel,
    Encrypted,
    InvalidExpression,
    ItemDecodeError,
    ModelDefinitionError,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    Version,
    _codec,
    fields,
)
from dynamorm_py._codec import Node
from tests.support.building import define, model_of, read, written

if TYPE_CHECKING:
    from collections.abc import Iterator


def _forms() -> Iterator[type[Any]]:
    """Yield the stored forms, found in their modules: a slotted dataclass leaves a class without slots behind."""
    for info in pkgutil.iter_modules(_codec.__path__):
        for each in vars(importlib.import_module(f"{_codec.__name__}.{info.name}")).values():
            if isinstance(each, type) and issubclass(each, Node):
                yield each


def _name(form: type[Any]) -> str:
    return form.__name__


@pytest.mark.parametrize("form", sorted(set[type[Any]](_forms()), key=_name))
def test_a_stored_form_is_frozen_and_slotted(form: type[Any]) -> None:
    value = object.__new__(form)
    with pytest.raises(FrozenInstanceError):
        value.encode = None
    assert not hasattr(value, "__dict__")


class Person(BaseModel):
    name: str
    score: int = 0
    tags: Annotated[set[str], OmitEmpty()] = set()
    mother: Person | None = None
    friends: list[Person] = []


class Family(DynamoModel, table="families"):
    pk: Annotated[str, PartitionKey()]
    head: Person | None = None


def test_a_path_leads_through_a_type_inside_itself() -> None:
    u: Any = fields(Family)
    condition: Any = Attr(u.head.mother.mother.friends[0].mother.name) == "Ada"
    assert condition.left.path == ("head", "mother", "mother", "friends", 0, "mother", "name")
    with pytest.raises(InvalidExpression, match="did you mean 'name'"):
        _ = u.head.mother.mother.nme


def test_forms_of_other_writers_are_read_at_every_depth_of_a_type_inside_itself() -> None:
    inner = {"M": {"name": {"S": "b"}, "score": {"N": "1e2"}, "tags": {"L": [{"S": "x"}]}, "mother": {"NULL": True}}}
    outer = {"M": {"name": {"S": "a"}, "score": {"NULL": True}, "mother": inner, "friends": {"L": [inner]}}}
    family = Family.from_item({"pk": {"S": "1"}, "head": outer})
    person = Person(name="b", score=100, tags={"x"})
    assert family.head == Person(name="a", mother=person, friends=[person])


def test_what_does_not_fit_is_named_at_every_depth_of_a_type_inside_itself() -> None:
    inner = {"M": {"name": {"S": "b"}, "score": {"S": "many"}}}
    head = {"M": {"name": {"S": "a"}, "friends": {"L": [{"M": {"name": {"S": "c"}, "mother": inner}}]}}}
    with pytest.raises(ItemDecodeError, match=r"head\.friends\[0\]\.mother\.score: it is stored as S, the field as N"):
        Family.from_item({"pk": {"S": "1"}, "head": head})


class Level(IntEnum):
    LOW = 1
    HIGH = 2


def _only_low(level: Level) -> Level:
    if level is not Level.LOW:
        raise ValueError
    return level


class Levels(DynamoModel, table="levels"):
    pk: Annotated[str, PartitionKey()]
    by_level: dict[Annotated[Level, AfterValidator(_only_low)], int] = Field(default_factory=dict[Level, int])
    seen: set[Annotated[Level, AfterValidator(_only_low)]] = Field(default_factory=set[Level])


def test_validators_of_choices_run_in_sets_and_for_keys_too() -> None:
    levels = Levels(pk="1", by_level={Level.LOW: 3}, seen={Level.LOW})
    assert levels.to_item() == {"pk": {"S": "1"}, "by_level": {"M": {"1": {"N": "3"}}}, "seen": {"NS": ["1"]}}
    assert Levels.from_item(levels.to_item()) == levels
    for wrong in ({"by_level": {"M": {"2": {"N": "3"}}}}, {"seen": {"NS": ["2"]}}):
        with pytest.raises(ItemDecodeError, match="refused by a validator of the model"):
            Levels.from_item({"pk": {"S": "1"}, **wrong})


X = TypeVar("X")


class Counter(DynamoModel, Generic[X], table="counters"):
    pk: Annotated[str, PartitionKey()]
    number: Annotated[X, Version()]


def test_a_generic_model_is_held_to_the_rules_when_its_parameters_are_given() -> None:
    assert Counter[int](pk="1", number=2).to_item() == {"pk": {"S": "1"}, "number": {"N": "2"}}
    with pytest.raises(ModelDefinitionError, match="number: version is an int"):
        _ = Counter[str]
    with pytest.raises(ModelDefinitionError, match="number: version is an int"):
        Counter.from_item({"pk": {"S": "1"}})


class Sealed(BaseModel):
    text: Annotated[str, Encrypted()]


def test_a_marker_inside_json_is_refused_below_a_plain_validator_too() -> None:
    with pytest.raises(ModelDefinitionError, match=r"Sealed\.text: Encrypted\(\) has no meaning inside JSON"):
        model_of(Annotated[Sealed, PlainValidator(Sealed.model_validate), AsJson()])


class Named(BaseModel):
    name: str


def _from_payload(value: Any) -> Named:  # noqa: ANN401 -- whatever stands in the payload
    return Named(**value)


def test_a_plain_validator_of_payloads_reads_json_as_well() -> None:
    annotation = Annotated[Named, PlainValidator(_from_payload), AsJson()]
    assert written(annotation, Named(name="a")) == {"S": '{"name":"a"}'}
    assert read(annotation, {"S": '{"name":"a"}'}) == Named(name="a")


NOON = dt.datetime(2024, 1, 2, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("marker", "stored"),
    [
        (TimeToLive(), {"N": "1704196800"}),
        (Attribute(format="unix_seconds"), {"N": "1704196800"}),
        (SortKey(index="local"), {"S": "2024-01-02T12:00:00.000000000Z"}),
    ],
)
def test_a_marker_of_a_time_holds_behind_a_secret(marker: object, stored: object) -> None:
    annotation: Any = Annotated[Secret[dt.datetime], marker]
    model: Any = define({"pk": Annotated[str, PartitionKey()], "sk": Annotated[str, SortKey()], "v": annotation})
    thing = model(pk="a", sk="b", v=NOON)

    assert thing.to_item()["v"] == stored
    assert model.from_item(thing.to_item()) == thing


def test_a_key_that_is_an_instance_of_datetime_sorts_as_time_does() -> None:
    model: Any = define({"pk": Annotated[str, PartitionKey()], "sk": Annotated[InstanceOf[dt.datetime], SortKey()]})
    thing = model(pk="a", sk=NOON)

    assert thing.to_item()["sk"] == {"S": "2024-01-02T12:00:00.000000000Z"}
    assert model.from_item(thing.to_item()) == thing
