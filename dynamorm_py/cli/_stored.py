"""`dynamorm item get|put|query|scan|delete|tail`: stored items, read and written through their model."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track

from dynamorm_py.cli._items import app
from dynamorm_py.cli._models import complete_model
from dynamorm_py.cli._output import REFUSED, USAGE, WRONG, AsJson, Yes, complain, confirm, say, say_json, say_rows
from dynamorm_py.cli._repositories import (
    EndpointUrl,
    Profile,
    Region,
    TableName,
    filter_from,
    key_conditions,
    key_from,
    repository,
)
from dynamorm_py.cli._values import as_json_value
from dynamorm_py.errors import ItemAlreadyExists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from dynamorm_py import Repo

_BAR_FROM = 10  # items: fewer are written before a bar is seen

ModelName: TypeAlias = Annotated[str, typer.Argument(help="module:Model.", autocompletion=complete_model)]
KeyTexts: TypeAlias = Annotated[
    list[str],
    typer.Argument(help="The partition key, and the sort key where there is one; or the parts of derived keys."),
]
Where: TypeAlias = Annotated[
    list[str] | None, typer.Option("--where", "-w", help="A filter such as 'score>=3'; several must all hold.")
]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", "-n", help="The most items to print.")]


@app.command()
def get(
    model: ModelName,
    key: KeyTexts,
    *,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print the item with a key; exit 3 when there is none.

    Example: dynamorm item get shop:Order CUSTOMER#7 ORDER#1, or customer=7 number=1
    """
    repo = repository(model, table, region, profile, endpoint_url)
    item = repo.get_or_none(key_from(repo.model, key))
    if item is None:
        raise complain(f"no {repo.model.__name__} with this key in table {_table_of(repo)!r}", REFUSED)
    if as_json:
        say_json(_shown(item))
    else:
        say_rows([{"field": name, "value": _cell(value)} for name, value in _shown(item).items()], title=model)


@app.command()
def put(
    model: ModelName,
    file: Annotated[str, typer.Argument(help="A JSON object, or a list of them; - is stdin.")] = "-",
    *,
    create: Annotated[bool, typer.Option("--create", help="Refuse items that exist already.")] = False,
    yes: Yes = False,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write items that the model accepts; nothing is written when it refuses one.

    Example: echo '{"pk": "A", "size": 3}' | dynamorm item put shop:Item --yes
    """
    repo = repository(model, table, region, profile, endpoint_url)
    items = _payloads(repo, file)
    confirm(f"write {len(items)} item(s) into {_table_of(repo)!r}", yes=yes)
    bar = track(items, "writing", console=Console(stderr=True), transient=True, disable=len(items) < _BAR_FROM)
    stored = _written(repo, bar, create=create)
    say_json([_shown(item) for item in stored]) if as_json else say(f"wrote {len(stored)} item(s)")


@app.command()
def delete(
    model: ModelName,
    key: KeyTexts,
    *,
    yes: Yes = False,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Delete the item with a key, and print it as it was; exit 1 when there is none.

    Example: dynamorm item delete shop:Order CUSTOMER#7 ORDER#1
    """
    repo = repository(model, table, region, profile, endpoint_url)
    wire_key = key_from(repo.model, key)
    confirm(f"delete one item of {_table_of(repo)!r}", yes=yes)
    deleted = repo.delete(wire_key)
    if deleted is None:
        raise complain(f"no {repo.model.__name__} has this key: nothing was deleted", WRONG)
    say_json(_shown(deleted)) if as_json else say("deleted 1 item")


@app.command()
def query(
    model: ModelName,
    conditions: Annotated[list[str], typer.Argument(help="Key conditions: 'pk=USER#1' 'sk^=ORDER#' 'number>5'.")],
    *,
    where: Where = None,
    index: Annotated[str | None, typer.Option(help="The index to read, where several fit.")] = None,
    descending: Annotated[bool, typer.Option("--descending", "-d", help="The greatest sort key first.")] = False,
    limit: Limit = 25,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print the items under a partition key; the index follows from the fields named.

    Example: dynamorm item query shop:Order pk=CUSTOMER#7 'sk^=ORDER#' --where 'total>100'
    """
    repo = repository(model, table, region, profile, endpoint_url)
    keys = key_conditions(repo.model, conditions)
    filtered = filter_from(repo.model, where or ())
    found = repo.query(*keys, filter=filtered, index=index, ascending=not descending, limit=limit)
    _print(model, found, limit, as_json=as_json)


@app.command()
def scan(
    model: ModelName,
    *,
    where: Where = None,
    index: Annotated[str | None, typer.Option(help="The index to read instead of the table.")] = None,
    limit: Limit = 25,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print items of the whole table; items that the filter leaves out are read, and billed, too.

    Example: dynamorm item scan shop:Order --where status=open --limit 10
    """
    repo = repository(model, table, region, profile, endpoint_url)
    _print(
        model, repo.scan(filter=filter_from(repo.model, where or ()), index=index, limit=limit), limit, as_json=as_json
    )


@app.command()
def tail(
    model: ModelName,
    *,
    start: Annotated[bool, typer.Option("--from-start", help="From the oldest record, not from now on.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="End after this many changes.")] = None,
    table: TableName = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print the changes in the table's stream until Ctrl-C.

    Example: dynamorm item tail shop:Order --from-start
    """
    from dynamorm_py.streams import StreamReader, read_change  # noqa: PLC0415 -- only needed here

    repo = repository(model, table, region, profile, endpoint_url)
    reader = StreamReader(repo, start="TRIM_HORIZON" if start else "LATEST")
    with suppress(KeyboardInterrupt):
        for count, record in enumerate(reader.follow(), 1):
            change = read_change(repo, record)
            shown = {"kind": change.kind, "old": _image(change.old), "new": _image(change.new)}
            say(json.dumps(shown, ensure_ascii=False)) if as_json else say_rows([_line(shown)])
            sys.stdout.flush()
            if count == limit:
                return


def _written(repo: Repo[Any], items: Iterable[Any], *, create: bool) -> list[Any]:
    """Write items one by one. Exits 3 at the first that exists where it must not."""
    stored = list[Any]()
    try:
        stored.extend(repo.create(item) if create else repo.put(item) for item in items)
    except ItemAlreadyExists:
        done = f"item {len(stored) + 1} exists, {len(stored)} written before it"
        raise complain(f"{done}: leave out --create to replace what exists", REFUSED) from None
    return stored


def _table_of(repo: Repo[Any]) -> str:
    return repo.__dynamorm_context__.table.name


def _line(shown: dict[str, Any]) -> dict[str, Any]:
    return {"kind": shown["kind"], "item": _cell(shown["new"] if shown["new"] is not None else shown["old"])}


def _image(item: BaseModel | None) -> Any:  # noqa: ANN401 -- any JSON
    return None if item is None else _shown(item)


def _print(title: str, items: Iterable[BaseModel], limit: int, *, as_json: bool) -> None:
    shown = [_shown(item) for item in items]
    if as_json:
        say_json(shown)
        return
    say_rows([{name: _cell(value) for name, value in item.items()} for item in shown], title=title)
    if len(shown) == limit:
        typer.echo(f"the first {limit}: --limit shows more", err=True)


def _payloads(repo: Repo[Any], file: str) -> list[Any]:
    """Return the models of a file of JSON. Exits 2 for what is not JSON, 1 for what the model refuses."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        data: object = json.loads(text)
    except OSError as error:
        raise complain(f"{file}: {error.strerror}", USAGE) from None
    except (ValueError, RecursionError) as error:
        raise complain(f"{'standard input' if file == '-' else file} is not JSON: {error}", USAGE) from None
    payloads: list[object] = data if isinstance(data, list) else [data]  # pyright: ignore[reportUnknownVariableType] -- any JSON
    try:
        return TypeAdapter[list[Any]](cast("Any", list).__class_getitem__(repo.model)).validate_json(
            json.dumps(payloads)
        )
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        lines = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems[:10])
        raise complain(f"{repo.model.__name__} refuses it, nothing was written: {lines}", WRONG) from None


def _shown(item: BaseModel) -> dict[str, Any]:
    return as_json_value(item.model_dump())


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
