"""Which files of an export have been read, in a file that is whole at every moment."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = 1


class _Content(BaseModel, extra="forbid", strict=True):
    format: int
    files: list[str]
    done: list[str]


class ResumePoint:
    """The files of an export that are done; kept in a file where there is a path for it."""

    def __init__(self, path: str | os.PathLike[str] | None, files: Iterable[str]) -> None:
        """Go on where the file stands, or begin. Raises CallError for the file of another export."""
        self._path = None if path is None else Path(path)
        self._files = list(files)
        self.done: set[str] = set()
        if self._path is not None and not self._path.parent.is_dir():
            raise CallError(f"{self._path.parent} is not a folder: make it, or name another file for resume=")
        if self._path is not None and self._path.exists():
            self.done = set(self._read(self._path).done)

    def finish(self, file: str) -> None:
        """Note that a file was read to its end."""
        self.done.add(file)
        if self._path is None:
            return
        content = _Content(format=_FORMAT, files=self._files, done=sorted(self.done)).model_dump()
        write_whole(self._path, json.dumps(content))

    def _read(self, path: Path) -> _Content:
        try:
            content = _Content.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise CallError(f"{path} is not a resume point of an export: name another file, or delete it") from error
        if content.format != _FORMAT or content.files != self._files:
            raise CallError(f"{path} is the resume point of another export: name another file, or delete it")
        return content


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that a crash leaves the old one or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:  # an interrupt too: no half-written file is left, and it goes on
        Path(name).unlink(missing_ok=True)
        raise
