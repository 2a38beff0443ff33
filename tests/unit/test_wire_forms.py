"""What each type is stored as: one table, read in both directions."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import enum
import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, NotRequired
from uuid import UUID

import pytest
from pydantic import (
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    PlainValidator,
    RootModel,
    SecretBytes,
    SecretStr,
    SerializerFunctionWrapHandler,
    WrapSerializer,
    field_serializer,
)
from typing_extensions import TypedDict

from dynamorm_py import AsBinary, AsJson, AsSet, Attribute, OmitEmpty, PartitionKey, SortKey, TimeToLive
from dynamorm_py._model import codec_of
from tests.support.building import KEY, holding, model_of, read, same, value_of, written

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from dynamorm_py._kernel.types import AttributeValue

ID = UUID("12345678-1234-5678-1234-567812345678")
NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 120_000, tzinfo=dt.UTC)
DIGITS = "12345678901234567890123456789012345678"


def _payload(_: object) -> str:
    return "payload"


def _wrapped_payload(_: object, handler: SerializerFunctionWrapHandler) -> list[str]:
    return [str(handler)]


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Word(enum.StrEnum):
    YES = "yes"


class Mixed(enum.Enum):
    TEXT = "1"
    NUMBER = 1
    HALF = Decimal("0.5")
    BLOB = b"1"
    FLAG = True


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Home(BaseModel):
    city: str
    zip_code: Annotated[str, Attribute("zip")] = ""


class Flat(BaseModel):
    city: str
    zip_code: str = ""


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: Annotated[float, Attribute("why")] = 0.5


class Options(TypedDict):
    size: Annotated[int, Attribute("s")]
    name: NotRequired[str]


class Sized(TypedDict):
    size: Annotated[int, OmitEmpty()]
    name: NotRequired[Annotated[str, OmitEmpty()]]


class Payload(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper, ser_json_bytes="hex")
    raw: bytes = Field(exclude=True)

    @field_serializer("raw")
    def _hide(self, _: bytes) -> str:
        return "hidden"


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Swapped:
    def to_attribute(self, value: complex) -> list[str]:
        return [str(value.imag), str(value.real)]

    def from_attribute(self, value: list[str]) -> complex:
        return complex(float(value[1]), float(value[0]))


def case(annotation: object, value: object, stored: AttributeValue, *, name: str | None = None) -> ParameterSet:
    return pytest.param(annotation, value, stored, id=name or f"{annotation}: {stored}"[:60])


NUMBERS = [
    case(int, 0, {"N": "0"}),
    case(int, -7, {"N": "-7"}),
    case(int, 2**60 + 1, {"N": "1152921504606846977"}),
    case(int, int(DIGITS), {"N": DIGITS}),
    case(int, 10**125, {"N": "1" + "0" * 125}, name="int: the largest power of ten"),
    case(Decimal, Decimal("1.5"), {"N": "1.5"}),
    case(Decimal, Decimal("-0.00"), {"N": "0"}),
    case(Decimal, Decimal(DIGITS), {"N": DIGITS}),
    case(Decimal, Decimal("0." + DIGITS), {"N": "0." + DIGITS}),
    case(Decimal, Decimal("1E+20"), {"N": "100000000000000000000"}),
    case(Decimal, Decimal("1E-20"), {"N": "0.00000000000000000001"}),
    case(Decimal, Decimal("9.9E+125"), {"N": "99" + "0" * 124}, name="Decimal: the largest"),
    case(Decimal, Decimal("1E-130"), {"N": "0." + "0" * 129 + "1"}, name="Decimal: the smallest"),
    case(float, 1.0, {"N": "1"}),
    case(float, 0.1, {"N": "0.1"}),
    case(float, 1e21, {"N": "1" + "0" * 21}),
    case(float, 1.5e-7, {"N": "0.00000015"}),
    case(float, -1 / 3, {"N": "-0.3333333333333333"}),
]

SCALARS = [
    case(str, "", {"S": ""}),
    case(str, '日本 \u2028 \\ " 😀', {"S": '日本 \u2028 \\ " 😀'}),
    case(bool, True, {"BOOL": True}),  # noqa: FBT003 -- the value
    case(bool, False, {"BOOL": False}),  # noqa: FBT003 -- the value
    case(bytes, b"", {"B": b""}),
    case(bytes, b"\xff\xfe\x00", {"B": b"\xff\xfe\x00"}),
    case(None, None, {"NULL": True}),
    case(str | None, None, {"NULL": True}),
    case(int | None, 3, {"N": "3"}),
    case(dt.datetime, NOON, {"S": "2026-01-02T12:00:00.12Z"}),
    case(dt.datetime, NOON.replace(microsecond=0), {"S": "2026-01-02T12:00:00Z"}),
    case(dt.datetime, NOON.replace(microsecond=1, year=1), {"S": "0001-01-02T12:00:00.000001Z"}),
    case(dt.date, dt.date(2026, 1, 2), {"S": "2026-01-02"}),
    case(dt.time, dt.time(12, 30), {"S": "12:30:00"}),
    case(dt.timedelta, dt.timedelta(days=1, seconds=5), {"S": "P1DT5S"}),
    case(UUID, ID, {"S": str(ID)}),
    case(Path, Path("a/b"), {"S": "a/b"}),
    case(IPv4Address, ip_address("10.0.0.1"), {"S": "10.0.0.1"}),
    case(AnyUrl, AnyUrl("https://example.com/a"), {"S": "https://example.com/a"}),
    case(SecretStr, SecretStr("s3cret"), {"S": "s3cret"}),
    case(SecretBytes, SecretBytes(b"\xff"), {"B": b"\xff"}),
    case(Color, Color.RED, {"S": "red"}),
    case(Level, Level.HIGH, {"N": "10"}),
    case(Word, Word.YES, {"S": "yes"}),
    case(Access, Access.READ | Access.WRITE, {"N": "3"}),
    case(Mixed, Mixed.TEXT, {"S": "1"}),
    case(Mixed, Mixed.NUMBER, {"N": "1"}),
    case(Mixed, Mixed.HALF, {"N": "0.5"}),
    case(Mixed, Mixed.BLOB, {"B": b"1"}),
    case(Literal["a", 1, None, True], "a", {"S": "a"}),  # noqa: PYI061 -- one of its values
    case(Literal["a", 1, None], 1, {"N": "1"}),  # noqa: PYI061 -- one of its values
    case(Literal["a", 1, None], None, {"NULL": True}),  # noqa: PYI061 -- one of its values
    case(Literal[Color.RED], Color.RED, {"S": "red"}),
    case(complex, 1 + 2j, {"S": "1+2j"}),
    case(re.Pattern[str], re.compile("a|b"), {"S": "a|b"}),
]

COLLECTIONS = [
    case(list[int], [], {"L": []}),
    case(list[bytes | None], [b"\xff", None], {"L": [{"B": b"\xff"}, {"NULL": True}]}),
    case(tuple[int, str], (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    case(tuple[Decimal, ...], (Decimal("1.5"),), {"L": [{"N": "1.5"}]}),
    case(Sequence[int], [1], {"L": [{"N": "1"}]}),
    case(dict[str, int], {}, {"M": {}}),
    case(dict[str, bytes], {"a": b"\xff"}, {"M": {"a": {"B": b"\xff"}}}),
    case(Mapping[int, str], {1: "a"}, {"M": {"1": {"S": "a"}}}),
    case(dict[Color, int], {Color.RED: 1}, {"M": {"red": {"N": "1"}}}),
    case(dict[Level, int], {Level.LOW: 1}, {"M": {"1": {"N": "1"}}}),
    case(dict[dt.date, int], {dt.date(2026, 1, 2): 1}, {"M": {"2026-01-02": {"N": "1"}}}),
    case(set[str], {"b", "a"}, {"SS": ["a", "b"]}),
    case(set[str], set[str](), {"NULL": True}),
    case(RootModel[int | None] | None, None, {"NULL": True}),
    case(Annotated[deque[str], AsSet()], deque(["a", "b"]), {"SS": ["a", "b"]}),
    case(frozenset[int], frozenset({10, 9}), {"NS": ["9", "10"]}),
    case(set[Decimal], {Decimal("1.5")}, {"NS": ["1.5"]}),
    case(set[float], {1.0, 0.5}, {"NS": ["0.5", "1"]}),
    case(set[bytes], {b"\xff", b"\x00"}, {"BS": [b"\x00", b"\xff"]}),
    case(set[UUID], {ID}, {"SS": [str(ID)]}),
    case(set[Color], {Color.RED}, {"SS": ["red"]}),
    case(set[Level], {Level.LOW}, {"NS": ["1"]}),
    case(set[Literal[Color.RED]], {Color.RED}, {"SS": ["red"]}),
    case(dict[str, set[int]], {"a": {1}, "b": set[int]()}, {"M": {"a": {"NS": ["1"]}, "b": {"NULL": True}}}),
    case(Annotated[list[str], AsSet()], ["a", "b"], {"SS": ["a", "b"]}),
    case(Annotated[tuple[int, ...], AsSet()], (), {"NULL": True}),
    case(Annotated[UUID, AsBinary()], ID, {"B": ID.bytes}),
    case(Annotated[UUID | None, AsBinary()], ID, {"B": ID.bytes}),
    case(Annotated[bytes, AsBinary()], b"a", {"B": b"a"}),
]

STRUCTURES = [
    case(Home, Home(city="a", zip_code="b"), {"M": {"city": {"S": "a"}, "zip": {"S": "b"}}}),
    case(Home | None, None, {"NULL": True}),
    case(
        list[dict[str, Home]],
        [{"a": Home(city="b")}],
        {"L": [{"M": {"a": {"M": {"city": {"S": "b"}, "zip": {"S": ""}}}}}]},
    ),
    case(Point, Point(1), {"M": {"x": {"N": "1"}, "why": {"N": "0.5"}}}),
    case(Options, {"size": 1}, {"M": {"s": {"N": "1"}}}),
    case(Options, {"size": 1, "name": "a"}, {"M": {"s": {"N": "1"}, "name": {"S": "a"}}}),
    case(Pair, Pair(1), {"L": [{"N": "1"}, {"S": "r"}]}),
    case(int | str, 1, {"N": "1"}),
    case(int | str, "1", {"S": "1"}),
    case(bool | int, True, {"BOOL": True}),  # noqa: FBT003 -- the value
    case(bytes | str | None, b"a", {"B": b"a"}),
    case(str | UUID, ID, {"S": str(ID)}),
    case(dt.datetime | dt.date, NOON, {"S": "2026-01-02T12:00:00.12Z"}),
    case(dt.datetime | dt.date, NOON.date(), {"S": "2026-01-02"}),
    case(list[int] | set[int], {1}, {"NS": ["1"]}),
    case(Sized, {"size": 0, "name": "a"}, {"M": {"name": {"S": "a"}}}),
    case(Sized, {"size": 0}, {"M": {}}),
    case(Home | dict[str, int], Home(city="a"), {"M": {"city": {"S": "a"}, "zip": {"S": ""}}}),
    case(
        Any,
        {"a": [1, None, b"\xff", {"b"}]},
        {"M": {"a": {"L": [{"N": "1"}, {"NULL": True}, {"B": b"\xff"}, {"SS": ["b"]}]}}},
    ),
    case(Any, Decimal("1.5"), {"N": "1.5"}),
    case(object, True, {"BOOL": True}),  # noqa: FBT003 -- the value
    case(dict[str, Any], {"a": {1}}, {"M": {"a": {"NS": ["1"]}}}),
    case(Json[list[int]], [1], {"L": [{"N": "1"}]}),
    case(Annotated[Decimal, PlainValidator(lambda v: v)], Decimal("1.5"), {"N": "1.5"}, name="a plain validator"),
    case(Annotated[bytes, BeforeValidator(lambda v: v)], b"\xff", {"B": b"\xff"}, name="a before validator"),
    case(Annotated[set[str], BeforeValidator(set)], set[str](), {"NULL": True}, name="a before validator of a set"),
    case(Annotated[int, PlainSerializer(str)], 1, {"N": "1"}, name="a serializer, which is for payloads"),
    *(
        case(Annotated[kind, serializer], value, stored, name=f"{name} around {kind.__name__}")
        for kind, value, stored in (
            (Path, Path("a/b"), {"S": "a/b"}),
            (IPv4Address, IPv4Address("192.0.2.1"), {"S": "192.0.2.1"}),
            (complex, 1 + 2j, {"S": "1+2j"}),
            (re.Pattern, re.compile("a+"), {"S": "a+"}),
        )
        for name, serializer in (
            ("a serializer", PlainSerializer(_payload)),
            ("a wrapped serializer", WrapSerializer(_wrapped_payload)),
        )
    ),
    case(
        Annotated[complex, Attribute(converter=Swapped())],
        1 + 2j,
        {"L": [{"S": "2.0"}, {"S": "1.0"}]},
        name="a converter",
    ),
]

FORMATS = [
    case(Annotated[dt.datetime, SortKey()], NOON, {"S": "2026-01-02T12:00:00.120000000Z"}, name="a key"),
    case(
        Annotated[dt.datetime, PartitionKey(index="gsi")],
        NOON,
        {"S": "2026-01-02T12:00:00.120000000Z"},
        name="an index key",
    ),
    case(
        Annotated[dt.datetime, SortKey(), Attribute(format="rfc3339nano")],
        NOON,
        {"S": "2026-01-02T12:00:00.12Z"},
        name="a trimmed key",
    ),
    case(
        Annotated[dt.datetime, Attribute(format="fixed_nano")],
        NOON,
        {"S": "2026-01-02T12:00:00.120000000Z"},
        name="fixed width",
    ),
    case(
        Annotated[dt.datetime, Attribute(format="unix_seconds")],
        NOON.replace(microsecond=0),
        {"N": "1767355200"},
        name="seconds",
    ),
    case(
        Annotated[dt.datetime, TimeToLive()], NOON.replace(microsecond=0), {"N": "1767355200"}, name="ttl of a datetime"
    ),
    case(Annotated[int, TimeToLive()], 1767355200, {"N": "1767355200"}, name="ttl of an int"),
]

JSON = [
    case(Annotated[dict[str, Any], AsJson()], {"b": 1, "a": [True, None, "é"]}, {"S": '{"a":[true,null,"é"],"b":1}'}),
    case(Annotated[Flat, AsJson()], Flat(city="c", zip_code="1"), {"S": '{"city":"c","zip_code":"1"}'}),
    case(Annotated[Flat | None, AsJson()], None, {"NULL": True}),
    case(Annotated[dict[str, Flat] | None, AsJson()], {}, {"S": "{}"}),
    case(Annotated[list[float], AsJson()], [1.0, 1e21, 1e-7, 0.1], {"S": "[1,1e+21,1e-7,0.1]"}),
    case(Annotated[int, AsJson()], 2**70, {"S": "1180591620717411303424"}),
    case(Annotated[Decimal, AsJson()], Decimal("1.50"), {"S": '"1.50"'}),
    case(Annotated[set[int], AsJson()], {10, 9, -1}, {"S": "[-1,9,10]"}),
    case(Annotated[set[str], AsJson()], {"b", "a"}, {"S": '["a","b"]'}),
    case(Annotated[list[Payload], AsJson()], [Payload.model_validate({"RAW": b"a"})], {"S": '[{"raw":"YQ=="}]'}),
    case(Annotated[Json[list[int]], AsJson()], [1], {"S": "[1]"}),
    case(Annotated[bytes, AsJson()], b"\xff", {"S": '"/w=="'}),
    case(Annotated[list[SecretStr], AsJson()], [SecretStr("a")], {"S": '["a"]'}),
    case(Annotated[Sequence[int], AsJson()], [1], {"S": "[1]"}),
    case(Annotated[str, AsJson()], "\u2028<&>", {"S": '"\u2028<&>"'}),
]

both_ways = pytest.mark.parametrize(
    ("annotation", "value", "stored"), [*NUMBERS, *SCALARS, *COLLECTIONS, *STRUCTURES, *FORMATS, *JSON]
)


@both_ways
def test_a_value_is_written_in_its_canonical_form(annotation: object, value: object, stored: AttributeValue) -> None:
    assert written(annotation, value) == stored


@both_ways
def test_a_stored_value_is_read_as_what_was_written(annotation: object, value: object, stored: AttributeValue) -> None:
    assert same(read(annotation, stored), value)


@both_ways
def test_both_doors_give_the_same(annotation: object, value: object, stored: AttributeValue) -> None:
    codec = codec_of(model_of(annotation))
    item = {"pk": KEY, "v": stored}
    for response in ({"Items": [item, item]}, _as_bytes({"Items": [item, item]})):
        assert [same(value_of(instance), value) for instance in codec.decode_response(response)["Items"]] == [
            True,
            True,
        ]


def _as_bytes(response: object) -> bytes:
    """Return DynamoDB's answer as it comes over the wire: binary in standard base64."""
    return json.dumps(response, default=lambda blob: base64.b64encode(blob).decode()).encode()


@both_ways
def test_a_value_in_a_list_of_models_is_written_alike(
    annotation: object, value: object, stored: AttributeValue
) -> None:
    inner = model_of(annotation)
    outer = model_of(list[inner])
    if "Key(" not in str(annotation) and "TimeToLive" not in str(annotation):
        stored_list = holding(outer, [holding(inner, value)]).to_item()["v"]
        assert stored_list == {"L": [{"M": {"pk": KEY, "v": stored}}]}
