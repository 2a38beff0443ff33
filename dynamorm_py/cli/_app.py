"""The command line as a whole: the groups of verbs, and what becomes of errors."""

from __future__ import annotations

from typing import Annotated

import typer

from dynamorm_py import __version__
from dynamorm_py.cli import _documents, _items, _tables
from dynamorm_py.cli._output import say

app = typer.Typer(
    name="dynamorm",
    help="Documents, tables and items of DynamORM models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(_documents.app, name="dms")
app.add_typer(_tables.app, name="table")
app.add_typer(_items.app, name="item")


def _print_version(wanted: bool) -> None:  # noqa: FBT001 -- typer passes it so
    if wanted:
        say(f"dynamorm-py {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Documents, tables and items of DynamORM models."""
