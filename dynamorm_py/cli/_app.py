"""The command line as a whole: the groups of verbs, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dynamorm_py import __version__
from dynamorm_py.cli import _bash, _cursors, _doctor, _documents, _exports, _stored, _tables
from dynamorm_py.cli._output import REFUSED, USAGE, WRONG, complain, say
from dynamorm_py.errors import CallError, DynamoDBError, DynamormError, TableNotFound

_HELP = """Documents, tables, cursors, items and exports of DynamORM models.

Examples: dynamorm doctor shop; dynamorm table ensure shop; dynamorm item query shop:Order customer_id=7
"""

app = typer.Typer(
    name="dynamorm",
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,  # in a pipe, plain text
)
app.add_typer(_documents.app, name="dms")
app.add_typer(_tables.app, name="table")
app.add_typer(_cursors.app, name="cursor")
app.add_typer(_stored.app, name="item")
app.add_typer(_exports.app, name="export")
app.command()(_doctor.doctor)


def run() -> None:
    """Run the command; an error of the library becomes its message and an exit code."""
    try:
        if os.environ.get(_bash.ASKED[0]) == _bash.ASKED[1]:
            _bash.complete(lambda: app(prog_name="dynamorm"), os.environ)
        else:
            app(prog_name="dynamorm")
    except DynamormError as error:
        sys.exit(complain(_message(error), _exit_code(error)).exit_code)


def _message(error: DynamormError) -> str:
    """Return an error's message, with the repair in the words of the command where these differ."""
    if isinstance(error, TableNotFound):
        return f"{error}; `dynamorm table ensure` creates it, --table names another"
    return str(error)


def _exit_code(error: DynamormError) -> int:
    if isinstance(error, DynamoDBError):
        return REFUSED
    return USAGE if isinstance(error, CallError) else WRONG


def _print_version(requested: bool) -> None:  # noqa: FBT001 -- typer passes it so
    if requested:
        say(f"dynamorm-py {__version__}")
        raise typer.Exit


@app.callback(help=_HELP)
def _options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options of the command itself."""
