"""Plain data that was made by a program, as if a text had been parsed. Knows JSON's types, and nothing of DMS."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import isfinite
from typing import Any, cast

from dynamorm_py._kernel.words import kind_of
from dynamorm_py.dms._parsed import DEPTH_LIMIT, INTEGER_LIMIT, Parsed, Path, Unreadable


def copied(data: object) -> Parsed:
    """Copy plain data. What JSON does not have is in `.problems`."""
    parsed = Parsed()
    with suppress(Unreadable):
        parsed.value = _copy(parsed, data, (), 0)
    return parsed


def _copy(parsed: Parsed, value: object, path: Path, depth: int) -> Any:  # noqa: ANN401 -- any JSON value
    if depth > DEPTH_LIMIT:  # also what holds itself
        parsed.stop(path, (0, 0), f"nested over {DEPTH_LIMIT} deep")
    if isinstance(value, Mapping):
        return _copy_map(parsed, cast("Mapping[object, object]", value), path, depth)
    if isinstance(value, list | tuple):
        elements = cast("list[object]", value)
        return [_copy(parsed, each, (*path, at), depth + 1) for at, each in enumerate(elements)]
    wrong = _fault(value)
    if wrong is None:
        return value
    parsed.fault(path, (0, 0), wrong)
    return None


def _copy_map(parsed: Parsed, entries: Mapping[object, object], path: Path, depth: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in entries.items():
        if isinstance(name, str) and _fault(name) is None:
            out[name] = _copy(parsed, value, (*path, name), depth + 1)
        else:
            parsed.fault(path, (0, 0), f"the name {name!r:.80} is not text: names are strings, as in JSON")
    return out


def _fault(value: object) -> str | None:
    """Return why a scalar is not one of JSON's, None when it is."""
    if isinstance(value, str):
        is_text = not any("\ud800" <= letter <= "\udfff" for letter in value)
        return None if is_text else "half a surrogate pair is not text"
    if isinstance(value, float):
        return None if isfinite(value) else f"{value} is not a JSON number: leave it out, or make it a string"
    if isinstance(value, int):
        return None if -INTEGER_LIMIT < value < INTEGER_LIMIT else "the number is too long: make it a string"
    return None if value is None else f"{kind_of(value)} is not a JSON value: make it a string"
