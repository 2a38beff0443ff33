"""Serializers of payloads around types that bring one of their own: the item is what it is without them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    AnyUrl,
    PlainSerializer,
    PostgresDsn,
    Secret,
    SecretBytes,
    SecretStr,
    SerializeAsAny,
    WrapSerializer,
)
from pydantic_core import core_schema
from pydantic_extra_types.color import Color

from dynamorm_py import AsJson, Encrypted
from tests.support.building import model_of


@dataclass(frozen=True)
class Own:
    """A type of the user with a serializer of its own."""

    text: str

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> core_schema.CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda own: own.text),
        )


_VALUES: list[tuple[Any, object]] = [
    (Path, Path("/a")),
    (PurePosixPath, PurePosixPath("/a")),
    (IPv4Address, IPv4Address("1.2.3.4")),
    (IPv6Network, IPv6Network("2001:db8::/32")),
    (AnyUrl, AnyUrl("https://a.example/x")),
    (PostgresDsn, PostgresDsn("postgres://u:p@h/db")),
    (SecretStr, SecretStr("pw")),
    (SecretBytes, SecretBytes(b"pw")),
    (Secret[dt.date], Secret[dt.date](dt.date(2026, 1, 2))),
    (re.Pattern, re.compile("a+")),
    (ZoneInfo, ZoneInfo("Europe/Berlin")),
    (Color, Color("red")),
    (complex, 1 + 2j),
    (Sequence[int], [1, 2]),
    (Own, Own("a")),
]
_ANY: Any = SerializeAsAny  # which checkers take for an alias of Annotated
_SERIALIZERS: dict[str, Any] = {
    "another text": PlainSerializer(lambda _: "payload"),
    "a number": PlainSerializer(lambda _: 7, return_type=int),
    "a text that reads as the value": PlainSerializer(str, return_type=str),
    "for JSON": PlainSerializer(lambda _: "payload", when_used="json-unless-none"),
    "one that raises": PlainSerializer(lambda value: value.missing),
    "a list around it": WrapSerializer(lambda value, write: [write(value)]),
    "a prefix": WrapSerializer(lambda value, write: f"<{write(value)}>", return_type=str),
    "as any": _ANY(),
}
_MARKS = {"bare": None, "AsJson": AsJson(), "Encrypted": Encrypted()}


def _marked(kind: Any, mark: str) -> Any:  # noqa: ANN401 -- an annotation
    return kind if _MARKS[mark] is None else Annotated[kind, _MARKS[mark]]


@cache
def _model(kind: Any, mark: str) -> Any:  # noqa: ANN401 -- an annotation, and a class with what it makes of it
    """Return the model of an annotation, made once: every serializer is compared with the model without one."""
    return model_of(_marked(kind, mark))


@pytest.mark.parametrize("mark", _MARKS)
@pytest.mark.parametrize("serializer", _SERIALIZERS)
@pytest.mark.parametrize(("kind", "value"), _VALUES)
def test_an_item_is_what_it_is_without_the_serializers_of_payloads(
    kind: Any,  # noqa: ANN401 -- an annotation
    value: object,
    serializer: str,
    mark: str,
) -> None:
    without = _model(kind, mark)
    model: Any = _model(Annotated[kind, _SERIALIZERS[serializer]], mark)
    instance = model(pk="k", v=value)
    assert instance.to_item() == without(pk="k", v=value).to_item()
    assert model.from_item(instance.to_item()) == instance


def test_null_below_a_serializer_of_payloads_is_no_text_of_json() -> None:
    model: Any = model_of(Annotated[None, PlainSerializer(lambda _: "payload"), AsJson()])
    instance = model(pk="k", v=None)
    assert instance.to_item()["v"] == {"NULL": True}
    assert model.from_item(instance.to_item()) == instance
