"""A model and its DMS document: the entry that describes the class, and the check that both are equal.

The document's code loads when it is first asked for: most programs define models without documents.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynamorm_py.errors import InvalidDocument, ModelDefinitionError

if TYPE_CHECKING:
    from os import PathLike

    from dynamorm_py._codec import Codec
    from dynamorm_py.dms import DmsVersion


_ANY_TABLE = "any"  # stands for the table's name where the class leaves it to the repository


def entry(codec: Codec[Any], table: str | None, version: DmsVersion = "0.1") -> dict[str, Any]:
    """Return the entry of a compiled model, in the table named. Raises InvalidDocument."""
    from dynamorm_py.dms import Problem, checked_version, describe  # noqa: PLC0415 -- loads when first asked for, see above

    described = describe(codec, table=table, version=checked_version(version))
    if "table" not in described:
        problem = "a DMS entry names the table: add table= to the class, or to to_dms()"
        raise InvalidDocument(codec.model.__name__, [Problem(problem)])
    return described


def check(codec: Codec[Any], path: str | PathLike[str]) -> None:
    """Raise ModelDefinitionError with every difference between a class and the document it names."""
    from dynamorm_py import dms  # noqa: PLC0415 -- loads when first asked for, see above

    try:
        document = dms.load(_beside(codec.model, path))
        nameless = codec.schema.table is None
        ours = dms.Model.model_validate(entry(codec, _ANY_TABLE if nameless else None, "0.2"))
        differences = dms.compare(ours, document, ignore_table_name=nameless)
        problems = [f"it differs from {path}: {difference}" for difference in differences]
    except InvalidDocument as error:
        problems = [f"{error.source}:{problem}" for problem in error.problems]
    except OSError as error:
        problems = [f"its DMS document {path} cannot be read: {error.strerror}"]
    if problems:
        raise ModelDefinitionError(codec.model.__name__, problems)


def _beside(model: type[Any], path: str | PathLike[str]) -> Path:
    """Return the path as seen from the file of the class; from the working directory where it has none."""
    file = getattr(sys.modules.get(model.__module__), "__file__", None)
    return Path(path) if file is None else Path(file).parent / path
