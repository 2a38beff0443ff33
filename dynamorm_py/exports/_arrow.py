"""`to_arrow`, `to_polars`: an export as Arrow record batches, for DuckDB, Polars, Spark and Parquet.

pyarrow is imported here and by nothing that reads models.
"""

from __future__ import annotations

from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from dynamorm_py._model import DynamoModel
from dynamorm_py.errors import CallError
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._reading import Options, Reading, Tally, opened
from dynamorm_py.exports._rows import job_of_rows, pyarrow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._model.context import HasContext
    from dynamorm_py.exports._places import Location
    from dynamorm_py.exports._reading import ReadProgress
    from dynamorm_py.exports._rows import Batches, Rows

_MOST_ROWS, _MOST_BYTES = 65_536, 16 * 1024 * 1024  # of a batch: Parquet makes a row group of each

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
    arrow = pyarrow()
    options = Options(damaged, workers, None, progress)
    kinds = kinds_of(repo)
    place, contents = opened(source, "DYNAMODB_JSON", s3)
    if not validate and kinds.portable is None:
        raise CallError(
            f"{kinds.model.__name__} has encrypted fields, which only reading as models opens: validate them"
        )
    job, batches = job_of_rows(kinds, types or {}, validate=validate, deletions=deleted == "skip")
    tally = Tally(len(contents.files), contents.items)
    reading = Reading(place, contents, job, _lines, options, tally)
    return arrow.RecordBatchReader.from_batches(batches.schema, _joined(reading, batches, deleted))


def to_polars(repo: HasContext[M], source: Location, **options: Any) -> Any:  # noqa: ANN401 -- a polars.DataFrame
    """Return the items of an export as a `polars.DataFrame`; takes and raises what `to_arrow` does.

    It holds them all: for more than fits, take the batches of `to_arrow`, or write Parquet. Needs polars.
    """
    try:
        polars: Any = import_module("polars")
    except ImportError:
        raise CallError("to_polars() needs polars: pip install polars") from None
    return polars.from_arrow(to_arrow(repo, source, **options).read_all())


def _lines(rows: Rows) -> int:
    return rows.lines


def _joined(reading: Reading[Rows], batches: Batches, deleted: str) -> Iterator[Any]:
    """Yield the rows in large batches; what was read before an error comes before it."""
    waiting, rows, size = list[Any](), 0, 0
    try:
        for batch in _batches(reading, deleted):
            waiting.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows >= _MOST_ROWS or size >= _MOST_BYTES:
                yield from batches.joined(waiting)
                waiting, rows, size = [], 0, 0
    except Exception:
        yield from batches.joined(waiting)
        raise
    yield from batches.joined(waiting)


def _batches(reading: Reading[Rows], deleted: str) -> Iterator[Any]:
    with closing(reading.results()) as results:
        for rows, breaks in results:
            for each in (*rows.damaged, *breaks):
                reading.pass_over(each)
            if rows.deleted and deleted == "raise":
                raise CallError("the export has deletions, which are not rows: leave them out with deleted='skip'")
            reading.tally.items += rows.deleted
            if rows.batch is not None:
                reading.tally.items += rows.batch.num_rows
                yield rows.batch
