"""What a bulk put could not put, read from the report that DynamoDB writes to S3.

AWS documents what a report tells, not its layout line by line; so the parts of a record are found by what they are:
an item or a key by its attribute values, a code and a message by their names.
Source: Developer Guide, "Bulk put items output and reconciliation".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamorm_py._codec import from_json, malformed, to_json
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py.errors import DynamormError, ItemDecodeError
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._lines import chunks
from dynamorm_py.exports._places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py._model.context import HasContext
    from dynamorm_py.exports._kinds import Kinds
    from dynamorm_py.exports._places import Location

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.exports")
@frozen
class LoadProblem:
    """A record that was not put.

    `key` is as `Repo.get` takes it, None where the record has none that is whole. `code` and `message` are
    DynamoDB's. `field` is where the item does not fit the model, None where it does or cannot be read.
    `item` is the item that was to be put, in DynamoDB's JSON; `file` and `line` say where it is in the report.
    """

    key: Any
    code: str | None
    message: str | None
    field: str | None
    item: Mapping[str, Any] | None
    file: str
    line: int


def problems(repo: HasContext[M], report: Location, *, s3: object = None) -> Iterator[LoadProblem]:
    """Yield what a bulk put could not put, from the place that its `report=` named.

    Raises DamagedLine for a report that is not JSON, CallError.
    """
    kinds, place = kinds_of(repo), place_of(report, s3)
    for name in place.names():
        if name.endswith((".json", ".json.gz", ".json.zst")) and "manifest" not in name.rpartition("/")[2]:
            with place.open(name) as file:
                for chunk in chunks(name, file):
                    if chunk.damage is not None:
                        raise chunk.damage
                    for number, line in chunk.lines():
                        yield _problem(kinds, name, number, line)


def _problem(kinds: Kinds[Any], file: str, number: int, line: bytes) -> LoadProblem:
    try:
        record = from_json(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise DamagedLine(file, number, "it is not a JSON object")
    problem = cast("dict[str, Any]", record)
    item = next(_items(problem), None)
    return LoadProblem(
        key=None if item is None else _key(kinds, item),
        code=_text(problem, "code"),
        message=_text(problem, "message") or _text(problem, "reason"),
        field=None if item is None else _field(kinds, item),
        item=item,
        file=file,
        line=number,
    )


def _items(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects in a record that hold attribute values, the outermost first."""
    inner = [cast("dict[str, Any]", value) for value in record.values() if isinstance(value, dict) and value]
    yield from (each for each in inner if not any(malformed({"M": each})))
    for each in inner:
        yield from _items(each)


def _text(record: Mapping[str, Any], word: str) -> str | None:
    """Return the first text whose name ends so, here or below."""
    for name, value in record.items():
        if isinstance(value, str) and name.lower().endswith(word):
            return value
    below = (_text(cast("dict[str, Any]", value), word) for value in record.values() if isinstance(value, dict))
    return next((found for found in below if found is not None), None)


def _key(kinds: Kinds[Any], item: dict[str, Any]) -> Any:  # noqa: ANN401 -- a value, or a tuple of two
    try:
        return kinds.key(item, None)[0]
    except (DynamormError, KeyError, AttributeError):
        return None


def _field(kinds: Kinds[Any], item: Mapping[str, Any]) -> str | None:
    try:
        kinds.read(to_json(item))
    except ItemDecodeError as error:
        return error.path or None
    except DynamormError:
        return None
    return None
