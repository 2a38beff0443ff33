"""TypeScript: an interface of each model's items, and its definition for the sister library.

`tags` are left out of the definition: the library's type of an attribute has no such property.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from dynamorm_py.dms._codegen.libraries import PACKAGES
from dynamorm_py.dms._codegen.names import check_class_names, heading
from dynamorm_py.dms._writing import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.dms._codegen.libraries import Library
    from dynamorm_py.dms._document import Attribute, Document, Model

_TYPES = {
    "S": "string",
    "N": "number",
    "B": "Uint8Array",
    "BOOL": "boolean",
    "NULL": "null",
    "M": "Record<string, unknown>",
    "L": "unknown[]",
    "SS": "string[]",
    "NS": "number[]",
    "BS": "Uint8Array[]",
}
_USED = ("Record", "Uint8Array")  # an interface named so would hide the type
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def write(document: Document, library: Library) -> str:
    """Return a module with an interface and a definition for each model, whose table can be named."""
    check_class_names(document, "TypeScript", _USED)
    head = f"// Models{heading(document, 'of')}, generated from DMS {document.dms_version}; do not edit."
    parts = [head, f"import {{ defineModel }} from '{PACKAGES[library].npm}';"]
    for model in document.models:
        parts += ["\n".join(_interface(model)), "\n".join(_definition(model))]
    return "\n\n".join(parts) + "\n"


def _interface(model: Model) -> Iterator[str]:
    yield f"export interface {model.name} {{"
    for attribute in model.attributes:
        yield f"  {_name(attribute.attribute)}{'' if _is_required(model, attribute) else '?'}: {_type(attribute)};"
    yield "}"


def _definition(model: Model) -> Iterator[str]:
    """Write the document's entry as an object literal, a line for each attribute and index."""
    data = plain(model)
    yield f"export const define{model.name}Model = (table = {_quoted(model.table.name)}) => defineModel({{"
    for name, value in data.items():
        if name in {"attributes", "indexes"}:
            yield f"  {name}: ["
            for entry in value:
                entry.pop("tags", None)
                yield f"    {_literal(entry)},"
            yield "  ],"
        elif name == "table":
            yield "  table: { name: table },"
        else:
            yield f"  {name}: {_literal(value)},"
    yield "});"
    yield ""
    yield f"export const {model.name}Model = define{model.name}Model();"


def _is_required(model: Model, attribute: Attribute) -> bool:
    keys = {key.attribute for key in (model.keys.partition, model.keys.sort) if key}
    return attribute.required or attribute.attribute in keys


def _type(attribute: Attribute) -> str:
    if attribute.json_ and attribute.type in {"S", "M", "L"}:
        return "unknown"
    return "string" if attribute.format == "decimal_string" else _TYPES[attribute.type]


def _name(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _quoted(name)


def _literal(value: object) -> str:
    if isinstance(value, dict):
        entries: dict[str, object] = value  # pyright: ignore[reportUnknownVariableType] -- JSON
        parts = ", ".join(f"{_name(name)}: {_literal(each)}" for name, each in entries.items())
        return f"{{ {parts} }}" if parts else "{}"
    if isinstance(value, list):
        elements: list[object] = value  # pyright: ignore[reportUnknownVariableType] -- JSON
        return f"[{', '.join(map(_literal, elements))}]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    inner = json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"
