"""Requests and answers of bulk loads against botocore's service model: no local backend has StartBulkPutItems."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from dynamorm_py import BulkLoadFailed, CallError, DynamoModel, PartitionKey, Repo, SortKey, TimeToLive, exports
from dynamorm_py.errors import IdempotentParameterMismatch, TableNotReady
from dynamorm_py.tables import Provisioned, TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/users/bulk-operation/01693685827463-2d8752fd"


class User(DynamoModel, table="users"):
    id: Annotated[str, PartitionKey()]
    age: int = 0
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    gone: Annotated[int | None, TimeToLive()] = None


class Ordered(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    other: Annotated[str, SortKey(index="local")] = ""


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client: Any = boto3.client("dynamodb", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def users(stub: Stubber) -> Repo[User]:
    return Repo(User, client=stub.client)


def description(status: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"BulkOperationDescription": {"BulkOperationArn": ARN, "BulkOperationStatus": status, **more}}


def test_a_bulk_put_says_where_from_where_to_and_how_fast(users: Repo[User], stub: Stubber) -> None:
    stub.add_response(
        "start_bulk_put_items",
        description("IN_PROGRESS"),
        {
            "ClientToken": "once",
            "TableName": "users",
            "InputS3Configuration": {
                "S3Bucket": "bucket",
                "S3KeyPrefix": "load/users",
                "S3BucketOwner": "123456789012",
                "InputFormat": "DYNAMODB_JSON",
                "InputCompressionType": "ZSTD",
            },
            "OutputS3Configuration": {
                "S3Bucket": "bucket",
                "S3KeyPrefix": "report",
                "OutputType": ["ERROR", "CONDITION_CHECK_FAILURE"],
            },
            "MaxWriteRequestUnits": 2000,
            "PerformanceTier": "ACCELERATED",
        },
    )
    load = users.table.bulk_put(
        "s3://bucket/load/users",
        "s3://bucket/report",
        compression="ZSTD",
        source_owner="123456789012",
        writes_per_second=2000,
        tier="ACCELERATED",
        token="once",
    )
    assert load.arn == ARN


def started(users: Repo[User], stub: Stubber) -> Any:  # noqa: ANN401
    expected = {"ClientToken": ANY, "TableName": "users", "InputS3Configuration": ANY, "OutputS3Configuration": ANY}
    stub.add_response("start_bulk_put_items", description("IN_PROGRESS"), expected)
    return users.table.bulk_put("s3://bucket/load", "s3://bucket/report")


def test_waiting_tells_how_far_it_is_and_returns_the_counts(users: Repo[User], stub: Stubber) -> None:
    load = started(users, stub)
    asked = {"BulkOperationArn": ARN}
    stub.add_response("describe_bulk_operation", description("IN_PROGRESS", ProcessedInputBytes=5), asked)
    end = datetime(2026, 11, 27, tzinfo=UTC)
    counts = {"ProcessedItemCount": 10, "FailedItemCount": 2, "ProcessedInputBytes": 99, "TotalInputBytes": 99}
    stub.add_response("describe_bulk_operation", description("COMPLETED_WITH_ERRORS", EndTime=end, **counts), asked)
    seen: list[Any] = []
    done = load.wait(progress=seen.append)
    assert [each.status for each in seen] == ["IN_PROGRESS", "COMPLETED_WITH_ERRORS"]
    assert seen[0].total_bytes is None
    assert (done.items, done.failed, done.bytes, done.total_bytes) == (10, 2, 99, 99)


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_what_did_not_end_well_is_raised_with_its_progress(users: Repo[User], stub: Stubber, status: str) -> None:
    load = started(users, stub)
    failure = {"FailureCode": "AccessDenied", "FailureMessage": "not yours", "ProcessedItemCount": 3}
    stub.add_response("describe_bulk_operation", description(status, **failure), {"BulkOperationArn": ARN})
    with pytest.raises(BulkLoadFailed, match=status) as raised:
        load.wait()
    assert raised.value.progress is not None
    assert (raised.value.progress.items, raised.value.progress.failure) == (3, "AccessDenied: not yours")


def test_a_wait_that_is_too_short_says_that_the_load_goes_on(users: Repo[User], stub: Stubber) -> None:
    load = started(users, stub)
    stub.add_response("describe_bulk_operation", description("IN_PROGRESS"), {"BulkOperationArn": ARN})
    with pytest.raises(TableNotReady, match="goes on"):
        load.wait(timeout=0)


def test_a_load_is_cancelled(users: Repo[User], stub: Stubber) -> None:
    load = started(users, stub)
    answer = {"BulkOperationArn": ARN, "BulkOperationStatus": "CANCELLING"}
    stub.add_response("cancel_bulk_operation", answer, {"BulkOperationArn": ARN})
    assert load.cancel() == "CANCELLING"


def test_a_token_used_for_another_load_is_an_error_of_its_own(users: Repo[User], stub: Stubber) -> None:
    stub.add_client_error("start_bulk_put_items", "IdempotentParameterMismatchException", "other")
    with pytest.raises(IdempotentParameterMismatch):
        users.table.bulk_put("s3://bucket/load", "s3://bucket/report", token="once")


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "bucket/load"},
        {"report": "/tmp/report"},  # noqa: S108 -- refused
        {"writes_per_second": 1000},
        {"writes_per_second": True},
        {"tier": "FAST"},
        {"compression": "BZIP2"},
    ],
)
def test_what_dynamodb_would_refuse_is_refused_before(users: Repo[User], wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"source": "s3://bucket/load", "report": "s3://bucket/report"} | wrong
    with pytest.raises(CallError):
        users.table.bulk_put(**arguments)


# --- a new table ----------------------------------------------------------------------------------------


def test_an_import_makes_the_table_with_its_indexes(users: Repo[User], stub: Stubber) -> None:
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/users/import/01693685827463-2d8752fd"
    stub.add_response(
        "import_table",
        {"ImportTableDescription": {"ImportArn": arn, "ImportStatus": "IN_PROGRESS"}},
        {
            "ClientToken": ANY,
            "S3BucketSource": {"S3Bucket": "bucket", "S3KeyPrefix": "load"},
            "InputFormat": "DYNAMODB_JSON",
            "InputCompressionType": "GZIP",
            "TableCreationParameters": {
                "TableName": "users",
                "AttributeDefinitions": ANY,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
                "GlobalSecondaryIndexes": ANY,
            },
        },
    )
    failed = {"ImportArn": arn, "ImportStatus": "FAILED", "FailureCode": "ItemValidationError"}
    stub.add_response("describe_import", {"ImportTableDescription": failed}, {"ImportArn": arn})
    settings = TableSettings(billing=Provisioned(1, 1), stream="NEW_IMAGE")  # which is set when the items are there
    with pytest.raises(BulkLoadFailed) as raised:
        users.table.import_from_s3("s3://bucket/load", settings)
    assert raised.value.progress is not None
    assert raised.value.progress.failure == "ItemValidationError"


def test_a_local_index_is_refused_since_an_import_makes_none(stub: Stubber) -> None:
    with pytest.raises(CallError, match="local index"):
        Repo(Ordered, client=stub.client).table.import_from_s3("s3://bucket/load")


# --- problems -------------------------------------------------------------------------------------------


def test_what_could_not_be_put_is_told_with_key_and_field(tmp_path: Path) -> None:
    records = [
        {
            "errorCode": "ValidationException",
            "errorMessage": "too large",
            "Item": {"id": {"S": "1"}, "age": {"N": "1"}},
        },
        {"error": {"code": "ValidationException", "message": "wrong"}, "item": {"id": {"S": "2"}, "age": {"S": "x"}}},
        {"Code": "ValidationException", "Reason": "no key", "Record": {"Item": {"age": {"N": "1"}}}},
        {"ErrorMessage": "not JSON", "Source": "s3://bucket/load/1.json"},
    ]
    (tmp_path / "errors.json").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    (tmp_path / "manifest-summary.json").write_text("{}")
    told = list(exports.problems(Repo(User), tmp_path))
    assert [(each.key, each.code, each.message, each.field) for each in told] == [
        ("1", "ValidationException", "too large", None),
        ("2", "ValidationException", "wrong", "age"),
        (None, "ValidationException", "no key", "id"),
        (None, None, "not JSON", None),
    ]
    assert [each.line for each in told] == [1, 2, 3, 4]


def test_a_report_that_is_no_json_is_a_damaged_line(tmp_path: Path) -> None:
    (tmp_path / "errors.json").write_text("nonsense\n")
    with pytest.raises(exports.DamagedLine):
        list(exports.problems(Repo(User), tmp_path))
