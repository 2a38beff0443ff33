"""One reading of an export: which files, in which processes, what is counted, and what a damaged line does.

What is read, models or record batches, is the business of `Work`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar, cast

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import CallError
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._lines import chunks
from dynamorm_py.exports._manifest import contents_of
from dynamorm_py.exports._places import place_of
from dynamorm_py.exports._resume import ResumePoint
from dynamorm_py.exports._workers import read_chunks, read_chunks_in

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterable, Iterator

    from dynamorm_py.exports._lines import Chunk
    from dynamorm_py.exports._manifest import Contents, DataFile
    from dynamorm_py.exports._places import Location, Place
    from dynamorm_py.exports._workers import Job

T = TypeVar("T")

_REPORTED = 256 * 1024  # bytes from one report of progress to the next


@public("dynamorm_py.exports")
@frozen
class ReadProgress:
    """How far the reading of an export is. `total` is the manifest's number of items, None without a manifest.

    `items` counts what was read, deletions included; `damaged` the lines that were passed over.
    """

    items: int
    damaged: int
    files_done: int
    files: int
    total: int | None


@dataclass(slots=True)
class Tally:
    """What was read so far."""

    files: int
    total: int | None
    items: int = 0
    damaged: int = 0
    files_done: int = 0
    unreported: int = 0
    """The bytes that were read since progress was last reported."""

    def progress(self) -> ReadProgress:
        """Return what the caller sees of it."""
        return ReadProgress(self.items, self.damaged, self.files_done, self.files, self.total)


@frozen
class Options:
    """How an export is read, apart from what it is read into."""

    damaged: Literal["raise", "skip"] = "raise"
    workers: int = 1
    resume: str | os.PathLike[str] | None = None
    progress: Callable[[ReadProgress], object] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done. Raises CallError."""
        if self.damaged not in {"raise", "skip"}:
            raise CallError(f"damaged= must be 'raise' or 'skip', got {self.damaged!r:.80}")
        if not isinstance(cast("object", self.workers), int) or self.workers < 1:
            raise CallError("workers= must be a number of processes, 1 or more")
        if self.progress is not None and not callable(cast("object", self.progress)):
            raise CallError("progress= must be a function that takes a ReadProgress")


def opened(source: Location, export_format: str, s3: object) -> tuple[Place, Contents]:
    """Return where an export is and what it consists of. Raises CallError."""
    if export_format != "DYNAMODB_JSON":
        raise CallError(f"format= must be 'DYNAMODB_JSON', got {export_format!r:.80}: export the table in that format")
    place = place_of(source, s3)
    return place, contents_of(place)


@frozen
class Reading(Generic[T]):
    """One reading of an export. `lines` counts those of a value, damaged ones too."""

    place: Place
    contents: Contents
    job: Job[T]
    lines: Callable[[T], int]
    options: Options
    tally: Tally

    def results(self) -> Generator[tuple[T, list[DamagedLine]]]:
        """Yield the value of each chunk, with what is wrong with its file; a file is done when all of it was taken."""
        point = ResumePoint(self.options.resume, (file.name for file in self.contents.files))
        self.tally.files_done = len(point.done)
        left = {file.name: file for file in self.contents.files if file.name not in point.done}
        counted = dict.fromkeys(left, 0)
        with closing(self._values(_all_chunks(self.place, left.values(), self.job.size))) as stream:
            for chunk, value in stream:
                counted[chunk.file] += self.lines(value)
                yield value, _breaks(chunk, counted[chunk.file], left[chunk.file].items)
                self._tell(chunk, point)

    def _values(self, stream: Iterator[Chunk]) -> Generator[tuple[Chunk, T]]:
        if self.options.workers == 1:
            return read_chunks(stream, self.job.here)
        return read_chunks_in(self.options.workers, stream, self.job)

    def pass_over(self, damaged: DamagedLine) -> None:
        """Count a damaged line, or raise it."""
        if self.options.damaged == "raise":
            raise damaged
        self.tally.damaged += 1

    def _tell(self, chunk: Chunk, point: ResumePoint) -> None:
        if chunk.last:
            point.finish(chunk.file)
            self.tally.files_done += 1
        self.tally.unreported += len(chunk.text)
        if self.options.progress is not None and (chunk.last or self.tally.unreported >= _REPORTED):
            self.tally.unreported = 0
            self.options.progress(self.tally.progress())


def _breaks(chunk: Chunk, counted: int, expected: int | None) -> list[DamagedLine]:
    """Return what is wrong with a file as a whole, when it ends."""
    if chunk.damage is not None:
        return [chunk.damage]
    if chunk.last and expected is not None and counted != expected:
        reason = f"the file has {counted} items, and the manifest says {expected}: copy it again"
        return [DamagedLine(chunk.file, chunk.first, reason)]
    return []


def _all_chunks(place: Place, files: Iterable[DataFile], size: int) -> Iterator[Chunk]:
    """Yield the chunks of several files, one file open at a time."""
    for each in files:
        with place.open(each.name) as file:
            yield from chunks(each.name, file, size)
