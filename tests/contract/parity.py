"""The matrix of features: rows and the sisters' columns from a file, ours from what the scenarios did.

Knows no driver and no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tests.contract.scenarios import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN = "<!-- generated from fixtures/parity.yml and the results of the scenarios -->"
END = "<!-- end of what is generated -->"
PAGE = FIXTURES.parent / "docs" / "reference" / "parity.md"
_HEAD = ["| tier | feature | go | ts | py | scenarios |", "| --- | --- | --- | --- | --- | --- |"]


def rows() -> list[dict[str, Any]]:
    """Return the features, each with tier, the sisters' state, and the scenarios that show it."""
    return yaml.safe_load((FIXTURES / "parity.yml").read_text())["features"]


def table(passed: Mapping[str, bool]) -> str:
    """Return the matrix; `passed` says by a scenario's name whether it passed."""
    return "\n".join([*_HEAD, *(_row(row, passed) for row in rows())])


def _row(row: Mapping[str, Any], passed: Mapping[str, bool]) -> str:
    scenarios: list[str] = row.get("scenarios", [])
    ours = "no scenario yet"
    if scenarios:
        ours = "yes" if all(passed[name] for name in scenarios) else "no"
    shown = ", ".join(f"`{name}`" for name in scenarios)
    return f"| {row['tier']} | {row['feature']} | {row['go']} | {row['ts']} | {ours} | {shown} |"


def renewed(page: str, passed: Mapping[str, bool]) -> str:
    """Return the page with the matrix of these results."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(passed)}\n\n{END}{after}"
