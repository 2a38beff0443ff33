"""A field: a type under a marker, with what the marker promises of its attribute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Optional
from uuid import UUID

from hypothesis import strategies as st
from pydantic import Field

from dynamorm_py import AsBinary, AsJson, AsSet, Attribute, Encrypted, NotStored, OmitEmpty
from tests.laws.shapes import Shape, integers, names
from tests.laws.wrappers import wrapped

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

Expected = Callable[[object, object], bool]
"""Whether an attribute value (None where there is none) is what the marker promises of a field's value."""


@dataclass(frozen=True)
class FieldShape:
    """A field as it is declared. `expected` holds the marker's promise against what was stored."""

    shape: Shape
    annotation: Any
    default: Callable[[], object] | None = None
    expected: Expected | None = None

    @property
    def declared(self) -> tuple[Any, Any]:
        """The field as `create_model` takes it."""
        if self.default is None:
            return self.annotation, ...
        empty = self.default()
        return self.annotation, None if empty is None else Field(default_factory=self.default)


def _tagged(*tags: str) -> Expected:
    def expected(_: object, stored: Any) -> bool:  # noqa: ANN401 -- DynamoDB's JSON
        return stored is not None and next(iter(stored)) in tags

    return expected


def _unmarked(_: DrawFn, shape: Shape) -> FieldShape:
    return FieldShape(shape, shape.annotation)


def _none_by_default(_: DrawFn, shape: Shape) -> FieldShape:
    """Give the field the default None: then None is left out."""
    optional = replace(shape, values=shape.values | st.none())

    def expected(value: object, stored: object) -> bool:
        return value is not None or stored is None

    return FieldShape(optional, Optional[shape.annotation], lambda: None, expected)  # noqa: UP045 -- Any has no |


def _as_json(_: DrawFn, shape: Shape) -> FieldShape:
    marked = Annotated[shape.annotation, AsJson()]
    return FieldShape(replace(shape, sure=False), marked, expected=_tagged("S", "NULL"))


def _as_native_json(_: DrawFn, shape: Shape) -> FieldShape:
    marked = Annotated[shape.annotation, AsJson(form="native")]
    return FieldShape(replace(shape, sure=False), marked)


def _omitted_when_empty(_: DrawFn, shape: Shape) -> FieldShape:
    if shape.empty is None:
        return FieldShape(shape, shape.annotation)

    def expected(value: object, stored: object) -> bool:
        return (stored is None) == (not value)

    return FieldShape(shape, Annotated[shape.annotation, OmitEmpty()], shape.empty, expected if shape.sure else None)


def _not_stored(_: DrawFn, shape: Shape) -> FieldShape:
    optional = replace(shape, annotation=Any, values=st.none())
    return FieldShape(optional, Annotated[Any, NotStored()], lambda: None, lambda _, stored: stored is None)


def _renamed(draw: DrawFn, shape: Shape) -> FieldShape:
    name = draw(st.sampled_from(["x", "renamed", "other"])) + draw(st.sampled_from("abcdefgh"))
    return FieldShape(replace(shape, sure=False), Annotated[shape.annotation, Attribute(name)])  # two may have one name


def _as_set(draw: DrawFn, _: Shape) -> FieldShape:
    kind, elements = draw(st.sampled_from([(str, names), (int, integers), (bytes, st.binary(min_size=1, max_size=4))]))
    values = st.lists(elements, max_size=4, unique=True).map(sorted)
    return _under_wrappers(draw, Shape(list[kind], values, json=False), AsSet(), _tagged("SS", "NS", "BS", "NULL"))


def _as_binary(draw: DrawFn, _: Shape) -> FieldShape:
    return _under_wrappers(draw, Shape(UUID, st.uuids()), AsBinary(), _tagged("B", "NULL"))


_seconds = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2999, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


def _in_seconds(draw: DrawFn, _: Shape) -> FieldShape:
    values = _seconds.map(lambda t: t.replace(microsecond=0))
    return _under_wrappers(draw, Shape(dt.datetime, values), Attribute(format="unix_seconds"), _tagged("N", "NULL"))


def _fixed_width(draw: DrawFn, _: Shape) -> FieldShape:
    def expected(value: object, stored: Any) -> bool:  # noqa: ANN401 -- DynamoDB's JSON
        return stored == {"NULL": True} if value is None else len(stored["S"]) == len("2026-01-02T03:04:05.000000000Z")

    return _under_wrappers(draw, Shape(dt.datetime, _seconds), Attribute(format="fixed_nano"), expected)


def _under_wrappers(draw: DrawFn, shape: Shape, marker: object, expected: Expected) -> FieldShape:
    """Mark a type inside or outside of its wrappers: the marker is honoured, or the class is refused."""
    if draw(st.booleans()):
        around = wrapped(draw, shape)
        annotation = Annotated[around.annotation, marker]
    else:
        around = wrapped(draw, replace(shape, annotation=Annotated[shape.annotation, marker]))
        annotation = around.annotation
    return FieldShape(replace(around, sure=False), annotation, expected=expected)


_MARKS = [
    _unmarked,
    _unmarked,
    _unmarked,
    _none_by_default,
    _as_json,
    _as_native_json,
    _omitted_when_empty,
    _not_stored,
    _renamed,
    _as_set,
    _as_binary,
    _in_seconds,
    _fixed_width,
]


def _encrypted(_: DrawFn, shape: Shape) -> FieldShape:
    return FieldShape(shape, Annotated[shape.annotation, Encrypted()])


def marked_at_the_top(draw: DrawFn, shape: Shape) -> FieldShape:
    """Put a type into a field of an item: only there it may be encrypted."""
    return _encrypted(draw, shape) if draw(st.integers(0, 11)) == 0 else marked(draw, shape)


def marked(draw: DrawFn, shape: Shape) -> FieldShape:
    """Put a type into a field, under a marker or none."""
    return draw(st.sampled_from(_MARKS))(draw, shape)
