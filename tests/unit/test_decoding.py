"""What is read besides our own form, and how an item that does not fit is reported."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import json
import re
import traceback
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import UUID1, AfterValidator, AnyUrl, BaseModel, Field, RootModel, SecretStr
from pydantic_core import PydanticCustomError

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    CreatedAt,
    DynamoModel,
    ItemDecodeError,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynamorm_py._model import codec_of
from tests.support.building import KEY, define, model_of, read, same, value_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

    from dynamorm_py._kernel.types import AttributeValue

_VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "golden" / "json_attribute.json").read_text()
)["vectors"]
MARK = "marker-of-a-value"
NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
NUMBERS = [{"N": "1"}, {"N": "2"}]


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Part(BaseModel):
    size: int = 7
    names: Annotated[set[str], Attribute("n")] = Field(default_factory=set[str])


class Flat(BaseModel):
    size: int = 7
    names: set[str] = Field(default_factory=set[str])


def _title(annotation: object, stored: AttributeValue) -> str:
    """Name a case without addresses, so that every worker of pytest-xdist collects the same names."""
    return re.sub(r" at 0x[0-9a-f]+", "", f"{annotation}: {stored}")[:70]


def case(
    annotation: object, stored: AttributeValue, value: object, *, default: object = ..., name: str | None = None
) -> ParameterSet:
    return pytest.param(annotation, stored, default, value, id=name or _title(annotation, stored))


NULLS = [
    case(str, {"NULL": True}, "d", default="d"),
    case(int, {"NULL": True}, 7, default=7),
    case(str | None, {"NULL": True}, None, default="d"),
    case(set[str], {"NULL": True}, set[str]()),
    case(frozenset[int], {"NULL": True}, frozenset[int]()),
    case(Annotated[list[str], AsSet()], {"NULL": True}, []),
    case(Annotated[str, OmitEmpty()], {"NULL": True}, ""),
    case(Annotated[RootModel[list[int]], OmitEmpty()], {"NULL": True}, RootModel[list[int]]([])),
    case(RootModel[int | None], {"NULL": True}, RootModel[int | None](None), default=RootModel[int | None](7)),
    case(Annotated[Flat, AsJson()], {"NULL": True}, Flat(), default=Flat()),
    case(Part, {"M": {"size": {"NULL": True}, "n": {"NULL": True}}}, Part()),
    case(list[Part], {"L": [{"M": {"size": {"NULL": True}}}]}, [Part()]),
    case(dict[str, Part | None], {"M": {"a": {"M": {"size": {"NULL": True}}}}}, {"a": Part()}),
]

LISTS = [
    case(set[int], {"L": NUMBERS}, {1, 2}),
    case(set[int], {"L": []}, set[int]()),
    case(set[int], {"L": NUMBERS}, {1, 2}),
    case(frozenset[str], {"L": [{"S": "a"}, {"S": "a"}]}, frozenset({"a"})),
    case(set[bytes], {"L": [{"B": b"\xff"}]}, {b"\xff"}),
    case(Annotated[list[str], AsSet()], {"L": [{"S": "b"}, {"S": "a"}]}, ["b", "a"]),
    case(bytes, {"L": [{"N": "0"}, {"N": "255"}]}, b"\x00\xff"),
    case(bytes, {"L": []}, b""),
    case(bytes | None, {"L": [{"N": "255"}]}, b"\xff"),
    case(Annotated[bytes, AsBinary()], {"L": [{"N": "65"}]}, b"A"),
    case(Part, {"M": {"n": {"L": [{"S": "a"}]}}}, Part(names={"a"})),
    case(list[set[str]], {"L": [{"L": [{"S": "a"}]}]}, [{"a"}]),
]

JSON = [
    case(Annotated[dict[str, Any], AsJson()], {"M": {"a": {"L": [{"N": "1.5"}, {"NULL": True}]}}}, {"a": [1.5, None]}),
    case(Annotated[list[int], AsJson()], {"L": NUMBERS}, [1, 2]),
    case(Annotated[Flat, AsJson()], {"M": {"size": {"N": "1"}, "names": {"SS": ["a"]}}}, Flat(size=1, names={"a"})),
    case(Annotated[Decimal, AsJson()], {"N": "1.50"}, Decimal("1.50")),
    case(Annotated[dict[str, bool], AsJson()], {"S": ' { "b" : true }\n'}, {"b": True}),
    case(Annotated[list[str], AsJson()], {"S": '["caf\\u00e9"]'}, ["café"]),
    case(Annotated[dict[str, Any] | None, AsJson()], {"S": "null"}, None),
]

DIGITS = [
    case(int, {"N": "1E+2"}, 100),
    case(int, {"N": "1.000"}, 1),
    case(int, {"N": "-0"}, 0),
    case(int, {"N": "12e1"}, 120),
    case(Decimal, {"N": "1E-7"}, Decimal("1E-7")),
    case(float, {"N": "1E3"}, 1000.0),
    case(float, {"N": "2.500"}, 2.5),
    case(set[int], {"NS": ["1E1", "2.0"]}, {10, 2}),
    case(Level, {"N": "1.0"}, Level.LOW),
    case(Literal[1, 2], {"N": "2.0"}, 2),
    case(list[int], {"L": [{"N": "1.0"}]}, [1]),
    case(tuple[int, str], {"L": [{"N": "1E2"}, {"S": "a"}]}, (100, "a")),
    case(tuple[Part, int], {"L": [{"M": {"size": {"NULL": True}}}, {"N": "1"}]}, (Part(), 1)),
    case(dict[str, int], {"M": {"a": {"N": "1E2"}}}, {"a": 100}),
    case(int | str, {"N": "1E2"}, 100),
    case(Any, {"N": "1E2"}, 100),
    case(Any, {"N": "1.0"}, 1),
    case(Any, {"N": "1.50"}, Decimal("1.50")),
    case(Any, {"NS": ["1", "2.5"]}, {1, Decimal("2.5")}),
]

TIMES = [
    *(case(dt.datetime, {"S": text}, NOON) for text in ("2026-01-02T12:00:00Z", "2026-01-02T12:00:00.000000000Z")),
    case(dt.datetime, {"S": "2026-01-02T14:00:00+02:00"}, NOON),
    case(dt.datetime, {"S": "2026-01-02T04:30:00.0-07:30"}, NOON),
    *(
        case(
            dt.datetime,
            {"S": f"2026-01-02T12:00:00.{'123456789'[:n]}Z"},
            NOON.replace(microsecond=int("123456"[:n].ljust(6, "0"))),
        )
        for n in range(1, 10)
    ),
    *(
        case(Annotated[dt.datetime, marker], {"N": "1767355200"}, NOON)
        for marker in (CreatedAt(), UpdatedAt(), TimeToLive())
    ),
    case(Annotated[dt.datetime | None, UpdatedAt()], {"N": "1767355200"}, NOON),
    case(Annotated[dt.datetime, TimeToLive()], {"N": "1.7673552E+9"}, NOON),
    case(Annotated[int, TimeToLive()], {"N": "1.7673552E+9"}, 1767355200),
    case(Annotated[dt.datetime, SortKey()], {"S": "2026-01-02T12:00:00Z"}, NOON),
]


@pytest.mark.parametrize(("annotation", "stored", "default", "value"), [*NULLS, *LISTS, *JSON, *DIGITS, *TIMES])
def test_a_form_of_another_writer_is_read(
    annotation: object, stored: AttributeValue, default: object, value: object
) -> None:
    found = read(annotation, stored, default)
    assert found == value
    assert isinstance(value, dt.datetime) or same(found, value)


@pytest.mark.parametrize("nanoseconds", ["2026-01-02T12:00:00.999999999Z", "2026-01-02T12:00:00.9999999Z"])
def test_nanoseconds_are_cut_and_never_shift_the_second(nanoseconds: str) -> None:
    assert read(dt.datetime, {"S": nanoseconds}) == NOON.replace(microsecond=999_999)


@pytest.mark.parametrize("vector", [v for v in _VECTORS if v["input_json"] is not None], ids=lambda v: v["name"])
def test_json_of_the_sisters_is_read_and_ours_is_canonical(vector: dict[str, Any]) -> None:
    expected = json.loads(vector["input_json"])
    for writer in ("ts", "py"):
        found = read(Annotated[Any, AsJson()], vector[writer])
        assert found == (json.loads(vector[writer]["S"]) if "S" in vector[writer] else None)
    integral = isinstance(expected, int) and not isinstance(expected, bool)
    if not integral:  # JavaScript's integers lose digits beyond 2**53, ours do not
        assert written(Annotated[Any, AsJson()], expected) == vector["ts"]
    else:
        assert written(Annotated[Any, AsJson()], expected) == vector["py"]


def test_a_missing_attribute_takes_the_default_and_a_missing_required_one_is_an_error() -> None:
    assert value_of(model_of(int, 7).from_item({"pk": KEY})) == 7
    with pytest.raises(ItemDecodeError, match="v: it is missing and the field has no default"):
        model_of(int).from_item({"pk": KEY})


def wrong(annotation: object, stored: AttributeValue, path: str, reason: str) -> ParameterSet:
    return pytest.param(annotation, stored, path, reason, id=_title(annotation, stored))


def refuse(value: object) -> object:
    message = f"bad {value}"
    raise ValueError(message)


def refuse_in_own_words(value: object) -> object:
    kind = "own_kind"
    raise PydanticCustomError(kind, "bad {value}", {"value": value})


def refuse_as_pydantic(value: object) -> object:
    kind = "string_type"
    raise PydanticCustomError(kind, "bad {value}", {"value": value})


WRONG = [
    wrong(int, {"S": MARK}, "v", "it is stored as S, the field as N"),
    wrong(str, {"N": "123454321"}, "v", "it is stored as N, the field as S"),
    wrong(str | None, {"BOOL": True}, "v", "it is stored as BOOL, the field as NULL or S"),
    wrong(int, {"N": "1.5"}, "v", "integer"),
    wrong(int, {"N": MARK}, "v", "integer"),
    wrong(int, {"N": "1E999999999"}, "v", "integer"),
    wrong(Any, {"N": "1E999999999"}, "v", "refused by a validator"),
    wrong(Any, {"N": MARK}, "v", "refused by a validator"),
    wrong(Any, {"N": "1_0"}, "v", "refused by a validator"),
    wrong(Decimal, {"N": MARK}, "v", "decimal"),
    wrong(bool, {"N": "1"}, "v", "it is stored as N, the field as BOOL"),
    wrong(bytes, {"S": MARK}, "v", "it is stored as S, the field as B"),
    wrong(dt.datetime, {"S": MARK}, "v", "datetime"),
    wrong(dt.datetime, {"N": "1767355200000000"}, "v", "it is stored as N"),
    wrong(dt.date, {"S": MARK}, "v", "date"),
    wrong(UUID, {"S": MARK}, "v", "not a UUID"),
    wrong(Annotated[UUID1, AsBinary()], {"B": UUID(int=1).bytes}, "v", "version"),
    wrong(AnyUrl, {"S": MARK}, "v", "not a URL"),
    wrong(ipaddress.IPv4Address, {"S": MARK}, "v", "not a value of its type"),
    wrong(SecretStr, {"N": "123454321"}, "v", "it is stored as N"),
    wrong(Color, {"S": MARK}, "v", "enumeration"),
    wrong(Level, {"N": "123454321"}, "v", "enumeration"),
    wrong(Literal["a"], {"S": MARK}, "v", "should be 'a'"),
    wrong(int, {"NULL": True}, "v", "it is stored as NULL, the field as N"),
    wrong(list[int], {"L": [{"N": "1"}, {"S": MARK}]}, "v[1]", "it is stored as S, the field as N"),
    wrong(dict[str, int], {"M": {"a": {"S": MARK}}}, "v.a", "it is stored as S, the field as N"),
    wrong(tuple[int, Part], {"L": [{"N": "1"}, {"M": {"n": {"S": MARK}}}]}, "v[1].n", "it is stored as S"),
    wrong(int | UUID, {"S": MARK}, "v", "not a UUID"),
    wrong(int | UUID, {"L": []}, "v", "it is stored as L, the field as N or S"),
    wrong(Annotated[dt.datetime | None, TimeToLive()], {"N": "1700000000.5"}, "v", "integer"),
    wrong(set[int], {"SS": [MARK]}, "v", "it is stored as SS, the field as NS"),
    wrong(set[str], {"L": [{"N": "123454321"}]}, "v", "it is stored as L"),
    wrong(tuple[int, int], {"L": [{"N": "1"}]}, "v[1]", "missing"),
    wrong(bytes, {"L": [{"N": "256"}]}, "v", "it is stored as L"),
    wrong(Part, {"M": {"size": {"S": MARK}}}, "v.size", "it is stored as S, the field as N"),
    wrong(list[Part], {"L": [{"M": {"n": {"NS": ["123454321"]}}}]}, "v[0].n", "it is stored as NS, the field as SS"),
    wrong(Annotated[Flat, AsJson()], {"S": "{" + MARK}, "v", "JSON"),
    wrong(Annotated[Flat, AsJson()], {"S": json.dumps({"size": MARK})}, "v", ""),
    wrong(int | Color, {"S": MARK}, "v", ""),
    wrong(Annotated[str, Field(max_length=3)], {"S": MARK}, "v", "at most 3 characters"),
    wrong(Annotated[str, AfterValidator(refuse)], {"S": MARK}, "v", "refused by a validator of the model"),
    wrong(Annotated[str, AfterValidator(refuse_in_own_words)], {"S": MARK}, "v", "refused by a validator of the model"),
    wrong(Annotated[str, AfterValidator(refuse_as_pydantic)], {"S": MARK}, "v", "refused by a validator of the model"),
    wrong(str, {"X": MARK}, "v", "not one of DynamoDB's types"),
    wrong(str, {}, "v", "not an attribute value"),
    wrong(str, {"S": 123454321}, "v", "not a payload of S"),
    wrong(list[str], {"L": [{"L": [MARK]}]}, "v[0][0]", "not an attribute value"),
    wrong(bytes, {"B": MARK + "!"}, "v", "not base64"),
]


@pytest.mark.parametrize(("annotation", "stored", "path", "reason"), WRONG)
def test_an_item_that_does_not_fit_is_one_error_with_place_and_reason_and_without_values(
    annotation: object, stored: AttributeValue, path: str, reason: str
) -> None:
    with pytest.raises(ItemDecodeError) as caught:
        read(annotation, stored)
    error = caught.value
    assert (error.model, error.path) == ("Thing", path)
    assert reason in error.reason
    assert "Thing" in str(error)
    for text in _texts(error):
        assert MARK not in text
        assert "123454321" not in text


def _texts(error: BaseException) -> Iterator[str]:
    """Yield everything that a log could show of an error and of those behind it."""
    yield from (str(error), repr(error), repr(getattr(error, "problems", "")))
    yield "".join(line for line in traceback.format_exception(error) if "MARK" not in line)
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            yield from _texts(behind)


def test_an_error_names_the_key_of_the_item_in_dynamodbs_form() -> None:
    class Keyed(DynamoModel):
        a: Annotated[bytes, PartitionKey()]
        b: Annotated[int, SortKey()]
        c: int

    with pytest.raises(ItemDecodeError) as caught:
        Keyed.from_item({"a": {"B": b"\xff"}, "b": {"N": "1"}, "c": {"S": MARK}})
    assert caught.value.key == {"a": {"B": b"\xff"}, "b": {"N": "1"}}


def test_all_attributes_that_do_not_fit_are_named() -> None:
    model = define({"pk": Annotated[str, PartitionKey()], "a": int, "b": str, "c": Part})
    with pytest.raises(ItemDecodeError) as caught:
        model.from_item({"pk": KEY, "a": {"S": ""}, "c": {"M": {"size": {"L": []}}}})
    assert {path for path, _ in caught.value.problems} == {"a", "b", "c.size"}


@pytest.mark.parametrize(
    "item", ["x", None, [], {"pk": "k"}, {"pk": KEY, "v": None}, {"pk": KEY, "v": {"S": "a\ud800"}}]
)
def test_what_is_no_item_is_an_error_of_the_item(item: Any) -> None:  # noqa: ANN401 -- what is given by mistake
    with pytest.raises(ItemDecodeError):
        model_of(str).from_item(item)


def test_one_wrong_item_of_a_page_is_the_one_that_is_named() -> None:
    good: dict[str, Any] = {"pk": KEY, "v": {"N": "1"}}
    bad = {"pk": {"S": "bad"}, "v": {"S": MARK}}
    with pytest.raises(ItemDecodeError) as caught:
        codec_of(model_of(int)).decode_response({"Items": [good, bad, good]})
    assert caught.value.key == {"pk": {"S": "bad"}}


def test_the_rest_of_an_answer_is_kept() -> None:
    body = b'{"Items": [], "Count": 0, "ScannedCount": 3, "LastEvaluatedKey": {"pk": {"B": "/w=="}}, "More": 1}'
    answer = codec_of(model_of(int)).decode_response(body)
    assert answer == {"Items": [], "Count": 0, "ScannedCount": 3, "LastEvaluatedKey": {"pk": {"B": b"\xff"}}}


def test_a_version_and_a_time_to_live_are_read_as_they_stand() -> None:
    class Kept(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        version: Annotated[int, Version()] = 0
        gone: Annotated[int | None, TimeToLive()] = None

    kept = Kept.from_item({"pk": KEY, "version": {"N": "3"}, "gone": {"NULL": True}})
    assert (kept.version, kept.gone) == (3, None)
    assert kept.model_fields_set == {"pk", "version", "gone"}
