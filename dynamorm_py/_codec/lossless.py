"""Changes pydantic's schemas so that their JSON loses nothing.

What is for payloads only is taken out, secrets are revealed, sets are in order, instants do not shift. Knows
nothing of nodes and of how JSON is stored.
"""

from __future__ import annotations

import datetime as dt
import enum
import operator
from base64 import b64encode
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import PydanticSerializationUnexpectedValue, core_schema

from dynamorm_py._codec.compiling import describe, refuse_extra_entries
from dynamorm_py._codec.enums import by_value, member_value
from dynamorm_py._codec.json_text import json_text
from dynamorm_py._codec.node import UnsupportedType
from dynamorm_py._codec.read_schemas import wire_config
from dynamorm_py._codec.schemas import Schema, without
from dynamorm_py._codec.serializers import is_foreign, own_serializer
from dynamorm_py._codec.times import check_zone, utc
from dynamorm_py._codec.wrappers import refuse_payload_coding

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE = dt.timedelta(minutes=1)


def lossless(out: Schema) -> None:
    """Change one schema, in place, so that its JSON loses nothing.

    Aliases and the user's serializers belong to payloads and are taken out; secrets are revealed; sets
    are written in order. Raises UnsupportedType for a type without JSON.
    """
    for name in ("validation_alias", "serialization_alias", "serialization_exclude", "computed_fields"):
        out.pop(name, None)
    kind = out.get("type", "")
    if kind in {"callable", "is-subclass", "generator"}:
        message = f"{describe(out)} has no JSON form: give the field Attribute(converter=), or mark it NotStored()"
        raise UnsupportedType(message)
    if kind in {"model", "dataclass", "typed-dict"}:
        out["config"] = wire_config(out.get("config", {}))
    if kind in _USERS_OWN or kind == "function-wrap":
        out.pop("serialization", None)
    elif kind in _HAVE_OWN and (own := own_serializer(out)) is not None:
        out.pop("serialization")
        out |= {"serialization": own} if own else {}
    if kind in _OTHER_IN_JSON:
        out["strict"] = False
    change = _CHANGES.get(kind)
    if change is not None:
        change(out)


def _hold(out: Schema) -> None:
    """Take `Json[T]` as T: by the time it is written, the value is what the text held."""
    held = out.pop("schema", core_schema.any_schema())
    out.clear()
    out.update(held)
    lossless(out)


def _sort(out: Schema) -> None:
    out["serialization"] = core_schema.wrap_serializer_function_ser_schema(_in_order)


def _keep(out: Schema) -> None:
    """Leave untyped values as they are."""
    out["serialization"] = core_schema.plain_serializer_function_ser_schema(lambda v: v)


def _reveal(out: Schema) -> None:
    """Write pydantic's leaf types in full; its sequences are written by their elements."""
    if is_foreign(out.get("serialization")) and out.get("json_schema", {}).get("type") == "list":
        out.pop("serialization")
    own_type = out.get("serialization", {}).get("type")
    if own_type is None or (own_type == "function-wrap" and not is_foreign(out["serialization"])):
        return
    as_its_type_says: Any = without(out, "serialization") if own_type == "function-wrap" else dict(out)

    def write(value: Any, inner: Callable[[object], object]) -> object:  # noqa: ANN401 -- the field's value
        reveal = getattr(value, "get_secret_value", None)
        return inner(value) if reveal is None else reveal()

    out["serialization"] = core_schema.wrap_serializer_function_ser_schema(write, schema=as_its_type_says)


def _only_itself(out: Schema) -> None:
    """Write instances of the class alone: of a subclass pydantic would leave out what it adds."""
    if out["type"] == "dataclass":
        refuse_extra_entries(out)
    cls = out["cls"]

    def write(value: object, inner: Callable[[object], object]) -> object:
        if type(value) is not cls:
            message = f"expected {cls.__name__}"
            raise PydanticSerializationUnexpectedValue(message)
        return inner(value)

    out["serialization"] = core_schema.wrap_serializer_function_ser_schema(write)


def _write_url(out: Schema) -> None:
    """Write a URL by its text; pydantic's classes are wrapped around the one of pydantic-core."""
    if out["type"] == "function-wrap" and out["schema"]["type"] not in _URLS:
        return

    def write(value: object) -> str:
        if not hasattr(value, "unicode_string"):
            message = "expected a URL"
            raise PydanticSerializationUnexpectedValue(message)
        return str(value)

    out["serialization"] = core_schema.plain_serializer_function_ser_schema(write)


def _write_base64(out: Schema) -> None:
    """Write bytes in the standard alphabet, as the sisters do; both alphabets are read."""
    out["serialization"] = core_schema.plain_serializer_function_ser_schema(lambda blob: b64encode(blob).decode())


def _write_instant(out: Schema) -> None:
    """Write a datetime whose offset has seconds in UTC: the text of an offset has none, and the instant would shift."""

    def write(value: object, inner: Callable[[object], object]) -> object:
        offset = value.utcoffset() if isinstance(value, dt.datetime) else None
        return inner(utc(value) if offset is not None and offset % _MINUTE else value)

    out["serialization"] = core_schema.wrap_serializer_function_ser_schema(write)


def _write_time(out: Schema) -> None:
    """Refuse a time whose zone its text cannot tell."""

    def write(value: object, inner: Callable[[object], object]) -> object:
        if isinstance(value, dt.time):
            check_zone(value)
        return inner(value)

    out["serialization"] = core_schema.wrap_serializer_function_ser_schema(write)


def _write_checked(out: Schema) -> None:
    """Write what passed a validator by its type; where pydantic puts an enumeration's values for its members, those."""
    refuse_payload_coding(out)
    if isinstance(out["function"]["function"], operator.attrgetter):
        out["serialization"] = core_schema.plain_serializer_function_ser_schema(member_value)


def _take_members(out: Schema) -> None:
    """Write members of an enumeration in a Literal by their values, and read these: pydantic takes the members only."""
    members = by_value(each for each in out["expected"] if isinstance(each, enum.Enum))
    if not members:
        return

    def member_of(value: object) -> object:
        return members.get((type(value), value), value) if isinstance(value, Hashable) else value

    literal: Any = dict(out)
    out.clear()
    out |= core_schema.no_info_before_validator_function(member_of, literal)
    out["serialization"] = core_schema.plain_serializer_function_ser_schema(member_value)


def _take_tags(out: Schema) -> None:
    """Tell members of a union by the values of an enumeration too, which is what their JSON holds."""
    choices: dict[object, Any] = out["choices"]
    if not callable(out["discriminator"]):
        out["choices"] = {**{member_value(tag): choice for tag, choice in choices.items()}, **choices}


def _read_typed(out: Schema) -> None:
    """Give a plain validator a value of its type, as without AsJson(); one that wants JSON's own forms is asked again.

    What is written is the value itself, and not what its JSON is.
    """
    written = out.get("serialization", {})
    if "schema" not in written:
        return
    written = without(written, "return_schema")
    plain: Any = without(out, "serialization")
    typed = core_schema.chain_schema([written["schema"], core_schema.no_info_wrap_validator_function(_guarded, plain)])
    out.clear()
    out.update(type="union", choices=[typed, plain], mode="left_to_right", serialization=written)


def _guarded(value: object, validate: Callable[[object], object]) -> object:
    """Turn whatever a validator raises into pydantic's refusal, so that the next choice is tried."""
    with suppress(Exception):
        return validate(value)
    message = "refused by a validator of the model"
    raise ValueError(message)


_URLS = {"url", "multi-host-url"}
_CHANGES: dict[str, Callable[[Schema], None]] = {
    "function-after": _write_checked,
    "json": _hold,
    "literal": _take_members,
    "tagged-union": _take_tags,
    "function-plain": _read_typed,
    "set": _sort,
    "frozenset": _sort,
    "any": _keep,
    "model": _only_itself,
    "dataclass": _only_itself,
    "bytes": _write_base64,
    "datetime": _write_instant,
    "time": _write_time,
    "lax-or-strict": _reveal,
    "json-or-python": _reveal,
    "function-wrap": _write_url,
    "url": _write_url,
    "multi-host-url": _write_url,
}
_USERS_OWN = {
    "str", "int", "float", "bool", "bytes", "decimal", "datetime", "date", "time", "timedelta", "uuid", "list", "tuple",
    "dict", "model", "model-fields", "dataclass", "dataclass-args", "typed-dict", "nullable",
    "default", "union", "tagged-union", "enum", "literal", "function-after", "function-before", "none", "complex",
    "fraction", "deque", "ordered-dict", "counter", "frozendict", "named-tuple", "custom-error",
}  # fmt: skip
_HAVE_OWN = {"lax-or-strict", "json-or-python", "function-plain"}
"""Types that bring a serializer of their own, as do URLs."""


_OTHER_IN_JSON = {
    "bytes", "complex", "dataclass", "date", "datetime", "decimal", "enum", "frozenset", "lax-or-strict", "model",
    "multi-host-url", "set", "time", "timedelta", "tuple", "url", "uuid",
}  # fmt: skip
"""Types whose JSON is that of another type: below a validator of the user's, a strict one would want the instance."""


def _in_order(value: object, write: Callable[[object], list[object]]) -> list[object]:
    """Give a set's elements in one order, so that equal sets have equal texts."""
    elements = write(value)
    try:
        return [*sorted(cast("list[str]", elements))]
    except TypeError:
        return sorted(elements, key=json_text)
