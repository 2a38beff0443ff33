"""`dynamorm table diagram`: a picture of the table of a module's models."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from dynamorm_py._model.diagram import mermaid, svg
from dynamorm_py.cli._bound import bound_table, models_in
from dynamorm_py.cli._models import complete_model
from dynamorm_py.cli._output import Out, write

Models: TypeAlias = Annotated[str, typer.Argument(help="module, or module:Model.", autocompletion=complete_model)]
Form: TypeAlias = Annotated[Literal["svg", "mermaid"], typer.Option("--format", "-f", help="What to write.")]


def diagram(
    models: Models,
    *,
    table: Annotated[
        str | None, typer.Option("--table", "-t", help="Which table, where models are in several.")
    ] = None,
    form: Form = "svg",
    out: Out = None,
) -> None:
    """Draw the table of a module's models: its keys, kinds, indexes, and which query reads what.

    Example: dynamorm table diagram shop --out shop.svg
    """
    bound = bound_table(models, table, unnamed="table")
    write((svg if form == "svg" else mermaid)(bound.name, models_in(bound)), out)
