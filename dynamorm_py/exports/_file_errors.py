"""What can be wrong with the files of an export."""

from __future__ import annotations

from dynamorm_py._kernel.public import public
from dynamorm_py.errors import CallError, DynamormError


@public("dynamorm_py.exports")
class ExportNotFound(CallError):
    """The folder or bucket holds no export, or not all of one."""


@public("dynamorm_py.exports")
class DamagedLine(DynamormError):
    """A line of an export that is not an item of the model. The message names file and line, and no value.

    `file` is the file's name below the source, `line` counts from 1. The cause, such as an ItemDecodeError
    with the path to the attribute, is `.__cause__`, or None where the line is not even JSON.
    """

    def __init__(self, file: str, line: int, reason: str) -> None:
        """Say which line it is, and why it cannot be read."""
        super().__init__(f"{file}, line {line}: {reason}")
        self.file: str = file
        self.line: int = line
        self.reason: str = reason


def missing_extra(module: str, extra: str, purpose: str) -> CallError:
    """Return the error for a library that is not installed."""
    return CallError(f"{purpose} needs {module}: pip install 'dynamorm-py[{extra}]'")
