"""What a class statement says besides its fields: `class User(DynamoModel, table="users", ...)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from dynamorm_py._schema import IndexDeclaration


@dataclass(frozen=True, slots=True)
class Options:
    """The table's name, the naming convention, the declared indexes and the DMS document of a model."""

    table: str | None = None
    naming: str | None = None
    indexes: Sequence[IndexDeclaration] = ()
    abstract: bool = False
    dms: str | PathLike[str] | None = None
