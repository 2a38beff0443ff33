"""What the reference leaves out of signatures: parameters typed `Never`, which only say that an argument is refused."""

from __future__ import annotations

from typing import Any

import griffe


class Refused(griffe.Extension):
    """Takes parameters that nothing can be passed to out of each function."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:  # noqa: ANN401 -- as griffe calls it
        """Drop them."""
        for name in [each.name for each in func.parameters if str(each.annotation) == "Never"]:
            del func.parameters[name]
