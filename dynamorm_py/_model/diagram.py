"""A picture of a table: its key columns, the kinds in it, its indexes, and which query reads what; SVG and Mermaid."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import StoredField

_LIGHT = ("#dbeafe", "#dcfce7", "#fef9c3", "#fae8ff", "#ffedd5", "#cffafe", "#fee2e2", "#e0e7ff")
_DARK = ("#1e3a5f", "#14432a", "#4a3f0b", "#4a1d5c", "#5a3210", "#0e4450", "#5c1a1a", "#2e2f66")
_ROW, _LETTER, _GAP = 28, 7.4, 16  # pixels


@frozen
class Access:
    """One query: by which key, what it takes, and the kinds that it reads."""

    key: str
    parts: str
    kinds: tuple[str, ...]


def accesses(tables: Sequence[ModelTable[Any]]) -> list[Access]:
    """Return the queries that the partition keys of the table and of its indexes allow."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for key, fields in _partitions(table):
            parts = " ".join(_spelled(table, each) for each in fields)
            found.setdefault((key, parts), []).append(table.model.__name__)
    return [Access(key, parts, tuple(kinds)) for (key, parts), kinds in found.items()]


def mermaid(name: str, tables: Sequence[ModelTable[Any]]) -> str:
    """Return the picture as a Mermaid flowchart."""
    lines = ["flowchart LR", f'  subgraph table["{name}"]']
    for number, table in enumerate(tables):
        keys = "<br/>".join(f"{each.attribute}: {_spelled(table, each)}" for each in table.schema.keys)
        lines.append(f'    k{number}["<b>{table.model.__name__}</b><br/>{_quoted(keys)}"]:::c{number % len(_LIGHT)}')
    lines.append("  end")
    for number, access in enumerate(accesses(tables)):
        lines.append(f'  q{number}(["{access.key}: {_quoted(access.parts)}"])')
        kinds = [n for n, table in enumerate(tables) if table.model.__name__ in access.kinds]
        lines += [f"  q{number} --> k{kind}" for kind in kinds]
    lines += [f"  classDef c{n} fill:{fill},color:#111827,stroke:#6b7280" for n, fill in enumerate(_LIGHT)]
    return "\n".join(lines) + "\n"


def svg(name: str, tables: Sequence[ModelTable[Any]]) -> str:
    """Return the picture as SVG, which follows the reader's light or dark scheme."""
    columns = _columns(tables)
    rows = [[table.model.__name__, *(_cell(table, column) for column in columns)] for table in tables]
    grid = [["", *columns], *rows]
    widths = [max(len(row[n]) for row in grid) * _LETTER + _GAP for n in range(len(grid[0]))]
    queries = [f"{each.key}: {each.parts} reads {', '.join(each.kinds)}" for each in accesses(tables)]
    width = max(sum(widths), *(len(text) * _LETTER + _GAP for text in queries))
    height = _ROW * (len(grid) + len(queries) + 2)
    size = f'viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>Table {escape(name)}</title>",
        f"<desc>{escape(_description(tables))}</desc>",
        f"<style>{_style()}</style>",
        _text(name, 8, 18, "name"),
        *_cells(grid, widths),
        *(_text(each, 8, _ROW * (len(grid) + 2 + n) + 4, "query") for n, each in enumerate(queries)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(tables: Sequence[ModelTable[Any]]) -> str:
    """Return the picture in words."""
    kinds = ", ".join(table.model.__name__ for table in tables)
    queries = "; ".join(f"{each.key}: {each.parts} reads {', '.join(each.kinds)}" for each in accesses(tables))
    return f"The keys of {kinds}, a row each. Queries: {queries}."


def _partitions(table: ModelTable[Any]) -> Iterator[tuple[str, tuple[StoredField, ...]]]:
    yield "table", (table.schema.partition,)
    for index in table.schema.indexes.values():
        if index.kind == "GSI":
            yield index.name, index.partition


def _spelled(table: ModelTable[Any], field: StoredField) -> str:
    template = table.schema.fields[field.name].template
    return "{" + field.name + "}" if template is None else template.source


def _columns(tables: Sequence[ModelTable[Any]]) -> list[str]:
    """Return the key attributes, the table's before the indexes'."""
    found: dict[str, None] = {}
    for table in tables:
        found |= dict.fromkeys(each.attribute for each in table.schema.keys)
    for table in tables:
        for index in table.schema.indexes.values():
            found |= dict.fromkeys(each.attribute for each in (*index.partition, *index.sort))
    return list(found)


def _cell(table: ModelTable[Any], column: str) -> str:
    keys = (each for each in table.schema.stored if each.is_key or each.is_index_key)
    return next((_spelled(table, each) for each in keys if each.attribute == column), "")


def _cells(grid: list[list[str]], widths: list[float]) -> Iterator[str]:
    for number, row in enumerate(grid):
        top, kind = _ROW * (number + 1), "head" if number == 0 else f"k{(number - 1) % len(_LIGHT)}"
        left = 0.0
        for text, width in zip(row, widths, strict=True):
            yield f'<rect class="{kind}" x="{left:g}" y="{top}" width="{width:g}" height="{_ROW}"/>'
            yield _text(text, left + 8, top + 18, "cell")
            left += width


def _text(text: str, left: float, top: float, kind: str) -> str:
    return f'<text class="{kind}" x="{left:g}" y="{top:g}">{escape(text)}</text>'


def _style() -> str:
    def fills(colours: Sequence[str]) -> str:
        return "".join(f".k{n}{{fill:{colour}}}" for n, colour in enumerate(colours))

    light = f"text{{font:12px monospace;fill:#111827}}rect{{stroke:#9ca3af}}.head{{fill:#f3f4f6}}{fills(_LIGHT)}"
    dark = f"text{{fill:#f9fafb}}rect{{stroke:#6b7280}}.head{{fill:#1f2937}}{fills(_DARK)}"
    return f"{light}.name,.query{{font-weight:bold}}@media (prefers-color-scheme:dark){{{dark}}}"


def _quoted(text: str) -> str:
    """Return text as it may stand between Mermaid's quotes."""
    return text.replace('"', "#quot;").replace("{", "#123;").replace("}", "#125;")
