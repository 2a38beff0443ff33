"""The tutorial as a reader follows it: each block typed at the end of one file, each command run in its place.

The shell has no AWS settings, or real-looking ones: neither makes a difference, and nothing reaches AWS.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "tutorial" / "first-service.md").read_text()
_STEPS = re.findall(r"^## \d+\. (.+?)\n(.*?)(?=^## |\Z)", _PAGE, re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELLS = {
    "clean": {},
    "of production": {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_SESSION_TOKEN": "example",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nobody listens: a call that left the process would fail
    },
}


@pytest.mark.parametrize("shell", _SHELLS.values(), ids=list(_SHELLS))
def test_the_tutorial_works_as_it_is_typed(shell: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "orders.py"
    for title, text in _STEPS:
        for language, block in _BLOCK.findall(text):
            if language == "python":
                file.write_text((file.read_text() if file.exists() else "") + block)
        ran = _run("python orders.py", shell, tmp_path)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), f"{title}: {ran.stderr}"
    (command,) = re.findall(r"^\$ (pytest .+)$", _PAGE, re.MULTILINE)
    ran = _run(command, shell, tmp_path)
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


def _run(command: str, shell: dict[str, str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the page with the package of this checkout, in an environment without settings."""
    program, *arguments = shlex.split(command)
    module = [] if program == "python" else ["-m", program]
    return subprocess.run(
        [sys.executable, *module, *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(_ROOT), **shell},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
