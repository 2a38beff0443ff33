"""The folder that keeps servers between runs, and how one gets there: once, and whole.

Knows paths, a lock and a rename; must not know what is kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def cache() -> Path:
    """Return the folder of kept servers; `DYNAMORM_CACHE_DIR` moves it."""
    if named := os.environ.get("DYNAMORM_CACHE_DIR"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "dynamorm-py"


def kept(name: str, program: str, fill: Callable[[Path], None]) -> Path:
    """Return the program in the folder of this name, which `fill` makes when it is not there yet.

    Processes that ask at the same time wait for the first one. A folder whose program is gone, as a virtual
    environment's Python is when the system renews it, is made again.
    """
    home = cache() / name
    if not (home / program).exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with _locked(home.parent / f".{name}.lock"):
            if not (home / program).exists():
                _replace(home, fill)
    return home / program


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    # The system frees the lock when its holder ends, however it ends.
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(home: Path, fill: Callable[[Path], None]) -> None:
    """Make the content beside its final place and move it there, so that no half of it is ever seen."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{home.name}-", ignore_cleanup_errors=True) as staging:
        content = Path(staging, "content")
        fill(content)
        if home.exists():
            home.rename(Path(staging, "broken"))
        content.rename(home)
