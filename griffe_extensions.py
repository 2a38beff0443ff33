"""What the reference has to be told of our source: refused parameters, and how our frozen dataclasses are declared."""

from __future__ import annotations

from typing import Any

import griffe

_FROZEN = "dynamorm_py._kernel.values.frozen"


class Refused(griffe.Extension):
    """Takes parameters typed `Never`, to which nothing can be passed, out of each function."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:  # noqa: ANN401 -- as griffe calls it
        """Drop them."""
        for name in [each.name for each in func.parameters if str(each.annotation) == "Never"]:
            del func.parameters[name]


class Frozen(griffe.Extension):
    """Shows a class declared `frozen` as the dataclass it is."""

    def on_class_instance(self, *, cls: griffe.Class, **_: Any) -> None:  # noqa: ANN401 -- as griffe calls it
        """Put the standard library's decorator, which griffe knows, in the place of ours."""
        known = griffe.ExprName("dataclass", griffe.ExprName("dataclasses"))
        for each in cls.decorators:
            if each.callable_path == _FROZEN:
                cls.labels.add("dataclass")
                each.value = griffe.ExprCall(
                    known, each.value.arguments if isinstance(each.value, griffe.ExprCall) else ()
                )
