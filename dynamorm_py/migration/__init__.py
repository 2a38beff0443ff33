"""Moving data: every item of one repository, transformed, into another.

    migrate(users, people, lambda user: Person(id=user.pk, name=user.nickname),
            checkpoint="users-to-people.json", progress=ProgressBar())

The source is read in segments, a thread each; a page is written whole before the checkpoint passes it, so a
migration that was killed goes on where it was and repeats at most the pages under way. It writes with puts
that may be repeated. The plans are in `_operations`.
"""

from __future__ import annotations

import sys
import time
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TextIO, TypeAlias, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import Context, context_of
from dynamorm_py._operations.cursor_format import decode_cursor, encode_cursor
from dynamorm_py._runtime.run import run
from dynamorm_py._runtime.threads import merged
from dynamorm_py.errors import CallError, MigrationIncomplete
from dynamorm_py.limits import limited
from dynamorm_py.migration._checkpoint import Checkpoint

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterable, Iterator

    from dynamorm_py._expressions import Condition
    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import HasContext
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations import Read
    from dynamorm_py._operations.migrate import ByKey

__all__ = ["MigrationProgress", "MigrationReport", "ProgressBar", "migrate"]

S = TypeVar("S", bound=DynamoModel)
T = TypeVar("T", bound=DynamoModel)
Transform: TypeAlias = "Callable[[S], T | Iterable[T] | None]"

_MOST_THREADS = 50  # as many as our own client keeps connections
_KEYS_TOLD = 100  # of items that are wrong: enough to see what they have in common


@frozen
class MigrationReport:
    """What a migration has done, over all its runs.

    `read` counts items of the source, `written` items of the target, `skipped` those that `transform` left
    out; `verified` the items of the target that were found as written, None when they were not checked.
    """

    read: int
    written: int
    skipped: int
    verified: int | None = None


@frozen
class MigrationProgress:
    """How far a migration is: `done` items of the source, of about `total`, which DynamoDB counts every six hours."""

    phase: Literal["copying", "verifying"]
    done: int
    total: int
    finished: bool = False


def migrate(
    source: HasContext[S],
    target: HasContext[T],
    transform: Transform[S, T],
    *,
    filter: Condition | None = None,
    segments: int | range = 4,
    total_segments: int | None = None,
    page_size: int = 500,
    reads_per_second: float | None = None,
    writes_per_second: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Callable[[MigrationProgress], object] | None = None,
    verify: bool = True,
) -> MigrationReport:
    """Write `transform` of every item of one repository into another, check that all arrived, and count.

    `transform` gives an item of the target, several, or None to leave one out; it must give the same for the
    same item, and runs in several threads. Items are written as it gives them, lifecycle fields too, over
    what is there. `checkpoint` names a file: a migration with the same file goes on where the last one ended.
    The limits are in capacity units, for each of the two tables. Within one table `filter` must leave out
    what the migration writes. With `verify` the source is read once more and compared with the target.
    `segments` is the number of threads, each of which reads a segment of the source. To share the work with other
    machines, give each a range of `total_segments`, as in `segments=range(8, 16), total_segments=64`, and a checkpoint
    of its own.
    Raises MigrationIncomplete, CallError, and what reading and writing raise.
    """
    reading, writing = context_of(source, "migrate"), context_of(target, "migrate")
    if filter is None and reading.table.name == writing.table.name and reading.shares_client(writing):
        raise CallError(
            f"source and target are one table, {reading.table.name!r}: pass filter= a condition that leaves out "
            "what the migration writes, else it would read that again"
        )
    _require_plain(transform, progress)
    share = _checked_share(segments, total_segments)
    read = operations.prepare_scan(reading.table, reading.table.codec, filter=filter, consistent=True)
    path = None if checkpoint is None else Path(checkpoint)
    migration = _Migration(
        read,
        target,
        transform,
        operations.check_limit("page_size", page_size) or page_size,
        limited(reading.client, reads_per_second=reads_per_second),
        limited(writing.client, reads_per_second=reads_per_second, writes_per_second=writes_per_second),
        Checkpoint(path, _about(reading, writing, share), len(share.segments)),
        share,
        progress,
    )
    migration.copy()
    return migration.verify() if verify else migration.report


def _require_plain(transform: object, progress: object) -> None:
    operations.require_plain("transform", transform)
    operations.require_plain("progress=", progress)


class ProgressBar:
    """Shows a migration's progress on a terminal: `migrate(..., progress=ProgressBar())`."""

    def __init__(
        self, stream: TextIO | None = None, width: int = 30, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Write to the stream, by default standard error; `clock` gives seconds."""
        self._stream, self._width, self._clock = stream or sys.stderr, width, clock
        self._phase, self._began, self._before = "", 0.0, 0

    def __call__(self, progress: MigrationProgress) -> None:
        """Draw the bar again."""
        if progress.phase != self._phase:  # a migration that goes on has done some before
            self._phase, self._began, self._before = progress.phase, self._clock(), progress.done
        seconds = self._clock() - self._began
        speed = f"  {(progress.done - self._before) / seconds:,.0f}/s" if seconds > 0 else ""
        total = progress.done if progress.finished else max(progress.total, progress.done)
        filled = self._width * progress.done // total if total else self._width * progress.finished
        bar = "#" * filled + "." * (self._width - filled)
        end = "\n" if progress.finished else ""
        self._stream.write(f"\r{progress.phase:9} [{bar}] {progress.done:,} of about {total:,}{speed}{end}")
        self._stream.flush()


@frozen
class _PageDone:
    """A page of the source that is dealt with, and where its segment goes on."""

    segment: int
    last_key: Item | None
    read: int
    written: int
    skipped: int
    wrong: list[Item] = field(default_factory=list["Item"])


@frozen
class _Migration(Generic[S, T]):
    read: Read[S]
    target: HasContext[T]
    transform: Transform[S, T]
    page_size: int
    source_client: Transport
    target_client: Transport
    checkpoint: Checkpoint
    share: _Share
    progress: Callable[[MigrationProgress], object] | None

    @property
    def table(self) -> ModelTable[T]:
        """The table that is written."""
        return context_of(self.target, "migrate").table

    @property
    def report(self) -> MigrationReport:
        """Count what the checkpoint has."""
        states = self.checkpoint.segments
        return MigrationReport(
            sum(each.read for each in states),
            sum(each.written for each in states),
            sum(each.skipped for each in states),
        )

    def copy(self) -> None:
        """Copy what the checkpoint says is left."""
        total = self._total()
        for page in self._side_by_side(self._write):
            state = self.checkpoint.segments[page.segment]
            state.read, state.written = state.read + page.read, state.written + page.written
            state.skipped += page.skipped
            state.cursor, state.done = encode_cursor(page.last_key or {}) or None, page.last_key is None
            self.checkpoint.save()
            self._tell(MigrationProgress("copying", self.report.read, total))
        self._tell(MigrationProgress("copying", self.report.read, total, finished=True))

    def verify(self) -> MigrationReport:
        """Read the source once more and look for each item in the target. Raises MigrationIncomplete."""
        done = written = 0
        wrong: list[Item] = []
        total = self._total()
        for page in self._side_by_side(self._compare, from_start=True):
            done, written = done + page.read, written + page.written
            wrong += page.wrong
            self._tell(MigrationProgress("verifying", done, total))
        self._tell(MigrationProgress("verifying", done, total, finished=True))
        report = replace(self.report, verified=written - len(wrong))
        if wrong:
            error = MigrationIncomplete(
                f"{len(wrong)} of {written} items are not in table {self.table.name!r} as they were written: "
                "two have one key, or another writes there, or the source has changed (some keys are in .keys)"
            )
            error.report, error.keys = report, wrong[:_KEYS_TOLD]
            raise error
        return report

    def _side_by_side(self, deal: Callable[[ByKey], list[Item]], *, from_start: bool = False) -> Generator[_PageDone]:
        """Yield the pages of all segments as they are done, a thread for each segment."""
        positions = range(len(self.share.segments))
        streams = [self._pages(position, deal, from_start=from_start) for position in positions]
        return merged(streams, min(len(streams), _MOST_THREADS))

    # --- a page -----------------------------------------------------------------------------------

    def _pages(
        self, number: int, deal: Callable[[ByKey], list[Item]], *, from_start: bool = False
    ) -> Iterator[_PageDone]:
        """Read one segment from its checkpoint, or from its start, and deal with each page."""
        state = self.checkpoint.segments[number]
        if state.done and not from_start:
            return
        start = decode_cursor(state.cursor).last_key if state.cursor and not from_start else None
        segment = (self.share.segments[number], self.share.total)
        while True:
            plan = operations.read_page(self.read, start, self.page_size, segment=segment)
            page = run(self.source_client, plan)
            outputs = [self._outputs(item) for item in page.items]
            prepared = operations.prepare_items(self.table, (out for each in outputs for out in each))
            wrong = deal(prepared)
            start = page.last_key
            yield _PageDone(number, start, len(outputs), len(prepared), sum(not each for each in outputs), wrong)
            if start is None:
                return

    def _outputs(self, item: S) -> list[T]:
        """Return what an item becomes. A model is iterable too, so it is asked for first."""
        transformed = operations.require_value("transform", self.transform(item))
        if transformed is None:
            return []
        return [transformed] if isinstance(transformed, DynamoModel) else list(transformed)

    def _write(self, prepared: ByKey) -> list[Item]:
        run(self.target_client, operations.write_items(self.target, prepared))
        return []

    def _compare(self, prepared: ByKey) -> list[Item]:
        return run(self.target_client, operations.differing_keys(self.table, prepared))

    def _tell(self, progress: MigrationProgress) -> None:
        if self.progress is not None:
            self.progress(progress)

    def _total(self) -> int:
        """Return about how many items the source has; asked for only when somebody listens."""
        if self.progress is None:
            return 0
        items: int = run(self.source_client, operations.table_description(self.read.table)).get("ItemCount", 0)
        return items * len(self.share.segments) // self.share.total


@frozen
class _Share:
    """The segments of the source that a migration reads, of how many."""

    segments: range
    total: int


def _checked_share(segments: int | range, total: int | None) -> _Share:
    """Return the segments to read. Raises CallError."""
    if not isinstance(segments, range):
        if total is not None:
            raise CallError("total_segments= goes with a range: segments=range(0, 8), total_segments=64")
        return _Share(range(operations.check_segments(segments)), segments)
    if total is None:
        raise CallError("segments= is a range: say of how many, for example total_segments=64")
    operations.check_segments(total)
    if not segments or min(segments) < 0 or max(segments) >= total:
        raise CallError(f"segments={segments!r} must name one or more of the segments 0 to {total - 1}")
    return _Share(segments, total)


def _about(source: Context[Any], target: Context[Any], share: _Share) -> dict[str, object]:
    """Return what tells a migration from others, and a share of it from the other shares."""
    whole = share.segments == range(share.total)
    return {
        "source": source.table.name,
        "source_model": source.table.model.__name__,
        "target": target.table.name,
        "target_model": target.table.model.__name__,
        "segments": share.total if whole else f"{list(share.segments)} of {share.total}",
    }
