"""Dates and times: RFC 3339 in UTC, fixed width for keys, or epoch seconds; the rest as pydantic writes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, LiteralString

from pydantic_core import CoreSchema, PydanticCustomError, SchemaSerializer, core_schema

from dynamorm_py._codec.node import Encode, Node, UnsupportedType, expected
from dynamorm_py._codec.normalize import plain_number
from dynamorm_py._codec.read_schemas import leaf
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue, Order

_OFFSET = -len("+00:00")  # where isoformat's offset stands, the same for all of UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EARLIEST_SECOND = -62_135_596_800  # 0001-01-01T00:00:00Z, the first
_LATEST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second a datetime can hold


def utc(value: object) -> dt.datetime:
    """Return an aware datetime in UTC. Raises InvalidValue for a naive one."""
    if not isinstance(value, dt.datetime):
        raise expected("datetime", value)
    if value.tzinfo is dt.UTC:
        return value
    if value.utcoffset() is None:
        message = "a naive datetime has no instant: give it a timezone, for example datetime.now(UTC)"
        raise InvalidValue(message)
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        message = "the datetime lies outside the years 1 to 9999 in UTC: store an instant within them"
        raise InvalidValue(message) from None


def trimmed(value: object) -> AttributeValue:
    """Encode as Go's RFC 3339 nano: UTC, `Z`, no trailing zeros in the fraction."""
    instant = value if type(value) is dt.datetime and value.tzinfo is dt.UTC else utc(value)  # mostly the first
    text = instant.isoformat()[:_OFFSET]
    return {"S": (text.rstrip("0") if "." in text else text) + "Z"}


def fixed(value: object) -> AttributeValue:
    """Encode with exactly nine fraction digits, so that the order of the text is the order in time."""
    return {"S": utc(value).isoformat(timespec="microseconds")[:_OFFSET] + "000Z"}


def seconds(value: object) -> AttributeValue:
    """Encode as whole epoch seconds. Raises InvalidValue for a fraction, which would be lost."""
    if utc(value).microsecond:
        message = "unix_seconds keeps whole seconds: use .replace(microsecond=0), or another format"
        raise InvalidValue(message)
    return floored_seconds(value)


def floored_seconds(value: object) -> AttributeValue:
    """Encode as epoch seconds, a fraction floored."""
    return {"N": str((utc(value) - EPOCH) // dt.timedelta(seconds=1))}


NO_SECONDS = "dynamorm_epoch_seconds"
"""The type of pydantic's error for a number that is not a time in epoch seconds."""
_MILLISECONDS: LiteralString = (
    "epoch seconds are expected, and this looks like milliseconds: its writer must divide by 1000"
)
_BEYOND: LiteralString = "not a number of epoch seconds between the years 1 and 9999"


def from_seconds(value: int) -> dt.datetime:
    """Return the instant of whole epoch seconds. Raises ValueError beyond the years 1 to 9999."""
    if not _EARLIEST_SECOND <= value <= _LATEST_SECOND:
        raise PydanticCustomError(NO_SECONDS, _MILLISECONDS if value > 0 else _BEYOND)
    return EPOCH + dt.timedelta(seconds=value)


_TEXT_FORMS: dict[str, Encode] = {"rfc3339nano": trimmed, "fixed_nano": fixed}


class DatetimeNode(Node):
    """An instant, as text or as epoch seconds."""

    __slots__ = ()

    is_time: ClassVar[bool] = True

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the text of an instant that another writer stored as epoch seconds."""
        if "N" not in value or self.tag != "S":
            return plain_number(value)
        try:
            return trimmed(from_seconds(int(value["N"])))
        except ValueError:
            return value


def _datetime(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    if schema.get("tz_constraint") == "naive":
        message = "a naive datetime has no instant: use AwareDatetime, or store it AsJson()"
        raise UnsupportedType(message)
    if options.datetimes != "unix_seconds":
        encode = _TEXT_FORMS[options.datetimes]
        order: Order = "trimmed time" if encode is trimmed else "by value"
        return DatetimeNode.of_one_tag(
            "datetime", "S", encode, leaf(schema), python=(dt.datetime,), direct=True, order=order
        )
    whole = core_schema.no_info_after_validator_function(from_seconds, core_schema.int_schema(strict=False))
    inner = core_schema.chain_schema([whole, compiler.original(leaf(schema))])
    encode = floored_seconds if options.floor_seconds else seconds
    return DatetimeNode.of_one_tag("datetime", "N", encode, inner, python=(dt.datetime,))


def check_zone(value: dt.time) -> None:
    """Raise InvalidValue for a zone that a time alone cannot tell, and for an offset that its text cannot hold."""
    if value.tzinfo is None:
        return
    offset = value.utcoffset()
    if offset is None or offset % dt.timedelta(minutes=1):
        message = "this time's zone has no fixed offset of whole minutes, which its text needs: store a datetime"
        raise InvalidValue(message)


def _as_json(python: type, *, order: Order = "by value", key_width: int | None = None) -> TypeCompiler:
    """Compile a type that pydantic writes as one JSON string."""

    def compile_text(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
        options.refuse(schema)
        ready: CoreSchema = {"type": schema["type"]}  # pyright: ignore[reportAssignmentType] -- date, time or timedelta
        write = SchemaSerializer(ready).to_python

        def encode(value: Any) -> AttributeValue:  # noqa: ANN401 -- checked here
            if not isinstance(value, python) or isinstance(value, dt.datetime):
                raise expected(python.__name__, value)
            if isinstance(value, dt.time):
                check_zone(value)
            return {"S": write(value, mode="json")}

        return Node.of_one_tag(
            schema["type"],
            "S",
            encode,
            leaf(schema),
            python=(python,),
            direct=True,
            order=order,
            key_width=key_width,
        )

    return compile_text


COMPILERS: dict[str, TypeCompiler] = {
    "datetime": _datetime,
    "date": _as_json(dt.date, key_width=len("2026-01-02")),
    "time": _as_json(dt.time),
    "timedelta": _as_json(dt.timedelta, order="none"),
}
