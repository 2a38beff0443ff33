"""The code of each page passes pyright, as what a reader pastes would; the how-tos call us as mypy strict wants.

A page is one module, its blocks in order. What is shown to raise is left out: a checker refuses some of it, which
`tests/typing/bad.py` holds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PAGES = [_ROOT / "README.md", _ROOT / "docs" / "llms.txt", *sorted((_ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w*)")
_SETTINGS = {
    "include": ["."],
    "typeCheckingMode": "basic",
    "reportRedeclaration": False,  # a page's later blocks may define a name again
    "extraPaths": [str(_ROOT)],
    "pythonVersion": "3.11",
}
_OF_CALLS = ("arg-type", "call-arg", "call-overload", "operator", "attr-defined", "index", "type-var", "list-item")


def _source(page: Path) -> str:
    """Return the code of a page, each line at its own place in the page."""
    lines: list[str] = []
    block: list[str] | None = None
    for line in page.read_text().splitlines():
        fence = _FENCE.match(line)
        if fence and block is not None:
            lines += [*_without_what_raises(block), ""]
            block = None
        elif fence and fence[1] == "python":
            block = []
            lines.append("")
        elif block is not None:
            block.append(line)
        else:
            lines.append("")
    return "\n".join(lines) + "\n"


def _without_what_raises(block: list[str]) -> list[str]:
    """Return a block's code; of a session, what was typed and did not raise."""
    if not any(line.startswith(">>> ") for line in block):
        return block
    typed = [line[4:] if line.startswith((">>> ", "... ")) else "" for line in block]
    raising = [number for number, line in enumerate(block) if line.startswith("Traceback")]
    for number in raising:
        while not block[number].startswith(">>> "):
            number -= 1  # noqa: PLW2901 -- up to where the statement begins
            typed[number] = ""
    return typed


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write each page's code into a module of a folder."""
    folder = tmp_path_factory.mktemp("pages")
    for page in _PAGES:
        if code := _source(page).strip("\n"):
            name = re.sub(r"\W", "_", str(page.relative_to(_ROOT).with_suffix("")))
            (folder / f"{name}.py").write_text(f"{_source(page)}" if code else "")
    return folder


def test_the_code_of_every_page_passes_pyright(sources: Path) -> None:
    (sources / "pyrightconfig.json").write_text(json.dumps(_SETTINGS))
    command = [sys.executable, "-m", "pyright", "--project", str(sources), "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--outputjson"], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] > 40
    assert [_told(each) for each in report["generalDiagnostics"] if each["severity"] == "error"] == []


def _told(problem: dict[str, object]) -> str:
    place = json.loads(json.dumps(problem["range"]))["start"]["line"] + 1
    return f"{Path(str(problem['file'])).stem}:{place}: {problem['message']}"


def test_the_calls_of_the_how_tos_pass_mypy_strict(sources: Path, tmp_path: Path) -> None:
    files = [str(path) for path in sorted(sources.glob("docs_how_to_*.py"))]
    assert len(files) > 25
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--no-error-summary"]
    done = subprocess.run(
        [*command, "--allow-redefinition", *files], capture_output=True, text=True, check=False, cwd=_ROOT
    )
    wrong = [line for line in done.stdout.splitlines() if line.endswith(tuple(f"[{code}]" for code in _OF_CALLS))]
    assert wrong == []
