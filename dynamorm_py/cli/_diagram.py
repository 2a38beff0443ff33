"""`dynamorm table diagram`: a picture of the table of a module's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from dynamorm_py._model.diagram import mermaid, svg
from dynamorm_py._model.table import ModelTable, bind
from dynamorm_py.cli._models import complete_model, models_of
from dynamorm_py.cli._output import USAGE, Out, complain, write

if TYPE_CHECKING:
    from dynamorm_py import DynamoModel

Models: TypeAlias = Annotated[str, typer.Argument(help="module, or module:Model.", autocompletion=complete_model)]
Form: TypeAlias = Annotated[Literal["svg", "mermaid"], typer.Option("--format", "-f", help="What to write.")]

Which: TypeAlias = Annotated[
    str | None, typer.Option("--table", "-t", help="Which table, where the models are in several.")
]


def diagram(
    models: Models,
    *,
    table: Annotated[
        str | None, typer.Option("--table", "-t", help="Which table, where models are in several.")
    ] = None,
    form: Form = "svg",
    out: Out = None,
) -> None:
    """Draw the table of a module's models: its keys, kinds, indexes, and which query reads what."""
    name, drawn = _tables(models_of(models), models, table)
    write((svg if form == "svg" else mermaid)(name, drawn), out)


def _tables(models: list[type[DynamoModel]], named: str, table: str | None) -> tuple[str, list[ModelTable[Any]]]:
    """Return the models of one table. Exits 2 where they are in several."""
    bound = [bind(m, m.__dynamorm_options__.table or "table") for m in models if not m.__dynamorm_options__.abstract]
    names = list(dict.fromkeys(each.name for each in bound))
    if table is None and len(names) > 1:
        raise complain(f"{named} has models of the tables {', '.join(names)}: name one with --table", USAGE)
    chosen = table or names[0]
    drawn = [each for each in bound if each.name == chosen]
    if not drawn:
        raise complain(f"{named} has no model of table {chosen}: its tables are {', '.join(names)}", USAGE)
    return chosen, drawn
