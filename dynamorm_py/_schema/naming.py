"""Attribute names: how a field's name becomes one, and what a convention allows; which names a table can have.

The algorithms are Go DynamORM's, applied to the Pascal form of the Python name (CONTRACT 1), so a
class in any of the languages gives the same attribute names. Nothing here knows models.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

NamingConvention: TypeAlias = Literal["camelCase", "snake_case", "dynamorm"]
CONVENTIONS: tuple[str, ...] = get_args(NamingConvention)

_ALLOWED = {  # each compiled with its first use
    "camelCase": r"[a-z][A-Za-z0-9]*|PK|SK",
    "snake_case": r"[a-z][a-z0-9]*(_[a-z0-9]+)*",
    "dynamorm": r"[a-z][A-Za-z0-9]*|PK|SK",
}
_MAX_NAME_BYTES = 255  # attribute names of keys and indexes: Developer Guide, "Service, account, and table quotas"

TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")  # of tables and indexes: Developer Guide, "Naming rules"
TABLE_NAME_REPAIR = "use 3 to 255 characters of A-Z a-z 0-9 _ . -"


def derive(field: str, convention: str | None) -> str:
    """Return the attribute name of a Python field under a convention; without one, the field's own."""
    if convention is None:
        return field
    if convention != "snake_case" and field in {"pk", "sk", "PK", "SK"}:
        return field.upper()
    return FROM_GO[convention](_pascal(field))


def fault(name: str, convention: str | None) -> str | None:
    """Say what is wrong with an attribute name, or return None."""
    if not name:
        return "an attribute name cannot be empty"
    if len(name.encode("utf-8", "surrogatepass")) > _MAX_NAME_BYTES:
        return f"the attribute name is over {_MAX_NAME_BYTES} bytes: shorten it with Attribute(name)"
    pattern = _ALLOWED.get(convention or "")
    if pattern is None or re.fullmatch(pattern, name):
        return None
    return f"attribute name {name!r} is not {convention}: rename it with Attribute(name), or drop naming={convention!r}"


def camel_case(identifier: str) -> str:
    """Lower the leading run of capitals, stopping before a capital that a non-capital follows."""
    letters = list(identifier)
    for i, letter in enumerate(letters):
        followed_by_other = i + 1 < len(letters) and not letters[i + 1].isupper()
        if not letter.isupper() or (i > 0 and followed_by_other):
            break
        letters[i] = letter.lower()
    return "".join(letters)


def snake_case(identifier: str) -> str:
    """Lower everything; put `_` where a word begins, never after a digit."""
    out: list[str] = []
    for i, letter in enumerate(identifier):
        if i and letter.isupper() and _begins_word(identifier, i):
            out.append("_")
        out.append(letter.lower())
    return "".join(out)


FROM_GO: dict[str, Callable[[str], str]] = {
    "camelCase": camel_case,
    "snake_case": snake_case,
    "dynamorm": camel_case,
}


def _begins_word(identifier: str, i: int) -> bool:
    before, after = identifier[i - 1], identifier[i + 1 : i + 2]
    return before.islower() or (before.isupper() and after.islower())


def _pascal(field: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in field.split("_"))
