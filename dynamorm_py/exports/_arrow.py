"""`to_arrow`, `to_polars`: an export as Arrow record batches, for DuckDB, Polars, Spark and Parquet.

pyarrow is imported here and by nothing that reads models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from dynamorm_py._codec import from_json
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py.errors import CallError, InvalidValue
from dynamorm_py.exports._columns import Column, column_of, json_column, untagged
from dynamorm_py.exports._export_reader import Options, all_chunks, opened, read_values
from dynamorm_py.exports._file_errors import DamagedLine, missing_extra
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._line_models import Deleted, read_items
from dynamorm_py.exports._lines import LARGE_CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._model.context import HasContext
    from dynamorm_py.exports._export_reader import ReadProgress
    from dynamorm_py.exports._kinds import Kinds
    from dynamorm_py.exports._lines import Chunk
    from dynamorm_py.exports._places import Location

M = TypeVar("M", bound=DynamoModel)


def to_arrow(
    repo: HasContext[M],
    source: Location,
    *,
    validate: bool = True,
    deleted: Literal["raise", "skip"] = "raise",
    damaged: Literal["raise", "skip"] = "raise",
    workers: int = 1,
    types: Mapping[str, Any] | None = None,
    progress: Callable[[ReadProgress], object] | None = None,
    s3: object = None,
) -> Any:  # noqa: ANN401 -- a pyarrow.RecordBatchReader; pyarrow ships no types
    """Return the items of an export as a `pyarrow.RecordBatchReader`, read while its batches are taken.

    A column is a field, by its name, of the Arrow type that fits the model's; `types` names others. Rows are
    validated as models; `validate=False` spares that and trusts the export. An export with deletions is refused, or
    they are left out with `deleted="skip"`. The rest is as in `read`. Needs the extra `analytics`.
    Raises CallError; DamagedLine, and InvalidValue for a value that its column cannot hold, while it is read.
    """
    arrow = _pyarrow()
    options = Options(damaged, workers, None, progress)
    kinds = kinds_of(repo)
    place, contents = opened(source, "DYNAMODB_JSON", s3)
    table = _Rows(arrow, kinds.model, types or {})
    if not validate and kinds.portable is None:
        raise CallError(
            f"{kinds.model.__name__} has encrypted fields, which only reading as models opens: validate them"
        )
    chunks = all_chunks(place, contents.files, LARGE_CHUNK)
    batches = _batches(table, kinds, chunks, options, validate=validate, deleted=deleted)
    return arrow.RecordBatchReader.from_batches(table.schema, batches)


def to_polars(repo: HasContext[M], source: Location, **options: Any) -> Any:  # noqa: ANN401 -- a polars.DataFrame
    """Return the items of an export as a `polars.DataFrame`; takes and raises what `to_arrow` does.

    It holds them all: for more than fits, take the batches of `to_arrow`, or write Parquet. Needs polars.
    """
    try:
        polars: Any = import_module("polars")
    except ImportError:
        raise CallError("to_polars() needs polars: pip install polars") from None
    return polars.from_arrow(to_arrow(repo, source, **options).read_all())


def _pyarrow() -> Any:  # noqa: ANN401
    try:
        return import_module("pyarrow")
    except ImportError:
        raise missing_extra("pyarrow", "analytics", "to_arrow()") from None


class _Rows:
    """Makes record batches of one model."""

    def __init__(self, arrow: Any, model: type[DynamoModel], types: Mapping[str, Any]) -> None:  # noqa: ANN401
        self._arrow, self._model = arrow, model
        stored = codec_of(model).attributes
        self._attributes = {name: stored[name] for name in model.model_fields if name in stored}
        self._columns = {name: self._column(name, types) for name in self._attributes}
        if unknown := [name for name in types if name not in self._columns]:
            raise CallError(f"types= names {', '.join(unknown)}: {model.__name__} stores no such field")
        self.schema = arrow.schema([(name, column.type) for name, column in self._columns.items()])

    def _column(self, name: str, types: Mapping[str, Any]) -> Column:
        info = self._model.model_fields[name]
        if codec_of(self._model).schema.fields[name].as_json:
            column = json_column(self._arrow)
        else:
            column = column_of(self._arrow, info.annotation, tuple(info.metadata))
        return Column(types[name], column.convert, column.untag) if name in types else column

    def of_models(self, models: list[Any]) -> Any:  # noqa: ANN401
        """Return the batch of some models."""
        return self._batch({name: [each.__dict__[name] for each in models] for name in self._columns}, converted=False)

    def of_lines(self, chunk: Chunk, kinds: Kinds[Any]) -> Any:  # noqa: ANN401
        """Return the batch of a chunk's lines, not validated. Raises DamagedLine for one that cannot be taken apart."""
        values: dict[str, list[Any]] = {name: [] for name in self._columns}
        for number, line in chunk.lines():
            try:
                item = from_json(line)["Item"]
                if kinds.leaves_out(item):
                    continue
                row = {n: untagged(column, item.get(self._attributes[n])) for n, column in self._columns.items()}
            except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError):
                raise DamagedLine(chunk.file, number, "it is not an item of the model: read it validated") from None
            for name, value in row.items():
                values[name].append(value)
        return self._batch(values, converted=True)

    def _batch(self, values: dict[str, list[Any]], *, converted: bool) -> Any:  # noqa: ANN401
        arrays = [self._array(name, column, values[name], converted) for name, column in self._columns.items()]
        return self._arrow.record_batch(arrays, schema=self.schema)

    def _array(self, name: str, column: Column, values: list[Any], converted: bool) -> Any:  # noqa: ANN401, FBT001
        convert = column.convert
        if convert is not None and not converted:
            values = [None if value is None else convert(value) for value in values]
        try:
            return self._arrow.array(values, type=column.type)
        except (self._arrow.ArrowException, OverflowError, TypeError, ValueError):
            pass
        raise InvalidValue(
            f"a value does not fit the Arrow type {column.type}: name another with types={{{name!r}: ...}}",
            path=name,
            model=self._model.__name__,
        )


def _batches(
    rows: _Rows, kinds: Kinds[Any], chunks: Iterator[Chunk], options: Options, *, validate: bool, deleted: str
) -> Iterator[Any]:
    if not validate:
        yield from (rows.of_lines(chunk, kinds) for chunk in chunks if _whole(chunk))
        return
    for chunk, values in read_values(chunks, kinds, read_items, options.workers):
        found = [*values, *([] if chunk.damage is None else [chunk.damage])]
        models = [each for each in found if isinstance(each, DynamoModel)]
        damage = next((each for each in found if isinstance(each, DamagedLine)), None)
        if damage is not None and options.damaged == "raise":
            raise damage
        if deleted == "raise" and any(isinstance(each, Deleted) for each in found):
            raise CallError("the export has deletions, which are not rows: leave them out with deleted='skip'")
        if models:
            yield rows.of_models(models)


def _whole(chunk: Chunk) -> bool:
    if chunk.damage is not None:
        raise chunk.damage
    return bool(chunk.text)
