"""Types that say how they are stored, and those of other packages: also as keys and inside containers.

`UPDATE_DOCS=1` writes the table of `docs/reference/types.md` again.
"""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pendulum
import pytest
import ulid
from bson import ObjectId
from pydantic import MISSING, BaseModel, Field, PlainValidator, Secret, create_model
from pydantic_extra_types import color, coordinate, isbn, mac_address, pendulum_dt, timezone_name
from pydantic_extra_types.mongo_object_id import MongoObjectId
from pydantic_extra_types.ulid import ULID

from dynamorm_py import (
    Attr,
    Attribute,
    DynamoModel,
    InvalidKey,
    InvalidValue,
    ItemDecodeError,
    Key,
    ModelDefinitionError,
    PartitionKey,
    Repo,
    SortKey,
    StoredAs,
    fields,
)
from tests.support.faulty import Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "types.md"


def _object_id(value: Any) -> ObjectId:  # noqa: ANN401 -- whatever was passed
    return value if isinstance(value, ObjectId) else ObjectId(value)


Id = Annotated[ObjectId, PlainValidator(_object_id), StoredAs(str, str, ObjectId)]
Ulid = Annotated[ulid.ULID, StoredAs(str, str, ulid.ULID.from_str)]


class Hex:
    def to_attribute(self, value: int) -> str:
        return f"{value:08x}"

    def from_attribute(self, value: str) -> int:
        return int(value, 16)


class Boxed:
    def to_attribute(self, value: int) -> Any:  # noqa: ANN401 -- what it stores is not said
        return {"v": value}

    def from_attribute(self, value: Any) -> int:  # noqa: ANN401 -- the same
        return value["v"]


class Money:
    __dynamorm_stored__: ClassVar[StoredAs]

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and other.cents == self.cents

    def __hash__(self) -> int:
        return hash(self.cents)


def _cents(money: Money) -> int:
    return money.cents


Money.__dynamorm_stored__ = StoredAs(int, _cents, Money)


class Point(BaseModel, frozen=True):
    __dynamorm_stored__: ClassVar[StoredAs] = StoredAs(
        str, lambda point: f"{point.x},{point.y}", lambda text: dict(zip("xy", text.split(","), strict=True))
    )
    x: int
    y: int


class Thing(DynamoModel, table="things", arbitrary_types_allowed=True):
    pk: Annotated[Id, PartitionKey()]
    sk: Annotated[int, SortKey(), Attribute(converter=Hex())]
    other: Annotated[Id | None, PartitionKey(index="by-other")] = None
    ids: list[Id] = Field(default_factory=list[Id])
    by_name: dict[str, Id] = Field(default_factory=dict[str, Id])
    by_id: dict[Id, int] = Field(default_factory=dict[Id, int])
    group: set[Id] = Field(default_factory=set[Id])
    maybe: Annotated[int, Attribute(converter=Hex())] | None = None
    boxed: list[Annotated[int, Attribute(converter=Boxed())]] = Field(
        default_factory=list[Annotated[int, Attribute(converter=Boxed())]]
    )
    price: Money = Money(1)
    prices: set[Money] = Field(default_factory=set[Money])
    at: Point = Point(x=1, y=2)
    paths: dict[Point, list[Point | None]] = Field(default_factory=dict[Point, list[Point | None]])
    pair: tuple[Ulid, Money] | None = None


A, B = ObjectId("6b0a1ef56782a3016bcb5630"), ObjectId("6b0a1ef56782a3016bcb5631")
U = ulid.ULID.from_str("01BX5ZZKBKACTAV9WEVGEMMVRZ")
THING = Thing(
    pk=A,
    sk=255,
    other=B,
    ids=[A, B],
    by_name={"x": A},
    by_id={B: 1},
    group={A, B},
    maybe=17,
    boxed=[1, 2],
    price=Money(5),
    prices={Money(3), Money(4)},
    at=Point(x=3, y=4),
    paths={Point(x=1, y=1): [Point(x=2, y=2), None]},
    pair=(U, Money(9)),
)


def test_they_are_stored_as_they_say_wherever_they_stand() -> None:
    a, b = str(A), str(B)
    assert THING.to_item() == {
        "pk": {"S": a},
        "sk": {"S": "000000ff"},
        "other": {"S": b},
        "ids": {"L": [{"S": a}, {"S": b}]},
        "by_name": {"M": {"x": {"S": a}}},
        "by_id": {"M": {b: {"N": "1"}}},
        "group": {"SS": [a, b]},
        "maybe": {"S": "00000011"},
        "boxed": {"L": [{"M": {"v": {"N": "1"}}}, {"M": {"v": {"N": "2"}}}]},
        "price": {"N": "5"},
        "prices": {"NS": ["3", "4"]},
        "at": {"S": "3,4"},
        "paths": {"M": {"1,1": {"L": [{"S": "2,2"}, {"NULL": True}]}}},
        "pair": {"L": [{"S": str(U)}, {"N": "9"}]},
    }
    assert Thing.from_item(THING.to_item()) == THING


def test_key_conditions_and_filters_take_values_of_the_type() -> None:
    things, t = Repo(Thing, client=Faulty(Truth())), fields(Thing)
    explained = things.query(Key(t.pk) == A, Key(t.sk) > 3, filter=Attr(t.group).contains(A)).explain().request
    values = [*explained["ExpressionAttributeValues"].values()]
    assert sorted(map(str, values)) == sorted(map(str, ({"S": str(A)}, {"S": "00000003"})))


def test_a_value_that_does_not_come_back_is_an_error_of_the_tree() -> None:
    with pytest.raises(ItemDecodeError):
        Thing.from_item({**THING.to_item(), "pk": {"S": "no id"}})
    with pytest.raises(ItemDecodeError):
        Thing.from_item({**THING.to_item(), "price": {"S": "5"}})
    with pytest.raises((InvalidKey, InvalidValue)):
        Repo(Thing, client=Faulty(Truth())).get(("no id", 1))


def test_a_converter_of_unknown_type_is_no_key_no_set_and_no_map_key() -> None:
    boxed = Annotated[int, Attribute(converter=Boxed())]
    with pytest.raises(ModelDefinitionError, match="StoredAs"):
        create_model(
            "Model", __base__=DynamoModel, pk=(Annotated[int, PartitionKey(), Attribute(converter=Boxed())], ...)
        )
    for annotation in (set[boxed], dict[boxed, int]):
        with pytest.raises(ModelDefinitionError):
            _model(annotation)


@pytest.mark.parametrize("arguments", [(list, str, str), (str, "str", str), (str, str, None)])
def test_what_stored_as_cannot_take_is_refused(arguments: Any) -> None:  # noqa: ANN401 -- what is wrong
    with pytest.raises(TypeError, match=r"StoredAs\(\) takes"):
        StoredAs(*arguments)


@pytest.mark.parametrize("scalar", [str, bytes, int, float, Decimal])
def test_every_scalar_is_a_form(scalar: Any) -> None:  # noqa: ANN401 -- a class
    stored = scalar(b"5") if scalar is bytes else scalar("5")
    model = _model(Annotated[Money, StoredAs(scalar, lambda _: stored, lambda _: Money(5))])
    item = model(x=Money(1)).to_item()
    assert model.from_item(item).x == Money(5)


# --- types of other packages ----------------------------------------------------------------------

_TYPES: dict[str, tuple[Any, object]] = {
    "`ulid.ULID`": (ulid.ULID, U),
    "`ulid.ULID` with `StoredAs`": (Ulid, U),
    "`pydantic_extra_types` `ULID`": (ULID, ULID(U)),
    "`pydantic_extra_types` `MongoObjectId`": (MongoObjectId, A),
    "`bson.ObjectId`": (ObjectId, A),
    "`bson.ObjectId` with `StoredAs`": (Id, A),
    "`pendulum.DateTime`": (pendulum.DateTime, pendulum.datetime(2026, 1, 2)),
    "`pydantic_extra_types` `DateTime`": (pendulum_dt.DateTime, pendulum_dt.DateTime(2026, 1, 2, tzinfo=pendulum.UTC)),
    "`pydantic_extra_types` `Date`": (pendulum_dt.Date, pendulum_dt.Date(2026, 1, 2)),
    "`pydantic_extra_types` `Duration`": (pendulum_dt.Duration, pendulum_dt.Duration(days=1)),
    "`pydantic_extra_types` `Color`": (color.Color, color.Color("red")),
    "`pydantic_extra_types` `Coordinate`": (
        coordinate.Coordinate,
        coordinate.Coordinate(coordinate.Latitude(1.5), coordinate.Longitude(2.5)),
    ),
    "`pydantic_extra_types` `Latitude`": (coordinate.Latitude, coordinate.Latitude(1.5)),
    "`pydantic_extra_types` `MacAddress`": (mac_address.MacAddress, mac_address.MacAddress("00:00:5e:00:53:01")),
    "`pydantic_extra_types` `ISBN`": (isbn.ISBN, isbn.ISBN("9788445009598")),
    "`pydantic_extra_types` `TimeZoneName`": (timezone_name.TimeZoneName, timezone_name.TimeZoneName("Europe/Berlin")),
    "`pydantic.Secret[date]`": (Secret[dt.date], Secret[dt.date](dt.date(2026, 1, 2))),
    "`int \\| pydantic.MISSING`": (int | MISSING, MISSING),
}
_PLACES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "field": lambda t, v: (t, v),
    "key": lambda t, v: (Annotated[t, SortKey()], v),
    "in a `list`": lambda t, v: (list[t], [v]),
    "in a `dict`": lambda t, v: (dict[str, t], {"a": v}),
    "in a `set`": lambda t, v: (set[t], {v}),
}


def _model(annotation: object) -> Any:  # noqa: ANN401 -- a model made here, whose field no checker knows
    create: Any = create_model
    return create(
        "Model",
        __base__=DynamoModel,
        __cls_kwargs__={"arbitrary_types_allowed": True},
        pk=(Annotated[str, PartitionKey()], "a"),
        x=(annotation, ...),
    )


def _cell(kind: object, value: object, place: str) -> str:
    """Write and read a value; every answer but a refused class is a value that came back as itself."""
    try:
        annotation, held = _PLACES[place](kind, value)
    except TypeError:
        return "not hashable"
    try:
        model = _model(annotation)
    except ModelDefinitionError:
        return "refused"
    made: Any = model(x=held)
    item = made.to_item()
    read: Any = model.from_item(item)
    assert (read, type(read.x)) == (made, type(made.x))
    (tag,) = item["x"]
    return f"`{tag}`"


def _table() -> str:
    head = f"| type | {' | '.join(_PLACES)} |\n| --- |{' --- |' * len(_PLACES)}\n"
    rows = (f"| {name} | {' | '.join(_cell(*kind, place) for place in _PLACES)} |\n" for name, kind in _TYPES.items())
    return head + "".join(rows)


def test_types_of_other_packages_come_back_as_themselves_or_their_class_is_refused_as_the_page_says() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    before, rest = page.split("<!-- third-party types -->\n")
    _, after = rest.split("<!-- end of third-party types -->")
    written = f"{before}<!-- third-party types -->\n\n{_table()}\n<!-- end of third-party types -->{after}"
    if os.environ.get("UPDATE_DOCS"):
        _PAGE.write_text(written, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == written
