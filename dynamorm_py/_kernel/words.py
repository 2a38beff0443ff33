"""English for messages: the article of a name that is known only when the program runs."""

from __future__ import annotations

import re

from dynamorm_py._kernel.awaiting import is_unawaited
from dynamorm_py._kernel.passed import Missing

_BEGIN_AS_YOU = ("uni", "us", "url", "uri", "uuid", "utc", "eu", "one")
_SPELLED = r"[FHLMNRSX][A-Z]{2}"  # compiled with its first use, as most programs need no message


def with_article(name: str) -> str:
    """Return a name behind its article: "an int", "a str", "an Order", "a User"."""
    return f"{'an' if _begins_with_a_vowel(name) else 'a'} {name}"


def _begins_with_a_vowel(name: str) -> bool:
    """Tell by the sound: a User and a URL begin as "you" does, an HTTPError is spelled out."""
    if re.match(_SPELLED, name):
        return True
    lowered = name.lower()
    return lowered[:1] in {"a", "e", "i", "o", "u"} and not lowered.startswith(_BEGIN_AS_YOU)


def kind_of(value: object) -> str:
    """Return what a value is, for a message: "an int", "a User", "None"; what was not awaited with the repair."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return "a class"
    kind = _known_as(type(value))
    return f"{kind} (await it first)" if is_unawaited(value) else kind


def _known_as(kind: type) -> str:
    """Return the name that users know a class by, with its article: of a class of our own, its public base's."""
    if kind is Missing:
        return "nothing"
    if "__dynamorm_place__" in vars(kind):
        return "a field reference"
    ours = (each for each in kind.__mro__[:-1] if not each.__module__.startswith("dynamorm_py._"))
    return with_article(next(ours, kind).__name__)
