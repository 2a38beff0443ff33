"""Loads contract scenarios. Knows their form, not what an op or an expectation means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = Path(__file__).parents[2] / "fixtures"


@dataclass(frozen=True, slots=True)
class Step:
    """One op with its arguments, what to expect of it, and what to keep: variable by field."""

    op: str
    arguments: Mapping[str, Any]
    expect: Mapping[str, Any]
    save: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps about items of one model in one table."""

    name: str
    model: str
    table: str
    steps: tuple[Step, ...]


def load(file: Path) -> Scenario:
    """Read a scenario file."""
    return scenario_of(yaml.safe_load(file.read_text()))


def scenario_of(document: Mapping[str, Any]) -> Scenario:
    """Return a scenario. Raises for a document that is not JSON's data model or has other parts."""
    json.dumps(document)
    parts = dict(document)
    if (version := parts.pop("dms_version")) != "0.1":
        message = f"dms_version {version!r} is none that this runner knows"
        raise ValueError(message)
    steps = tuple(map(_step, parts.pop("steps")))
    return Scenario(steps=steps, table=parts.pop("table")["name"], **parts)


def _step(document: Mapping[str, Any]) -> Step:
    arguments = dict(document)
    return Step(arguments.pop("op"), arguments, arguments.pop("expect", {}), arguments.pop("save", {}))
