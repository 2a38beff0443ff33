"""`read` and `changes`: an export as a stream of models."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._line_models import Change, Deleted, read_changes, read_items
from dynamorm_py.exports._packing import job_of_models
from dynamorm_py.exports._reading import Options, Reading, ReadProgress, Tally, opened

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from dynamorm_py._model.several import Unknown
    from dynamorm_py.exports._kinds import Kinds, Source
    from dynamorm_py.exports._packing import Read
    from dynamorm_py.exports._places import Location

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T")


@public("dynamorm_py.exports")
class ExportReader(Generic[T]):
    """The models of an export, read while they are taken: iterate over it once.

    Close it, or use it in a `with`, when not all are taken.
    """

    def __init__(self, stream: Generator[T], tally: Tally) -> None:
        """Take the stream and what it counts."""
        self._stream, self._tally = stream, tally

    def __iter__(self) -> Iterator[T]:
        """Return the iterator over what is not read yet."""
        return self._stream

    def __next__(self) -> T:
        """Return the next model. Raises DamagedLine, EncryptionError."""
        return next(self._stream)

    @property
    def progress(self) -> ReadProgress:
        """How far it is."""
        return self._tally.progress()

    @property
    def damaged(self) -> int:
        """The damaged lines that were passed over so far."""
        return self._tally.damaged

    def close(self) -> None:
        """Stop reading."""
        self._stream.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop reading."""
        self.close()


def read(
    repo: Source[M],
    source: Location,
    format: Literal["DYNAMODB_JSON"] = "DYNAMODB_JSON",  # noqa: A002 -- DynamoDB's word for it
    *,
    unknown: Unknown = "raise",
    damaged: Literal["raise", "skip"] = "raise",
    workers: int = 1,
    resume: str | os.PathLike[str] | None = None,
    progress: Callable[[ReadProgress], object] | None = None,
    s3: object = None,
) -> ExportReader[M | Deleted[M]]:
    """Return the items of an export to S3 as models, and the deletions of an incremental export as `Deleted`.

    Of a `Table` each item comes as its own model; `unknown` says what becomes of an item of none, as in `Table.query`.
    Claims of unique fields are left out, and of a repository items of other models.
    `source` is the export's folder, or `s3://bucket/prefix`; a folder of data files without a manifest will do.
    Of an incremental export an item comes as it is at the end; `changes` gives what it was as well.
    `damaged="skip"` counts lines that cannot be read, and goes on. `workers` is the number of processes that read,
    this one included; this one makes every model, so several pay off for costly validators and for `to_arrow`.
    `resume` names a file that keeps which data files are done: a reading with the same file goes
    on after them. `progress` is called after each quarter of a megabyte. `s3` is a boto3 client of S3, by default one
    of the default session. Raises CallError; DamagedLine and EncryptionError while it is read.
    Source: Developer Guide, "DynamoDB table export output format".
    """
    options = Options(damaged, workers, resume, progress)
    return _reader(kinds_of(repo, unknown), source, format, read_items, s3=s3, options=options)


def changes(
    repo: Source[M],
    source: Location,
    format: Literal["DYNAMODB_JSON"] = "DYNAMODB_JSON",  # noqa: A002 -- DynamoDB's word for it
    *,
    unknown: Unknown = "raise",
    damaged: Literal["raise", "skip"] = "raise",
    workers: int = 1,
    resume: str | os.PathLike[str] | None = None,
    progress: Callable[[ReadProgress], object] | None = None,
    s3: object = None,
) -> ExportReader[Change[M]]:
    """Return the changes of an incremental export: each item before and after. Takes and raises what `read` does."""
    options = Options(damaged, workers, resume, progress)
    return _reader(kinds_of(repo, unknown), source, format, read_changes, s3=s3, options=options)


def _reader(
    kinds: Kinds[Any], source: Location, export_format: str, read_chunk: Read, *, s3: object, options: Options
) -> ExportReader[Any]:
    place, contents = opened(source, export_format, s3)
    job = job_of_models(kinds, read_chunk)
    tally = Tally(len(contents.files), contents.items)
    return ExportReader(_values(Reading(place, contents, job, len, options, tally)), tally)


_UNSOUND = frozenset({DamagedLine, type(None)})


def _values(reading: Reading[list[Any]]) -> Generator[Any]:
    """Yield what is read."""
    with closing(reading.results()) as results:
        for values, breaks in results:
            if _UNSOUND.isdisjoint(map(type, values)):
                reading.tally.items += len(values)
                yield from values
            else:
                yield from _sound(reading, values)
            yield from _sound(reading, breaks)


def _sound(reading: Reading[Any], values: Iterable[Any]) -> Iterator[Any]:
    """Yield what was read, and raise or count what could not be."""
    for value in values:
        if isinstance(value, DamagedLine):
            reading.pass_over(value)
        elif value is not None:
            reading.tally.items += 1
            yield value
