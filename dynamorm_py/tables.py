"""The operations of a repository's table: `users.table.create()`.

One line a method; the plans stand in `_operations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._model import DynamoModel
from dynamorm_py._run import run

if TYPE_CHECKING:
    from dynamorm_py._plans import Caller
    from dynamorm_py._table import Table

M = TypeVar("M", bound=DynamoModel)


class TableOperations(Generic[M]):
    """Creates, describes and deletes the table of a repository."""

    __slots__ = ("_client", "_table")

    def __init__(self, table: Table[M], client: Caller) -> None:
        """Act on one table through one client."""
        self._table, self._client = table, client

    def create(self) -> None:
        """Create the table with the model's keys and indexes, billed on demand, and wait until it is there.

        Time to live is switched on when the model has a TimeToLive() field. Raises TableInUse.
        """
        run(self._client, operations.create_table(self._table))

    def describe(self) -> dict[str, Any]:
        """Return DynamoDB's description of the table (API Reference, TableDescription). Raises TableNotFound."""
        return run(self._client, operations.describe_table(self._table))

    def delete(self) -> None:
        """Delete the table with every item in it, and wait until it is gone. Raises TableNotFound."""
        run(self._client, operations.delete_table(self._table))
