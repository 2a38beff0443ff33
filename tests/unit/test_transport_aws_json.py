"""Bodies are what botocore writes and reads, without its service models."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._kernel import response
from dynamorm_py._transport import aws_json, failures
from dynamorm_py._transport.exchange import Outcome
from dynamorm_py._transport.http11 import Answer

_SESSION = botocore.session.Session()
_MODELS: dict[str, Any] = {name: _SESSION.get_service_model(name) for name in aws_json.SERVICES}
_names = st.text(min_size=1, max_size=6) | st.sampled_from(
    ["B", "BS", "M", "L", "Timestamp", "EndTime", "Plaintext", "Item", "message"]
)


def _as(kind: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({kind: values})


_values: st.SearchStrategy[Any] = st.recursive(
    _as("S", st.text(max_size=8))
    | _as("N", st.integers().map(str))
    | _as("B", st.binary(max_size=9))
    | _as("BS", st.lists(st.binary(max_size=9), min_size=1, max_size=3))
    | _as("SS", st.lists(st.text(max_size=3), min_size=1, max_size=3))
    | _as("NULL", st.just(True))  # noqa: FBT003 -- a value
    | _as("BOOL", st.booleans()),
    lambda inner: _as("L", st.lists(inner, max_size=3)) | _as("M", st.dictionaries(_names, inner, max_size=3)),
    max_leaves=8,
)
_items: st.SearchStrategy[Any] = st.dictionaries(_names, _values, min_size=1, max_size=4)


def _theirs(service: str, operation: str, status: int, body: bytes) -> dict[str, Any]:
    model = _MODELS[service].operation_model(operation)
    answer = {"body": body, "headers": {"x-amzn-requestid": "R"}, "status_code": status, "context": {}}
    parser: Any = create_parser("json")
    parsed = parser.parse(answer, model.output_shape)
    shape = _MODELS[service].shape_for_error_code(parsed.get("Error", {}).get("Code"))
    if status >= 300 and shape is not None:
        parsed.update(parser.parse(answer, shape))
    return parsed


def _json(item: Any) -> bytes:  # noqa: ANN401 -- JSON
    return json.dumps(item, default=lambda value: base64.b64encode(value).decode()).encode()


@given(_items)
def test_a_body_is_read_as_botocore_reads_it(item: dict[str, Any]) -> None:
    body = _json({"Item": item, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 0.5}})
    theirs = _theirs("dynamodb", "GetItem", 200, body)
    del theirs["ResponseMetadata"]
    assert response.decode(body) == theirs


@given(_items)
def test_a_body_is_written_as_botocore_writes_it(item: dict[str, Any]) -> None:
    parameters = {"TableName": "users", "Item": item}
    serializer: Any = create_serializer("json")
    theirs = serializer.serialize_to_request(parameters, _MODELS["dynamodb"].operation_model("PutItem"))
    assert json.loads(aws_json.encode("PutItem", parameters)) == json.loads(theirs["body"])


@pytest.mark.parametrize("service", aws_json.SERVICES)
def test_what_tells_the_services_apart_is_botocores(service: str) -> None:
    metadata, ours = _MODELS[service].metadata, aws_json.SERVICES[service]
    assert ours == aws_json.Service(
        metadata["targetPrefix"],
        f"application/x-amz-json-{metadata['jsonVersion']}",
        metadata.get("signingName", metadata["endpointPrefix"]),
        metadata["endpointPrefix"],
    )


def _members(shape: Any, name: str, seen: set[str]) -> list[tuple[str, str]]:  # noqa: ANN401 -- botocore's shapes
    if shape.type_name in ("timestamp", "blob"):
        return [(shape.type_name, name)]
    if shape.name in seen:
        return []
    seen.add(shape.name)
    match shape.type_name:
        case "structure":
            inner = list(shape.members.items())
        case "map":
            inner = [(name, shape.value)]
        case "list":
            inner = [(name, shape.member)]
        case _:
            inner = []
    return [pair for key, each in inner for pair in _members(each, str(key), seen)]


def test_every_time_and_every_blob_of_the_models_is_known() -> None:
    blobs, times, tokens = set[str](), set[str](), dict[str, str]()
    for service, model in _MODELS.items():
        for name in model.operation_names:
            operation = model.operation_model(name)
            shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
            pairs = [pair for shape in shapes if shape for pair in _members(shape, "", set())]
            times |= {member for kind, member in pairs if kind == "timestamp"}
            if service != "kms" or name in ("Decrypt", "Encrypt", "GenerateDataKey"):
                blobs |= {member for kind, member in pairs if kind == "blob"}
            tokens |= dict.fromkeys([name], member) if (member := next(iter(operation.idempotent_members), "")) else {}
    assert times == response.TIMES
    assert blobs - {"AttestationDocument"} == response.BLOBS  # of an enclave, which is sent only
    assert tokens == aws_json.TOKENS


def test_times_are_instants_and_whole_seconds() -> None:
    at = dt.datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    body = aws_json.encode("ExportTableToPointInTime", {"ExportTime": at, "ClientToken": "t"})
    assert json.loads(body)["ExportTime"] == int(at.timestamp())
    read = response.decode(b'{"Table": {"CreationDateTime": 1767315845.25}}')["Table"]["CreationDateTime"]
    assert read == dt.datetime.fromtimestamp(1767315845.25, tz=dt.UTC)


def test_a_token_that_the_caller_leaves_out_is_made_anew_for_every_call() -> None:
    bodies = {json.loads(aws_json.encode("TransactWriteItems", {}))["ClientRequestToken"] for _ in range(3)}
    assert len(bodies) == 3
    assert json.loads(aws_json.encode("TransactWriteItems", {"ClientRequestToken": "mine"})) == {
        "ClientRequestToken": "mine"
    }


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"Item"', b"null", b'{"B": "!"}', b'{"EndTime": 1e300}', b"\xff"]
)
def test_a_body_that_is_no_answer_is_refused_without_quoting_it(body: bytes) -> None:
    with pytest.raises(response.MalformedBody) as caught:
        response.decode(body)
    assert body.decode("latin-1") == "" or body.decode("latin-1") not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "m"}'),
        (400, b'{"__type": "ValidationException:http://x", "Message": "m"}'),
        (
            400,
            b'{"__type": "a#ConditionalCheckFailedException", "message": "m", "Item": {"b": {"B": "/w=="}}}',
        ),
        (
            400,
            b'{"__type": "a#TransactionCanceledException", "Message": "m", "CancellationReasons": [{"Code": "None"}]}',
        ),
        (500, b""),
        (502, b"<html>bad gateway</html>"),
        (413, b"{}"),
    ],
)
def test_an_error_is_read_as_botocore_reads_it(status: int, body: bytes) -> None:
    answer = Answer(status, {"x-amzn-requestid": "R"}, body)
    ours, theirs = aws_json.error_response(answer, 2), _theirs("dynamodb", "PutItem", status, body)
    metadata = {"RequestId": "R", "HTTPStatusCode": status, "HTTPHeaders": dict(answer.headers), "RetryAttempts": 2}
    assert ours.pop("ResponseMetadata") == metadata
    theirs.pop("ResponseMetadata")
    assert {name: ours.get(name) for name in theirs} == theirs


@pytest.mark.parametrize("body", [b"[1]", b'"text"', b'{"__type": 5}', b'{"__type": null, "message": 7}'])
def test_an_error_body_that_is_no_object_has_the_status_as_its_code(body: bytes) -> None:
    assert aws_json.error_code(Answer(400, {}, body)) == "400"


def test_the_cause_of_a_fault_is_named_as_a_boto3_client_names_it() -> None:
    named = {name for model in _MODELS.values() for name in (shape.name for shape in model.error_shapes)}
    assert named >= failures.MODELED
    for code in (*failures.MODELED, "ValidationException"):
        answer = Answer(400, {}, b'{"__type": "a#%b"}' % code.encode())
        error = failures.client_error(Outcome(answer, 0), "GetItem")
        assert isinstance(error, ClientError)
        assert type(error).__name__ == ("ClientError" if code == "ValidationException" else code)
