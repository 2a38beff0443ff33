"""Builds distributions, and installs them where nothing else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]


class Environment(Protocol):
    """Runs Python or a command in an environment of its own; gives exit code, output and errors."""

    def __call__(self, command: Sequence[str]) -> tuple[int, str, str]: ...


def _run(*command: str | Path, cwd: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def build(source: Path, target: Path, *options: str) -> None:
    """Build what `options` ask for, with the locked build backend and without any network."""
    _run(sys.executable, "-m", "hatchling", "build", "-d", target, *options, cwd=source)


def environment(requirement: str, folder: Path) -> Environment:
    """Install into an empty environment, in the versions of the lock file."""
    uv = (sys.executable, "-m", "uv")
    python = folder / "venv" / "bin" / "python"
    _run(*uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    locked = ("--constraint", ROOT / "requirements" / "dev.txt")
    _run(*uv, "pip", "install", "--quiet", "--python", python, *locked, requirement)

    def run(command: Sequence[str]) -> tuple[int, str, str]:
        program, *arguments = command
        place = {"PATH": f"{python.parent}", "HOME": f"{folder}"}  # nothing of the environment that runs the tests
        done = subprocess.run(
            [python.parent / program, *arguments], cwd=folder, env=place, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run
