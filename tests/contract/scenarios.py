"""Loads contract scenarios. Knows their form, not what an op or an expectation means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

FIXTURES = Path(__file__).parents[2] / "fixtures"
DMS_VERSIONS = ("0.1", "0.2")  # what scenarios may be written against
_VARIABLE = re.compile(r"\$([A-Za-z]\w*(?:\.\w+)*)")
_STEP_WORDS = ("op", "model", "encryption", "expect", "save", "faults")


@dataclass(frozen=True, slots=True)
class Step:
    """One op with its arguments, what to expect of it, what to keep (variable by field), what goes wrong meanwhile."""

    op: str
    arguments: Mapping[str, Any]
    model: str = ""
    encryption: str = "kms"
    expect: Mapping[str, Any] = field(default_factory=dict[str, Any])
    save: Mapping[str, str] = field(default_factory=dict[str, str])
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps about items of one model, or of further ones too, each in a table of its own.

    `ours` says why a true member of the family may fail it: what it shows is this library's alone.
    """

    name: str
    model: str
    table: str
    steps: tuple[Step, ...]
    further: tuple[str, ...] = ()
    dms_version: str = DMS_VERSIONS[0]
    ours: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """The models whose tables the steps need."""
        return (self.model, *self.further)


def load(file: Path) -> Scenario:
    """Read a scenario file."""
    return scenario_of(yaml.safe_load(file.read_text()))


def scenario_of(document: Mapping[str, Any]) -> Scenario:
    """Return a scenario. Raises for a document that is not JSON's data model or has other parts."""
    json.dumps(document)
    parts = dict(document)
    if parts["dms_version"] not in DMS_VERSIONS:
        message = f"dms_version {parts['dms_version']!r} is none that this runner knows"
        raise ValueError(message)
    further, model = tuple(parts.pop("further", ())), parts["model"]
    steps = tuple(step for each in parts.pop("steps") for step in _steps(each, model))
    return Scenario(steps=steps, further=further, table=parts.pop("table")["name"], **parts)


def _steps(document: Mapping[str, Any], model: str) -> Iterator[Step]:
    """Yield the steps that a document stands for: one, or one for each vector of a golden file."""
    arguments = dict(document)
    for vector in _vectors(arguments.pop("for_each", None)):
        every: Any = _repeated(filled(arguments, vector, strict=False))
        words: dict[str, Any] = {"model": model}
        words |= {word: every.pop(word) for word in _STEP_WORDS if word in every}
        yield Step(arguments=every, **words)


def _vectors(wanted: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if wanted is None:
        yield {}
        return
    for vector in json.loads((FIXTURES / "golden" / wanted["golden"]).read_text())["vectors"]:
        if vector["name"] in wanted.get("names", [vector["name"]]) and vector["name"] not in wanted.get("except", ()):
            for entry in vector[wanted["each"]] if "each" in wanted else [None]:
                yield {**vector, "each": entry}


def filled(value: object, variables: Mapping[str, Any], *, strict: bool = True) -> object:
    """Return a value whose texts `$name` and `$name.part` are the variables. Raises KeyError for an unknown one."""
    if isinstance(value, str) and (found := _VARIABLE.fullmatch(value)):
        first, *parts = found[1].split(".")
        if first not in variables and not strict:
            return value
        inner = variables[first]
        for part in parts:
            inner = inner[part]
        return inner
    return _inside(value, partial(filled, variables=variables, strict=strict))


def _repeated(value: object) -> object:
    """Return a value with `{$repeat: n, of: x}` in a list as n times x, in which `$i` counts from 0."""
    if isinstance(value, list):
        elements = cast("list[object]", value)
        return [_repeated(copy) for element in elements for copy in _copies(element)]
    return _inside(value, _repeated)


def _copies(element: object) -> list[object]:
    if not isinstance(element, dict) or "$repeat" not in element:
        return [element]
    repeat = cast("dict[str, Any]", element)
    first = repeat.get("from", 0)
    return [filled(repeat["of"], {"i": i}, strict=False) for i in range(first, first + repeat["$repeat"])]


def _inside(value: object, change: Callable[[object], object]) -> object:
    if isinstance(value, list):
        return [change(part) for part in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: change(part) for name, part in cast("dict[str, object]", value).items()}
    return value
