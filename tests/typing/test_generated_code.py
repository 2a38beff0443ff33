"""Python that is generated from documents: formatted, and clean under pyright strict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "fixtures" / "codegen"


@pytest.mark.parametrize("columns", [88, 120])
def test_generated_python_is_formatted(columns: int) -> None:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", f"--line-length={columns}", str(GOLDEN)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_generated_python_is_clean_under_pyright_strict() -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(ROOT), *map(str, GOLDEN.glob("*.py"))]
    checked = subprocess.run(command, capture_output=True, check=False, text=True)
    assert checked.returncode == 0, checked.stdout
