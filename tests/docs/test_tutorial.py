"""The tutorial as a reader follows it: the files it has one save, and the tests that one runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_STEPS = re.split(r"^## ", (_ROOT / "docs" / "tutorial" / "first-service.md").read_text(), flags=re.MULTILINE)


def _code(title: str) -> str:
    (step,) = (step for step in _STEPS if title in step.partition("\n")[0])
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", step, re.MULTILINE | re.DOTALL))


def test_the_tests_that_the_tutorial_has_one_write_pass_on_moto(tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text(_code("Write the model"))
    (tmp_path / "test_orders.py").write_text("from orders import Order\n" + _code("Test it"))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--dynamodb=moto", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},  # the package of this checkout, whatever is installed
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr
