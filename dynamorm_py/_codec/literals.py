"""The values of a model's fields of a `Literal` type: what may tell its items from those of other models.

Source: CONTRACT 5, "several models in one table".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from dynamorm_py._codec.codec import Codec
    from dynamorm_py._kernel.types import AttributeValue


def literal_choices(model: type[BaseModel], name: str) -> tuple[object, ...]:
    """Return the values that a field of a Literal type takes; none for another."""
    info = model.model_fields.get(name)
    return get_args(info.annotation) if info is not None and get_origin(info.annotation) is Literal else ()


def single_literals(model: type[BaseModel], names: Iterable[str]) -> dict[str, object]:
    """Return the fields of one literal value only that have it as default, with the value."""
    choices = {name: literal_choices(model, name) for name in names}
    single = {name: values[0] for name, values in choices.items() if len(values) == 1}
    return {name: value for name, value in single.items() if model.model_fields[name].default == value}


def literals_of(codec: Codec[Any]) -> dict[str, tuple[AttributeValue, ...]]:
    """Return the attributes that hold one of some literal values, with these as they are stored."""
    found: dict[str, tuple[AttributeValue, ...]] = {}
    for name, field in codec.node.fields.items():
        choices = literal_choices(codec.model, name)
        if choices and None not in choices and not field.encrypted:
            found[field.attribute] = tuple(codec.encode_field(name, choice) for choice in choices)
    return found
