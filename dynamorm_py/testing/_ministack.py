"""ministack, an emulator of AWS in Python: its virtual environment in the cache, and how it is started.

It pins a botocore of its own, so it shares no environment with the tests. Versions and hashes of all it needs
are in `ministack.txt`, which `make lock` writes. Source: ministack's README, `ministack/app.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from dynamorm_py.testing._cache import kept
from dynamorm_py.testing._programs import HOST, InstallFailed, Program, run, unavailable

_REQUIREMENTS = Path(__file__).with_name("ministack.txt")
_PYTHON = "bin/python"


def required() -> Program:
    """Return the program, installing it first when the cache has none.

    Raises:
        LocalBackendUnavailable: it cannot be installed.
    """
    try:
        python = kept(_home(), _PYTHON, _install)
    except (InstallFailed, OSError) as failure:
        raise unavailable(f"ministack could not be installed: {failure}") from failure
    return Program("ministack", lambda _port: [str(python), "-I", "-m", "ministack"], _environment)


def _home() -> str:
    """Return a name that differs where the content would: by the pinned versions and the interpreter."""
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return f"ministack-{sys.implementation.cache_tag}-{digest}"


def _install(home: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", home)
    options = ("--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement")
    run(*_installer(home / _PYTHON), *options, _REQUIREMENTS)


def _installer(python: Path) -> list[str]:
    """Return the command that installs for this Python: pip where the tests' environment has it, else uv."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python), "install", "--disable-pip-version-check"]
    uv = [sys.executable, "-m", "uv"] if find_spec("uv") else [shutil.which("uv") or ""]
    if not uv[0]:
        raise InstallFailed("neither pip nor uv is here")
    return [*uv, "pip", "install", "--python", str(python)]


def _environment(port: int) -> dict[str, str]:
    """Return all that it sees: settings of the user's own ministack must not reach this one."""
    # Without BIND_HOST it listens on every interface.
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
