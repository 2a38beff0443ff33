"""Several models of one table, awaited."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from typing import Any, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._repo.table import Table as SyncTable
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.aio._closing import Closing
from dynamorm_py.aio._query import Query
from dynamorm_py.aio._repo import Repo
from dynamorm_py.aio._table import TableOperations

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.aio")
class Table(Closing, SyncTable[M]):
    """Several models of one table, read and written asynchronously."""

    __slots__ = ()

    @staticmethod
    def _repo_type() -> Any:  # noqa: ANN401 -- typed by the stub
        return Repo

    def _perform(self, plan: Any) -> Any:  # noqa: ANN401 -- awaited by the caller
        return begin_async(self._client, plan)

    def _lazy(self, read: Any, limit: int | None, page_size: int | None, segments: int = 1) -> Any:  # noqa: ANN401
        return Query(self._client, read, limit=limit, page_size=page_size, segments=segments)

    @property
    def table(self) -> TableOperations[Any]:
        """The operations of the table itself, over all its models, awaited."""
        return TableOperations(self._several, self._client)
