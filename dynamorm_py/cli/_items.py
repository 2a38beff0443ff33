"""`dynamorm item`: look into stored items."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from pydantic_core import to_jsonable_python

from dynamorm_py._model import codec_of
from dynamorm_py.cli._models import model_of
from dynamorm_py.cli._output import USAGE, WRONG, AsJson, complain, say_json, say_rows
from dynamorm_py.errors import ItemDecodeError

if TYPE_CHECKING:
    from dynamorm_py import DynamoModel

app = typer.Typer(help="Items: decode.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Items: decode."""


@app.command()
def decode(
    model: Annotated[str, typer.Argument(help="module:Model.")],
    file: Annotated[
        str, typer.Argument(help="A file of DynamoDB's JSON: an item, a response, a stream record; - is stdin.")
    ] = "-",
    *,
    old: Annotated[bool, typer.Option(help="Of a stream record, the old image.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read an item in DynamoDB's JSON as a model, and explain what does not fit; exit 1 when it does not."""
    reads = model_of(model)
    item = _item(_read(file), "OldImage" if old else "NewImage")
    try:
        instance = _decoded(reads, item)
    except ItemDecodeError as error:
        _explain(error, as_json=as_json)
        raise typer.Exit(WRONG) from None
    values = to_jsonable_python(instance.model_dump(), bytes_mode="base64")
    if as_json:
        say_json(values)
    else:
        rows = [{"field": name, "value": json.dumps(value, ensure_ascii=False)} for name, value in values.items()]
        say_rows(rows, title=type(instance).__name__)


def _decoded(model: type[DynamoModel], item: object) -> DynamoModel:
    """Read the item through the door for response bytes, where binary is base64 as in DynamoDB's JSON."""
    return codec_of(model).answer(json.dumps({"Item": item}).encode())["Item"]


def _explain(error: ItemDecodeError, *, as_json: bool) -> None:
    problems = [{"attribute": path or "(item)", "reason": reason} for path, reason in error.problems]
    if as_json:
        say_json({"model": error.model, "key": error.key, "problems": problems})
    else:
        say_rows(problems, title=f"does not fit {error.model}")


def _read(file: str) -> Any:  # noqa: ANN401 -- any JSON
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise complain(f"{file}: {error.strerror}", USAGE) from None
    except ValueError as error:
        raise complain(f"{file} is no JSON: {error}", USAGE) from None


def _item(data: object, image: str) -> object:
    """Return the item within what DynamoDB's tools print: a response, a stream record, or the item itself."""
    for name in ("Item", "Attributes", "dynamodb", image):
        if isinstance(data, dict) and name in data and not _is_attribute(cast("dict[str, Any]", data)[name]):
            data = cast("dict[str, object]", data)[name]
    if not isinstance(data, dict):
        raise complain("expected an item in DynamoDB's JSON: a map of attributes", USAGE)
    return cast("dict[str, object]", data)


def _is_attribute(value: object) -> bool:
    """Say whether it is an attribute value, so that an attribute may be named Item."""
    return (
        isinstance(value, dict)
        and len(cast("dict[str, object]", value)) == 1
        and not isinstance(next(iter(cast("dict[str, object]", value).values())), dict)
    )
