"""Unions: smart and from left to right, told apart by a field's Literal or by a function of the user."""

from __future__ import annotations

import enum
from dataclasses import replace
from ipaddress import IPv6Network
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast

from hypothesis import strategies as st
from pydantic import BaseModel, Discriminator, Field, Tag, create_model

from tests.laws.shapes import SCALARS, STRING, Shape, integers, texts
from tests.laws.words import WORDS

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn


class Kind(enum.Enum):
    A = "a"
    B = "b"


class Number(enum.IntEnum):
    A = 1
    B = 2


def smart(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a union of a type and a scalar: pydantic chooses, or takes the first that fits."""
    other = draw(st.sampled_from(SCALARS))
    if all("N" in each.tags or not each.tags for each in (inner, other)):
        other = STRING  # an equal number of the other type may come back (of Any too): no type is stored with it
    if other.annotation is IPv6Network:  # an IndexError leaves pydantic's validation of an empty tuple as a network
        inner = replace(inner, values=inner.values.filter(lambda value: value != ()))
    pair = [inner, other] if draw(st.booleans()) else [other, inner]
    annotation: Any = Union[pair[0].annotation, pair[1].annotation]  # noqa: UP007 -- not every annotation has |
    if draw(st.booleans()):
        annotation = Annotated[annotation, Field(union_mode="left_to_right")]
    both = Shape(annotation, pair[0].values | pair[1].values, sure=False, json=inner.json and other.json)
    if inner.tags and other.tags:
        return replace(both, tags=inner.tags | other.tags)
    return both


_TAGS: list[tuple[Any, Any]] = [("a", "b"), (1, 2), (Kind.A, Kind.B), (Number.A, Number.B)]


def _members(draw: DrawFn, inner: Shape, tags: tuple[Any, Any]) -> tuple[str, list[type[BaseModel]]]:
    """Return the discriminating field, and two models of equal fields that it tells apart."""
    name, value, alias = draw(st.lists(st.sampled_from(WORDS), min_size=3, max_size=3, unique=True))
    make: Any = create_model
    told: Any = Field(alias=alias, default=...) if draw(st.booleans()) else ...
    members = [
        make(
            f"Member{n}",
            __config__={"populate_by_name": True},
            **{name: (Literal[tag], told), value: (inner.annotation, ...)},
        )
        for n, tag in enumerate(tags)
    ]
    return name, members


def _values(inner: Shape, name: str, members: list[type[BaseModel]], tags: tuple[Any, Any]) -> Any:  # noqa: ANN401
    (value,) = [field for field in members[0].model_fields if field != name]

    def built(number: int, content: object) -> BaseModel:
        return members[number].model_validate({name: tags[number], value: content}, by_name=True, by_alias=False)

    return st.builds(built, st.sampled_from([0, 1]), inner.values)


def by_field(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a union that a field of one literal value tells apart."""
    tags = draw(st.sampled_from(_TAGS))
    name, members = _members(draw, inner, tags)
    annotation = Annotated[Union[members[0], members[1]], Field(discriminator=name)]  # noqa: UP007 -- made at run time
    return _of_models(inner, annotation, _values(inner, name, members, tags))


def by_function(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a union that a function of the user tells apart, by an instance as by a payload."""
    tags = draw(st.sampled_from(_TAGS))
    name, members = _members(draw, inner, tags)
    alias = members[0].model_fields[name].alias or name

    def choose(value: Any) -> str | None:  # noqa: ANN401 -- an instance, or a payload
        entries = cast("dict[str, Any]", value) if isinstance(value, dict) else {name: getattr(value, name, None)}
        tag = entries.get(name, entries.get(alias))
        tag = getattr(tag, "value", tag)
        raw = [getattr(each, "value", each) for each in tags]
        return None if tag not in raw else "xy"[raw.index(tag)]

    labelled = [Annotated[members[0], Tag("x")], Annotated[members[1], Tag("y")]]
    annotation = Annotated[Union[labelled[0], labelled[1]], Discriminator(choose)]  # noqa: UP007 -- made at run time
    return _of_models(inner, annotation, _values(inner, name, members, tags))


def by_type(_: DrawFn, __: Shape) -> Shape:
    """Return a union of scalars that a function tells apart."""
    members = Annotated[int, Tag("n")] | Annotated[str, Tag("s")]
    annotation = Annotated[members, Discriminator(lambda v: "n" if isinstance(v, int) else "s")]
    return Shape(annotation, integers | texts, frozenset("NS"), sure=False)


def _of_models(inner: Shape, annotation: Any, values: Any) -> Shape:  # noqa: ANN401 -- an annotation, and a strategy
    return Shape(annotation, values, frozenset("M"), sure=False, json=inner.json, hashable=False)
