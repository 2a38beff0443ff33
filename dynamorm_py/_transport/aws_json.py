"""AWS's JSON protocol without I/O: parameters as a body, errors as botocore's ClientError carries them.

No service model of botocore is loaded; a test compares what stands here with them.
Source: Smithy, "AWS JSON 1.0 protocol".
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from dynamorm_py._kernel.response import MalformedBody, decode
from dynamorm_py._kernel.serialized import SerializedBatch, SerializedItem
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from dynamorm_py._transport.http11 import Answer


@frozen
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
FIRST_ERROR_STATUS = 300
_SERVER_FAULT = 500


def encode(operation: str, parameters: Mapping[str, Any]) -> bytes:
    """Return the body of a request: bytes as standard base64, times as whole seconds."""
    if type(parameters) is SerializedBatch:
        return parameters.json
    token = TOKENS.get(operation)
    if token is not None and token not in parameters:
        parameters = {**parameters, token: str(uuid4())}
    return _with_items(parameters) if operation in _WITH_ITEMS else _json(parameters)


_WITH_ITEMS = frozenset({"PutItem", "BatchWriteItem", "TransactWriteItems"})


def _with_items(value: Any) -> bytes:  # noqa: ANN401 -- parameters, or a part of them
    """Return JSON that has the bytes of items which were serialized before."""
    if type(value) is SerializedItem and value.json is not None:
        return value.json
    if type(value) is dict:
        entries = cast("dict[str, Any]", value)
        return b"{%b}" % b",".join([_json(name) + b":" + _with_items(part) for name, part in entries.items()])
    if type(value) is list:
        return b"[%b]" % b",".join(map(_with_items, cast("list[Any]", value)))
    return _json(value)


def _json(value: object) -> bytes:
    return _dump(value).encode("ascii")


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
        return {"message": _phrase(answer.status)}
    try:
        return decode(answer.body) if answer.body else {}
    except MalformedBody:
        return {"message": answer.body.decode("utf-8", "replace")}


def _phrase(status: int) -> str:
    from http import HTTPStatus  # imported lazily: only needed for an error without a body

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


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
        "HTTPHeaders": answer.headers,
        "RetryAttempts": retries,
    }
    request_id = answer.headers.get("x-amzn-requestid")
    return metadata if request_id is None else {"RequestId": request_id, **metadata}
