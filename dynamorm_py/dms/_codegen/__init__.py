"""Code from a document: one file of definitions for each language, ready to be committed.

Nothing here knows model classes; the generated Python is text like the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py.dms._codegen import go, python, typescript
from dynamorm_py.dms._codegen.libraries import Library, library_of
from dynamorm_py.dms._document import TableName

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.dms._document import Document

Language: TypeAlias = Literal["python", "typescript", "go"]
"""What `generate` writes."""

_FOR_SISTERS: dict[Language, Callable[[Document, Library], str]] = {"typescript": typescript.write, "go": go.write}


def generate(
    document: Document, language: Language, *, library: Library | None = None, table: str | None = None
) -> str:
    """Return the source of a document's models: Python classes, or definitions for a sister library.

    `library` is "dynamorm" or "tabletheory", whose tags and packages differ; by default the one that reads the
    document's version. `table` names the table of all models instead of the document.
    Raises InvalidDocument for names that the language, or DynamoDB, does not take, and for what the library could
    not read back.
    """
    if table is not None:
        document = _in_table(document, table)
    if language == "python":
        return python.write(document)
    return _FOR_SISTERS[language](document, library_of(document, library))


def _in_table(document: Document, table: str) -> Document:
    named = TableName(name=table)
    return document.model_copy(
        update={"models": tuple(model.model_copy(update={"table": named}) for model in document.models)}
    )
