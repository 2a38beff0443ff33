"""The sister libraries by name: the word of their tags, their packages, and what only one of them can say.

DynamORM reads DMS 0.1; TableTheory, its successor, reads 0.2 from its major version 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from dynamorm_py._kernel.values import frozen
from dynamorm_py.dms._document import LATER_WORDS
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.dms._document import Document, Model

Library: TypeAlias = Literal["dynamorm", "tabletheory"]
"""The sister library that code is written for."""


@frozen
class Packages:
    """How code names a library: the word of Go's struct tags, the Go module, the npm package."""

    tag: str
    go: str
    npm: str


PACKAGES: dict[Library, Packages] = {
    "dynamorm": Packages("dynamorm", "github.com/pay-theory/dynamorm", "@pay-theory/dynamorm-ts"),
    "tabletheory": Packages("theorydb", "github.com/theory-cloud/tabletheory/v3", "@theory-cloud/tabletheory-ts"),
}


def library_of(document: Document, library: Library | None) -> Library:
    """Return the library to write for. Raises InvalidDocument for one that cannot say what the document does."""
    if library is None:
        return "dynamorm" if document.dms_version == "0.1" else "tabletheory"
    if library not in get_args(Library):
        known = " or ".join(map(repr, get_args(Library)))
        raise InvalidDocument("library", [Problem(f"{library!r} is not a sister library: use {known}")])
    problems = [Problem(message, model.name) for model in document.models for message in _later(model)]
    if library == "dynamorm" and problems:
        raise InvalidDocument("dynamorm", problems)
    return library


def _later(model: Model) -> Iterator[str]:
    repair = "came with TableTheory: use the library tabletheory"
    if model.write_policy is not None:
        yield f"write_policy {repair}"
    if model.convention in LATER_WORDS:
        yield f"the convention {model.convention} {repair}"
    for attribute in model.attributes:
        if attribute.json_ and attribute.type != "S":
            yield f"json in DynamoDB's own types ({attribute.attribute!r}) {repair}"
