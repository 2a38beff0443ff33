"""The path under which users know a class: what `repr` shows, and what a pickle names."""

from __future__ import annotations

import builtins
import inspect
import re
from typing import TYPE_CHECKING, Any, ForwardRef, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound=type[Any])

_NAME = re.compile(r"[A-Za-z_]\w*")


def public(home: str = "dynamorm_py") -> Callable[[C], C]:
    """Return a decorator that gives a class the module which exports it; it stands above every other one.

    Annotations are still evaluated in the module that defines the class.
    """

    def decorate(cls: C) -> C:
        annotations = inspect.get_annotations(cls)
        if annotations:
            _keep_namespace(cls, annotations)
        cls.__module__ = home
        return cls

    return decorate


def _keep_namespace(cls: type[Any], annotations: dict[str, Any]) -> None:
    """Turn annotations into references that know their module, for `get_type_hints` and pydantic."""
    fields = getattr(cls, "__dataclass_fields__", {})
    for name, annotation in annotations.items():
        if isinstance(annotation, str) and not vars(builtins).keys() >= {*_NAME.findall(annotation)}:
            annotations[name] = ForwardRef(annotation, module=cls.__module__, is_class=True)
            if name in fields:
                fields[name].type = annotations[name]
    cls.__annotations__ = annotations
