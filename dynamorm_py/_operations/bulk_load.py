"""ImportTable and StartBulkPutItems: items loaded by DynamoDB itself, from files in S3.

Source: API Reference, ImportTable, DescribeImport, StartBulkPutItems, DescribeBulkOperation, CancelBulkOperation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

from dynamorm_py._kernel.plans import Plan, Sleep, without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.arguments import check_int
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.create_table import table_parameters
from dynamorm_py._operations.functions import require_plain
from dynamorm_py._operations.update_table import ensure_table
from dynamorm_py.errors import BulkLoadFailed, CallError, TableNotReady

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.describe_table import Waiting
    from dynamorm_py._operations.table_settings import TableSettings

Compression: TypeAlias = Literal["GZIP", "ZSTD", "NONE"]
Tier: TypeAlias = Literal["STANDARD", "ACCELERATED"]

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
_LEAST_RATE = 1024  # write request units a second: API Reference, StartBulkPutItems, MaxWriteRequestUnits
_RUNNING = {"IN_PROGRESS", "CANCELLING"}
_TAKEN = (  # of CreateTable's parameters: API Reference, TableCreationParameters
    *("TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput"),
    *("SSESpecification", "GlobalSecondaryIndexes", "VectorIndexes"),
)


@public("dynamorm_py.tables")
@frozen
class LoadProgress:
    """How far a bulk load is; `total_bytes` is None until DynamoDB has counted them, and of an import always."""

    arn: str
    status: str
    items: int
    failed: int
    bytes: int
    total_bytes: int | None = None
    failure: str | None = None
    log_group: str | None = None


@frozen
class LoadSource:
    """Files in S3 that DynamoDB reads."""

    address: str
    compression: Compression = "GZIP"
    owner: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is not an address, and a compression that DynamoDB does not know."""
        location(self.address)
        if self.compression not in get_args(Compression):
            listed = ", ".join(get_args(Compression))
            raise CallError(f"compression= must be one of {listed}, got {self.compression!r:.80}")

    def bucket(self) -> dict[str, str]:
        """Return the bucket as requests name it."""
        bucket, prefix = location(self.address)
        return without_none(S3Bucket=bucket, S3KeyPrefix=prefix or None, S3BucketOwner=self.owner)


def location(address: str) -> tuple[str, str]:
    """Return the bucket and the prefix of an address. Raises CallError."""
    matched = _ADDRESS.fullmatch(address) if isinstance(cast("object", address), str) else None
    if matched is None:
        raise CallError(f"{address!r:.200} names no bucket: write s3://bucket/prefix")
    return matched[1], matched[2] or ""


# --- a new table ----------------------------------------------------------------------------------


def import_table(
    table: ModelTable[Any],
    settings: TableSettings,
    source: LoadSource,
    waiting: Waiting,
    *,
    token: str,
    progress: Callable[[LoadProgress], object] | None,
) -> Plan[LoadProgress]:
    """Make the table from the files, wait until they are loaded, and bring its other settings in.

    Raises TableInUse, BulkLoadFailed, CallError for a model with a local index.
    """
    require_plain("progress=", progress)
    parameters = table_parameters(table, settings)
    if "LocalSecondaryIndexes" in parameters:
        raise CallError(
            f"{table.model.__name__} has a local index, and an import makes none: create() the table, then bulk_put()"
        )
    response = yield from ask(
        "ImportTable",
        {
            "ClientToken": token,
            "S3BucketSource": source.bucket(),
            "InputFormat": "DYNAMODB_JSON",
            "InputCompressionType": source.compression,
            "TableCreationParameters": {name: parameters[name] for name in _TAKEN if name in parameters},
        },
    )
    arn = response["ImportTableDescription"]["ImportArn"]
    done = yield from _wait(describe_import, arn, waiting, progress)
    yield from ensure_table(table, settings, waiting)
    if done.failed:
        raise _failed(done, f"{done.failed} items were not imported: the log group in .progress lists them")
    return done


def describe_import(arn: str) -> Plan[LoadProgress]:
    """Return how far an import is."""
    response = yield from ask("DescribeImport", {"ImportArn": arn})
    description: Mapping[str, Any] = response["ImportTableDescription"]
    return LoadProgress(
        arn=arn,
        status=description["ImportStatus"],
        items=description.get("ImportedItemCount", 0),
        failed=description.get("ErrorCount", 0),
        bytes=description.get("ProcessedSizeBytes", 0),
        failure=_failure(description),
        log_group=description.get("CloudWatchLogGroupArn"),
    )


# --- an existing table ----------------------------------------------------------------------------


@frozen
class BulkPutOptions:
    """How items are put in bulk, apart from where they come from."""

    report: str
    report_owner: str | None = None
    writes_per_second: int | None = None
    tier: Tier | None = None

    def __post_init__(self) -> None:
        """Refuse what DynamoDB would refuse."""
        location(self.report)
        if self.writes_per_second is not None:
            check_int("writes_per_second", self.writes_per_second, _LEAST_RATE, repair="count write units")
        if self.tier is not None and self.tier not in get_args(Tier):
            raise CallError(f"tier= must be one of {', '.join(get_args(Tier))}, got {self.tier!r:.80}")


def start_bulk_put(
    table: ModelTable[Any], source: LoadSource, options: BulkPutOptions, token: str
) -> Plan[LoadProgress]:
    """Start putting the items of files into the table. Raises TableNotFound, IdempotentParameterMismatch."""
    report = LoadSource(options.report, owner=options.report_owner).bucket()
    response = yield from ask(
        "StartBulkPutItems",
        without_none(
            ClientToken=token,
            TableName=table.name,
            InputS3Configuration={
                **source.bucket(),
                "InputFormat": "DYNAMODB_JSON",
                "InputCompressionType": source.compression,
            },
            OutputS3Configuration={**report, "OutputType": ["ERROR", "CONDITION_CHECK_FAILURE"]},
            MaxWriteRequestUnits=options.writes_per_second,
            PerformanceTier=options.tier,
        ),
    )
    return _bulk_progress(response["BulkOperationDescription"])


def describe_bulk_put(arn: str) -> Plan[LoadProgress]:
    """Return how far a bulk put is."""
    response = yield from ask("DescribeBulkOperation", {"BulkOperationArn": arn})
    return _bulk_progress(response["BulkOperationDescription"])


def cancel_bulk_put(arn: str) -> Plan[str]:
    """Ask DynamoDB to stop; what was written stays. Returns the status, CANCELLING."""
    response = yield from ask("CancelBulkOperation", {"BulkOperationArn": arn})
    return response["BulkOperationStatus"]


def wait_for_bulk_put(
    arn: str, waiting: Waiting, progress: Callable[[LoadProgress], object] | None
) -> Plan[LoadProgress]:
    """Wait until a bulk put has ended. Raises BulkLoadFailed, TableNotReady."""
    return (yield from _wait(describe_bulk_put, arn, waiting, progress))


def _bulk_progress(description: Mapping[str, Any]) -> LoadProgress:
    return LoadProgress(
        arn=description["BulkOperationArn"],
        status=description["BulkOperationStatus"],
        items=description.get("ProcessedItemCount", 0),
        failed=description.get("FailedItemCount", 0),
        bytes=description.get("ProcessedInputBytes", 0),
        total_bytes=description.get("TotalInputBytes"),
        failure=_failure(description),
    )


def _wait(
    describe: Callable[[str], Plan[LoadProgress]],
    arn: str,
    waiting: Waiting,
    progress: Callable[[LoadProgress], object] | None,
) -> Plan[LoadProgress]:
    for pause in waiting.pauses():
        load = yield from describe(arn)
        if progress is not None:
            progress(load)
        if load.status not in _RUNNING:
            if load.status in {"FAILED", "CANCELLED"}:
                raise _failed(load, f"it is {load.status}: DynamoDB's reason is in .progress.failure")
            return load
        if pause:
            yield Sleep(pause)
    raise TableNotReady(f"{arn} is still under way after {waiting.timeout:g} s: it goes on; wait longer with timeout=")


def _failure(description: Mapping[str, Any]) -> str | None:
    """Return why it failed, in DynamoDB's words."""
    words = [description[name] for name in ("FailureCode", "FailureMessage") if description.get(name)]
    return ": ".join(words) or None


def _failed(load: LoadProgress, reason: str) -> BulkLoadFailed:
    error = BulkLoadFailed(f"bulk load {load.arn}: {reason}")
    error.progress = load
    return error
