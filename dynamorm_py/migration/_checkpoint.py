"""How far a migration has come, in a file that is whole at every moment.

Knows segments, counts and cursors; no table, no client and no items. The file holds keys of the source.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = 1


@dataclass(slots=True)
class Segment:
    """One segment of a parallel scan: the cursor to go on after, and what was done before it."""

    cursor: str | None = None
    done: bool = False
    read: int = 0
    written: int = 0
    skipped: int = 0


@dataclass(slots=True)
class _Content:
    """The content of the file; `about` identifies the migration."""

    format: int
    about: dict[str, object]
    segments: list[Segment]


class Checkpoint:
    """The segments of one migration, kept in a file when there is a path for it."""

    def __init__(self, path: Path | None, about: Mapping[str, object], segments: int) -> None:
        """Go on where the file stands, or begin. Raises CallError for another migration's file, and for no place."""
        self._path, self._about = path, dict(about)
        self.segments = [Segment() for _ in range(segments)]
        if path is not None and not path.parent.is_dir():
            raise CallError(f"{path.parent} is not a directory for a checkpoint: make it, or name another file")
        if path is not None and path.exists():
            self.segments = self._read(path)

    def save(self) -> None:
        """Replace the file, in one step that a crash cannot halve."""
        if self._path is None:
            return
        content = asdict(_Content(_FORMAT, self._about, self.segments))
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:  # an interrupt too: no half-written file is left, and it goes on
            Path(name).unlink(missing_ok=True)
            raise

    def _read(self, path: Path) -> list[Segment]:
        try:
            content = TypeAdapter(_Content).validate_json(path.read_bytes(), strict=True)
        except (OSError, ValueError) as error:
            raise CallError(f"{path} is not a checkpoint of a migration: name another file, or delete it") from error
        if content.format != _FORMAT or content.about != self._about or len(content.segments) != len(self.segments):
            other = ", ".join(f"{name} {value!r}" for name, value in content.about.items())
            raise CallError(f"{path} is the checkpoint of another migration ({other}): name another file")
        return content.segments
