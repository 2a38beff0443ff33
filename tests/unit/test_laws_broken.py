"""What the laws over random model classes found broken, each the smallest of its kind."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, Literal, Optional
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, AnyUrl, BaseModel, BeforeValidator, PlainValidator, RootModel, TypeAdapter

from dynamorm_py import AsJson, AsSet, Attr, DynamoModel, InvalidValue, PartitionKey, Repo, fields
from tests.building import define, model_of, same
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


def test_a_url_in_a_root_model_behind_a_plain_validator_keeps_its_class() -> None:
    root = RootModel[AnyUrl]
    adapter = TypeAdapter(root)
    model: Any = model_of(Annotated[root, PlainValidator(adapter.validate_python)])
    instance = model(pk="k", v=root(AnyUrl("https://a.example/x")))
    assert type(model.from_item(instance.to_item()).v.root) is AnyUrl


@pytest.mark.parametrize(
    "validator", [PlainValidator(lambda v: AnyUrl(str(v))), BeforeValidator(lambda v: v), AfterValidator(lambda v: v)]
)
def test_a_url_behind_a_validator_keeps_its_class(validator: object) -> None:
    model: Any = model_of(Annotated[AnyUrl, validator])
    instance = model(pk="k", v=AnyUrl("https://a.example/x"))
    assert type(model.from_item(instance.to_item()).v) is AnyUrl


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2.5


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Ratio(float, enum.Enum):
    HALF = 0.5
    ALL = 1.0


class Color(enum.Enum):
    RED = "red"


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("wrap", [None, BeforeValidator(lambda v: v), AfterValidator(lambda v: v)])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Size, Size.SMALL),
        (Level, Level.HIGH),
        (Ratio, Ratio.HALF),
        (Color, Color.RED),
        (Literal[Level.LOW, Level.HIGH], Level.LOW),
        (Literal[Color.RED], Color.RED),
        (Literal[Ratio.HALF], Ratio.HALF),
        (Literal[1, 2], 2),
    ],
)
def test_an_enumeration_s_values_are_kept_in_every_position(
    kind: object, value: object, wrap: object, *, values: bool
) -> None:
    of: Any = kind if wrap is None else Annotated[kind, wrap]
    shapes: dict[str, Any] = {
        "alone": of,
        "in_list": list[of],
        "in_set": set[of],
        "frozen": frozenset[of],
        "as_set": Annotated[list[of], AsSet()],
        "key": dict[of, str],
        "value": dict[str, of],
        "maybe": Optional[of],  # noqa: UP045 -- made at run time
    }
    pk = Annotated[str, PartitionKey()]
    model: Any = define({"pk": pk, **shapes}, table="things", use_enum_values=values)
    several: dict[str, Any] = {"in_list": [value], "in_set": {value}, "frozen": {value}, "as_set": [value]}
    keyed: dict[str, Any] = {"key": {value: "x"}, "value": {"x": value}}
    instance = model(pk="k", alone=value, maybe=value, **several, **keyed)
    assert same(model.from_item(instance.to_item()), instance)
    users = _repository(model)
    assert same(users.put(instance), users.get("k"))
    assert same(users.update("k", Attr(fields(model).in_set).set({value})), users.get("k"))


@pytest.mark.parametrize("kind", [Size, Level, Ratio, Color])
def test_the_values_of_an_enumeration_are_kept_as_json(kind: Any) -> None:  # noqa: ANN401 -- an enumeration
    pk = Annotated[str, PartitionKey()]
    model: Any = define({"pk": pk, "v": Annotated[list[kind], AsJson()]}, use_enum_values=True)
    instance = model(pk="k", v=list(kind))
    assert model.from_item(instance.to_item()) == instance
    assert instance.v == [each.value for each in kind]
