"""AWS's JSON protocol without I/O: parameters as a body, a body as what boto3 would return.

It knows which members are bytes and times by their names, so no service model of botocore is loaded: a test
compares the names with botocore's models. Source: Smithy, "AWS JSON 1.0 protocol".
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from pydantic_core import from_json

if TYPE_CHECKING:
    from dynamorm_py._transport.http11 import Answer


@dataclass(frozen=True, slots=True)
class Service:
    """What tells the services of this protocol apart on the wire."""

    target_prefix: str
    content_type: str
    signing_name: str
    host_prefix: str


# Source: botocore's service models, `metadata`.
SERVICES: Mapping[str, Service] = {
    "dynamodb": Service("DynamoDB_20120810", "application/x-amz-json-1.0", "dynamodb", "dynamodb"),
    "dynamodbstreams": Service(
        "DynamoDBStreams_20120810", "application/x-amz-json-1.0", "dynamodb", "streams.dynamodb"
    ),
    "kms": Service("TrentService", "application/x-amz-json-1.1", "kms", "kms"),
}
# Members that botocore fills in when the caller leaves them out: `idempotencyToken` in its models.
TOKENS: Mapping[str, str] = {
    "TransactWriteItems": "ClientRequestToken",
    "ExecuteTransaction": "ClientRequestToken",
    "ExportTableToPointInTime": "ClientToken",
    "ImportTable": "ClientToken",
    "StartBulkPutItems": "ClientToken",
}
# An attribute's name may be one of these too, but its value is an object there, never text or a number.
BLOBS = frozenset({"B", "BS", "Plaintext", "CiphertextBlob", "CiphertextForRecipient"})
_TIME_NAMES = """
ApproximateCreationDateTime ArchivalDateTime BackupCreationDateTime BackupExpiryDateTime CreationDate
CreationDateTime CreationRequestDateTime DeletionDate EarliestRestorableDateTime EndTime ExportFromTime
ExportTime ExportToTime InaccessibleEncryptionDateTime KeyCreationDate LastDecreaseDateTime
LastIncreaseDateTime LastUpdateDateTime LastUpdateToPayPerRequestDateTime LastUpdatedDate
LatestRestorableDateTime NextRotationDate OnDemandRotationStartDate ParametersValidTo
ReplicaInaccessibleDateTime RestoreDateTime RotationDate StartTime TableCreationDateTime
TimeRangeLowerBound TimeRangeUpperBound Timestamp TrackingStartDate ValidTo
"""
TIMES = frozenset(_TIME_NAMES.split())
FIRST_ERROR_STATUS = 300
_SERVER_FAULT = 500


class MalformedBody(ValueError):
    """A body that is not a JSON object."""


def encode(operation: str, parameters: Mapping[str, Any]) -> bytes:
    """Return the body of a request: bytes as standard base64, times as whole seconds."""
    token = TOKENS.get(operation)
    if token is not None and token not in parameters:
        parameters = {**parameters, token: str(uuid4())}
    return _dump(parameters).encode("ascii")


def _plain(value: object) -> object:
    """Return what JSON can say for a value that the encoder does not know."""
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(cast("bytes", value))).decode("ascii")
    if isinstance(value, dt.datetime):
        return math.floor(value.timestamp())
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    if isinstance(value, set | frozenset):
        return list(cast("set[object]", value))
    wrapped = getattr(value, "value", None)  # boto3.dynamodb.types.Binary
    if isinstance(wrapped, bytes | bytearray):
        return base64.b64encode(wrapped).decode("ascii")
    raise TypeError(f"a parameter must be JSON, bytes or a time, got {type(value).__name__}")


_dump = json.JSONEncoder(separators=(",", ":"), default=_plain, check_circular=False).encode


def decode(body: bytes) -> dict[str, Any]:
    """Return what boto3 returns for a body. Raises MalformedBody."""
    try:
        document: Any = from_json(body)
    except ValueError as error:
        raise MalformedBody("the body is not JSON") from error
    if not isinstance(document, dict):
        raise MalformedBody("the body is not a JSON object")
    try:
        return _decoded(cast("dict[str, Any]", document))
    except (ValueError, OverflowError) as error:
        raise MalformedBody("a member of the body is not what its name says") from error


def _decoded(document: dict[str, Any]) -> dict[str, Any]:
    return {name: _member(name, value) for name, value in document.items() if value is not None}


def _member(name: str, value: Any) -> Any:  # noqa: ANN401 -- JSON
    kind = cast("type[object]", type(value))
    if kind is dict:
        return _decoded(value)
    if kind is list:
        if name == "BS" and all(type(each) is str for each in value):
            return [base64.b64decode(each, validate=True) for each in value]
        return [_member("", each) for each in value]
    if kind is str:
        return base64.b64decode(value, validate=True) if name in BLOBS else value
    if name in TIMES and kind in (int, float):
        return dt.datetime.fromtimestamp(value, tz=dt.UTC)
    return value


def error_response(answer: Answer, retries: int) -> dict[str, Any]:
    """Return an error answer as botocore's ClientError carries it in `.response`."""
    body = _error_body(answer)
    code, text = _code(body, answer.status), body.get("message", body.get("Message", ""))
    fields = {name: value for name, value in body.items() if name not in ("__type", "Error", "ResponseMetadata")}
    metadata = response_metadata(answer, retries)
    return {**fields, "Error": {"Message": text, "Code": code}, "ResponseMetadata": metadata}


def error_code(answer: Answer) -> str:
    """Return the code of an error answer."""
    return _code(_error_body(answer), answer.status)


def _error_body(answer: Answer) -> dict[str, Any]:
    """Return the body of an error; one that is not JSON becomes its own message, as botocore has it."""
    if answer.status >= _SERVER_FAULT and (not answer.body or answer.body.strip().startswith(b"<html>")):
        return {"message": responses.get(answer.status, "")}
    try:
        return decode(answer.body) if answer.body else {}
    except MalformedBody:
        return {"message": answer.body.decode("utf-8", "replace")}


def _code(body: Mapping[str, Any], status: int) -> str:
    """Return the code: `__type` without its namespace, the status where there is none."""
    code: object = body.get("__type", str(status))
    if not isinstance(code, str):
        return str(status)
    return code.partition(":")[0].rpartition("#")[2]


def response_metadata(answer: Answer, retries: int) -> dict[str, Any]:
    """Return botocore's `ResponseMetadata` of an answer."""
    metadata: dict[str, Any] = {
        "HTTPStatusCode": answer.status,
        "HTTPHeaders": dict(answer.headers),
        "RetryAttempts": retries,
    }
    request_id = answer.headers.get("x-amzn-requestid")
    return metadata if request_id is None else {"RequestId": request_id, **metadata}
