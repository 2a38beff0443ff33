"""What the command prints: tables and colours on a terminal, plain text in a pipe, JSON when asked for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WRONG = 1
USAGE = 2
REFUSED = 3

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing anything.")]
Out: TypeAlias = Annotated[Path | None, typer.Option("--out", "-o", help="Write here instead of printing.")]

_STYLES = {
    "error": "red",
    "warning": "yellow",
    "conflict": "red",
    "change": "yellow",
    "extra": "dim",
    "ACTIVE": "green",
}
_BREAKS = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})  # what would end a cell or a line in a pipe
_CONTROLS = {  # what a terminal would obey: items and documents come from anywhere
    code: f"\\u{code:04x}" for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"
}


def say(text: str) -> None:
    """Print a text as it is, for people and pipes alike."""
    typer.echo(text)


def complain(text: str, code: int = WRONG) -> typer.Exit:
    """Print to standard error, and return the exit to raise."""
    shown = escape(text.translate(_CONTROLS))
    Console(stderr=True, soft_wrap=True, highlight=False, emoji=False).print(f"[red]{shown}[/red]")
    return typer.Exit(code)


def confirm(action: str, *, yes: bool) -> None:
    """Ask before a change. Exits 2 without a terminal to ask on."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise complain(f"it would {action}: add --yes to do so without asking", USAGE)
    typer.confirm(f"{action[0].upper()}{action[1:]}?", abort=True)


def say_json(value: object) -> None:
    """Print JSON; what JSON lacks is printed as text."""
    say(json_text(value))


def json_text(value: object) -> str:
    """Return JSON as the command prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str).translate(_CONTROLS)


def say_rows(rows: Sequence[Mapping[str, Any]], *, title: str | None = None) -> None:
    """Print rows with the same columns: a table on a terminal, tabs in a pipe."""
    console = Console(highlight=False, emoji=False)
    if not rows:
        return
    if not console.is_terminal:
        for row in rows:
            say("\t".join(_cells(row)))
        return
    table = RichTable(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(_styled, _cells(row)))
    console.print(table)


def write(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file. Exits 2 when the file cannot be written."""
    if out is None:
        say(text.rstrip("\n"))
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise complain(f"{out}: {error.strerror}", USAGE) from None


def _cells(row: Mapping[str, Any]) -> Iterable[str]:
    return ("" if value is None else str(value).translate(_BREAKS | _CONTROLS) for value in row.values())


def _styled(cell: str) -> str:
    style = _STYLES.get(cell)
    return f"[{style}]{escape(cell)}[/{style}]" if style else escape(cell)
