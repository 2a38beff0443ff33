"""The layout of generated Python: lines of 88 columns, broken as formatters break them."""

from __future__ import annotations

import ast

_COLUMNS = 88  # what the common formatters use by default
_HOMES = {
    "datetime": ("datetime",),
    "decimal": ("Decimal",),
    "typing": ("Annotated", "Any"),
    "pydantic": ("Field",),
    "dynamorm_py": (
        *("AsBinary", "AsJson", "Attribute", "CreatedAt", "DynamoModel", "Encrypted", "GlobalIndex", "LocalIndex"),
        *("OmitEmpty", "PartitionKey", "SortKey", "TimeToLive", "UpdatedAt", "Version"),
    ),
}
IMPORTED = frozenset(name for names in _HOMES.values() for name in names)
"""What a generated module may import, and no class of it may be called."""
_SECTIONS = (("datetime", "decimal", "typing"), ("pydantic",), ("dynamorm_py",))


def imports(body: str) -> str:
    """Return the import statements of what a module's body names."""
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    sections = [
        [_import(home, names) for home in section if (names := [n for n in _HOMES[home] if n in used])]
        for section in _SECTIONS
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def class_statement(name: str, arguments: list[str]) -> str:
    """Return the head of a class."""
    return _call(f"class {name}", arguments, ":", indent="")


def listing(head: str, parts: list[str]) -> str:
    """Return a list for an argument of a class: on one line, else an element a line."""
    together = f"{head}[{', '.join(parts)}]"
    if len(f"    {together},") <= _COLUMNS:
        return together
    listed = "".join(f"        {part},\n" for part in parts)
    return f"{head}[\n{listed}    ]"


def call_assignment(name: str, called: str, arguments: list[str]) -> str:
    """Return an attribute of a class that is the result of a call."""
    return _call(f"    {name} = {called}", arguments, "", indent="    ")


def assignment(name: str, annotation: list[str], default: str) -> str:
    """Return a field; several parts of an annotation are put into `Annotated`."""
    value = f" = {default}" if default else ""
    if len(annotation) == 1:
        return f"    {name}: {annotation[0]}{value}"
    return _call(f"    {name}: Annotated", annotation, value, indent="    ", brackets="[]")


def _import(home: str, names: list[str]) -> str:
    statement = f"from {home} import {', '.join(names)}"
    if len(statement) <= _COLUMNS:
        return statement
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {home} import (\n{listed})"


def _call(head: str, parts: list[str], tail: str, *, indent: str, brackets: str = "()") -> str:
    """Lay out a bracketed list: on one line, else one a line with the last comma that keeps it so."""
    opening, closing = brackets
    together = f"{head}{opening}{', '.join(parts)}{closing}{tail}"
    if len(together) <= _COLUMNS:
        return together
    listed = "".join(f"{indent}    {part},\n" for part in parts)
    return f"{head}{opening}\n{listed}{indent}{closing}{tail}"
