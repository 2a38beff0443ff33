"""dynoxide, a DynamoDB in one binary: where it is, how it is built, how it is started.

Source: the README of the crate dynoxide-rs; `dynoxide --help`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from dynamorm_py.testing._cache import cache, kept
from dynamorm_py.testing._programs import HOST, InstallFailed, Program, run, unavailable

VERSION = "3.2.0"
_HOME = f"dynoxide-{VERSION}"
_BINARY = "bin/dynoxide"


def found() -> Program | None:
    """Return the program named by `DYNOXIDE`, else on the PATH, else in the cache; None when it is nowhere.

    Raises:
        LocalBackendUnavailable: `DYNOXIDE` names no program.
    """
    if named := os.environ.get("DYNOXIDE"):
        if (path := shutil.which(named)) is None:
            raise unavailable(f"DYNOXIDE={named} names no program")
        return _program(path)
    path = shutil.which("dynoxide") or built()
    return _program(path) if path else None


def required() -> Program:
    """Return the program. Raises LocalBackendUnavailable when it is nowhere."""
    if (program := found()) is None:
        raise unavailable(f"dynoxide is not named by DYNOXIDE, not on the PATH and not in the cache {cache()}")
    return program


def built() -> str | None:
    """Return the binary in the cache; None when it was not built yet."""
    return shutil.which(cache() / _HOME / _BINARY)


def build() -> Path:
    """Build the pinned crate into the cache, unless it is there, and return the binary.

    Raises:
        LocalBackendUnavailable: there is no cargo, or it failed.
    """
    try:
        return kept(_HOME, _BINARY, _cargo_install)
    except (InstallFailed, OSError) as failure:
        raise unavailable(f"dynoxide {VERSION} could not be built: {failure}") from failure


def _cargo_install(home: Path) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise InstallFailed("cargo is not on the PATH")
    with tempfile.TemporaryDirectory(prefix="dynoxide-", ignore_cleanup_errors=True) as target:
        features = "native-sqlite,http-server,cli"
        run(cargo, "install", "dynoxide-rs", "--version", VERSION, "--locked", "--no-default-features",
            "--features", features, "--root", home, "--target-dir", target)  # fmt: skip


def _program(path: str) -> Program:
    # An absolute path: the server's working directory is its own.
    return Program("dynoxide", partial(_command, str(Path(path).absolute())), lambda _port: {})


def _command(binary: str, port: int) -> list[str]:
    return [binary, "--host", HOST, "--port", str(port)]
