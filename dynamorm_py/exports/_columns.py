"""The Arrow type of a field, and how its values become what Arrow takes.

A type that Arrow has no word for is a column of JSON text. Nothing here reads files.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, cast, get_args, get_origin
from uuid import UUID

import pydantic_core
from annotated_types import BaseMetadata
from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from dynamorm_py._codec import binary, from_json
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    Convert: TypeAlias = Callable[[Any], Any]

_TEXT = itemgetter("S")
_LISTS = (list, tuple, set, frozenset)
_DIGITS, _PLACES = 38, 18  # DynamoDB's digits; a Decimal with max_digits= and decimal_places= has those


@frozen
class Column:
    """An Arrow type; `convert` makes its values from the model's, `untag` from DynamoDB's JSON. None: as they are."""

    type: Any
    convert: Convert | None
    untag: Convert


def column_of(arrow: Any, annotation: Any, metadata: tuple[object, ...] = ()) -> Column:  # noqa: ANN401 -- pyarrow, a type
    """Return the column of a type."""
    if hasattr(annotation, "__value__"):  # a `type` alias
        annotation = annotation.__value__
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return column_of(arrow, inner, (*metadata, *more))
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [each for each in get_args(annotation) if each is not type(None)]
        return _nullable(column_of(arrow, members[0], metadata)) if len(members) == 1 else json_column(arrow)
    if get_origin(annotation) is Literal:
        kinds: set[Any] = {type(value) for value in get_args(annotation)}
        return column_of(arrow, kinds.pop()) if len(kinds) == 1 else json_column(arrow)
    if get_origin(annotation) is not None or annotation in _LISTS:
        return _collection(arrow, annotation)
    return _scalar(arrow, annotation, metadata) if isinstance(annotation, type) else json_column(arrow)


def _scalar(arrow: Any, kind: type[Any], metadata: tuple[object, ...]) -> Column:  # noqa: ANN401
    if kind is Decimal:
        return Column(arrow.decimal128(*_precision(metadata)), None, lambda value: Decimal(value["N"]))
    plain = _plain(arrow).get(kind)
    if plain is not None:
        return plain
    if issubclass(kind, BaseModel):
        return _struct(arrow, kind)
    if issubclass(kind, Enum):
        values: set[Any] = {type(member.value) for member in kind}
        inner = column_of(arrow, values.pop()) if len(values) == 1 else json_column(arrow)
        return Column(inner.type, lambda value: value.value, inner.untag)
    return json_column(arrow)


def _plain(arrow: Any) -> dict[type[Any], Column]:  # noqa: ANN401
    text = Column(arrow.string(), None, _TEXT)
    return {
        str: text,
        bool: Column(arrow.bool_(), None, itemgetter("BOOL")),
        int: Column(arrow.int64(), None, lambda value: int(value["N"])),
        float: Column(arrow.float64(), None, lambda value: float(value["N"])),
        bytes: Column(arrow.binary(), None, lambda value: binary(value["B"])),
        UUID: Column(
            arrow.string(), str, lambda value: value["S"] if "S" in value else str(UUID(bytes=binary(value["B"])))
        ),
        dt.datetime: Column(arrow.timestamp("us", tz="UTC"), None, _instant),
        dt.date: Column(arrow.date32(), None, lambda value: dt.date.fromisoformat(value["S"])),
        SecretStr: Column(arrow.string(), SecretStr.get_secret_value, text.untag),
        SecretBytes: Column(arrow.binary(), SecretBytes.get_secret_value, lambda value: binary(value["B"])),
    }


def _instant(value: Mapping[str, str]) -> dt.datetime:
    if "N" in value:
        return dt.datetime.fromtimestamp(int(value["N"]), dt.UTC)
    whole, dot, rest = value["S"].partition(".")
    fraction = rest.rstrip("Z")[:6]  # Arrow holds microseconds, as Python does
    return dt.datetime.fromisoformat(f"{whole}{dot}{fraction}+00:00" if dot else whole)


def _precision(metadata: tuple[object, ...]) -> tuple[int, int]:
    """Return the digits of a Decimal: its own constraints, or as many as serve most."""
    digits: int | None = None
    places: int | None = None
    for each in metadata:
        if isinstance(each, BaseMetadata | FieldInfo) or hasattr(each, "max_digits"):
            digits = getattr(each, "max_digits", None) or digits
            places = getattr(each, "decimal_places", None) if places is None else places
    return digits or _DIGITS, _PLACES if places is None else places


def _nullable(column: Column) -> Column:
    convert = column.convert
    if convert is None:
        return column
    return Column(column.type, lambda value: None if value is None else convert(value), column.untag)


def _collection(arrow: Any, annotation: Any) -> Column:  # noqa: ANN401
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if not isinstance(origin, type):
        return json_column(arrow)
    if issubclass(origin, Mapping) and len(arguments) == 2 and arguments[0] is str:  # noqa: PLR2004 -- key and value
        return _map(arrow, column_of(arrow, arguments[1]))
    element = [each for each in arguments if each is not Ellipsis]
    if len(element) != 1 or not issubclass(origin, (*_LISTS, AbstractSet)):
        return json_column(arrow)
    inner = column_of(arrow, element[0])
    return Column(
        arrow.list_(inner.type), _of_each(inner, ordered=not issubclass(origin, AbstractSet)), _untag_list(inner)
    )


def _of_each(inner: Column, *, ordered: bool) -> Convert:
    convert = inner.convert
    if convert is None:
        return list if ordered else sorted
    return lambda values: [convert(value) for value in (values if ordered else sorted(values))]


def _untag_list(inner: Column) -> Convert:
    def untag(value: Mapping[str, Any]) -> list[Any]:
        ((tag, parts),) = value.items()
        if tag == "L":
            return [untagged(inner, part) for part in parts]
        if tag == "SS" and inner.untag is _TEXT:
            return list(parts)
        return [inner.untag({tag[0]: part}) for part in parts]

    return untag


def _map(arrow: Any, inner: Column) -> Column:  # noqa: ANN401
    convert = inner.convert or _same
    return Column(
        arrow.map_(arrow.string(), inner.type),
        lambda values: [(key, convert(value)) for key, value in values.items()],
        lambda value: [(key, untagged(inner, part)) for key, part in value["M"].items()],
    )


def _same(value: object) -> object:
    return value


def _struct(arrow: Any, model: type[BaseModel]) -> Column:  # noqa: ANN401
    from dynamorm_py._codec import marked_fields  # noqa: PLC0415 -- the names of a nested class only
    from dynamorm_py._schema import read_field  # noqa: PLC0415 -- the same

    naming = getattr(model, "__dynamorm_naming__", None)
    specs = {n: read_field(n, marks, kind, naming=naming)[0] for n, (marks, kind) in marked_fields(model).items()}
    columns = {
        name: json_column(arrow) if specs[name].as_json else column_of(arrow, info.annotation, tuple(info.metadata))
        for name, info in model.model_fields.items()
    }

    def convert(value: BaseModel) -> dict[str, Any]:
        return {
            n: part if c.convert is None else c.convert(part)
            for n, c in columns.items()
            if (part := getattr(value, n)) is not None
        }

    def untag(value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: untagged(column, value["M"].get(specs[name].attribute)) for name, column in columns.items()}

    return Column(arrow.struct([(name, column.type) for name, column in columns.items()]), convert, untag)


def json_column(arrow: Any) -> Column:  # noqa: ANN401
    """Return the column of what is written as JSON text."""
    return Column(arrow.string(), lambda value: pydantic_core.to_json(value, serialize_unknown=True).decode(), _json_of)


def _json_of(value: Mapping[str, Any]) -> str:
    """Return an attribute value as JSON; one that is JSON already, as it is."""
    if "S" in value:
        try:
            from_json(value["S"].encode())
        except ValueError:
            return pydantic_core.to_json(value["S"]).decode()
        return cast("str", value["S"])
    return pydantic_core.to_json(value).decode()


def untagged(column: Column, value: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 -- as the column has it
    """Return a value of DynamoDB's JSON for its column; None for NULL and for nothing."""
    return None if value is None or "NULL" in value else column.untag(value)
