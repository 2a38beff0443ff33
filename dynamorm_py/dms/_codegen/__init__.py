"""Code from a document: one file of definitions for each language, ready to be committed.

Nothing here knows model classes; the generated Python is text like the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py.dms._codegen import go, python, typescript

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.dms._document import Document

Language: TypeAlias = Literal["python", "typescript", "go"]
"""What `generate` writes."""

_WRITERS: dict[Language, Callable[[Document], str]] = {
    "python": python.write,
    "typescript": typescript.write,
    "go": go.write,
}


def generate(document: Document, language: Language) -> str:
    """Return the source of a document's models: classes for us, definitions for the sister libraries.

    Raises InvalidDocument for names that the language, or DynamoDB, does not take.
    """
    return _WRITERS[language](document)
