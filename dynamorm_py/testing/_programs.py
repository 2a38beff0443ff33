"""What a server is before it runs: its command and its environment; and the error where there is none.

Must not know which servers there are, nor how one is started.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import LocalBackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HOST = "127.0.0.1"
_INSTALL_SECONDS = 900  # on a slow line


@frozen
class Program:
    """A server that can be started on a port of the loopback."""

    name: str
    command: Callable[[int], Sequence[str]]
    environment: Callable[[int], Mapping[str, str]]


class InstallFailed(Exception):
    """A server could not be installed."""


def run(*command: str | Path) -> None:
    """Run an installer's command, silently. Raises InstallFailed with the end of its output."""
    program = Path(command[0]).name
    try:
        subprocess.run(  # noqa: S603 -- a fixed program with fixed arguments
            [str(part) for part in command], check=True, timeout=_INSTALL_SECONDS, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InstallFailed(f"{program} did not finish in {_INSTALL_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        raise InstallFailed(
            f"{program} failed with exit code {error.returncode}: {error.stdout.strip()[-700:]}"
        ) from None


def unavailable(reason: str) -> LocalBackendUnavailable:
    """Make the error that names what failed, and the ways to a local DynamoDB or to do without one."""
    return LocalBackendUnavailable(
        f"no local DynamoDB: {reason}\n"
        "Do one of these:\n"
        "  1. name one that runs: DYNAMODB_ENDPOINT=http://localhost:8000\n"
        "  2. name a dynoxide binary: DYNOXIDE=/path/to/dynoxide, with --dynamodb=dynoxide or without. Its crate is\n"
        "     dynoxide-rs; `make dynoxide` in a checkout of dynamorm_py builds it into the cache\n"
        "  3. connect to the package index once: ministack is then installed into the cache with pip or uv, and\n"
        "     started from there (DYNAMORM_CACHE_DIR names the cache)\n"
        "  4. in pytest, do without a server: pytest --dynamodb=moto"
    )
