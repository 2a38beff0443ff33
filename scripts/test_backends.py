"""Run the integration, contract and property tests on every local backend there is: `make test-backends`.

A test that a backend is known to fail is a strict expected failure (tests/support/backends.py): a backend that is
mended fails it here. dynoxide is left out, with a note, only where its binary is nowhere.
"""

from __future__ import annotations

import subprocess
import sys

from dynamorm_py.testing import _dynoxide as dynoxide

_ON_A_SERVER = ("tests/integration", "tests/contract", "tests/properties")
_ON_MOTO = ("tests/integration/test_local_backends_differ.py", "tests/properties")  # no endpoint: it is in process


def main(arguments: list[str]) -> int:
    """Run them all, whatever fails, and return whether something did."""
    runs = {"ministack": _ON_A_SERVER, "dynoxide": _ON_A_SERVER, "moto": _ON_MOTO}
    if dynoxide.found() is None:
        del runs["dynoxide"]
        print("dynoxide is left out: `make dynoxide` builds it")
    failed = [backend for backend, paths in runs.items() if _run(backend, paths, arguments)]
    print(f"failed on {', '.join(failed)}" if failed else f"passed on {', '.join(runs)}")
    return 1 if failed else 0


def _run(backend: str, paths: tuple[str, ...], arguments: list[str]) -> int:
    print(f"--- {backend}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", f"--dynamodb={backend}", *paths, *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 -- our own tests


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
