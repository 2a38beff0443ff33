"""A repository whose calls are awaited. Every rule is the synchronous repository's; only the executor differs."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._repo import Repo as SyncRepo
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.aio._closing import Closing
from dynamorm_py.aio._many import BatchWriter
from dynamorm_py.aio._query import Query
from dynamorm_py.aio._supply import batch_of, write_batch
from dynamorm_py.aio._table import TableOperations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._operations import AnyVersion

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.aio")
class Repo(Closing, SyncRepo[M]):
    """Reads and writes items of one model in one table, asynchronously. It takes what `dynamorm_py.Repo` takes."""

    __slots__ = ()
    __dynamorm_async__ = True

    def _perform(self, plan: Any) -> Any:  # noqa: ANN401 -- awaited by the caller
        return begin_async(self._client, plan)

    def _lazy(self, read: Any, limit: int | None, page_size: int | None, segments: int = 1) -> Any:  # noqa: ANN401
        return Query(self._client, read, limit=limit, page_size=page_size, segments=segments)

    @property
    def table(self) -> TableOperations[M]:
        """The operations of the table itself, awaited."""
        return TableOperations(self._shared, self._client)

    def batch_write(
        self,
        *more: Never,
        put: Iterable[M] = (),
        delete: Iterable[object] = (),
        expected_version: AnyVersion | None = None,
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
        **unknown: Never,
    ) -> Any:  # noqa: ANN401 -- awaited
        """As `dynamorm_py.Repo.batch_write`."""
        operations.refuse_unnamed(more)
        if unknown:
            raise operations.unknown_arguments(SyncRepo[Any].batch_write, unknown, self.model)
        writes = batch_of(self, self._table, put, delete, expected_version)
        return write_batch(writes, concurrency=concurrency, retries=retries)

    def batch(self, *, expected_version: Any = None, retries: int = operations.DEFAULT_RETRIES) -> Any:  # noqa: ANN401
        """Open a batch to fill one by one: `async with users.batch() as b: await b.put(user)`."""
        return BatchWriter(self, expected_version, retries)
