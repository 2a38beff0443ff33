"""`read` and `changes`: an export as a stream of models."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py.errors import CallError
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._line_models import Change, Deleted, read_changes, read_items
from dynamorm_py.exports._lines import LARGE_CHUNK, SMALL_CHUNK, chunks
from dynamorm_py.exports._manifest import contents_of
from dynamorm_py.exports._places import place_of
from dynamorm_py.exports._resume import ResumePoint
from dynamorm_py.exports._workers import read_chunks, read_chunks_in

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from dynamorm_py._model.several import Unknown
    from dynamorm_py.exports._kinds import Kinds, Source
    from dynamorm_py.exports._lines import Chunk
    from dynamorm_py.exports._manifest import Contents, DataFile
    from dynamorm_py.exports._places import Location, Place
    from dynamorm_py.exports._workers import Read

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T")


@public("dynamorm_py.exports")
@dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far the reading of an export is. `total` is the manifest's number of items, None without a manifest.

    `items` counts what was read, deletions included; `damaged` the lines that were passed over.
    """

    items: int
    damaged: int
    files_done: int
    files: int
    total: int | None


@public("dynamorm_py.exports")
class ExportReader(Generic[T]):
    """The models of an export, read while they are taken: iterate over it once.

    Close it, or use it in a `with`, when not all are taken.
    """

    def __init__(self, stream: Generator[T], tally: _Tally) -> None:
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


@dataclass(slots=True)
class _Tally:
    files: int
    total: int | None
    items: int = 0
    damaged: int = 0
    files_done: int = 0
    unreported: int = 0
    """The bytes that were read since progress was last reported."""

    def progress(self) -> ReadProgress:
        return ReadProgress(self.items, self.damaged, self.files_done, self.files, self.total)


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is read, apart from what it is read into."""

    damaged: Literal["raise", "skip"] = "raise"
    workers: int = 1
    resume: str | os.PathLike[str] | None = None
    progress: Callable[[ReadProgress], object] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done. Raises CallError."""
        if self.damaged not in {"raise", "skip"}:
            raise CallError(f"damaged= is 'raise' or 'skip', got {self.damaged!r:.80}")
        if not isinstance(cast("object", self.workers), int) or self.workers < 1:
            raise CallError("workers= is a number of processes, 1 or more")


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
    """Return the items of an export to S3 as models, and the deletions of an incremental one as `Deleted`.

    Of a `Table` each item comes as its own model; `unknown` says what becomes of an item of none, as in `Table.query`.
    Claims of unique fields are left out, and of a repository items of other models.
    `source` is the export's folder, or `s3://bucket/prefix`; a folder of data files without a manifest will do.
    Of an incremental export an item comes as it is at the end; `changes` gives what it was as well.
    `damaged="skip"` counts lines that cannot be read, and goes on. `workers` is the number of processes that read,
    this one included. `resume` names a file that keeps which data files are done: a reading with the same file goes
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
    tally = _Tally(len(contents.files), contents.items)
    return ExportReader(_Reading(place, contents, kinds, read_chunk, options, tally).values(), tally)


def opened(source: Location, export_format: str, s3: object) -> tuple[Place, Contents]:
    """Return where an export is and what it consists of. Raises CallError."""
    if export_format != "DYNAMODB_JSON":
        raise CallError(f"format= is 'DYNAMODB_JSON', got {export_format!r:.80}: export the table in that format")
    place = place_of(source, s3)
    return place, contents_of(place)


def read_values(
    chunk_stream: Iterator[Chunk], kinds: Kinds[Any], read_chunk: Read, workers: int
) -> Generator[tuple[Chunk, list[Any]]]:
    """Yield chunks with what was read from them, here or in several processes."""
    if workers == 1:
        yield from read_chunks(chunk_stream, kinds, read_chunk)
        return
    portable = kinds.portable
    if portable is None:
        raise CallError(
            "encrypted fields are opened with this process's data keys, and a validation context and a function for "
            "unknown items are this process's too: leave workers= out"
        )
    yield from read_chunks_in(workers, chunk_stream, kinds, portable, read_chunk)


_UNSOUND = frozenset({DamagedLine, type(None)})


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of an export."""

    place: Place
    contents: Contents
    kinds: Kinds[Any]
    read_chunk: Read
    options: Options
    tally: _Tally

    def values(self) -> Generator[Any]:
        """Yield what is read; a file is done when all of it was taken."""
        point = ResumePoint(self.options.resume, (file.name for file in self.contents.files))
        self.tally.files_done = len(point.done)
        left = {file.name: file for file in self.contents.files if file.name not in point.done}
        counted = dict.fromkeys(left, 0)
        size = SMALL_CHUNK if self.options.workers == 1 else LARGE_CHUNK
        lines = all_chunks(self.place, left.values(), size)
        stream = read_values(lines, self.kinds, self.read_chunk, self.options.workers)
        with closing(stream):
            for chunk, values in stream:
                counted[chunk.file] += len(values)
                if _UNSOUND.isdisjoint(map(type, values)):
                    self.tally.items += len(values)
                    yield from values
                else:
                    yield from self._sound(values)
                yield from self._sound(_breaks(chunk, counted[chunk.file], left[chunk.file].items))
                self._tell(chunk, point)

    def _sound(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield what was read, and raise or count what could not be."""
        for value in values:
            if value is None:
                continue
            if not isinstance(value, DamagedLine):
                self.tally.items += 1
                yield value
            elif self.options.damaged == "raise":
                raise value
            else:
                self.tally.damaged += 1

    def _tell(self, chunk: Chunk, point: ResumePoint) -> None:
        if chunk.last:
            point.finish(chunk.file)
            self.tally.files_done += 1
        self.tally.unreported += len(chunk.text)
        if self.options.progress is not None and (chunk.last or self.tally.unreported >= LARGE_CHUNK):
            self.tally.unreported = 0
            self.options.progress(self.tally.progress())


def _breaks(chunk: Chunk, counted: int, expected: int | None) -> Iterator[DamagedLine]:
    """Yield what is wrong with a file as a whole, when it ends."""
    if chunk.damage is not None:
        yield chunk.damage
    elif chunk.last and expected is not None and counted != expected:
        reason = f"the file has {counted} items, and the manifest says {expected}: copy it again"
        yield DamagedLine(chunk.file, chunk.first, reason)


def all_chunks(place: Place, files: Iterable[DataFile], size: int) -> Iterator[Chunk]:
    """Yield the chunks of several files, one file open at a time."""
    for each in files:
        with place.open(each.name) as file:
            yield from chunks(each.name, file, size)
