"""The operations of a repository's table: `users.table.ensure()`.

One line a method; the plans are in `_operations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import uuid4

from dynamorm_py import _operations as operations
from dynamorm_py._model import DynamoModel
from dynamorm_py._operations import Difference, LoadProgress, Provisioned, TableProgress, TableSettings
from dynamorm_py._runtime.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynamorm_py._kernel.plans import Plan, Transport
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bulk_load import Compression, Tier

    Progress = Callable[[TableProgress], object]

__all__ = ["BulkPut", "Difference", "LoadProgress", "Provisioned", "TableOperations", "TableProgress", "TableSettings"]

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T")

_TIMEOUT = operations.DEFAULT_TIMEOUT
_LOAD_TIMEOUT = 24 * 3600.0  # seconds; a large load takes hours


class TableOperations(Generic[M]):
    """Creates, changes, compares, describes, deletes and exports the table of a repository.

    `settings` are what the table has in addition to its model. `timeout` is how long each step may wait, in seconds;
    `progress` is called with a TableProgress at each step and while it waits.
    """

    __slots__ = ("_client", "_table")

    def __init__(self, table: ModelTable[M], client: Transport) -> None:
        """Act on one table through one client."""
        self._table, self._client = table, client

    def create(
        self,
        settings: TableSettings | None = None,
        *,
        timeout: float = _TIMEOUT,
        progress: Progress | None = None,
    ) -> None:
        """Create the table with the model's keys and indexes, by default billed on demand, and wait until it is there.

        Time to live is switched on when the model has a TimeToLive() field. Raises TableInUse, TableNotReady.
        """
        waiting = operations.Waiting(timeout, progress)
        return self._perform(operations.build_table(self._table, operations.checked_settings(settings), waiting))

    def ensure(
        self,
        settings: TableSettings | None = None,
        *,
        timeout: float = _TIMEOUT,
        progress: Progress | None = None,
    ) -> list[Difference]:
        """Create the table, or change it into what the model needs, and return what was changed.

        Indexes are built one at a time. Nothing is taken away: what else the table has is left alone.
        Any number of processes may do this at the same time. Raises TableMismatch for what no change can
        mend, TableNotReady.
        """
        waiting = operations.Waiting(timeout, progress)
        return self._perform(operations.ensure_table(self._table, operations.checked_settings(settings), waiting))

    def describe(self) -> dict[str, Any]:
        """Return DynamoDB's description of the table (API Reference, TableDescription). Raises TableNotFound."""
        return self._perform(operations.table_description(self._table))

    def compare(self, settings: TableSettings | None = None) -> list[Difference]:
        """Return every difference between the model and the table, each with its repair. Raises TableNotFound."""
        return self._perform(operations.compare(self._table, operations.checked_settings(settings)))

    def delete(self, *, timeout: float = _TIMEOUT, progress: Progress | None = None) -> None:
        """Delete the table with every item in it, and wait until it is gone. Raises TableNotFound, TableProtected."""
        return self._perform(operations.delete_table(self._table, operations.Waiting(timeout, progress)))

    def drop_index(self, index: str, *, timeout: float = _TIMEOUT, progress: Progress | None = None) -> None:
        """Delete a global index by its name, and wait until it is gone. Raises IndexNotFound, TableNotFound."""
        waiting = operations.Waiting(timeout, progress)
        return self._perform(operations.drop_index(self._table, index, waiting))

    # --- loads from S3 ---------------------------------------------------------------------------

    def import_from_s3(
        self,
        source: str,
        settings: TableSettings | None = None,
        *,
        compression: Compression = "GZIP",
        source_owner: str | None = None,
        token: str | None = None,
        timeout: float = _LOAD_TIMEOUT,
        progress: Callable[[LoadProgress], object] | None = None,
    ) -> LoadProgress:
        """Create the table from files in S3, as `exports.write` makes them, and wait until all items are there.

        `source` is `s3://bucket/prefix`, of another account with `source_owner`. A call with the same `token` goes on
        with the same import for eight hours. `progress` is called with a LoadProgress while it waits. Raises
        TableInUse, BulkLoadFailed, TableNotReady, CallError. Source: API Reference, ImportTable.
        """
        plan = operations.import_table(
            self._table,
            operations.checked_settings(settings),
            operations.LoadSource(source, compression, source_owner),
            operations.Waiting(timeout),
            token=token or str(uuid4()),
            progress=progress,
        )
        return self._perform(plan)

    def bulk_put(
        self,
        source: str,
        report: str,
        *,
        compression: Compression = "GZIP",
        source_owner: str | None = None,
        report_owner: str | None = None,
        writes_per_second: int | None = None,
        tier: Tier | None = None,
        token: str | None = None,
    ) -> BulkPut:
        """Start putting the items of files in S3 into the table, which is there, and return the load to wait for.

        `source` and `report` are `s3://bucket/prefix`: DynamoDB writes what it could not put below `report`.
        `writes_per_second` limits the load, to 1,024 write units or more; `tier` is "STANDARD" or "ACCELERATED".
        A call with the same `token` returns the same load for eight hours.
        Raises TableNotFound, IdempotentParameterMismatch, CallError. Source: API Reference, StartBulkPutItems.
        """
        options = operations.BulkPutOptions(report, report_owner, writes_per_second, tier)
        files = operations.LoadSource(source, compression, source_owner)
        start = operations.start_bulk_put(self._table, files, options, token or str(uuid4()))
        return self._perform(self._begun(start))

    def _begun(self, start: Plan[LoadProgress]) -> Plan[BulkPut]:
        return self._bulk_put_type()((yield from start).arn, self._client)

    @staticmethod
    def _bulk_put_type() -> type[BulkPut]:
        return BulkPut

    def _perform(self, plan: Plan[T]) -> T:
        """Perform a plan with the client; the asynchronous face awaits it instead."""
        return run(self._client, plan)

    # --- for other tools; nothing is sent --------------------------------------------------------

    def cloudformation(self, settings: TableSettings | None = None) -> dict[str, Any]:
        """Return a CloudFormation template with the table, for `json.dump`."""
        return operations.cloudformation(self._table, operations.checked_settings(settings))

    def terraform(self, settings: TableSettings | None = None) -> dict[str, Any]:
        """Return the table as Terraform's JSON, for a file named `*.tf.json`. Raises CallError."""
        return operations.terraform(self._table, operations.checked_settings(settings))

    def policy(
        self, *names: str, leading_keys: Iterable[str] | None = None, region: str = "*", account: str = "*"
    ) -> dict[str, Any]:
        """Return the least IAM policy for operations, named as the methods: `policy("get", "query", "table.describe")`.

        `leading_keys` holds it to items of these partition keys, and to the table and its local indexes; they may
        contain IAM's variables. Raises CallError, also for no operation at all.
        """
        return operations.least_policy(self._table, names, leading_keys=leading_keys, region=region, account=account)


class BulkPut:
    """A bulk put that was started. DynamoDB continues it even if the program ends."""

    __slots__ = ("_client", "arn")

    def __init__(self, arn: str, client: Transport) -> None:
        """Stand for the bulk put with this ARN; keep the ARN to look at it later."""
        self.arn: str = arn
        self._client = client

    def __repr__(self) -> str:
        """Name it."""
        return f"BulkPut({self.arn!r})"

    def progress(self) -> LoadProgress:
        """Return how far it is."""
        return self._perform(operations.describe_bulk_put(self.arn))

    def wait(
        self, *, timeout: float = _LOAD_TIMEOUT, progress: Callable[[LoadProgress], object] | None = None
    ) -> LoadProgress:
        """Wait until it has ended, and return how it went: `exports.problems(report)` names the `.failed` items.

        `timeout` is in seconds. Raises BulkLoadFailed when it failed or was cancelled, TableNotReady.
        """
        return self._perform(operations.wait_for_bulk_put(self.arn, operations.Waiting(timeout), progress))

    def cancel(self) -> str:
        """Ask DynamoDB to stop it, and return its status, CANCELLING; items that were put stay."""
        return self._perform(operations.cancel_bulk_put(self.arn))

    def _perform(self, plan: Plan[T]) -> T:
        """Perform a plan with the client; the asynchronous face awaits it instead."""
        return run(self._client, plan)
