"""Conditions of scenarios as ours: `[attribute, operator, value…]` by `Attr` and `Key`, trees by `& | ~`."""

from __future__ import annotations

import json
import operator
import re
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from pydantic import ConfigDict, TypeAdapter

from dynamorm_py import Attr, Condition, Key, KeyCondition, fields
from tests.contract.models import attribute_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py import DynamoModel

_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_AS_STORED = {"=", "<>", "<", "<=", ">", ">=", "between", "in", "begins_with"}
_STEPS = re.compile(r"\[(\d+)\]|\.([^.\[]+)")


def field_name(model: type[DynamoModel], attribute: str) -> str:
    """Return the field of an attribute."""
    return {attribute_name(name): name for name in model.model_fields}[attribute]


def place(model: type[DynamoModel], path: str) -> Any:  # noqa: ANN401 -- a reference stands for a field of any type
    """Return the reference of `attribute`, `attribute.key` or `attribute[0]`."""
    attribute = re.split(r"[.\[]", path, maxsplit=1)[0]
    reference = getattr(fields(model), field_name(model, attribute))
    for index, key in _STEPS.findall(path):
        reference = reference[int(index)] if index else reference[key]
    return reference


def value_of(model: type[DynamoModel], attribute: str, value: object) -> Any:  # noqa: ANN401 -- the field's type
    """Return a value of JSON in the field's type; inside an attribute it is JSON's."""
    if re.search(r"[.\[]", attribute):
        return value
    annotation: Any = model.model_fields[field_name(model, attribute)].annotation
    return TypeAdapter[Any](annotation, config=ConfigDict(val_json_bytes="base64")).validate_json(json.dumps(value))


def condition(model: type[DynamoModel], tree: Any) -> Condition:  # noqa: ANN401 -- JSON
    """Return a tree of `and`, `or`, `not` and comparisons as a condition."""
    if isinstance(tree, dict):
        ((word, parts),) = cast("dict[str, Any]", tree).items()
        if word == "not":
            return ~condition(model, parts)
        first, *others = [condition(model, part) for part in parts]
        return reduce(lambda a, b: a & b if word == "and" else a | b, others, first)
    return _compared(model, Attr(place(model, tree[0])), tree)


def key_condition(model: type[DynamoModel], leaf: list[Any]) -> KeyCondition:
    """Return a comparison as a condition on a key."""
    return _compared(model, Key(place(model, leaf[0])), leaf)


def _compared(model: type[DynamoModel], subject: Any, leaf: list[Any]) -> Any:  # noqa: ANN401 -- Attr or Key, and what they give
    path, word, *given = leaf
    if word == "size":
        return _COMPARISONS[given[0]](subject.size(), given[1])
    if word == "in":
        return subject.is_in([value_of(model, path, value) for value in given[0]])
    values = [value_of(model, path, value) for value in given] if word in _AS_STORED else given
    if word in _COMPARISONS:
        return _COMPARISONS[word](subject, *values)
    return getattr(subject, word)(*values)
