"""What is never written: values without a form, or that would not come back as they are."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, Field, RootModel, SecretStr
from typing_extensions import TypedDict

from dynamorm_py import AsBinary, AsJson, AsSet, Attribute, InvalidValue, OmitEmpty, PartitionKey, TimeToLive
from tests.support.building import define, holding, model_of, written

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

NAIVE = dt.datetime(2026, 1, 2)  # noqa: DTZ001 -- naive on purpose
AWARE = NAIVE.replace(tzinfo=dt.UTC, microsecond=5)
MARK = "marker-of-a-value"


class Part(BaseModel):
    size: int = 0
    tags: set[str] = set()


@dataclasses.dataclass
class Point:
    x: int


@dataclasses.dataclass
class DeepPoint(Point):
    y: int


class OpenPart(BaseModel, extra="allow"):
    size: int = 0


class LargePart(Part):
    extra: str = ""


class Color(enum.Enum):
    RED = "red"
    NONE = None


class Options(TypedDict):
    size: int


def case(annotation: object, value: object, *fragments: str, name: str | None = None) -> ParameterSet:
    return pytest.param(annotation, value, fragments, id=name or f"{annotation}: {value!r}"[:60])


REFUSED = [
    case(float, float("nan"), "nan is not a number", "None"),
    case(float, float("-inf"), "-inf is not a number"),
    case(float, 1e200, "range of 1E-130 to 9.99E+125"),
    case(float, 5e-324, "range of 1E-130"),
    case(int, int("1" * 39), "39 significant digits", "DynamoDB keeps 38"),
    case(int, 10**126, "beyond DynamoDB's range"),
    case(int, 1 << 10**6, "beyond DynamoDB's range", name="int: a million bits"),
    case(int, True, "expected int, got bool"),  # noqa: FBT003 -- the value
    case(int, 1.0, "expected int, got float"),
    case(Decimal, Decimal("1." + "1" * 38), "39 significant digits", "round it"),
    case(Decimal, Decimal("NaN"), "NaN is not a number"),
    case(Decimal, Decimal("Infinity"), "Infinity is not a number"),
    case(Decimal, Decimal("1E+126"), "beyond DynamoDB's range"),
    case(Decimal, Decimal("1E-131"), "beyond DynamoDB's range"),
    case(str, "a\ud800", "lone surrogate", "clean it"),
    case(str, b"a", "expected str, got bytes"),
    case(str, None, "expected str, got NoneType"),
    case(bytes, "a", "expected bytes, got str"),
    case(bool, 1, "expected bool, got int"),
    case(dt.datetime, NAIVE, "naive datetime", "timezone"),
    case(dt.datetime, AWARE.replace(year=1, day=1, tzinfo=dt.timezone(dt.timedelta(hours=14))), "years 1 to 9999"),
    case(dt.datetime, "2026-01-02", "expected datetime, got str"),
    case(dt.date, AWARE, "expected date, got datetime"),
    case(Annotated[dt.datetime, Attribute(format="unix_seconds")], AWARE, "whole seconds", "microsecond=0"),
    case(Annotated[int, TimeToLive()], 1_767_312_000_000, "milliseconds", "divide it by 1000"),
    case(UUID, "x", "expected UUID, got str"),
    case(Annotated[UUID, AsBinary()], b"x", "expected UUID, got bytes"),
    case(Color, "green", "expected one of None, red (Color)"),
    case(Color | None, Color.NONE, "reads back as None", "drop the Optional"),
    case(Literal["a"], "b", "expected one of a", "got another str"),
    case(Literal[Color.RED], "red", "expected one of Color.RED", "got a str"),
    case(SecretStr, 5, "not what the field holds"),
    case(list[int], "abc", "expected list, got str"),
    case(list[int], [1, "2"], "Thing.v[1]: expected int, got str"),
    case(tuple[int, int], (1, 2, 3), "tuple of 2 elements, got 3"),
    case(Sequence[int], (1,), "would read back as a list"),
    case(dict[str, int], {"": 1}, "key cannot be empty"),
    case(dict[str, int], {"a": {"b": 1}}, "Thing.v.a: expected int, got dict"),
    case(dict[str, int], {1: 1}, "expected str, got int"),
    case(set[int], [1], "expected set, got list"),
    case(Annotated[list[str], AsSet()], {"a"}, "expected list, got set"),
    case(Part, LargePart(), "a LargePart would come back as Part", "union"),
    case(Part, {"size": 1}, "expected Part, got dict"),
    case(list[Part], [Part(), Part.model_construct(size="x", tags=set())], "Thing.v[1].size: expected int, got str"),
    case(Part, Part.model_construct(tags={1}), "Thing.v.tags[0]: expected str"),
    case(Options, {}, "lacks keys size"),
    case(Options, {"size": 1, "more": 2}, "unknown keys more"),
    case(int | str, 1.5, "expected int or str, got float"),
    case(str | UUID, str(uuid4()), "would not read back as itself", "discriminated union", name="text like a UUID"),
    case(Part | dict[str, int], {"size": 1}, "would not read back as itself", "a field for each type"),
    case(Annotated[str, PartitionKey(index="gsi")], "", "an index key cannot be empty", "OmitEmpty()"),
    case(Annotated[bytes, PartitionKey(index="gsi")], b"", "an index key cannot be empty"),
    case(Annotated[str, PartitionKey(index="gsi")], "é" * 1025, "at most 2048 bytes, and this value 2050", "shorten"),
    case(Annotated[str, PartitionKey(index="gsi"), OmitEmpty()], "x" * 2049, "at most 2048 bytes"),
    case(Annotated[float, AsJson()], float("nan"), "has no JSON form"),
    case(Annotated[Any, AsJson()], {"a": {1}}, "would not read back as itself", "drop AsJson()"),
    case(Annotated[Any, AsJson()], Decimal(1), "would not read back as itself"),
    case(Annotated[Any, AsJson()], [(1,)], "would not read back as itself"),
    case(Annotated[Any, AsJson()], object(), "not what the field holds", name="an object as JSON"),
    case(Annotated[Part, AsJson()], LargePart(), "not what the field holds"),
    case(Annotated[list[Part], AsJson()], [Part(), LargePart()], "not what the field holds"),
    case(Annotated[Point, AsJson()], DeepPoint(1, 2), "not what the field holds"),
    case(Annotated[OpenPart, AsJson()], OpenPart.model_validate({"made": AWARE}), "would not read back as itself"),
    case(re.Pattern[str], re.compile("a", re.IGNORECASE), "would not read back as itself", "converter="),
    case(Annotated[re.Pattern[str], AsJson()], re.compile("a", re.IGNORECASE), "would not read back as itself"),
    case(RootModel[int | None] | None, RootModel[int | None](None), "reads back as None", "drop the Optional"),
    case(Annotated[Part, AsJson()], {"size": 1}, "not what the field holds"),
]

REFUSED_UNDER_ANY = [
    (1.5, "float reads back as Decimal"),
    ((1,), "tuple would not read back as tuple"),
    (frozenset({1}), "frozenset would not read back as frozenset"),
    (set[int](), "empty set would read back as None"),
    ({1, "a"}, "all of one kind"),
    (AWARE, "datetime would not read back as datetime"),
    (Color.RED, "Color would not read back as Color"),
    (Part(), "Part would not read back as Part"),
    (bytearray(b"a"), "bytearray would not read back as bytearray"),
    ({1: 1}, "a map's keys are str"),
    ([[float("nan")]], "Thing.v[0][0]"),
]


@pytest.mark.parametrize(("annotation", "value", "fragments"), REFUSED)
def test_a_value_without_a_form_is_refused_with_its_place(
    annotation: object, value: object, fragments: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidValue) as caught:
        written(annotation, value)
    for fragment in ("Thing.v", *fragments):
        assert fragment in str(caught.value)


@pytest.mark.parametrize(("value", "fragment"), REFUSED_UNDER_ANY)
@pytest.mark.parametrize("annotation", [Any, dict[str, Any]])
def test_what_any_would_not_give_back_is_refused(annotation: object, value: object, fragment: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        written(annotation, value if annotation is Any else {"a": value})
    assert fragment.removeprefix("Thing.v") in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(str, MARK + "\ud800"), (Color, MARK), (Literal["a"], MARK), (dt.date, MARK), (Annotated[Any, AsJson()], {MARK})],
)
def test_neither_a_refusal_nor_what_is_behind_it_holds_the_value(annotation: object, value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        written(annotation, value)
    behind: BaseException | None = caught.value
    while behind is not None:
        assert MARK not in repr(behind)
        behind = behind.__context__


def test_a_list_nested_deeper_than_dynamodb_allows_is_refused() -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(InvalidValue, match="nested deeper than DynamoDB's 32 levels"):
        written(Any, deep)


def test_a_refused_value_names_model_path_and_reason() -> None:
    with pytest.raises(InvalidValue) as caught:
        written(dict[str, list[int]], {"a": [1, "x"]})
    assert (caught.value.model, caught.value.path, caught.value.reason) == ("Thing", "v.a[1]", "expected int, got str")


def test_a_model_built_without_a_field_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"Thing\.v: the field has no value"):
        model_of(int).model_construct(pk="k").to_item()


class Table:
    """A converter that looks values up, and does not know all of them."""

    def to_attribute(self, value: object) -> object:
        return {"known": 1}[str(value)]

    def from_attribute(self, value: object) -> object:
        return {1: "known"}[cast("int", value)]


def test_a_key_error_of_a_converter_is_the_converters_own() -> None:
    annotation = Annotated[str, Attribute(converter=Table())]
    assert written(annotation, "known") == {"N": "1"}
    with pytest.raises(KeyError, match="unknown"):
        written(annotation, "unknown")


def test_duplicates_leave_a_list_that_is_stored_as_a_set() -> None:
    assert written(Annotated[list[str], AsSet()], ["b", "a", "b"]) == {"SS": ["a", "b"]}
    assert written(Annotated[list[Decimal], AsSet()], [Decimal("1.0"), Decimal(1)]) in ({"NS": ["1.0"]}, {"NS": ["1"]})


@pytest.mark.parametrize("view", [bytearray(b"\xff"), memoryview(b"\xff")])
def test_every_kind_of_bytes_is_written(view: object) -> None:
    assert written(bytes, view) == {"B": b"\xff"}


def test_a_timestamp_is_written_in_utc() -> None:
    plus_two = dt.timezone(dt.timedelta(hours=2))
    assert written(dt.datetime, dt.datetime(2026, 1, 1, 1, tzinfo=plus_two)) == {"S": "2025-12-31T23:00:00Z"}


@pytest.mark.parametrize(("annotation", "stored"), [(dt.datetime, 1767312000), (int, 1767312000)])
def test_a_time_to_live_is_floored_to_seconds(annotation: Any, stored: int) -> None:  # noqa: ANN401 -- an annotation
    value = dt.datetime(2026, 1, 2, 0, 0, 0, 999_999, dt.UTC) if annotation is dt.datetime else stored
    assert written(Annotated[annotation, TimeToLive()], value) == {"N": str(stored)}


EMPTY: list[tuple[object, object]] = [
    (str, ""),
    (int, 0),
    (float, 0.0),
    (float, -0.0),
    (Decimal, Decimal("0.00")),
    (bool, False),
    (bytes, b""),
    (list[int], []),
    (tuple[int, ...], ()),
    (dict[str, int], {}),
    (set[str], set[str]()),
    (frozenset[int], frozenset[int]()),
    (str | None, None),
    (str | None, ""),
    (Annotated[list[str], AsSet()], []),
    (Annotated[dict[str, int], AsJson()], {}),
    (Annotated[str | None, AsJson()], None),
]
NOT_EMPTY: list[tuple[object, object]] = [
    (str, " "),
    (bytes, b"\x00"),
    (list[str], [""]),
    (dict[str, str], {"a": ""}),
    (Part, Part()),
    (Part, Part(size=1)),
    (Part, Part(tags={"a"})),
    (tuple[int, ...], (0,)),
    (Annotated[dict[str, int], AsJson()], {"a": 0}),
]


@pytest.mark.parametrize(("annotation", "value"), EMPTY)
def test_omit_empty_leaves_out_what_is_empty(annotation: Any, value: object) -> None:  # noqa: ANN401 -- an annotation
    default = Field(default_factory=lambda: value)
    assert written(Annotated[annotation, OmitEmpty()], value, default) is None
    assert written(annotation, value, default) is not None


@pytest.mark.parametrize(("annotation", "value"), NOT_EMPTY)
def test_omit_empty_keeps_what_only_looks_empty(annotation: Any, value: object) -> None:  # noqa: ANN401 -- an annotation
    default = Field(default_factory=type(value))
    assert written(Annotated[annotation, OmitEmpty()], value, default) == written(annotation, value, default)


def test_an_index_key_that_is_none_stays_out_of_the_index() -> None:
    model = define(
        {"pk": Annotated[str, PartitionKey()], "v": (Annotated[str | None, PartitionKey(index="gsi")], None)}
    )
    assert model(pk="k").to_item() == {"pk": {"S": "k"}}
    assert model.from_item({"pk": {"S": "k"}}).v is None


def test_nested_models_obey_their_own_markers() -> None:
    class Inner(BaseModel):
        note: Annotated[str, OmitEmpty(), Attribute("n")] = ""

    assert written(list[Inner], [Inner(), Inner(note="a")]) == {"L": [{"M": {}}, {"M": {"n": {"S": "a"}}}]}


def test_an_instance_of_a_subclass_is_not_written_as_its_parent() -> None:
    parent = model_of(int)
    child = define({"more": (str, "")}, base=parent)
    outer = model_of(list[parent])
    with pytest.raises(InvalidValue, match=r"Thing.v\[0\]: a Thing would come back as Thing"):
        holding(outer, [child(pk="k", v=1)]).to_item()
