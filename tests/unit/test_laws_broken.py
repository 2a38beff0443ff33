"""What the laws over random model classes found broken, each the smallest of its kind."""

from __future__ import annotations

import datetime as dt
import enum
import os
from decimal import Decimal, localcontext
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    Field,
    Json,
    PlainValidator,
    RootModel,
    Secret,
    TypeAdapter,
    WrapSerializer,
    WrapValidator,
    computed_field,
    create_model,
)
from pydantic_core import core_schema
from pydantic_extra_types.coordinate import Coordinate, Latitude, Longitude

from dynamorm_py import (
    AsJson,
    AsSet,
    Attr,
    Attribute,
    DynamoModel,
    InvalidValue,
    ItemDecodeError,
    PartitionKey,
    Repo,
    fields,
)
from tests.laws.checks import same as instants_alike
from tests.laws.store import Store
from tests.support.building import define, model_of, same

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Own:
    """A type of the user that pydantic reads from a scalar of JSON, and takes as it is in Python."""

    def __init__(self, held: object) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.held == other.held

    def __hash__(self) -> int:
        return hash(self.held)


def _own(scalar: Any, write: Callable[[Any], object] = lambda own: own.held) -> Any:  # noqa: ANN401 -- a core schema, a class
    def schema(cls: type[Own], _source: object, _handler: object) -> Any:  # noqa: ANN401 -- a core schema
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, scalar),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(write),
        )

    return type("Own", (Own,), {"__get_pydantic_core_schema__": classmethod(schema)})


_HELD: list[tuple[Any, object, dict[str, Any]]] = [
    (core_schema.str_schema(), "ab", {"S": "ab"}),
    (core_schema.int_schema(), 3, {"N": "3"}),
    (core_schema.float_schema(), 0.1, {"N": "0.1"}),
    (core_schema.float_schema(), 2.0, {"N": "2"}),
    (core_schema.decimal_schema(), Decimal("2.50"), {"N": "2.50"}),
    (core_schema.bytes_schema(), b"\xff\x00", {"B": b"\xff\x00"}),
    (core_schema.bool_schema(), True, {"BOOL": True}),
    (core_schema.date_schema(), dt.date(2026, 1, 2), {"S": "2026-01-02"}),
]


@pytest.mark.parametrize(("scalar", "held", "stored"), _HELD)
@pytest.mark.parametrize("wrap", [None, BeforeValidator(lambda v: v), AfterValidator(lambda v: v)])
def test_a_type_of_the_user_that_is_a_scalar_of_json_is_kept(
    scalar: object, held: object, stored: dict[str, Any], wrap: object
) -> None:
    own = _own(scalar)
    of: Any = own if wrap is None else Annotated[own, wrap]
    model: Any = define({"pk": Annotated[str, PartitionKey()], "alone": of, "several": list[of], "maybe": Optional[of]})  # noqa: UP045
    instance = model(pk="k", alone=own(held), several=[own(held)], maybe=own(held))
    item = instance.to_item()
    assert (item["alone"], item["several"], item["maybe"]) == (stored, {"L": [stored]}, stored)
    assert model.from_item(item) == instance


@pytest.mark.parametrize("scalar", [core_schema.str_schema(), core_schema.int_schema(), core_schema.float_schema()])
def test_a_type_of_the_user_is_kept_as_json(scalar: object) -> None:
    own = _own(scalar)
    model: Any = model_of(Annotated[dict[str, own], AsJson()])
    instance = model(pk="k", v={"a": own("b" if scalar == core_schema.str_schema() else 3)})
    assert model.from_item(instance.to_item()) == instance


@pytest.mark.parametrize("marker", [[], [AsJson()], [BeforeValidator(lambda v: v)]])
def test_a_type_whose_json_says_less_than_its_value_is_refused(marker: list[object]) -> None:
    own = _own(core_schema.str_schema(), lambda each: str(each.held)[:2])
    of: Any = own
    for each in marker:
        of = Annotated[of, each]
    model: Any = model_of(of)
    with pytest.raises(InvalidValue, match="read back"):
        model(pk="k", v=own("abc")).to_item()


@pytest.mark.parametrize("kind", [PurePath, os.PathLike, os.PathLike[str]])
@pytest.mark.parametrize("marker", [[], [AsJson()]])
def test_a_path_of_another_class_than_is_read_is_refused(kind: Any, marker: list[object]) -> None:  # noqa: ANN401
    model: Any = model_of(Annotated[kind, *marker] if marker else kind)
    kept = model(pk="k", v=PurePath("a/b"))
    assert model.from_item(kept.to_item()) == kept
    with pytest.raises(InvalidValue, match="read back"):
        model(pk="k", v=Path("a/b")).to_item()


def test_floats_of_a_type_that_takes_decimals_too_come_back_as_floats() -> None:
    model: Any = define(
        {"pk": Annotated[str, PartitionKey()], "at": Coordinate, "lat": Latitude, "several": list[Latitude]}
    )
    instance = model(pk="k", at=Coordinate(Latitude(52.1), Longitude(13.4)), lat=0.1, several=[12.5, 3.0])
    assert model.from_item(instance.to_item()) == instance
    assert same(model.from_item(instance.to_item()).several, [12.5, 3.0])


def test_a_decimal_that_would_come_back_as_a_float_is_refused_or_equal() -> None:
    model: Any = model_of(float | Decimal)
    long = Decimal("0.12345678901234567890123456789")
    assert same(model.from_item(model(pk="k", v=long).to_item()).v, long)
    with pytest.raises(InvalidValue, match="read back"):
        model(pk="k", v=Decimal("0.1")).to_item()


_DOUBLED = [dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]


_WITH_TIMES: list[tuple[object, Callable[[dt.datetime], object]]] = [
    (dt.datetime | dt.date, lambda t: t),
    (dt.datetime | str, lambda t: t),
    (list[dt.datetime | dt.date], lambda t: [t]),
    (set[dt.datetime] | int, lambda t: {t}),
    (dict[dt.datetime, int] | int, lambda t: {t: 1}),
    (Annotated[set[dt.datetime] | int, AsJson()], lambda t: {t}),
    (Annotated[dict[dt.datetime, int], AsJson()], lambda t: {t: 1}),
]


@pytest.mark.parametrize("time", _DOUBLED)
@pytest.mark.parametrize(("kind", "put"), _WITH_TIMES)
def test_the_doubled_hour_of_autumn_is_kept(kind: object, put: Callable[[dt.datetime], Any], time: dt.datetime) -> None:
    model: Any = model_of(kind)
    instance = model(pk="k", v=put(time))
    assert instants_alike(model.from_item(instance.to_item()).v, instance.v)


class Tally(DynamoModel, table="tallies"):
    pk: Annotated[str, PartitionKey()]
    total: Decimal = Decimal(0)

    @computed_field
    @property
    def label(self) -> Annotated[str, Attribute(reads=("total",))]:
        """What is read of the total."""
        return str(self.total)


def test_a_sum_that_is_read_before_an_update_is_exact_in_every_decimal_context() -> None:
    store = Store()
    store.keys = ("pk",)
    tallies = Repo(Tally, client=store)
    tallies.put(Tally(pk="a", total=Decimal("12345678901234567890.12")))
    with localcontext(prec=5):
        tallies.update("a", Attr(fields(Tally).total).add(Decimal(1)), read=True)
    assert store.items[next(iter(store.items))]["label"] == {"S": "12345678901234567891.12"}


_DEFAULTS: list[tuple[object, object]] = [
    (Optional[int], None),  # noqa: UP045 -- made at run time
    (str, "a"),
    (list[int], [1]),
    (set[str], {"a"}),
    (Annotated[int, BeforeValidator(lambda v: v)], 3),
    (Annotated[list[int], AsJson()], [1]),
    (list[int] | str, [1]),
    (Literal[1, "a"], 1),
    (dt.datetime, dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
    (Size, Size.SMALL),
    (Point, Point(x=1)),
    (bytes, b"\xff"),
]


@pytest.mark.parametrize("by_field", [False, True])
@pytest.mark.parametrize(("kind", "default"), _DEFAULTS)
def test_a_default_that_pydantic_validates_is_read_where_the_attribute_is_absent(
    kind: object, default: object, *, by_field: bool
) -> None:
    pk = Annotated[str, PartitionKey()]
    field: Any = Field(default, validate_default=True) if by_field else default
    model: Any = define({"pk": pk, "v": (kind, field)}, validate_default=not by_field)
    assert model.from_item({"pk": {"S": "k"}}) == model(pk="k")
    assert model.from_item(model(pk="k").to_item()) == model(pk="k")


def test_a_default_s_validation_changes_it_alike_in_the_constructor_and_on_reading() -> None:
    pk, upper = Annotated[str, PartitionKey()], Annotated[str, AfterValidator(str.upper)]
    made: list[int] = []
    fields_of = {
        "pk": pk,
        "v": (upper, "a"),
        "many": (list[upper], Field(default_factory=lambda: ["b"])),
        "of_data": (str, Field(default_factory=lambda data: f"{data['v']}!")),
        "shared": (list[int], made),
    }
    model: Any = define(fields_of, validate_default=True)
    read = model.from_item({"pk": {"S": "k"}})
    assert read == model(pk="k")
    assert (read.v, read.many, read.of_data) == ("A", ["B"], "A!")
    read.shared.append(1)
    assert model.from_item({"pk": {"S": "k"}}).shared == []


def test_a_default_that_its_own_validation_refuses_is_an_error_of_the_tree() -> None:
    model: Any = define({"pk": Annotated[str, PartitionKey()], "v": (int, "no number")}, validate_default=True)
    with pytest.raises(ItemDecodeError):
        model.from_item({"pk": {"S": "k"}})


@pytest.mark.parametrize("kind", [Size, Level, Ratio])
def test_a_literal_of_an_enumeration_s_members_is_kept_as_json_and_tells_models_apart(kind: Any) -> None:  # noqa: ANN401
    first, second = list(kind)
    make: Any = create_model
    models = [make(f"Of{n}", k=(Literal[tag], ...), v=(int, ...)) for n, tag in enumerate((first, second))]
    either: Any = Annotated[models[0] | models[1], Field(discriminator="k")]
    pk = Annotated[str, PartitionKey()]
    declared: dict[str, Any] = {
        "alone": Annotated[Literal[first], AsJson()],
        "several": Annotated[list[Literal[first, second]], AsJson()],
        "apart": Annotated[list[either], AsJson()],
    }
    model: Any = define({"pk": pk, **declared})
    of_second = models[1](k=second, v=1)
    instance = model(pk="k", alone=first, several=[second, first], apart=[of_second])
    item = instance.to_item()
    assert item["alone"] == {"S": str(first.value)}
    assert same(model.from_item(item), instance)


_SECRETS: list[tuple[Any, object, dict[str, Any]]] = [
    (dt.date, dt.date(2026, 1, 2), {"S": "2026-01-02"}),
    (dt.datetime, dt.datetime(2026, 1, 2, tzinfo=dt.UTC), {"S": "2026-01-02T00:00:00Z"}),
    (Decimal, Decimal("1.5"), {"N": "1.5"}),
    (bytes, b"\xff", {"B": b"\xff"}),
    (bool, True, {"BOOL": True}),
]


@pytest.mark.parametrize(("kind", "value", "stored"), _SECRETS)
def test_a_secret_is_stored_as_what_it_holds(kind: Any, value: object, stored: dict[str, Any]) -> None:  # noqa: ANN401
    model: Any = model_of(Secret[kind])
    instance = model(pk="k", v=value)
    assert instance.to_item()["v"] == stored
    assert model.from_item(instance.to_item()) == instance


def test_a_payload_s_serializer_that_gives_another_form_does_not_touch_what_is_stored() -> None:
    model: Any = model_of(Annotated[complex, WrapSerializer(lambda value, write: [write(value)])])
    assert model(pk="k", v=1j).to_item()["v"] == {"S": "1j"}


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        (dt.date, dt.date(1970, 1, 2)),
        (dt.datetime, dt.datetime(1970, 1, 2, tzinfo=dt.UTC)),
        (dt.time, dt.time(1)),
        (dt.timedelta, dt.timedelta(days=1)),
    ],
)
def test_a_secret_beside_a_number_is_told_from_it(kind: Any, held: object) -> None:  # noqa: ANN401 -- a type
    model: Any = model_of(Secret[kind] | int)
    for value in (0, 3600, 86_400, Secret[kind](held)):
        instance = model(pk="k", v=value)
        assert same(model.from_item(instance.to_item()), instance)


def test_a_secret_is_read_from_its_own_form_alone() -> None:
    model: Any = model_of(Secret[dt.date])
    with pytest.raises(ItemDecodeError):
        model.from_item({"pk": {"S": "k"}, "v": {"N": "0"}})


class Station(BaseModel):
    q: str


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Path | None, Path("a")),
        (complex | None, 1j),
        (Path | int, Path("a")),
        (Secret[dt.date], Secret[dt.date](dt.date(2026, 1, 2))),
        (Optional[Secret[dt.date]], Secret[dt.date](dt.date(2026, 1, 2))),  # noqa: UP045 -- one that has no |
    ],
)
def test_a_union_inside_a_union_takes_what_its_members_take(kind: Any, value: object) -> None:  # noqa: ANN401
    model: Any = model_of(Annotated[kind, Field(description="a union of its own")] | Station)
    instance = model(pk="k", v=value)
    assert model.from_item(instance.to_item()) == instance


@pytest.mark.parametrize("collection", [list[IPv4Address], set[IPv4Address], tuple[IPv4Address, ...], Json[list[str]]])
def test_a_network_is_not_read_as_the_collection_of_its_addresses(collection: Any) -> None:  # noqa: ANN401 -- a type
    of_either = Annotated[collection | IPv4Network, Field(union_mode="left_to_right"), WrapValidator(lambda v, h: h(v))]
    model: Any = model_of(of_either)
    instance = model.model_validate_json('{"pk": "k", "v": "192.0.2.0/30"}')
    assert instance.v == IPv4Network("192.0.2.0/30")
    assert model.from_item(instance.to_item()) == instance
