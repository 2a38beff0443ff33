"""The page of local backends and the expected failures are the same list."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MARK = re.compile(r"differs\(((?:\"[a-z-]+\", )+)row=(\d+)\)")
_NAMES = {"DynamoDB Local": "dynamodb-local"}


def _rows() -> dict[int, set[str]]:
    """Return the backends whose cell begins with "no", by row."""
    lines = [line for line in (_ROOT / "docs/reference/local-backends.md").read_text().splitlines() if line[:1] == "|"]
    head, _, *body = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in lines)
    names = [_NAMES.get(name, name) for name in head[2:]]
    return {
        int(row): {name for name, cell in zip(names, cells, strict=True) if cell.startswith("no: ")}
        for row, _, *cells in body
    }


def _marks() -> dict[int, set[str]]:
    """Return the backends that some test expects to fail, by row."""
    marks: dict[int, set[str]] = defaultdict(set)
    for file in (_ROOT / "tests/integration").rglob("*.py"):
        for names, row in _MARK.findall(file.read_text()):
            marks[int(row)] |= set(re.findall("[a-z-]+", names))
    return marks


def test_every_row_has_its_expected_failures_and_no_other() -> None:
    assert _rows() == _marks()
    assert len(_rows()) > 25
