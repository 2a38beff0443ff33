"""`dynamorm table`: the tables of models."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer
from rich.console import Console

from dynamorm_py._transport import default_client
from dynamorm_py.cli._bound import bound_table
from dynamorm_py.cli._diagram import diagram
from dynamorm_py.cli._models import complete_model
from dynamorm_py.cli._output import (
    WRONG,
    AsJson,
    Out,
    Yes,
    confirm,
    json_text,
    say,
    say_json,
    say_rows,
    write,
)
from dynamorm_py.cli._repositories import EndpointUrl, Profile, Region, TableName  # noqa: TC001 -- typer reads them
from dynamorm_py.errors import TableNotFound
from dynamorm_py.tables import Difference, TableOperations, TableProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

app = typer.Typer(
    help="Tables: create, ensure, describe, compare, delete, export, diagram. AWS settings come from the environment.",
    no_args_is_help=True,
)

Models: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="module:Model, module:shop for a Table, or a module whose models share a table.",
        autocompletion=complete_model,
    ),
]
Tool: TypeAlias = Annotated[
    Literal["cloudformation", "terraform"], typer.Option("--format", "-f", help="Whose JSON to write.")
]


@app.command()
def create(
    models: Models,
    *,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Create the table with the keys and indexes of its models, and wait until it is there.

    Example: dynamorm table create shop --endpoint-url http://localhost:8000
    """
    operations = _operations(models, table, region, profile, endpoint_url)
    with _waiting() as progress:
        operations.create(progress=progress)
    description = operations.describe()
    say_json(description) if as_json else say(f"created {description['TableName']}")


@app.command()
def ensure(
    models: Models,
    *,
    yes: Yes = False,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Create the table, or build what it lacks; prints what it would change and asks first. Nothing is taken away.

    Example: dynamorm table ensure shop --yes
    """
    bound = bound_table(models, table)
    name, operations = bound.name, TableOperations(bound, default_client(region, endpoint_url, profile))
    missing = _missing(operations)
    if missing is not None and not missing:
        say_json([]) if as_json else say(f"{name} is as its models need it")
        return
    if not as_json:
        say_rows([_difference(each) for each in missing or ()], title=f"{name} lacks")
    confirm(f"create table {name!r}" if missing is None else f"change table {name!r}", yes=yes)
    with _waiting() as progress:
        changed = operations.ensure(progress=progress)
    if as_json:
        say_json([_difference(each) for each in changed])
    else:
        say(f"created {name}" if missing is None else f"changed {name}: {', '.join(each.subject for each in changed)}")


@app.command()
def delete(
    models: Models,
    *,
    yes: Yes = False,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Delete the table with every item in it, after asking; exit 3 where it is not there, or is protected.

    Example: dynamorm table delete shop --table shop-dev --yes
    """
    bound = bound_table(models, table)
    operations = TableOperations(bound, default_client(region, endpoint_url, profile))
    operations.describe()  # before anybody is asked: it is there
    confirm(f"delete table {bound.name!r} with every item in it", yes=yes)
    with _waiting() as progress:
        operations.delete(progress=progress)
    say(f"deleted {bound.name}")


@app.command()
def describe(
    models: Models,
    *,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print DynamoDB's description of the table.

    Example: dynamorm table describe shop:Order --profile dev
    """
    description = _operations(models, table, region, profile, endpoint_url).describe()
    if as_json:
        say_json(description)
    else:
        say_rows(_rows(description), title=description["TableName"])


@app.command()
def compare(
    models: Models,
    *,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Compare the table with what its model needs; exit 1 when the table lacks something.

    What the table has beyond that ("extra") is shown, but does not make the exit code 1: other models may need it.

    Example: dynamorm table compare shop
    """
    differences = _operations(models, table, region, profile, endpoint_url).compare()
    rows = [_difference(each) for each in differences]
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, title=f"{models} and its table")
    if any(each.kind != "extra" for each in differences):
        raise typer.Exit(WRONG)


@app.command()
def export(
    models: Models,
    *,
    tool: Tool = "cloudformation",
    table: TableName = None,
    out: Out = None,
) -> None:
    """Print the table for another tool: a CloudFormation template, or Terraform's JSON. Nothing is sent.

    Example: dynamorm table export shop --format terraform --out table.tf.json
    """
    operations = _operations(models, table)
    exported = operations.terraform() if tool == "terraform" else operations.cloudformation()
    write(f"{json_text(exported)}\n", out)


app.command()(diagram)


def _operations(
    named: str,
    table: str | None,
    region: str | None = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
) -> TableOperations[Any]:
    """Return the operations of the table of models. Exits 2 without one name for it."""
    return TableOperations(bound_table(named, table), default_client(region, endpoint_url, profile))


def _missing(operations: TableOperations[Any]) -> list[Difference] | None:
    """Return what the table lacks, None where there is no table."""
    try:
        return [each for each in operations.compare() if each.kind != "extra"]
    except TableNotFound:
        return None


@contextmanager
def _waiting() -> Generator[Callable[[TableProgress], object]]:
    """Show on a terminal what is being waited for; give what is called at each step."""
    with Console(stderr=True).status("waiting for the table") as status:
        yield lambda progress: status.update(f"{progress.step} {progress.index or progress.subject}")


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
