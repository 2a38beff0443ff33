"""Text to a checked contract of derived keys, with every problem at its line and column."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from dynamorm_py._kernel.types import spelled_path
from dynamorm_py.dms._key_contract import KeyContract, contract_faults
from dynamorm_py.dms._parsed import Parsed, Path, Problem
from dynamorm_py.dms._plain import copied
from dynamorm_py.dms._reading import parse
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from pydantic_core import ErrorDetails

_VERSION = "tabletheory_model_contract_version"
_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a key contract: remove it",
    "too_short": "is empty",
    "string_pattern_mismatch": "is blank",
}


def load_key_contract(path: str | PathLike[str]) -> KeyContract:
    """Read a contract from a file: `.json` is JSON, anything else YAML or JSON.

    Raises InvalidDocument with every problem, each with line, column and path; OSError.
    """
    file = FilePath(path)
    return loads_key_contract(file.read_bytes(), source=str(path), json_only=file.suffix == ".json")


def loads_key_contract(text: str | bytes, *, source: str = "<text>", json_only: bool = False) -> KeyContract:
    """Read a contract from text, YAML or JSON. Raises InvalidDocument with every problem."""
    return _checked(parse(text, source, json_only=json_only), source)


def check_key_contract(data: Mapping[str, Any], *, source: str = "<data>") -> KeyContract:
    """Return the contract of plain data. Raises InvalidDocument with every problem and its path."""
    return _checked(copied(data), source)


def _checked(parsed: Parsed, source: str) -> KeyContract:
    problems = [*parsed.problems] or list(_problems(parsed))
    if problems:
        raise InvalidDocument(source, sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return KeyContract.model_validate(parsed.value)


def _problems(parsed: Parsed) -> Iterator[Problem]:
    if not isinstance(cast("object", parsed.value), dict):
        yield Problem(f"a key contract is a map with {_VERSION} and derived_keys")
        return
    try:
        contract = KeyContract.model_validate(parsed.value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        unknown_version = [each for each in details if each["loc"] == (_VERSION,)]
        for detail in unknown_version or _telling(details):
            yield _problem(parsed, detail["loc"], _message(detail), of_name=detail["type"] == "extra_forbidden")
        return
    for path, message in contract_faults(contract):
        yield _problem(parsed, path, message)


def _telling(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out what only counts the elements that are right, and all but the first try of a scalar."""
    seen: set[Path] = set()
    for detail in details:
        scalar = detail["loc"][-1:] and detail["loc"][-1] in {"str", "bool", "int", "float"}
        place = detail["loc"][:-1] if scalar else detail["loc"]
        if place in seen or (detail["type"] == "too_short" and detail["input"]):
            continue
        seen.add(place)
        yield {**detail, "loc": place}


def _message(detail: ErrorDetails) -> str:
    if detail["loc"] == (_VERSION,) and detail["type"] != "missing":
        return f"is {detail['input']!r}: this release reads '0.1' and '0.2', a string in quotes"
    if detail["type"] == "literal_error":
        return f"is {detail['input']!r}: use {detail.get('ctx', {}).get('expected', '')}"
    return _MESSAGES.get(detail["type"], detail["msg"])


def _problem(parsed: Parsed, path: Path, message: str, *, of_name: bool = False) -> Problem:
    return Problem(message, spelled_path(path), *parsed.mark(path, of_name=of_name))
