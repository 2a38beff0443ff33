"""The operations of a table itself, awaited."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from typing import Any, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.tables import BulkPut as SyncBulkPut
from dynamorm_py.tables import TableOperations as SyncTableOperations

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.aio")
class TableOperations(SyncTableOperations[M]):
    """The operations of the table itself: create, ensure, compare, describe, delete, and its exports."""

    __slots__ = ()

    def _perform(self, plan: Any) -> Any:  # noqa: ANN401 -- awaited by the caller
        return begin_async(self._client, plan)

    @staticmethod
    def _bulk_put_type() -> Any:  # noqa: ANN401 -- typed by the stub
        return BulkPut


@public("dynamorm_py.aio")
class BulkPut(SyncBulkPut):
    """A bulk put that was started. DynamoDB continues it even if the program ends."""

    __slots__ = ()

    def _perform(self, plan: Any) -> Any:  # noqa: ANN401 -- awaited by the caller
        return begin_async(self._client, plan)
