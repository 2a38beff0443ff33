"""The matrix of features: rows from a file, the sisters' figures as measured, ours from what the scenarios did.

Knows no driver and no table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from tests.contract.scenarios import FIXTURES, Scenario, load

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN = "<!-- generated from fixtures/parity.yml, golden/sister_steps.yml and the results of the scenarios -->"
END = "<!-- end of what is generated -->"
PAGE = FIXTURES.parent / "docs" / "reference" / "parity.md"
_HEAD = [
    "| tier | feature | go, TableTheory 1.2.1 | go, DynamORM 1.3.0-rc.2 | ts, TableTheory 1.2.1 | py | scenarios |",
    "| --- | --- | --- | --- | --- | --- | --- |",
]
_MEASURED = ("go_tabletheory", "go_dynamorm", "ts_tabletheory")


def rows() -> list[dict[str, Any]]:
    """Return the features, each with tier and the scenarios that show it."""
    return yaml.safe_load((FIXTURES / "parity.yml").read_text())["features"]


def measured() -> dict[tuple[str, str], dict[str, str]]:
    """Return the steps that the real libraries passed, as `passed/steps`, by tier and feature."""
    found = yaml.safe_load((FIXTURES / "golden" / "sister_steps.yml").read_text())
    return {(row["tier"], row["feature"]): row for row in found}


def table(passed: Mapping[str, int | None]) -> str:
    """Return the matrix; `passed` says by a scenario's name how many steps passed, None where one did not."""
    figures = measured()
    return "\n".join([*_HEAD, *(_row(row, figures.get((row["tier"], row["feature"]), {}), passed) for row in rows())])


def _row(row: Mapping[str, Any], figures: Mapping[str, str], passed: Mapping[str, int | None]) -> str:
    scenarios: list[str] = row["scenarios"]
    counts = [passed[name] for name in scenarios]
    steps = sum(count or 0 for count in counts)
    ours = "no" if None in counts else f"yes ({steps}/{steps})"
    theirs = " | ".join(_shown(figures.get(name)) for name in _MEASURED)
    ours_alone = {scenario.name for scenario in _scenarios() if scenario.ours}
    shown = ", ".join(f"`{name}`{' (ours)' if name in ours_alone else ''}" for name in scenarios)
    return f"| {row['tier']} | {row['feature']} | {theirs} | {ours} | {shown} |"


@cache
def _scenarios() -> tuple[Scenario, ...]:
    return tuple(map(load, sorted((FIXTURES / "scenarios").rglob("*.yml"))))


def _shown(figure: str | None) -> str:
    """Return a figure as the page shows it: yes only where every step passed."""
    if figure is None:
        return "not measured"
    done, _, of = figure.partition("/")
    return f"yes ({figure})" if done == of else figure


def renewed(page: str, passed: Mapping[str, int | None]) -> str:
    """Return the page with the matrix of these results."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(passed)}\n\n{END}{after}"
