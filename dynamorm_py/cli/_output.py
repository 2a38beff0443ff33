"""What the command prints: tables and colours on a terminal, plain text in a pipe, JSON when asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WRONG = 1
USAGE = 2
REFUSED = 3

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str) -> None:
    """Print a text as it is, for people and pipes alike."""
    typer.echo(text)


def complain(text: str, code: int = WRONG) -> typer.Exit:
    """Print to standard error, and return the exit to raise."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[red]{escape(text)}[/red]")
    return typer.Exit(code)


def say_json(value: object) -> None:
    """Print JSON; what JSON lacks is printed as text."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say_rows(rows: Sequence[Mapping[str, Any]], *, title: str | None = None) -> None:
    """Print rows with the same columns: a table on a terminal, tabs in a pipe."""
    console = Console(highlight=False)
    if not rows:
        return
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join("" if value is None else str(value) for value in row.values()))
        return
    table = RichTable(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    console.print(table)
