"""What stands around a type and keeps its values: validators, Optional, NewType, aliases of types, serializers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, NewType, Optional, TypeVar

from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationInfo,
    WrapSerializer,
    WrapValidator,
)
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn

    from tests.laws.shapes import Shape

_PARAMETER: Any = TypeVar("_PARAMETER")
_ALIASES: list[Any] = []
"""Every alias that was made: pydantic names it by its id, which another must not have while a class knows the first."""


def _same(value: object) -> object:
    return value


def _same_of(value: object, _: ValidationInfo) -> object:
    return value


def _handled(value: object, handler: Callable[[object], object]) -> object:
    return handler(value)


def _before(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, BeforeValidator(_same)])


def _before_of(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, BeforeValidator(_same_of)])


def _after(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, AfterValidator(_same)])


def _after_of(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, AfterValidator(_same_of)])


def _wrap(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, WrapValidator(_handled)])


def _plain(shape: Shape) -> Shape:
    """Replace pydantic's own validation by a function of the user that does the same."""
    adapters: list[TypeAdapter[Any]] = []

    def validate(value: object) -> object:
        if not adapters:
            adapters.append(TypeAdapter(shape.annotation))
        return adapters[0].validate_python(value)

    return replace(shape, annotation=Annotated[shape.annotation, PlainValidator(validate)], sure=False, key=False)


def _optional(shape: Shape) -> Shape:
    if "Set" in repr(shape.tags) or shape.tags & {"SS", "NS", "BS"}:  # needs the default None
        return shape
    values, tags = shape.values | st.none(), shape.tags | {"NULL"} if shape.tags else shape.tags
    kept = replace(shape, values=values, tags=tags, element=False, key=False, empty=None)
    return replace(kept, annotation=Optional[shape.annotation])  # noqa: UP045 -- Any has no |


def _new_type(shape: Shape) -> Shape:
    make: Any = NewType
    return replace(shape, annotation=make("Named", shape.annotation))


def _alias(shape: Shape) -> Shape:
    make: Any = TypeAliasType
    _ALIASES.append(make("Alias", shape.annotation))
    return replace(shape, annotation=_ALIASES[-1])


def _generic_alias(shape: Shape) -> Shape:
    make: Any = TypeAliasType
    alias: Any = make("Of", Annotated[_PARAMETER, Field(description="of any type")], type_params=(_PARAMETER,))
    _ALIASES.append(alias)
    return replace(shape, annotation=alias[shape.annotation])


def _described(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, "words of another library"])


def _written_otherwise(shape: Shape) -> Shape:
    """Give the type serializers of payloads, which concern no item."""
    return replace(shape, annotation=Annotated[shape.annotation, PlainSerializer(lambda _: "payload")])


def _written_around(shape: Shape) -> Shape:
    return replace(shape, annotation=Annotated[shape.annotation, WrapSerializer(lambda v, h: [h(v)])])


_WRAPPERS = [
    _before,
    _before_of,
    _after,
    _after_of,
    _wrap,
    _plain,
    _optional,
    _new_type,
    _alias,
    _generic_alias,
    _described,
    _written_otherwise,
    _written_around,
]


def wrapped(draw: DrawFn, shape: Shape) -> Shape:
    """Put none, one or two wrappers around a type."""
    for wrap in draw(st.lists(st.sampled_from(_WRAPPERS), max_size=2)):
        shape = wrap(shape)
    return shape
