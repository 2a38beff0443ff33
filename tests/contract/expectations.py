"""The words of `expect`: each checks what a step gave against what a scenario says. Knows no library."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.contract.scenarios import Step

_SETS = frozenset({"SS", "NS", "BS"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a driver reports of a step: an error's code, or the item as logical values of JSON."""

    error: str | None = None
    item: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything an expectation may look at; `raw` is the stored item, `variables` what was saved."""

    outcome: Outcome
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def item(self) -> Mapping[str, Any]:
        """The item that the step gave."""
        assert self.outcome.item is not None, "the step gave no item"
        return self.outcome.item


def check(step: Step, seen: Seen) -> None:
    """Hold the step against its expectations; one without `error` succeeds."""
    unknown = step.expect.keys() - _WORDS.keys()
    assert not unknown, f"unknown expectations: {sorted(unknown)}"
    if "error" not in step.expect:
        assert seen.outcome.error is None, f"{step.op} failed with {seen.outcome.error}"
    for word, expected in step.expect.items():
        _WORDS[word](expected, seen)


def _ok(expected: bool, seen: Seen) -> None:  # noqa: FBT001 -- every word has this signature
    _compare("ok", seen.outcome.error is None, expected)


def _error(expected: str, seen: Seen) -> None:
    _compare("error", seen.outcome.error, expected)


def _item_contains(expected: Mapping[str, Any], seen: Seen) -> None:
    for name, value in expected.items():
        assert name in seen.item, f"{name} is not in the item"
        stored_as = next(iter(seen.raw.get(name, ())), None)
        _compare(name, _canonical(seen.item[name], stored_as), _canonical(value, stored_as))


def _item_has_fields(expected: list[str], seen: Seen) -> None:
    missing = [name for name in expected if seen.item.get(name) is None or name not in seen.raw]
    assert not missing, f"missing: {missing}"


def _item_missing_fields(expected: list[str], seen: Seen) -> None:
    assert seen.raw, "no item is stored"
    present = [name for name in expected if name in seen.raw]
    assert not present, f"stored all the same: {present}"


def _item_field_equals_var(expected: Mapping[str, str], seen: Seen) -> None:
    for name, variable in expected.items():
        _compare(name, seen.item[name], seen.variables[variable])


def _item_field_not_equals_var(expected: Mapping[str, str], seen: Seen) -> None:
    for name, variable in expected.items():
        assert seen.item[name] != seen.variables[variable], f"{name} is still what was saved as {variable}"


def _raw_attribute_types(expected: Mapping[str, str], seen: Seen) -> None:
    for name, tag in expected.items():
        _compare(name, next(iter(seen.raw.get(name, ())), None), tag)


def _raw_item_contains(expected: Mapping[str, Mapping[str, Any]], seen: Seen) -> None:
    for name, value in expected.items():
        _compare(name, _in_json(seen.raw.get(name)), _in_json(value))


_WORDS: Mapping[str, Callable[[Any, Seen], None]] = {
    "ok": _ok,
    "error": _error,
    "item_contains": _item_contains,
    "item_has_fields": _item_has_fields,
    "item_missing_fields": _item_missing_fields,
    "item_field_equals_var": _item_field_equals_var,
    "item_field_not_equals_var": _item_field_not_equals_var,
    "raw_attribute_types": _raw_attribute_types,
    "raw_item_contains": _raw_item_contains,
}


def _compare(name: str, found: object, expected: object) -> None:
    assert found == expected, f"{name} is {found!r}, not {expected!r}"


def _canonical(value: object, stored_as: str | None) -> object:
    """Return a logical value so that equal ones compare equal: exact numbers, sets without order."""
    if stored_as in _SETS and isinstance(value, list):
        return {_canonical(element, stored_as[0]) for element in cast("list[object]", value)}
    if isinstance(value, bool) or value is None:
        return value
    return Decimal(str(value)) if stored_as == "N" else value


def _in_json(value: object) -> object:
    """Return an attribute value as DynamoDB's JSON has it: binary as base64 text; sets sorted."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_in_json(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts: dict[str, Any] = {name: _in_json(part) for name, part in cast("dict[str, object]", value).items()}
    return {name: sorted(part) if name in _SETS else part for name, part in parts.items()}
