"""What a class statement declares in addition to its fields: `class User(DynamoModel, table="users", ...)`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from dynamorm_py._kernel.other_words import meant_argument
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from dynamorm_py._schema import IndexDeclaration


@frozen
class Options:
    """The table's name, the naming convention, the declared indexes, the write policy, the DMS document of a model."""

    table: str | None = None
    naming: str | None = None
    indexes: Sequence[IndexDeclaration] = ()
    abstract: bool = False
    dms: str | PathLike[str] | None = None
    write_policy: str | None = None
    protected: Iterable[str] = ()


def unknown_argument(name: str) -> str:
    """Return what is wrong with a class argument that is neither ours nor pydantic's, nor a parent's."""
    ours = [option.name for option in fields(Options)]
    return f"{name}= is not an argument of a class: {meant_argument(name, ours)}, or pydantic's configuration"
