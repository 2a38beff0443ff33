"""Lines as Arrow record batches, and how a batch goes from one process to another."""

from __future__ import annotations

import pickle
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import from_json
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py.errors import CallError, InvalidValue
from dynamorm_py.exports._columns import Column, column_of, json_column
from dynamorm_py.exports._file_errors import DamagedLine, missing_extra
from dynamorm_py.exports._line_models import Deleted, read_items
from dynamorm_py.exports._workers import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py.exports._kinds import Kinds, Portable
    from dynamorm_py.exports._lines import Chunk

_CHUNK = 64 * 1024  # rows enough for what each column costs
_AT_ONCE = 4  # chunks that a worker is sent: enough to make the cost of sending small


@frozen
class Rows:
    """What a chunk has: its rows as a record batch, None without any."""

    batch: Any
    lines: int
    deleted: int
    damaged: tuple[DamagedLine, ...] = ()


def pyarrow() -> Any:  # noqa: ANN401 -- pyarrow ships no types
    """Return pyarrow. Raises CallError without it."""
    try:
        return import_module("pyarrow")
    except ImportError:
        raise missing_extra("pyarrow", "analytics", "to_arrow()") from None


def job_of_rows(
    kinds: Kinds[Any], types: Mapping[str, Any], *, validate: bool, deletions: bool
) -> tuple[Job[Rows], Batches]:
    """Return how rows are read, in one process or several. Raises CallError for a type of no field."""
    portable = kinds.portable
    start = None if portable is None else partial(_in_a_worker, portable, dict(types), validate, deletions)
    here = RowReader(kinds, Batches(pyarrow(), kinds.model, types), validate, deletions)
    return Job(here, start, _CHUNK, _AT_ONCE), here.batches


def _in_a_worker(portable: Portable, types: Mapping[str, Any], validate: bool, deletions: bool) -> RowReader:  # noqa: FBT001 -- what `partial` was given
    kinds = portable.kinds()
    return RowReader(kinds, Batches(pyarrow(), kinds.model, types), validate, deletions)


@frozen
class RowReader:
    """The work of reading rows: validated as models, or lines as they are; deletions may be among them, or not."""

    kinds: Kinds[Any]
    batches: Batches
    validate: bool
    deletions: bool

    def read(self, chunk: Chunk) -> Rows:
        """Return the rows of a chunk. Raises InvalidValue."""
        return self._validated(chunk) if self.validate else self._trusted(chunk)

    def _validated(self, chunk: Chunk) -> Rows:
        values = read_items(self.kinds, chunk)
        models = [each for each in values if isinstance(each, DynamoModel)]
        damaged = tuple(each for each in values if isinstance(each, DamagedLine))
        deleted = sum(isinstance(each, Deleted) for each in values)
        return Rows(self.batches.of_models(models) if models else None, len(values), deleted, damaged)

    def _trusted(self, chunk: Chunk) -> Rows:
        lines = [self._row(chunk.file, number, line) for number, line in chunk.lines()]
        rows = [each for each in lines if isinstance(each, list)]
        damaged = tuple(each for each in lines if isinstance(each, DamagedLine))
        return Rows(self.batches.of_rows(rows) if rows else None, len(lines), lines.count(_DELETED), damaged)

    def _row(self, file: str, number: int, line: bytes) -> list[Any] | DamagedLine | str | None:
        """Return the row of a line, not validated; `_DELETED` for a deletion, None for an item that is left out."""
        try:
            record = from_json(line)
            item = record.get("Item", record.get("NewImage"))
            if self.kinds.leaves_out(record["Keys"] if item is None else item):
                return None
            if item is not None:
                return self.batches.row(item)
        except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError):
            return DamagedLine(file, number, "it is not an item of the model: read it validated")
        if not self.deletions:
            raise DamagedLine(file, number, "it is a deletion, which is not a row: leave them out with deleted='skip'")
        return _DELETED

    def pack(self, rows: Rows) -> bytes:
        """Return rows as bytes. Raises TypeError for a damaged line, whose cause would not come along."""
        if rows.damaged:
            raise TypeError
        batch = None if rows.batch is None else rows.batch.serialize().to_pybytes()
        return pickle.dumps((batch, rows.lines, rows.deleted))

    def unpack(self, packed: bytes) -> Rows:
        """Return what was packed."""
        batch, lines, deleted = pickle.loads(packed)  # noqa: S301 -- a worker of this process wrote it
        return Rows(None if batch is None else self.batches.unpacked(batch), lines, deleted)


_DELETED = "deleted"


class Batches:
    """Makes record batches of one model."""

    def __init__(self, arrow: Any, model: type[DynamoModel], types: Mapping[str, Any]) -> None:  # noqa: ANN401
        """Find the columns. Raises CallError for a type of no field."""
        self._arrow, self._model = arrow, model
        stored = codec_of(model).attributes
        self._attributes = {name: stored[name] for name in model.model_fields if name in stored}
        self._columns = {name: self._column(name, types) for name in self._attributes}
        self._stored = [(self._attributes[name], column.untag) for name, column in self._columns.items()]
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

    def row(self, item: Mapping[str, Any]) -> list[Any]:
        """Return an item in DynamoDB's JSON as the values of its columns."""
        return [
            None if (value := item.get(attribute)) is None or "NULL" in value else untag(value)
            for attribute, untag in self._stored
        ]

    def of_rows(self, rows: list[list[Any]]) -> Any:  # noqa: ANN401
        """Return the batch of some rows."""
        return self._batch(
            dict(zip(self._columns, map(list[Any], zip(*rows, strict=True)), strict=True)), converted=True
        )

    def unpacked(self, batch: bytes) -> Any:  # noqa: ANN401
        """Return a batch that was serialized without its schema."""
        return self._arrow.ipc.read_record_batch(self._arrow.py_buffer(batch), self.schema)

    def joined(self, batches: list[Any]) -> list[Any]:
        """Return batches as few large ones."""
        return self._arrow.Table.from_batches(batches, self.schema).combine_chunks().to_batches()

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
