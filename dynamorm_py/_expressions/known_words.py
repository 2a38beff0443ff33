"""What `Attr` and `Key` answer to a word that they do not have: ours, where it is another library's or misspelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._kernel.other_words import OF_ATTR, OF_KEY, repair
from dynamorm_py.errors import UnknownAttribute


def _refusal(kind: type, name: str) -> UnknownAttribute:
    others = OF_KEY if kind.__name__ == "Key" else OF_ATTR
    return UnknownAttribute(f"{kind.__name__} has no word {name!r}: {repair(name, dir(kind), others)}")


class KnownWords:
    """Refuses unknown words."""

    __slots__ = ()

    if not TYPE_CHECKING:  # a checker that saw it would take every misspelt word

        def __getattr__(self, name: str) -> object:
            """Refuse."""
            if name.startswith("_"):  # copy, pickle, inspect and notebooks probe for such names
                raise AttributeError(name)
            raise _refusal(type(self), name)
