"""Names of a package that load their module when they are first used."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package. `homes` has the names of each module, separated by spaces."""
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def load(name: str) -> object:
        if name not in home_of:
            message = f"module {package!r} has no attribute {name!r}{_meant(name, [*home_of])}"
            raise AttributeError(message, name=name)  # Python would add a suggestion of its own for `obj=`
        value = getattr(importlib.import_module(f"{package}.{home_of[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def _meant(name: str, names: list[str]) -> str:
    """Return which name a misspelt one resembles, nothing for one that Python itself asks for."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only needed for the message

    close = [] if name.startswith("_") else get_close_matches(name, names, 1)
    return f": did you mean {close[0]}" if close else ""
