"""Compares what was found with what was expected, and says how it differs. Knows no word and no driver."""

from __future__ import annotations

import base64
import json
from decimal import Decimal, InvalidOperation
from difflib import ndiff
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SETS = frozenset({"SS", "NS", "BS"})


def compare(name: str, found: object, expected: object) -> None:
    """Raise AssertionError, naming both, unless they are equal."""
    assert found == expected, f"{name} is {found!r}, not {expected!r}"


def same_lines(name: str, found: list[str], expected: list[str]) -> None:
    """Compare two lists; the message shows them line by line, `-` what was expected and `+` what was found."""
    if found != expected:
        shown = "\n".join(line.rstrip("\n") for line in ndiff(expected, found) if not line.startswith("?"))
        raise AssertionError(f"{name} differ (- expected, + found):\n{shown}")


def part(item: Any, wanted: Any) -> Any:  # noqa: ANN401 -- JSON
    """Return of an item what an expectation speaks of."""
    if item is None or wanted is None:
        return item
    return {name: item[name] for name in wanted if name in item}


def lines(items: Sequence[Any], types: Mapping[str, str]) -> list[str]:
    """Return a line for each item, the same for equal ones."""
    return [json.dumps(_shown(item, types), sort_keys=True, ensure_ascii=False) for item in items]


def _shown(item: Any, types: Mapping[str, str]) -> Any:  # noqa: ANN401 -- JSON
    if not isinstance(item, dict):
        return item
    return {name: _writable(name, value, types) for name, value in cast("dict[str, Any]", item).items()}


def _writable(name: str, given: object, types: Mapping[str, str]) -> object:
    """Return an attribute's canonical value as JSON; an item within, such as a reason's, attribute by attribute."""
    value = _shown(given, types) if name not in types else canonical(given, types[name])
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return sorted(map(str, cast("set[object]", value))) if isinstance(value, set) else value


def canonical(value: object, kind: str | None) -> object:
    """Return a logical value so that equal ones compare equal: exact numbers, sets without order."""
    if kind in _SETS and isinstance(value, list):
        return {canonical(element, kind[0]) for element in cast("list[object]", value)}
    if kind != "N" or isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def logical(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored item as a driver would answer it: values of JSON, numbers and binary as text."""
    return {name: _logical(value) for name, value in stored.items()}


def _logical(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    ((tag, payload),) = value.items()
    if tag == "NULL":
        return None
    if tag == "M":
        return logical(payload)
    if tag == "L":
        return [_logical(part) for part in payload]
    return in_json(list(payload) if tag in _SETS else payload)


def in_json(value: object) -> object:
    """Return an attribute value as DynamoDB's JSON has it: binary as base64 text; sets sorted."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [in_json(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    return {name: _sorted(name, in_json(part)) for name, part in cast("dict[str, object]", value).items()}


def _sorted(name: str, part: object) -> object:
    return sorted(cast("list[str]", part)) if name in _SETS and isinstance(part, list) else part
