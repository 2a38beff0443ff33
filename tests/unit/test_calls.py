"""What an observer of calls, and the log, are told: names and numbers, never a value."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from dynamorm_py import Call, ClientNotConfigured, Throttled, observed
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import as_client, default_client
from dynamorm_py.clients import Response
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from tests.unit.conftest import Endpoint

KEY = {"pk": {"S": "USER#secret"}}
GET = Request("GetItem", {"TableName": "users", "Key": KEY}, raw=True)


def calls_of(endpoint: Endpoint, request: Request, **options: Any) -> list[Call]:  # noqa: ANN401 -- of observed()
    told: list[Call] = []
    observed(told.append, default_client("us-east-1", endpoint.url), **options).call(request)
    return told


def test_a_call_is_told_with_operation_table_index_time_and_attempts(endpoint: Endpoint) -> None:
    endpoint.answer({"Items": [], "Count": 0, "ScannedCount": 7})
    request = Request("Query", {"TableName": "users", "IndexName": "by-email"}, raw=True)

    (call,) = calls_of(endpoint, request)

    assert (call.operation, call.service, call.tables, call.index) == ("Query", "dynamodb", ("users",), "by-email")
    assert (call.attempts, call.items, call.scanned, call.capacity, call.error) == (1, 0, 7, None, None)
    assert call.seconds > 0


ITEM = {"pk": {"S": "a"}}
TABLE = {
    "TableStatus": "ACTIVE",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}
WRITES = {"RequestItems": {"users": [{"DeleteRequest": {"Key": ITEM}}, {"PutRequest": {"Item": ITEM}}]}}
COUNTS: list[tuple[str, dict[str, Any], dict[str, Any], int | None]] = [
    ("GetItem", {"TableName": "users", "Key": ITEM}, {"Item": ITEM}, 1),
    ("GetItem", {"TableName": "users", "Key": ITEM}, {}, 0),
    ("Scan", {"TableName": "users"}, {"Items": [ITEM], "Count": 1, "ScannedCount": 1}, 1),
    ("BatchGetItem", {"RequestItems": {"users": {"Keys": [ITEM]}}}, {"Responses": {"users": [ITEM, ITEM]}}, 2),
    (
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "users", "Key": ITEM}}]},
        {"Responses": [{"Item": ITEM}, {}]},
        1,
    ),
    ("PutItem", {"TableName": "users", "Item": ITEM}, {}, 1),
    ("BatchWriteItem", WRITES, {"UnprocessedItems": {}}, 2),
    ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "users", "Item": ITEM}}]}, {}, 1),
    ("DescribeTable", {"TableName": "users"}, {"Table": TABLE}, None),
]


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(("operation", "parameters", "answer", "items"), COUNTS)
def test_items_are_counted_in_both_forms_of_an_answer(
    endpoint: Endpoint, operation: str, parameters: dict[str, Any], answer: dict[str, Any], items: int, *, raw: bool
) -> None:
    endpoint.answer(answer)

    (call,) = calls_of(endpoint, Request(operation, parameters, raw=raw))

    assert call.items == items
    assert call.tables == ("users",)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_capacity_is_asked_for_when_wanted_and_told_as_a_sum(endpoint: Endpoint, *, raw: bool, several: bool) -> None:
    units = {"TableName": "users", "CapacityUnits": 1.5}
    endpoint.answer({"Item": ITEM, "ConsumedCapacity": [units, units] if several else units})
    request = Request("BatchGetItem" if several else "GetItem", COUNTS[3 if several else 0][1], raw=raw)

    (call,) = calls_of(endpoint, request, capacity="TOTAL")

    assert call.capacity == (3.0 if several else 1.5)


def test_capacity_is_asked_only_of_operations_that_tell_it(endpoint: Endpoint) -> None:
    endpoint.answer({"Table": TABLE})
    (call,) = calls_of(endpoint, Request("DescribeTable", {"TableName": "users"}), capacity="INDEXES")
    assert call.error is None


def test_a_failed_call_is_told_with_its_error_and_attempts(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.setenv("AWS_MAX_ATTEMPTS", "2")
    endpoint.fail("ThrottlingException")
    told: list[Call] = []

    with pytest.raises(Throttled) as caught:
        observed(told.append, default_client("us-east-2", endpoint.url)).call(GET)

    (call,) = told
    assert (call.error, call.attempts, call.items) == (caught.value, 2, None)


def test_an_interrupted_call_is_not_told_as_done() -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    client, told = boto3.client("dynamodb", region_name="us-east-1"), list[Call]()
    client.meta.events.register("before-send.dynamodb", interrupt)
    with pytest.raises(KeyboardInterrupt):
        observed(told.append, client).call(GET)
    assert [type(call.error) for call in told] == [KeyboardInterrupt]


def test_a_hook_that_raises_changes_nothing(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    endpoint.answer(b'{"Item":{}}')

    def on_call(call: Call) -> None:
        raise ZeroDivisionError(call.operation)

    client = observed(on_call, default_client("us-east-1", endpoint.url))
    assert Response.of(client.call(GET)).body == b'{"Item":{}}'
    assert "on_call raised ZeroDivisionError after GetItem" in caplog.text


def test_a_boto3_client_of_ones_own_can_be_observed(endpoint: Endpoint) -> None:
    endpoint.answer({"Item": ITEM})
    told: list[Call] = []

    observed(told.append, boto3.client("dynamodb", endpoint_url=endpoint.url)).call(GET)

    assert [call.items for call in told] == [1]


def test_a_caller_whose_calls_cannot_be_seen_is_refused() -> None:
    with pytest.raises(ClientNotConfigured, match="cannot be observed"):
        observed(print, ScriptedClient())


def test_the_log_tells_of_calls_and_holds_no_value(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    endpoint.answer(b'{"Item":{"pk":{"S":"USER#secret"}}}')

    with caplog.at_level(logging.DEBUG, "dynamorm_py"):
        as_client(default_client("us-east-1", endpoint.url)).call(GET)

    (line,) = caplog.messages
    assert line.startswith("GetItem on users: done in 0.")
    assert line.endswith("1 attempt(s), direct lane")
    assert "secret" not in caplog.text


def test_a_call_shows_no_value_when_printed(endpoint: Endpoint) -> None:
    endpoint.answer({"Item": KEY})
    (call,) = calls_of(endpoint, GET)
    assert "secret" not in repr(call)
