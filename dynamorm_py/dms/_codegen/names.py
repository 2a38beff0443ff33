"""Names of one language from names of another, and what is a name at all."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from dynamorm_py.dms._parsed import Problem
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from dynamorm_py.dms._document import Document

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9_]*")


def words(name: str) -> list[str]:
    """Split a name into its words: `emailHash`, `email_hash` and `Email-Hash` alike."""
    return _WORD.findall(name) or ["field"]


def pascal(name: str) -> str:
    """Return a name as Go exports it: `EmailHash`; common initialisms stay in capitals."""
    joined = "".join(word if word.isupper() else word[:1].upper() + word[1:] for word in words(name))
    return joined if joined[0].isalpha() else f"N{joined}"


def snake(name: str) -> str:
    """Return a name as Python writes it: `email_hash`; digits stay with the word before them."""
    joined = re.sub(r"_([0-9]+)", r"\1", "_".join(word.lower() for word in words(name)))
    return joined if joined[0].isalpha() else f"n{joined}"


def heading(document: Document, word: str) -> str:
    """Return ` of namespace` for a comment at the head of a file; what could end the comment is escaped."""
    name = document.namespace
    if not name:
        return ""
    return f" {word} {name if re.fullmatch(r'[A-Za-z0-9_.-]+', name) else json.dumps(name)}"


def unused(name: str, taken: Container[str], separator: str = "_") -> str:
    """Return a name that is not taken: itself, or with the first number that makes it new."""
    candidates = (f"{name}{separator}{number}" for number in range(2, 1_000_000))
    return name if name not in taken else next(each for each in candidates if each not in taken)


def check_class_names(document: Document, language: str, reserved: Iterable[str] = ()) -> None:
    """Raise InvalidDocument for model names that are not names of classes."""
    taken = set(reserved)
    wrong = [m.name for m in document.models if not _CLASS.fullmatch(m.name) or m.name in taken]
    if wrong:
        message = f"is not a name of a class in {language}, or taken there: use letters and digits, a capital first"
        raise InvalidDocument(language, [Problem(message, name) for name in wrong])
