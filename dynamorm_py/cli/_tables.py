"""`dynamorm table`: the tables of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dynamorm_py import Repo
from dynamorm_py.cli._models import model_of
from dynamorm_py.cli._output import REFUSED, USAGE, AsJson, complain, say, say_json, say_rows
from dynamorm_py.errors import DynamoDBError, DynamormError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.tables import TableOperations

app = typer.Typer(help="Tables: create, describe. AWS settings come from the environment.", no_args_is_help=True)

ModelName = Annotated[str, typer.Argument(help="module:Model.")]
TableName = Annotated[str | None, typer.Option("--table", "-t", help="Another table than the model's.")]


@app.command()
def create(model: ModelName, *, table: TableName = None) -> None:
    """Create the table with the model's keys and indexes, and wait until it is there."""
    description = _perform(model, table, lambda operations: (operations.create(), operations.describe())[1])
    say(f"created {description['TableName']}")


@app.command()
def describe(model: ModelName, *, table: TableName = None, as_json: AsJson = False) -> None:
    """Print what DynamoDB says of the table."""
    description = _perform(model, table, lambda operations: operations.describe())
    if as_json:
        say_json(description)
    else:
        say_rows(_rows(description), title=description["TableName"])


def _perform(
    model: str, table: str | None, operation: Callable[[TableOperations[Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Perform an operation of a model's table; errors become exits."""
    try:
        return operation(Repo(model_of(model), table=table).table)
    except DynamoDBError as error:
        raise complain(str(error), REFUSED) from None
    except DynamormError as error:
        raise complain(str(error), USAGE) from None


def _rows(description: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the table and its indexes, a row each."""
    types = {known["AttributeName"]: known["AttributeType"] for known in description["AttributeDefinitions"]}
    parts = [("table", description)]
    for kind in ("Global", "Local"):
        parts += [(f"{kind.lower()} index", index) for index in description.get(f"{kind}SecondaryIndexes", [])]
    return [_row(what, part, types) for what, part in parts]


def _row(what: str, part: dict[str, Any], types: dict[str, str]) -> dict[str, Any]:
    keys = [f"{key['AttributeName']} ({types[key['AttributeName']]})" for key in part["KeySchema"]]
    return {
        "what": what,
        "name": part.get("IndexName") or part["TableName"],
        "keys": ", ".join(keys),
        "status": part.get("IndexStatus") or part.get("TableStatus"),
        "items": part.get("ItemCount"),
        "projection": part.get("Projection", {}).get("ProjectionType"),
    }
