"""What the laws over random model classes found broken, each the smallest of its kind."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, PlainValidator

from dynamorm_py import AsJson, Attr, DynamoModel, InvalidValue, PartitionKey, Repo, fields
from tests.building import define, model_of
from tests.laws.store import Store

BERLIN = ZoneInfo("Europe/Berlin")


def _repository(model: type[DynamoModel]) -> Repo[DynamoModel]:
    store = Store()
    store.keys = ("pk",)
    return Repo(model, table="things", client=store)


@pytest.mark.parametrize("name", ["keys", "items", "values", "get"])
def test_a_field_named_as_a_method_of_dictionaries_is_updated_from_an_instance(name: str) -> None:
    model: Any = define({"pk": Annotated[str, PartitionKey()], name: int}, table="things")
    users = _repository(model)
    stored = users.put(model(pk="a", **{name: 1}))
    assert getattr(users.update(stored.model_copy(update={name: 2}), fields={name}), name) == 2


@pytest.mark.parametrize("name", ["type", "config", "metadata", "serialization", "default", "function"])
def test_a_field_named_as_a_schema_s_key_is_seen_when_validators_are_looked_for(name: str) -> None:
    upper = Annotated[str, AfterValidator(str.upper)]
    model: Any = define({"pk": Annotated[str, PartitionKey()], name: upper}, table="things")
    users = _repository(model)
    stored = users.put(model(pk="a", **{name: "b"}).model_copy(update={name: "c"}))
    assert getattr(stored, name) == "C"
    assert users.get("a") == stored
    assert getattr(users.update("a", Attr(getattr(fields(model), name)).set("d")), name) == "D"


class Point(BaseModel):
    x: int


def _point(value: object) -> Point:
    return value if isinstance(value, Point) else Point.model_validate(value)


def test_a_class_behind_a_plain_validator_is_kept_as_json() -> None:
    model: Any = model_of(Annotated[Point, BeforeValidator(lambda v: v), PlainValidator(_point), AsJson()])
    instance = model(pk="k", v=Point(x=1))
    assert instance.to_item()["v"] == {"S": '{"x":1}'}
    assert model.from_item(instance.to_item()) == instance


def test_an_offset_with_seconds_shifts_no_instant_as_json() -> None:
    model: Any = model_of(Annotated[dt.datetime, AsJson()])
    instance = model(pk="k", v=dt.datetime(1880, 1, 1, tzinfo=BERLIN))
    assert instance.v.utcoffset() % dt.timedelta(minutes=1)
    assert model.from_item(instance.to_item()).v == instance.v


@pytest.mark.parametrize("zone", [BERLIN, dt.timezone(dt.timedelta(seconds=70))])
def test_a_time_with_a_zone_that_its_text_cannot_tell_is_refused_as_json(zone: dt.tzinfo) -> None:
    model: Any = model_of(Annotated[dt.time, AsJson()])
    with pytest.raises(InvalidValue):
        model(pk="k", v=dt.time(1, 2, tzinfo=zone)).to_item()
