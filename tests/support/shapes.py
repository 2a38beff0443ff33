"""Random annotations with values that fit them, and models made of both: the grammar of what can be stored."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, TypeAlias, cast
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr, create_model
from typing_extensions import TypedDict

from dynamorm_py import AsBinary, AsJson, AsSet, Attribute, OmitEmpty, PartitionKey
from tests.support.building import define

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from dynamorm_py import DynamoModel

    Values: TypeAlias = SearchStrategy[Any]


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


@dataclass(frozen=True)
class Shape:
    """An annotation and the values of it. `json`: AsJson keeps them; `empty`: what OmitEmpty leaves out."""

    annotation: Any
    values: Values
    json: bool = True
    empty: Callable[[], object] | None = None


def _decimal(sign: int, digits: list[int], exponent: int) -> Decimal:
    return Decimal((sign, tuple(digits), exponent))


_LARGEST = 10**38 - 1
_texts = st.text(max_size=8)
_integers = st.integers(-_LARGEST, _LARGEST)
_digits = st.lists(st.integers(0, 9), min_size=1, max_size=38)
_floats = st.floats(-1e125, 1e125).filter(lambda x: x == 0 or abs(x) > 1e-129)
_decimals = st.builds(_decimal, st.integers(0, 1), _digits, st.integers(-90, 85))
_times = st.datetimes(timezones=st.just(dt.UTC))
_clock = st.times() | st.times(timezones=st.just(dt.UTC))

_SCALARS = [
    Shape(str, _texts, empty=str),
    Shape(int, _integers, empty=int),
    Shape(float, _floats, empty=float),
    Shape(Decimal, _decimals, empty=Decimal),
    Shape(bytes, st.binary(max_size=8), empty=bytes),
    Shape(bool, st.booleans(), empty=bool),
    Shape(None, st.none()),
    Shape(dt.datetime, _times),
    Shape(dt.date, st.dates()),
    Shape(dt.time, _clock),
    Shape(dt.timedelta, st.timedeltas(dt.timedelta(days=-99999), dt.timedelta(days=99999))),
    Shape(UUID, st.uuids()),
    Shape(Path, st.sampled_from([Path("a"), Path("/b/ä")])),
    Shape(IPv4Address, st.ip_addresses(v=4)),
    Shape(Color, st.sampled_from(Color)),
    Shape(Level, st.sampled_from(Level)),
    Shape(Literal["a", "b"], st.sampled_from(["a", "b"])),
    Shape(Literal[1, 2], st.sampled_from([1, 2])),
    Shape(SecretStr, _texts.map(SecretStr)),
]
_ELEMENTS = [
    Shape(str, st.text(min_size=1, max_size=8)),
    Shape(int, _integers),
    Shape(Decimal, _decimals),
    Shape(bytes, st.binary(min_size=1, max_size=4)),
    Shape(UUID, st.uuids()),
    Shape(dt.date, st.dates()),
    Shape(Color, st.sampled_from(Color)),
    Shape(Level, st.sampled_from(Level)),
]
_MAP_KEYS = [
    Shape(str, st.text(min_size=1, max_size=8)),
    Shape(int, _integers),
    Shape(UUID, st.uuids()),
    Shape(Color, st.sampled_from(Color)),
]


def _sets(elements: Values) -> Values:
    return st.lists(elements, max_size=4).map(set)


_natural = st.recursive(
    st.none()
    | st.booleans()
    | _texts
    | _integers
    | _decimals.filter(lambda d: d != d.to_integral_value())
    | st.binary(max_size=4)
    | st.sets(st.text(min_size=1, max_size=3), min_size=1, max_size=3)
    | st.sets(_integers, min_size=1, max_size=3)
    | st.sets(st.binary(min_size=1, max_size=3), min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=5,
)
_MIXED = [
    Shape(Any, _natural, json=False),
    Shape(int | str, _integers | _texts),
    Shape(bytes | str | None, st.binary(max_size=4) | _texts | st.none(), json=False),
    Shape(bool | Decimal, st.booleans() | _decimals, json=False),
    Shape(list[int] | dict[str, int], st.lists(_integers) | st.dictionaries(st.text(min_size=1), _integers)),
    Shape(set[str] | int, _sets(st.text(min_size=1)) | _integers),
    Shape(dt.datetime | int, _times | _integers),
]


@st.composite
def shapes(draw: DrawFn, depth: int = 2) -> Shape:
    """Draw any type that has a DynamoDB form, with its values."""
    if depth == 0:
        return draw(st.sampled_from([*_SCALARS, *_MIXED]))
    inner = draw(shapes(depth - 1))
    make = draw(st.sampled_from([_alone, _sequence, _mapping, _optional, _set, _class]))
    return draw(make(inner, depth))


def _alone(inner: Shape, _: int) -> SearchStrategy[Shape]:
    return st.just(inner)


@st.composite
def _sequence(draw: DrawFn, inner: Shape, _: int) -> Shape:
    several = st.lists(inner.values, max_size=3)
    return draw(
        st.sampled_from(
            [
                Shape(list[inner.annotation], several, inner.json, list),
                Shape(tuple[inner.annotation, ...], several.map(tuple), inner.json, tuple),
                Shape(tuple[inner.annotation, int], st.tuples(inner.values, _integers), inner.json),
            ]
        )
    )


@st.composite
def _mapping(draw: DrawFn, inner: Shape, _: int) -> Shape:
    key = draw(st.sampled_from(_MAP_KEYS))
    values = st.dictionaries(key.values, inner.values, max_size=3)
    return Shape(dict[key.annotation, inner.annotation], values, inner.json, dict)


def _optional(inner: Shape, _: int) -> SearchStrategy[Shape]:
    if "set[" in str(inner.annotation):  # refused without the default None, which parts of unions cannot have
        return st.just(inner)
    return st.just(Shape(Optional[inner.annotation], inner.values | st.none(), inner.json))  # noqa: UP045 -- Any has no |


@st.composite
def _set(draw: DrawFn, _inner: Shape, _: int) -> Shape:
    element = draw(st.sampled_from(_ELEMENTS))
    elements = _sets(element.values)
    return draw(
        st.sampled_from(
            [
                Shape(set[element.annotation], elements, empty=set),
                Shape(frozenset[element.annotation], elements.map(frozenset), empty=frozenset),
            ]
        )
    )


@st.composite
def _class(draw: DrawFn, inner: Shape, depth: int) -> Shape:
    """Draw a class with fields: a model, a dataclass or a TypedDict."""
    parts = [inner, *draw(st.lists(shapes(depth - 1), max_size=2))]
    fields = {f"part_{i}": draw(_marked(shape)) for i, shape in enumerate(parts)}
    values = st.fixed_dictionaries({name: shape.values for name, shape in fields.items()})
    annotations = {name: shape.annotation for name, shape in fields.items()}
    make = draw(st.sampled_from([_make_model, _make_dataclass, _make_typed_dict]))
    plain = all(fields[f"part_{i}"] is shape for i, shape in enumerate(parts))  # a marker has no meaning inside JSON
    return Shape(*make(annotations, values), json=plain and all(shape.json for shape in parts))


def _make_model(annotations: dict[str, Any], values: Values) -> tuple[Any, Values]:
    create: Any = create_model
    model: type[BaseModel] = create("Inner", **{name: (kind, ...) for name, kind in annotations.items()})

    def build(value: dict[str, Any]) -> BaseModel:
        return model.model_construct(None, **value)

    return model, values.map(build)


def _make_dataclass(annotations: dict[str, Any], values: Values) -> tuple[Any, Values]:
    made: Any = dataclasses.make_dataclass("Data", list(annotations.items()))

    def build(value: dict[str, Any]) -> object:
        return made(**value)

    return made, values.map(build)


def _make_typed_dict(annotations: dict[str, Any], values: Values) -> tuple[Any, Values]:
    make: Any = TypedDict
    return make("Typed", annotations), values


def _marked(shape: Shape) -> SearchStrategy[Shape]:
    """Put markers on a type that change its form and lose nothing."""
    choices = [shape, shape]
    if shape.json:
        choices.append(dataclasses.replace(shape, annotation=Annotated[shape.annotation, AsJson()]))
    if shape.empty is not None:
        choices.append(dataclasses.replace(shape, annotation=Annotated[shape.annotation, OmitEmpty()]))
    return st.sampled_from(choices)


_SPECIAL = [
    Shape(Annotated[UUID, AsBinary()], st.uuids()),
    Shape(Annotated[list[int], AsSet()], _sets(_integers).map(sorted)),
    Shape(Annotated[tuple[str, ...], AsSet()], _sets(st.text(min_size=1, max_size=4)).map(sorted).map(tuple)),
    Shape(Annotated[dt.datetime, Attribute(format="fixed_nano")], _times),
    Shape(Annotated[dt.datetime, Attribute(format="unix_seconds")], _times.map(lambda t: t.replace(microsecond=0))),
    Shape(Annotated[str | None, PartitionKey(index="gsi")], st.none() | st.text(min_size=1, max_size=8)),
    Shape(Annotated[dt.datetime, PartitionKey(index="gsi-t")], _times),
]


@st.composite
def models(draw: DrawFn) -> tuple[type[DynamoModel], SearchStrategy[DynamoModel]]:
    """Draw a model and the instances of it."""
    drawn = draw(st.lists(shapes().flatmap(_marked), min_size=1, max_size=4))
    special = draw(st.lists(st.sampled_from(_SPECIAL), max_size=2, unique_by=id))
    parts = {f"field_{i}": shape for i, shape in enumerate([*drawn, *special])}
    fields: dict[str, object] = {"pk": Annotated[str, PartitionKey()]}
    for name, shape in parts.items():
        renamed = [Attribute(f"x{name[-1]}")] if draw(st.booleans()) else []
        annotation = Annotated[shape.annotation, *renamed] if renamed else shape.annotation
        leaves_out = shape.empty is not None and "OmitEmpty" in str(annotation)
        fields[name] = (annotation, Field(default_factory=cast("Any", shape.empty))) if leaves_out else annotation
    model: type[DynamoModel] = define(fields, naming=draw(st.sampled_from([None, "camelCase", "snake_case"])))

    def build(values: dict[str, Any]) -> DynamoModel:
        return model.model_construct(None, pk="k", **values)

    return model, st.fixed_dictionaries({name: shape.values for name, shape in parts.items()}).map(build)


@st.composite
def instances(draw: DrawFn) -> DynamoModel:
    """Draw an instance of a random model."""
    _, values = draw(models())
    return draw(values)


_text_payloads = st.text(max_size=5) | st.sampled_from(
    ["1", "1E2", "1.5", "-0", "1E999999999", "NaN", "2026-01-02T00:00:00Z"]
)
attribute_values: SearchStrategy[dict[str, Any]] = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"S": _text_payloads}),
        st.fixed_dictionaries({"N": _text_payloads | _integers.map(str)}),
        st.fixed_dictionaries({"B": st.binary(max_size=4)}),
        st.fixed_dictionaries({"BOOL": st.booleans()}),
        st.just({"NULL": True}),
        st.fixed_dictionaries({"SS": st.lists(_text_payloads, max_size=3)}),
        st.fixed_dictionaries({"NS": st.lists(_text_payloads, max_size=3)}),
        st.fixed_dictionaries({"BS": st.lists(st.binary(max_size=3), max_size=3)}),
    ),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(st.sampled_from(["part_0", "part_1", "x"]), inner, max_size=3)})
    ),
    max_leaves=6,
)
"""Any attribute value that a table could hold, and a few that none could."""
