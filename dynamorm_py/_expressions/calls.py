"""What a condition or an action was written as, for `repr`: the code that makes it.

This module knows how a call is spelled, and nothing of what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dynamorm_py._kernel.shown import shown
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import Place

_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "+", "-"})


def reference_code(place: Place) -> str:
    """Return the code of a reference to a field: `fields(User).home.city`."""
    name = place.model.__name__
    return f"fields({name}){place.label.removeprefix(name)}"


@frozen
class Call:
    """One word called on a receiver: `Attr(fields(User).age) >= 18`.

    `receiver` is what comes before the word, already as code, or a place that `Attr` takes; `hidden` leaves the
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
