"""Batches and transactions, awaited."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, TypeVar, cast
from uuid import uuid4

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import refuses_missing
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._repo.batches import BatchWriter as SyncBatchWriter
from dynamorm_py._repo.transactions import of_one_face
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.aio._supply import write_batch
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from types import TracebackType
    from typing import NoReturn, Self

    from dynamorm_py._operations import BatchWrite, Write

M = TypeVar("M", bound=DynamoModel)


@refuses_missing
def batch_write(
    writes: Iterable[BatchWrite],
    *more: Never,
    concurrency: int = 1,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> Awaitable[int]:
    """Perform any number of `Put` and `Delete`, and return how many items were written. As the synchronous one."""
    operations.refuse_surplus(batch_write, more, unknown, "batch_write([a, b])")
    return write_batch(writes, concurrency=concurrency, retries=retries)


@public("dynamorm_py.aio")
class BatchWriter(SyncBatchWriter[M]):
    """Writes items of one repository in requests of 25, as they come; made by `Repo.batch()`."""

    __slots__ = ()

    async def put(self, item: M) -> M:
        """Write an item, and return it as it will be stored."""
        write = operations.Put(self._repo, item, expected_version=self._expected)
        return cast("Any", await self._take(write)).stored

    async def delete(self, key: object) -> None:
        """Delete an item by its key or an instance."""
        await self._take(operations.Delete(self._repo, key, expected_version=self._expected))

    async def _take(self, write: BatchWrite) -> object:
        self._require_open(write, "async with")
        prepared = self._batch.accept(write)
        if self._batch.full:
            await begin_async(self._context.client, self._batch.flush())
        return prepared

    async def __aenter__(self) -> Self:
        return self._enter("async with")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._state = "ended"
        if error is None:
            with self._accounting():
                await begin_async(self._context.client, self._batch.flush())
        else:
            self._account(error)

    def __enter__(self) -> NoReturn:
        """Refuse: an asynchronous batch needs `async with`."""
        raise CallError("this batch is asynchronous: write async with users.batch()")


@refuses_missing
def transact_write(
    writes: Iterable[Write[Any]],
    *more: Never,
    token: str | None = None,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> Awaitable[Any]:
    """Perform 1 to 100 writes and checks: all of them, or none. As the synchronous one."""
    operations.refuse_surplus(transact_write, more, unknown, "transact_write((a, b))")
    operations.check_int("retries", retries, 0)
    listed = list(of_one_face(operations.require_iterable("transact_write", writes), awaited=True))
    transaction = operations.prepare_transact_write(listed, str(uuid4()) if token is None else token)
    return begin_async(transaction.actions[0].context.client, operations.transact_write(transaction, retries))


@refuses_missing
def transact_get(
    gets: Iterable[Any],
    *more: Never,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> Awaitable[Any]:
    """Return 1 to 100 items as they were at one moment, None for a missing one. As the synchronous one."""
    operations.refuse_surplus(transact_get, more, unknown, "transact_get((a, b))")
    operations.check_int("retries", retries, 0)
    listed = list(of_one_face(operations.require_iterable("transact_get", gets), awaited=True))
    actions = operations.prepare_transact_get(listed)
    return begin_async(actions[0].context.client, operations.transact_get(actions, retries))
