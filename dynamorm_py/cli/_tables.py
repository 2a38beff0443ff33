"""`dynamorm table`: the tables of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer
from rich.console import Console

from dynamorm_py._model.table import bind
from dynamorm_py._repo import checked_table_name
from dynamorm_py._transport import default_client
from dynamorm_py.cli._diagram import diagram
from dynamorm_py.cli._models import complete_model, model_of
from dynamorm_py.cli._output import USAGE, WRONG, AsJson, Out, complain, json_text, say, say_json, say_rows, write
from dynamorm_py.tables import Difference, TableOperations

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(
    help="Tables: create, describe, compare, export. AWS settings come from the environment.", no_args_is_help=True
)

ModelName: TypeAlias = Annotated[str, typer.Argument(help="module:Model.", autocompletion=complete_model)]
TableName: TypeAlias = Annotated[str | None, typer.Option("--table", "-t", help="Another table than the model's.")]
Region: TypeAlias = Annotated[str | None, typer.Option(help="Another region than the environment's.")]
EndpointUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="Another endpoint, such as a DynamoDB Local's: http://localhost:8000.")
]
Tool: TypeAlias = Annotated[
    Literal["cloudformation", "terraform"], typer.Option("--format", "-f", help="Whose JSON to write.")
]


@app.command()
def create(
    model: ModelName,
    *,
    table: TableName = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Create the table with the model's keys and indexes, and wait until it is there."""
    operations = _operations(model, table, region, endpoint_url)
    with Console(stderr=True).status("waiting for the table"):
        operations.create()
    description = operations.describe()
    say_json(description) if as_json else say(f"created {description['TableName']}")


@app.command()
def describe(
    model: ModelName,
    *,
    table: TableName = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print what DynamoDB says of the table."""
    description = _operations(model, table, region, endpoint_url).describe()
    if as_json:
        say_json(description)
    else:
        say_rows(_rows(description), title=description["TableName"])


@app.command()
def compare(
    model: ModelName,
    *,
    table: TableName = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Compare the table with what its model needs; exit 1 when the table lacks something.

    What the table has besides ("extra") is told, and is no reason to exit 1: other models may need it.
    """
    differences = _operations(model, table, region, endpoint_url).compare()
    rows = [_difference(each) for each in differences]
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, title=f"{model} and its table")
    if any(each.kind != "extra" for each in differences):
        raise typer.Exit(WRONG)


@app.command()
def export(
    model: ModelName,
    *,
    tool: Tool = "cloudformation",
    table: TableName = None,
    out: Out = None,
) -> None:
    """Print the table for another tool: a CloudFormation template, or Terraform's JSON. Nothing is sent."""
    operations = _operations(model, table)
    exported = operations.terraform() if tool == "terraform" else operations.cloudformation()
    write(f"{json_text(exported)}\n", out)


app.command()(diagram)


def _operations(
    name: str, table: str | None, region: str | None = None, endpoint_url: str | None = None
) -> TableOperations[Any]:
    """Return the operations of a model's table; its encryption is not needed for them. Exits 2 without a name."""
    model = model_of(name)
    if table is None and model.__dynamorm_options__.table is None:
        raise complain(f"{name} names no table: add --table NAME, or table= to the class", USAGE)
    bound = bind(model, checked_table_name(model, table))
    return TableOperations(bound, default_client(region, endpoint_url))


def _difference(difference: Difference) -> dict[str, Any]:
    return {name: getattr(difference, name) for name in ("kind", "subject", "wanted", "found", "repair")}


def _rows(description: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the table and its indexes, a row each."""
    types = {known["AttributeName"]: known["AttributeType"] for known in description["AttributeDefinitions"]}
    parts = [("table", description)]
    for kind in ("Global", "Local"):
        parts += [(f"{kind.lower()} index", index) for index in description.get(f"{kind}SecondaryIndexes", [])]
    return [_row(what, part, types) for what, part in parts]


def _row(what: str, part: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    keys = [f"{key['AttributeName']} ({types[key['AttributeName']]})" for key in part["KeySchema"]]
    return {
        "what": what,
        "name": part.get("IndexName") or part["TableName"],
        "keys": ", ".join(keys),
        "status": part.get("IndexStatus") or part.get("TableStatus"),
        "items": part.get("ItemCount"),
        "projection": part.get("Projection", {}).get("ProjectionType"),
    }
