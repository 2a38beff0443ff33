"""A parsed text before anyone knows what it means: plain JSON values, and where each of them stands.

The YAML and the JSON reader both give this. Nothing here knows DMS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py._kernel.values import frozen

Path: TypeAlias = tuple[str | int, ...]
"""Names and list indexes from the document's root."""
Mark: TypeAlias = tuple[int, int]
"""Line and column, both counted from 1."""

DEPTH_LIMIT = 64  # a document of ours is 5 deep; the rest is what `tags` may hold
INTEGER_LIMIT = 10**4300  # the longest that Python turns into digits and back: sys.int_info.default_max_str_digits


@public("dynamorm_py.dms")
@frozen
class Problem:
    """One thing that is wrong: what and where. Line 0 means that there is no text.

    `ignorable` is set on what a lenient reading leaves out with a warning.
    """

    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    ignorable: bool = False

    def __str__(self) -> str:
        """Write `line:column: path: message`, without what is unknown."""
        where = f"{self.line}:{self.column}: " if self.line else ""
        return f"{where}{self.path}: {self.message}" if self.path else f"{where}{self.message}"


class Unreadable(Exception):
    """The text cannot be read any further; the reader has noted why."""


@dataclass(slots=True)
class Parsed:
    """A value, the place of every value and of every name in it, and what was wrong with the text."""

    value: Any = None
    values: dict[Path, Mark] = field(default_factory=dict[Path, Mark])
    names: dict[Path, Mark] = field(default_factory=dict[Path, Mark])
    problems: list[Problem] = field(default_factory=list[Problem])
    faulty: set[Path] = field(default_factory=set[Path])

    def fault(self, path: Path, mark: Mark, message: str) -> None:
        """Note a problem of the text."""
        self.problems.append(Problem(message, spelled_path(path), *mark))
        self.faulty.add(path)

    def stop(self, path: Path, mark: Mark, message: str) -> NoReturn:
        """Note why the text cannot be read further, and give up: what follows from the rest means nothing."""
        self.fault(path, mark, message)
        self.faulty.add(())
        raise Unreadable

    def mark(self, path: Path, *, of_name: bool = False) -> Mark:
        """Return where a path stands, or the nearest place above it that is there."""
        if of_name and path in self.names:
            return self.names[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (0, 0))
