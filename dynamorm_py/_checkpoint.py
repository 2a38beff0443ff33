"""How far a migration has come, in a file that is whole at every moment.

Knows segments, counts and cursors; no table, no client and no items. The file holds keys of the source.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

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


class Checkpoint:
    """The segments of one migration, kept in a file when there is a path for it."""

    def __init__(self, path: Path | None, about: Mapping[str, object], segments: int) -> None:
        """Go on where the file stands, or begin. Raises CallError for the file of another migration."""
        self._path, self._about = path, dict(about)
        self.segments = [Segment() for _ in range(segments)]
        if path is not None and path.exists():
            self.segments = self._read(path)

    def save(self) -> None:
        """Replace the file, in one step that a crash cannot halve."""
        if self._path is None:
            return
        content = {"format": _FORMAT, "about": self._about, "segments": [asdict(each) for each in self.segments]}
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
            content: Any = json.loads(path.read_text())
            about, segments = content["about"], [Segment(**each) for each in content["segments"]]
        except (ValueError, KeyError, TypeError) as error:
            raise CallError(f"{path} is no checkpoint of a migration: name another file, or delete it") from error
        if content.get("format") != _FORMAT or about != self._about:
            other = ", ".join(f"{name} {value!r}" for name, value in cast("dict[str, object]", about).items())
            raise CallError(f"{path} is the checkpoint of another migration ({other}): name another file")
        return segments
