"""What type checkers say about right and wrong uses of the public words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_OK = [_HERE / "ok.py", _HERE / "ok_query.py", _HERE / "ok_tables.py", _HERE / "ok_aio.py"]
_BAD = [_HERE / "bad.py", _HERE / "bad_query.py", _HERE / "bad_tables.py", _HERE / "bad_aio.py"]


def _wrong_uses(source: Path) -> dict[int, str]:
    """Return the marked lines of a file by number, from 1."""
    lines = enumerate(source.read_text().splitlines(), start=1)
    return {number: line.removesuffix("  # E") for number, line in lines if line.endswith("# E")}


def _flagged_by_pyright(folder: Path) -> dict[Path, set[int]]:
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["."], "extraPaths": [str(_ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    for source in (*_OK, *_BAD):
        (folder / source.name).write_text(source.read_text())
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--project",
        str(folder),
        "--pythonpath",
        sys.executable,
        "--outputjson",
    ]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert report["summary"]["filesAnalyzed"] == len(_OK + _BAD)
    flagged: dict[Path, set[int]] = {source: set() for source in (*_OK, *_BAD)}
    for finding in report["generalDiagnostics"]:
        flagged[_HERE / Path(finding["file"]).name].add(finding["range"]["start"]["line"] + 1)
    return flagged


def _flagged_by_mypy(source: Path, cache_dir: Path) -> set[int]:
    options = ["--strict", "--follow-imports=silent", "--no-error-summary", "--output=json", f"--cache-dir={cache_dir}"]
    command = [sys.executable, "-m", "mypy", *options, str(source)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    assert run.returncode in {0, 1}, run.stderr
    findings = [json.loads(line) for line in run.stdout.splitlines()]
    return {finding["line"] for finding in findings if finding["severity"] == "error"}


def test_pyright_flags_every_wrong_use_and_nothing_else(tmp_path: Path) -> None:
    wrong = {source: set(_wrong_uses(source)) for source in _BAD}
    assert all(len(lines) >= 25 for lines in wrong.values())
    assert _flagged_by_pyright(tmp_path) == {source: set[int]() for source in _OK} | wrong


def test_every_public_symbol_has_a_type_that_all_checkers_see_alike(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--verifytypes", "dynamorm_py", "--ignoreexternal", "--outputjson"]
    found_first = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(_ROOT)}
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ | found_first
    )
    report = json.loads(run.stdout)["typeCompleteness"]
    assert report["packageRootDirectory"] == str(_ROOT / "dynamorm_py")
    assert report["completenessScore"] == 1, [s["name"] for s in report["symbols"] if s["diagnostics"]]


@pytest.mark.parametrize("source", _OK, ids=lambda source: source.name)
def test_mypy_accepts_every_right_use(source: Path, tmp_path: Path) -> None:
    assert _flagged_by_mypy(source, tmp_path) == set()


@pytest.mark.parametrize("source", _BAD, ids=lambda source: source.name)
def test_mypy_flags_every_wrong_use_and_nothing_else(source: Path, tmp_path: Path) -> None:
    assert _flagged_by_mypy(source, tmp_path) == set(_wrong_uses(source))
