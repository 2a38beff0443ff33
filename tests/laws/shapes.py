"""An annotation with the values of it, and what a law may expect of both; the scalars."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    BeforeValidator,
    ByteSize,
    Field,
    Json,
    Secret,
    SecretBytes,
    SecretStr,
    StringConstraints,
)
from pydantic_core import core_schema
from pydantic_extra_types.coordinate import Latitude

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

    Values: TypeAlias = SearchStrategy[Any]


@dataclass(frozen=True)
class Shape:
    """An annotation and values of it, as the constructor takes them.

    `tags` are the wire types that it is stored as, empty where the law does not know. `sure` says that a class with it
    must be accepted and each value stored. `element` and `key` say that it may stand in a set, and as a map's key;
    `json` that AsJson keeps it; `empty` makes what OmitEmpty leaves out.
    """

    annotation: Any
    values: Values
    tags: frozenset[str] = field(default=frozenset[str]())
    sure: bool = True
    element: bool = False
    key: bool = False
    json: bool = True
    hashable: bool = True
    empty: Callable[[], object] | None = None


@dataclass(frozen=True)
class Own:
    """A type of the user that pydantic reads from a text of JSON, and takes as it is in Python."""

    text: str

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> core_schema.CoreSchema:
        """Return what pydantic asks for."""
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda own: own.text),
        )


def _text(annotation: object, values: Values, **more: Any) -> Shape:  # noqa: ANN401 -- fields of Shape
    """Return what is stored as S, an element of sets and a key of maps."""
    return Shape(annotation, values, frozenset("S"), element=True, key=True, **more)


def _number(annotation: object, values: Values, **more: Any) -> Shape:  # noqa: ANN401 -- fields of Shape
    return Shape(annotation, values, frozenset("N"), element=True, key=True, **more)


def _decimal(sign: int, digits: list[int], exponent: int) -> Decimal:
    return Decimal((sign, tuple(digits), exponent))


LARGEST = 10**38 - 1
texts = st.text(max_size=6)
names = st.text("abcäß€ .#/", min_size=1, max_size=6)
integers = st.integers(-LARGEST, LARGEST)
floats = st.floats(-1e125, 1e125).filter(lambda x: x == 0 or abs(x) > 1e-129)
decimals = st.builds(
    _decimal, st.integers(0, 1), st.lists(st.integers(0, 9), min_size=1, max_size=38), st.integers(-90, 85)
)
_BERLIN = ZoneInfo("Europe/Berlin")
_FIXED = dt.timezone(dt.timedelta(hours=5, minutes=30))
_doubled_hour = st.sampled_from(
    [dt.datetime(2026, 10, 25, 2, minute, tzinfo=_BERLIN, fold=fold) for minute in (0, 7, 59) for fold in (0, 1)]
)
_early, _late = dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)  # noqa: DTZ001 -- hypothesis adds the zone
datetimes = st.datetimes(_early, _late, timezones=st.sampled_from([dt.UTC, _FIXED, _BERLIN])) | _doubled_hour
binary = st.binary(max_size=5)

STRING = _text(str, texts, empty=str)
INTEGER = _number(int, integers, empty=int)
SCALARS = [
    STRING,
    INTEGER,
    _number(float, floats, empty=float),
    _number(Decimal, decimals, empty=Decimal),
    Shape(bytes, binary, frozenset("B"), element=True, empty=bytes),
    Shape(bool, st.booleans(), frozenset({"BOOL"}), empty=bool),
    Shape(None, st.none(), frozenset({"NULL"})),
    _text(dt.datetime, datetimes),
    _text(AwareDatetime, datetimes),
    _text(dt.date, st.dates()),
    _text(dt.time, st.times() | st.times(timezones=st.sampled_from([dt.UTC, _FIXED]))),
    _text(dt.timedelta, st.timedeltas(dt.timedelta(days=-99999), dt.timedelta(days=99999))),
    _text(UUID, st.uuids()),
    _text(Path, st.sampled_from([Path("a"), Path("/b/ä")])),
    _text(PurePosixPath, st.sampled_from([PurePosixPath("a"), PurePosixPath("/b/ä")]), sure=False),
    _text(IPv4Address, st.ip_addresses(v=4), sure=False),
    _text(IPv6Network, st.just(IPv6Network("2001:db8::/32")), sure=False),
    _text(AnyUrl, st.sampled_from([AnyUrl("https://a.example/x?y=1"), AnyUrl("ftp://b.example")]), sure=False),
    Shape(SecretStr, texts.map(SecretStr), frozenset("S"), sure=False),
    Shape(SecretBytes, binary.map(SecretBytes), frozenset("B"), json=False, sure=False),
    _number(ByteSize, st.integers(0, LARGEST).map(ByteSize), sure=False),
    _text(Secret[dt.date], st.dates().map(Secret[dt.date]), sure=False),
    Shape(Json[list[int]], st.lists(integers, max_size=2).map(str), frozenset("L"), sure=False, hashable=False),
    _number(Latitude, st.floats(-90, 90), sure=False),
    _text(Own, names.map(Own), sure=False),
    _text(Annotated[str, AfterValidator(str.upper)], texts, sure=False),
    _text(Annotated[str, BeforeValidator(lambda v: v.strip() if isinstance(v, str) else v)], texts, sure=False),
    Shape(complex, st.complex_numbers(max_magnitude=1e9, allow_nan=False), sure=False),
    Shape(
        Any, texts | integers | binary | st.none() | st.lists(texts, max_size=2), json=False, sure=False, hashable=False
    ),
    _number(Annotated[int, Field(ge=0, lt=1000)], st.integers(0, 999), empty=int),
    _number(Annotated[Decimal, Field(max_digits=8, decimal_places=2)], st.decimals(-9999, 9999, places=2)),
    _text(Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True)], texts, sure=False),
    _text(Annotated[str, Field(pattern="^[a-c]+$")], st.text("abc", min_size=1, max_size=3)),
]


def scalar(draw: DrawFn) -> Shape:
    """Draw a type without parts."""
    return draw(st.sampled_from(SCALARS))
