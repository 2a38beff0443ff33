"""The examples start with the commands that their page names, and each does what it says."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

_EXAMPLES = Path(__file__).parents[2] / "examples"
_SCRIPTS = sorted(path.stem for path in _EXAMPLES.glob("*.py") if path.stem != "in_process")
_SERVES = "fastapi_service"  # until it is stopped


def _run(name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(_EXAMPLES / f"{name}.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [name for name in _SCRIPTS if name != _SERVES])
def test_an_example_runs_to_its_end_without_a_warning(name: str) -> None:
    done = _run(name)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_service_answers_when_it_is_started() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    command = [sys.executable, str(_EXAMPLES / f"{_SERVES}.py"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            assert _first_answer(process, f"http://127.0.0.1:{port}/products/tea")["next"] is None
        finally:
            process.terminate()


def _first_answer(process: subprocess.Popen[bytes], url: str) -> dict[str, object]:
    deadline = time.monotonic() + 60  # about 2 on an idle machine
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return httpx2.get(url).json()
        except httpx2.ConnectError:
            time.sleep(0.1)
    raise AssertionError(f"the service does not answer (exit status {process.poll()})")


def test_the_page_of_the_examples_names_each_with_its_command() -> None:
    page = (_EXAMPLES / "README.md").read_text()

    named = re.findall(r"^\| \[`(\w+)\.py`\]\(\1\.py\) \|.*\| `make (\w+)(?: NAME=(\w+))?` \|$", page, re.MULTILINE)
    assert sorted(name for name, _, _ in named) == _SCRIPTS
    assert {(command, argument) for _, command, argument in named} == {
        ("demo", ""),
        *(("example", name) for name in _SCRIPTS if name != "quickstart"),
    }


def test_a_shop_of_seven_kinds_takes_few_lines_and_no_cast() -> None:
    text = (_EXAMPLES / "single_table_shop.py").read_text()
    models = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "DynamoModel" for base in node.bases)
    ]
    lines = text.splitlines()
    written = [line for node in models for line in lines[node.lineno - 1 : node.end_lineno] if line.strip()]
    assert len(models) == 7
    assert len(written) <= 60
    assert not re.search(r"\bcast\(|ignore|\bAny\b", text)


def test_the_shop_passes_mypy_strict(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "single_table_shop.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_EXAMPLES)
    assert (done.stdout.splitlines()[-1:], done.returncode) == (["Success: no issues found in 1 source file"], 0)
