"""`dynamorm item`: look into stored items."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dynamorm_py._codec import malformed
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import codec_of, part_of
from dynamorm_py.cli._images import Image, images_in
from dynamorm_py.cli._models import model_of
from dynamorm_py.cli._output import USAGE, WRONG, AsJson, complain, say_json, say_rows
from dynamorm_py.cli._values import as_json_value
from dynamorm_py.errors import ItemDecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from dynamorm_py import DynamoModel
    from dynamorm_py._codec import Codec

_ENCRYPTED = "(encrypted)"

app = typer.Typer(help="Items: get, put, query, scan, delete, tail, decode.", no_args_is_help=True)


@frozen
class _Read:
    """What became of one item: its values by field, or what does not fit. `at` is its place in the input."""

    at: str
    values: dict[str, Any]
    problems: list[dict[str, str]]
    key: object = None


@app.command()
def decode(
    model: Annotated[str, typer.Argument(help="module:Model.")],
    file: Annotated[
        str,
        typer.Argument(
            help="A file of DynamoDB's JSON: items, an answer, a stream's image, record or event; - is stdin."
        ),
    ] = "-",
    *,
    old: Annotated[bool, typer.Option("--old", help="Of stream records, the old images.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read items in DynamoDB's JSON as a model, and explain what does not fit; exit 1 when one does not.

    Of a stream record the new image is read, the old one when that is all there is.

    Example: aws dynamodb get-item --table-name orders --key ... | dynamorm item decode shop:Order
    """
    reads = model_of(model)
    try:
        images = images_in(_loaded(file), old=old)
    except ValueError as error:
        raise complain(f"{'standard input' if file == '-' else file}: {error}", USAGE) from None
    results = [_decoded(reads, image) for image in images]
    if as_json:
        say_json(_as_json(reads, results))
    else:
        _say(reads, results)
    if any(result.problems for result in results):
        raise typer.Exit(WRONG)


def _loaded(file: str) -> object:
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise complain(f"{file}: {error.strerror}", USAGE) from None
    except RecursionError:
        raise ValueError("it is nested too deep for an item") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None


def _decoded(model: type[DynamoModel], image: Image) -> _Read:
    """Read one item as response bytes are read, where binary is base64 as in DynamoDB's JSON."""
    codec, hidden = _reader(model)
    wrong = [problem for name, value in image.item.items() for problem in malformed(value, name)]
    if wrong:
        return _Read(image.at, {}, _problems(wrong))
    try:
        body = json.dumps({"Item": image.item}, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return _Read(image.at, {}, _problems([("", "it holds text that UTF-8 cannot hold")]))
    try:
        instance: BaseModel = codec.decode_response(body)["Item"]
    except ItemDecodeError as error:
        return _Read(image.at, {}, _problems(error.problems), error.key)
    encrypted = {name: _ENCRYPTED for name, attribute in hidden.items() if attribute in image.item}
    return _Read(image.at, as_json_value(instance.model_dump()) | encrypted, [])


def _problems(problems: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"attribute": path or "(item)", "reason": reason} for path, reason in problems]


@cache
def _reader(model: type[DynamoModel]) -> tuple[Codec[Any], dict[str, str]]:
    """Return what reads the model's items, and its encrypted fields with their attributes: nothing opens them here."""
    codec = codec_of(model)
    hidden = {field.name: field.attribute for field in codec.schema.stored if field.encrypted}
    if not hidden:
        return codec, hidden
    names = [field.name for field in codec.schema.stored if field.name not in hidden and not field.computed]
    return codec.projected(part_of(model, names, "")), hidden


def _as_json(model: type[DynamoModel], results: list[_Read]) -> object:
    """Return the one item, or of several each with its place."""
    rows = [
        {"model": model.__name__, "key": as_json_value(r.key), "problems": r.problems} if r.problems else r.values
        for r in results
    ]
    if [result.at for result in results] == [""]:
        return rows[0]
    return [
        {"at": result.at, **(row if result.problems else {"item": row})}
        for result, row in zip(results, rows, strict=True)
    ]


def _say(model: type[DynamoModel], results: list[_Read]) -> None:
    """Print a row for each field of each item, then one for each problem."""
    rows = [
        {"at": result.at, "field": name, "value": json.dumps(value, ensure_ascii=False)}
        for result in results
        for name, value in result.values.items()
    ]
    problems = [{"at": result.at, **problem} for result in results for problem in result.problems]
    for title, listed in ((model.__name__, rows), (f"does not fit {model.__name__}", problems)):
        say_rows([{name: row[name] for name in row if name != "at" or row[name]} for row in listed], title=title)
