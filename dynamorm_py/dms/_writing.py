"""The canonical text of a document: one order of fields, and no defaults.

What this writes, `loads` reads back as an equal document. Needs no YAML library.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py.dms._document import Document, Model

_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
)  # YAML 1.2.2, 5.1, and what breaks a line for some


def dumps(document: Document, *, format: Literal["yaml", "json"] = "yaml") -> str:  # noqa: A002 -- what it is
    """Return the canonical text of a document, in YAML or JSON."""
    data = plain(document)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n" if format == "json" else _yaml(data)


def plain(part: Document | Model) -> dict[str, Any]:
    """Return a document, or one model of it, as plain data without defaults; its attributes keep their order."""
    data: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return data


def _yaml(data: Mapping[str, Any]) -> str:
    head = [f"{name}: {_inline(data[name])}" for name in ("dms_version", "namespace") if name in data]
    models = [line for model in data["models"] for line in _model(model)]
    return "\n".join([*head, "models:", *models]) + "\n"


def _model(model: Mapping[str, Any]) -> Iterator[str]:
    """Lay out one model: short maps on one line, attributes and indexes in blocks."""
    yield f"  - name: {_inline(model['name'])}"
    yield f"    table: {_inline(model['table'])}"
    if "naming" in model:
        yield f"    naming: {_inline(model['naming'])}"
    yield "    keys:"
    yield from (f"      {name}: {_inline(key)}" for name, key in model["keys"].items())
    if "write_policy" in model:
        yield f"    write_policy: {_inline(model['write_policy'])}"
    for section in ("attributes", "indexes"):
        if model.get(section):
            yield f"    {section}:"
            yield from (line for entry in model[section] for line in _entry(entry))


def _entry(entry: Mapping[str, Any]) -> Iterator[str]:
    for at, (name, value) in enumerate(entry.items()):
        yield f"      {' ' if at else '-'} {name}: {_inline(value)}"


def _inline(value: object) -> str:
    """Write a value on one line, in YAML's flow style: JSON with names of ours bare."""
    if isinstance(value, dict):
        entries: dict[str, object] = value  # pyright: ignore[reportUnknownVariableType] -- JSON's names are strings
        parts = [f"{_name(name)}: {_inline(each)}" for name, each in entries.items()]
        return f"{{ {', '.join(parts)} }}" if parts else "{}"
    if isinstance(value, list):
        elements: list[object] = value  # pyright: ignore[reportUnknownVariableType] -- JSON
        return f"[{', '.join(map(_inline, elements))}]"
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _name(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]+", name) and name not in _WORDS else _inline(name)


_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}  # other YAML versions see no string in these
