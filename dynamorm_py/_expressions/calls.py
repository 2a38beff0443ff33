"""What a condition or an action was written as, for `repr`: the code that makes it.

This module knows how a call is spelled, and nothing of what it means. Values are shortened, since a `repr` stands
in logs; it never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from reprlib import Repr
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import Place

_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "+", "-"})
_LONGEST = 120  # characters of one value


class _Shortened(Repr):
    """Python's own shortening `repr`, with an enum's member as code."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _LONGEST

    def repr_instance(self, x: object, level: int) -> str:
        return f"{type(x).__name__}.{x.name}" if isinstance(x, Enum) else super().repr_instance(x, level)


_SHORTENED = _Shortened()


def shown(value: object) -> str:
    """Return a value as code, shortened; its type where its `repr` raises."""
    try:
        return _SHORTENED.repr(value)
    except Exception:  # noqa: BLE001 -- a value's own code: whatever it raises, a repr must not
        return f"<{type(value).__name__}>"


def reference_code(place: Place) -> str:
    """Return the code of a reference to a field: `fields(User).home.city`."""
    name = place.model.__name__
    return f"fields({name}){place.label.removeprefix(name)}"


@dataclass(frozen=True, slots=True)
class Call:
    """One word said of a receiver: `Attr(fields(User).age) >= 18`.

    `receiver` is what stands before the word, already as code, or a place that `Attr` takes; `hidden` leaves the
    arguments out, which an encrypted attribute's must be.
    """

    receiver: Place | Call
    word: str
    arguments: tuple[object, ...] = ()
    hidden: bool = False
    function: Literal["Attr", "Key"] = "Attr"

    def __repr__(self) -> str:
        """Return the code."""
        before = self._receiver()
        if self.word in _OPERATORS:
            return f"{before} {self.word} {'...' if self.hidden else shown(self.arguments[0])}"
        inside = "..." if self.hidden and self.arguments else ", ".join(map(shown, self.arguments))
        return f"{before}.{self.word}({inside})"

    def _receiver(self) -> str:
        if isinstance(self.receiver, Call):
            return repr(self.receiver)
        return f"{self.function}({reference_code(self.receiver)})"
