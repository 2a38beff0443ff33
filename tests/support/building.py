"""Models made of annotations, for tests that have many; and equality that compares types too."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, create_model

from dynamorm_py import DynamoModel, PartitionKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.types import AttributeValue

KEY: dict[str, str] = {"S": "k"}
"""The partition key of every item of a `model_of` model, as it is stored."""


def define(fields: Mapping[str, object], base: type = DynamoModel, **options: object) -> Any:  # noqa: ANN401 -- any fields
    """Define the model Thing; a field is an annotation, or an annotation with its default."""
    parts: dict[str, Any] = {
        name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()
    }
    create: Any = create_model  # its overloads know no fields made while the program runs
    return create("Thing", __base__=base, __cls_kwargs__=dict(options), **parts)


def model_of(annotation: object, default: object = ...) -> type[DynamoModel]:
    """Define a model with the key `pk` and one field, `v`."""
    return cast("type[DynamoModel]", define({"pk": Annotated[str, PartitionKey()], "v": (annotation, default)}))


def holding(model: type[DynamoModel], value: object) -> DynamoModel:
    """Return the instance whose `v` is this very value, validated by nothing."""
    return model.model_construct({"pk", "v"}, pk="k", v=value)


def value_of(instance: DynamoModel) -> Any:  # noqa: ANN401 -- the field's value
    """Return the field `v`."""
    return instance.__dict__["v"]


def written(annotation: object, value: object, default: object = ...) -> AttributeValue | None:
    """Return the attribute value of `v`, None when it is left out."""
    return holding(model_of(annotation, default), value).to_item().get("v")


def read(annotation: object, stored: AttributeValue, default: object = ...) -> Any:  # noqa: ANN401 -- the field's value
    """Return what `v` reads as from an attribute value."""
    return value_of(model_of(annotation, default).from_item({"pk": KEY, "v": stored}))


def same(a: object, b: object) -> bool:  # noqa: PLR0911 -- one for each kind of value
    """Say whether two values are equal with equal types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, BaseModel):
        return same(a.__dict__, b.__dict__) and same(a.model_extra, cast("BaseModel", b).model_extra)
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, dict):
        return _same_entries(cast("dict[object, object]", a), cast("dict[object, object]", b))
    if isinstance(a, list | tuple):
        left, right = cast("list[object]", a), cast("list[object]", b)
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(a, set | frozenset):
        return _typed(cast("set[object]", a)) == _typed(cast("set[object]", b))
    return a == b


def _same_entries(a: dict[object, object], b: dict[object, object]) -> bool:
    return _typed(set(a)) == _typed(set(b)) and all(same(a[key], b[key]) for key in a)


def _typed(values: set[object] | frozenset[object]) -> set[tuple[type, object]]:
    return {(type(value), value) for value in values}
