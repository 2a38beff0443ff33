"""Batches of writes: over any repositories of one client, or one by one within a `with` block.

One line over each plan. What a batch is and what happens to its writes is in `_operations`.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Generic, Literal, Never, NoReturn, TypeAlias, TypeVar, cast

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import refuses_missing
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._repo.transactions import of_one_face
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from types import TracebackType
    from typing import Self

    from dynamorm_py._model.context import HasContext
    from dynamorm_py._operations import AnyVersion, BatchWrite, PreparedWrite, PutRequest

M = TypeVar("M", bound=DynamoModel)
_State: TypeAlias = Literal["made", "open", "ended"]


@refuses_missing
def batch_write(
    writes: Iterable[BatchWrite],
    *more: Never,
    concurrency: int = 1,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> int:
    """Perform any number of `Put` and `Delete`, and return how many items were written.

    The last write of an item wins. `concurrency` is the number of requests of 25 that are sent at a time. A collection
    is checked as a whole before anything is sent; any other iterable is a stream of any length, consumed as it is
    written. Unprocessed writes are sent again, the same bytes, after up to `retries` jittered waits.
    Raises BatchIncomplete with the writes that are done, left and unknown; InvalidBatch for a write with a condition.
    Source: API Reference, BatchWriteItem; CONTRACT 5.
    """
    operations.refuse_surplus(batch_write, more, unknown, "batch_write([a, b])")
    operations.check_int("concurrency", concurrency, 1)
    operations.check_int("retries", retries, 0)
    whole = isinstance(writes, Collection)
    supply = of_one_face(operations.require_iterable("batch_write", writes), awaited=False)
    for first in supply:
        context = operations.checked_batch_write(first).context
        batch = operations.WriteBatch(context.clock(), retries=retries, concurrency=concurrency, keep_done=whole)
        try:
            return run(context.client, operations.batch_write(batch, chain((first,), supply), whole=whole))
        except KeyboardInterrupt as interrupt:  # it stays one, so how far the batch came is a note on it
            interrupt.add_note(f"of the batch, {batch.written} were written for sure{in_doubt(batch)}")
            raise
    return 0


def in_doubt(batch: operations.WriteBatch) -> str:
    """Say how many writes were under way when the batch was interrupted; nothing for none."""
    return f", and {batch.in_flight} were under way, so they may be written or not" if batch.in_flight else ""


@public()
class BatchWriter(Generic[M]):
    """Writes items of one repository in requests of 25, as they come; made by `Repo.batch()`.

    The block's clean exit sends the rest; after an exception what was not sent yet is dropped, and a note on
    the exception says how many that were. It takes no memory but for the writes that wait.
    """

    __slots__ = ("_batch", "_context", "_expected", "_repo", "_state")

    def __init__(self, repo: HasContext[M], expected_version: AnyVersion | None, retries: int) -> None:
        """Write through a repository."""
        operations.check_int("retries", retries, 0)
        self._repo, self._expected = repo, expected_version
        self._context = repo.__dynamorm_context__
        self._batch = operations.WriteBatch(self._context.clock(), retries=retries)
        self._state: _State = "made"

    @property
    def written(self) -> int:
        """The number of items that are certainly written by now."""
        return self._batch.written

    def put(self, item: M) -> M:
        """Write an item, replacing one with the same key, and return it as it will be stored.

        Raises what a single `put` raises before sending; InvalidBatch; BatchIncomplete when it filled a request.
        """
        prepared = self._accept(operations.Put(self._repo, item, expected_version=self._expected))
        return cast("PutRequest[M]", prepared).stored

    def delete(self, key: object) -> None:
        """Delete an item by its key or an instance. Raises InvalidKey, InvalidBatch; BatchIncomplete as `put`."""
        self._accept(operations.Delete(self._repo, key, expected_version=self._expected))

    def _accept(self, write: BatchWrite) -> PreparedWrite:
        self._require_open(write, "with")
        prepared = self._batch.accept(write)
        if self._batch.full:
            run(self._context.client, self._batch.flush())
        return prepared

    def _require_open(self, write: BatchWrite, word: str) -> None:
        """Raise CallError outside the block, whose end sends the rest."""
        if self._state == "made":
            write.prepare(self._context.table, self._context.clock())  # a fault of the write itself comes first
            raise CallError(f"a batch is sent at the end of its block: write {word} users.batch() as batch")
        if self._state == "ended":
            raise CallError(f"this batch has ended with its {word} block: open another with users.batch()")

    def _enter(self, word: str) -> Self:
        if self._state != "made":
            raise CallError(f"this batch was opened already: open another with {word} users.batch()")
        self._state = "open"
        return self

    def __enter__(self) -> Self:
        return self._enter("with")

    if not TYPE_CHECKING:  # a checker shall see no such block

        def __aenter__(self) -> NoReturn:
            """Refuse: this batch is synchronous."""
            raise CallError("this batch is synchronous: write with users.batch(), or take Repo from dynamorm_py.aio")

        __aexit__ = __aenter__  # looked up before the block is entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._state = "ended"
        if error is None:
            with self._accounting():
                run(self._context.client, self._batch.flush())
        else:
            self._account(error)

    @contextmanager
    def _accounting(self) -> Generator[None]:
        """Note on what the last request raises how far the batch came."""
        try:
            yield
        except BaseException as error:
            self._account(error)
            raise

    def _account(self, error: BaseException) -> None:
        batch = self._batch
        if batch.waiting or batch.written or batch.in_flight:
            done = f"{batch.written} were written and {batch.waiting} dropped unsent"
            error.add_note(f"of the batch, {done}{in_doubt(batch)}")
