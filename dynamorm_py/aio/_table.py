"""The operations of a table itself, awaited."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from functools import wraps
from typing import Any, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py._runtime.tasks import in_thread
from dynamorm_py.tables import TableOperations as SyncTableOperations

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.aio")
class TableOperations(SyncTableOperations[M]):
    """The operations of the table itself: create, ensure, compare, describe, delete, and its exports."""

    __slots__ = ()

    def _perform(self, plan: Any) -> Any:  # noqa: ANN401 -- awaited by the caller
        return begin_async(self._client, plan)

    @wraps(SyncTableOperations.bulk_put, assigned=("__doc__",))
    async def bulk_put(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- as the synchronous one
        """Start putting the items of files in S3 into the table, and return the load to wait for."""
        return await in_thread(lambda: super(TableOperations, self).bulk_put(*arguments, **options))
