"""`dynamorm cursor`: what a cursor says, and whether it can be of a model's table."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dynamorm_py import Cursor, decode_cursor
from dynamorm_py._model import codec_of
from dynamorm_py.cli._models import model_of
from dynamorm_py.cli._output import WRONG, AsJson, complain, say_json, say_rows
from dynamorm_py.cli._values import as_json_value
from dynamorm_py.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py import DynamoModel
    from dynamorm_py._schema import IndexSchema

app = typer.Typer(help="Cursors: decode.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Cursors: decode."""


@app.command()
def decode(
    token: Annotated[str, typer.Argument(help="The cursor; - reads it from standard input.")],
    *,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="module:Model, to check the cursor against.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the key, index and direction of a cursor; exit 1 when it is damaged, or cannot be of the model.

    Example: dynamorm cursor decode TOKEN --model shop:Order
    """
    checked = None if model is None else model_of(model)
    text = sys.stdin.read() if token == "-" else token  # noqa: S105 -- the word for standard input
    payload, dot, _ = text.partition(".")  # a signature stands behind a dot; only its secret's owner can check it
    try:
        cursor = decode_cursor(payload)
    except InvalidCursor as error:
        raise complain(str(error)) from None
    problems = [] if checked is None else list(_misfits(cursor, checked))
    if as_json:
        say_json(_parts(cursor) | {"signed": bool(dot), "problems": problems})
    else:
        say_rows([*_rows(cursor), {"part": "signed", "value": "yes" if dot else "no"}], title="cursor")
    if problems:
        raise complain("\n".join(problems), WRONG)


def _parts(cursor: Cursor) -> dict[str, Any]:
    """Return what the cursor says under its own words, binary as base64 as in the cursor itself."""
    return {"lastKey": as_json_value(cursor.last_key), "index": cursor.index, "sort": cursor.sort}


def _rows(cursor: Cursor) -> list[dict[str, Any]]:
    parts = _parts(cursor)
    key = parts.pop("lastKey")
    rows = [{"part": f"lastKey.{name}", "value": json.dumps(key[name], ensure_ascii=False)} for name in key]
    return [*rows, *({"part": name, "value": value} for name, value in parts.items())]


def _misfits(cursor: Cursor, model: type[DynamoModel]) -> Iterator[str]:
    """Yield why the cursor cannot be of a query or scan of the model's table, each with what would be."""
    schema = codec_of(model).schema
    if cursor.index is not None and cursor.index not in schema.indexes:
        known = ", ".join(schema.indexes) or "none"
        yield f"{model.__name__} has no index {cursor.index!r}: its indexes are {known}"
        return
    if cursor.sort not in {None, "ASC", "DESC"}:
        yield f"sort is {cursor.sort!r}: it is ASC or DESC"
    if cursor.last_key:
        yield from _key_misfits(cursor, model, schema.indexes.get(cursor.index or ""))


def _key_misfits(cursor: Cursor, model: type[DynamoModel], index: IndexSchema | None) -> Iterator[str]:
    codec = codec_of(model)
    fields = (*codec.schema.keys, *(() if index is None else (*index.partition, *index.sort)))
    expected = {f.attribute: codec.node.fields[f.name].node.types - {"NULL"} for f in fields}
    where = f"index {index.name!r} of {model.__name__}" if index else f"the table of {model.__name__}"
    for name in sorted(expected.keys() ^ cursor.last_key.keys()):
        fault = "lacks" if name in expected else "has"
        yield f"its key {fault} {name!r}: a key of {where} has {', '.join(expected)}"
    for name in sorted(expected.keys() & cursor.last_key.keys()):
        (tag,) = cursor.last_key[name]
        if tag not in expected[name]:
            yield f"{name!r} is {tag} in its key, and {' or '.join(sorted(expected[name]))} in {where}"
