"""Classes with fields inside an item: models, dataclasses, typed dictionaries, named tuples, root models, generics."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ForwardRef, Generic, NamedTuple, NotRequired, TypeVar

import pydantic.dataclasses
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel, create_model, field_validator, model_validator
from typing_extensions import TypedDict

from tests.laws.fields import FieldShape, marked
from tests.laws.shapes import Shape, names, texts
from tests.laws.words import named, named_for_tuple

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_PARAMETER: Any = TypeVar("_PARAMETER")
_GENERIC: Any = Generic[_PARAMETER]  # pyright: ignore[reportInvalidTypeForm] -- a class made at run time takes it
_OWN_LIST: Any = list[ForwardRef("Tree")]  # pyright: ignore[reportInvalidTypeForm] -- pydantic resolves it

CONFIGS: list[dict[str, Any]] = [
    {},
    {},
    {"extra": "forbid"},
    {"extra": "allow"},
    {"frozen": True},
    {"strict": True},
    {"use_enum_values": True},
    {"alias_generator": str.upper, "populate_by_name": True},
    {"ser_json_bytes": "hex", "val_json_bytes": "hex"},
    {"ser_json_bytes": "base64", "val_json_bytes": "base64"},
    {"ser_json_timedelta": "float"},
    {"ser_json_inf_nan": "strings"},
    {"validate_default": True, "validate_assignment": True},
    {"revalidate_instances": "always"},
    {"coerce_numbers_to_str": True},
    {"str_strip_whitespace": True, "str_to_lower": True},
    {"arbitrary_types_allowed": True},
]
"""Configurations of pydantic, of which those for payloads concern no item."""
_of_model: Any = model_validator
_of_fields: Any = field_validator


def _kept(value: Any) -> Any:  # noqa: ANN401 -- whatever the validator is of
    return value


def _handled(value: Any, handler: Any) -> Any:  # noqa: ANN401 -- whatever the validator is of, and pydantic's handler
    return handler(value)


_CHECKS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"check": _of_model(mode="before")(_kept)},
    {"check": _of_model(mode="after")(_kept)},
    {"check": _of_model(mode="wrap")(_handled)},
    {"check": _of_fields("*", mode="before")(_kept)},
    {"check": _of_fields("*", mode="after")(_kept)},
    {"check": _of_fields("*", mode="wrap")(_handled)},
]
VALIDATORS = st.sampled_from(_CHECKS)
"""Validators of whole models and of all their fields, which keep what they see."""
CHANGING = frozenset({"str_strip_whitespace", "use_enum_values", "coerce_numbers_to_str"})
"""What may change a value that a field of its type would keep."""


def _parts(draw: DrawFn, inner: Shape) -> list[Shape]:
    return [inner, *draw(st.lists(st.just(Shape(str, texts, frozenset("S"))), max_size=1))]


def _fields(draw: DrawFn, inner: Shape) -> dict[str, FieldShape]:
    shapes = named(draw, _parts(draw, inner))
    return {name: marked(draw, shape) for name, shape in shapes.items()}


def _of(annotation: Any, values: Any, inner: Shape, *, sure: bool = False) -> Shape:  # noqa: ANN401 -- an annotation
    return Shape(annotation, values, frozenset("M"), sure=sure and inner.sure, json=inner.json, hashable=False)


def a_model(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a nested model under any configuration."""
    fields = _fields(draw, inner)
    config = draw(st.sampled_from(CONFIGS))
    model = _model(draw, {name: field.declared for name, field in fields.items()}, config)
    values = _built(model, fields)
    if config.get("extra") == "allow":
        values = st.builds(_with_extra, values, st.dictionaries(names, texts, max_size=2))
    return _of(model, values, inner)


def _model(draw: DrawFn, fields: dict[str, Any], config: dict[str, Any]) -> Any:  # noqa: ANN401 -- a class
    make: Any = create_model
    return make("Inner", __config__=config or None, __validators__=draw(VALIDATORS), **fields)


def _with_extra(instance: BaseModel, extra: dict[str, str]) -> BaseModel:
    known = {name.lower() for name in type(instance).model_fields}
    kept = {f"extra {name}": text for name, text in extra.items() if name.lower() not in known}
    object.__setattr__(instance, "__pydantic_extra__", kept)
    return instance


def _built(model: type[BaseModel], fields: dict[str, FieldShape]) -> SearchStrategy[BaseModel]:
    return _contents(fields).map(lambda values: model.model_validate(values, by_name=True, by_alias=False))


def _contents(fields: dict[str, FieldShape]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: field.shape.values for name, field in fields.items()})


def a_generic_model(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a generic model with its parameter filled in."""
    (name,) = named(draw, [inner])
    make: Any = create_model
    of: Any = make("Of", __base__=(BaseModel, _GENERIC), **{name: (_PARAMETER, ...)})
    fields = {name: FieldShape(inner, inner.annotation)}
    model = of[inner.annotation]
    return _of(model, _built(model, fields), inner)


def a_recursive_model(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a model that holds a list of itself."""
    name, children = named(draw, [inner, inner])
    make: Any = create_model
    model = make("Tree", **{name: (inner.annotation, ...), children: (_OWN_LIST, pydantic.Field(default_factory=list))})
    leaf = inner.values.map(lambda value: model.model_validate({name: value}))
    below = st.lists(leaf, max_size=2)
    tree = st.fixed_dictionaries({name: inner.values, children: below}).map(model.model_validate)
    return _of(model, tree, inner)


def a_dataclass(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a dataclass, of the standard library or of pydantic."""
    fields = _fields(draw, inner)
    body: dict[str, Any] = {"__annotations__": {name: field.annotation for name, field in fields.items()}}
    for name, field in fields.items():
        if field.default is not None:
            body[name] = dataclasses.field(default_factory=field.default)
    make: Any = draw(st.sampled_from([dataclasses.dataclass, pydantic.dataclasses.dataclass]))
    made = make(type("Data", (), body), kw_only=True, frozen=draw(st.booleans()))
    adapter: Any = pydantic.TypeAdapter(made)

    def validated(values: dict[str, Any]) -> object:
        """Return a dataclass as its fields' validation makes it, which one of the standard library does not ask.

        What stands in it unvalidated is changed by the write, so it is no value of the type.
        """
        instance = made(**values)
        try:
            return adapter.validate_python(
                {field.name: getattr(instance, field.name) for field in dataclasses.fields(made)}
            )
        except pydantic.ValidationError:  # of what the write has to refuse
            return instance

    return _of(made, _contents(fields).map(validated), inner)


def a_typed_dict(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a typed dictionary, some of whose keys may be absent."""
    shapes = named(draw, _parts(draw, inner))
    optional = draw(st.sets(st.sampled_from(sorted(shapes))))
    make: Any = TypedDict
    made = make("Typed", {n: NotRequired[s.annotation] if n in optional else s.annotation for n, s in shapes.items()})
    here = {name: shape.values for name, shape in shapes.items() if name not in optional}
    maybe = {name: shape.values for name, shape in shapes.items() if name in optional}
    return _of(made, st.fixed_dictionaries(here, optional=maybe), inner)


def a_named_tuple(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a named tuple."""
    shapes = named_for_tuple(draw, _parts(draw, inner))
    make: Any = NamedTuple
    made = make("Named", [(name, shape.annotation) for name, shape in shapes.items()])
    values = st.tuples(*(shape.values for shape in shapes.values())).map(made._make)
    return replace(_of(made, values, inner), tags=frozenset("L"))


def a_root_model(_: DrawFn, inner: Shape) -> Shape:
    """Draw a root model."""
    root: Any = RootModel
    made = root[inner.annotation]
    return replace(_of(made, inner.values.map(made), inner), tags=inner.tags)


CLASSES = [a_model, a_model, a_generic_model, a_recursive_model, a_dataclass, a_typed_dict, a_named_tuple, a_root_model]
