"""The client against a real DynamoDB: its bytes, its errors."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from dynamorm_py import errors
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import as_client, default_client
from dynamorm_py.clients import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py._transport import Client


@pytest.fixture
def client(dynamodb_endpoint: str) -> Client:
    return default_client("us-east-1", dynamodb_endpoint)


@pytest.fixture
def table(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[str]:
    """A table with three items under one partition key, of every wire type."""
    dynamodb.create_table(
        TableName=unique_table_name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        dynamodb.put_item(TableName=unique_table_name, Item=item(number))
    yield unique_table_name
    dynamodb.delete_table(TableName=unique_table_name)


def key(number: int) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}}


def item(number: int) -> dict[str, Any]:
    nested = {"M": {"list": {"L": [{"B": b"\xff"}, {"BOOL": True}, {"NULL": True}]}}}
    sets = {"text": {"SS": ["z", "é"]}, "numbers": {"NS": ["1", "2.5"]}, "blobs": {"BS": [b"\0", b"\1"]}}
    return {
        **key(number),
        "text": {"S": "日本 \u2028 \\"},
        "blob": {"B": b"\0\xfe"},
        "nested": nested,
        **{f"{name}_set": value for name, value in sets.items()},
    }


def decoded(value: object) -> object:
    """Return attribute values read from JSON as boto3 gives them: binary as bytes."""
    if isinstance(value, list):
        return [decoded(element) for element in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    pairs = cast("dict[str, Any]", value)
    return {
        name: base64.b64decode(inner)
        if name == "B" and isinstance(inner, str)
        else [base64.b64decode(element) for element in inner]
        if name == "BS"
        else decoded(inner)
        for name, inner in pairs.items()
    }


def unordered(value: object) -> object:
    """Return attribute values with the elements of sets in one order: DynamoDB promises none."""
    if isinstance(value, list):
        return [unordered(element) for element in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    pairs = cast("dict[str, Any]", value)
    return {name: sorted(inner) if name in {"SS", "NS", "BS"} else unordered(inner) for name, inner in pairs.items()}


READS: list[tuple[str, dict[str, Any]]] = [
    ("GetItem", {"Key": key(1), "ReturnConsumedCapacity": "TOTAL"}),
    ("GetItem", {"Key": key(99)}),
    ("PutItem", {"Item": item(1), "ReturnValues": "ALL_OLD"}),
    ("UpdateItem", {"Key": key(1), "UpdateExpression": "REMOVE nothing", "ReturnValues": "ALL_NEW"}),
    (
        "Query",
        {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "a"}},
            "Limit": 2,
        },
    ),
    ("Scan", {}),
]


@pytest.mark.parametrize(("operation", "parameters"), READS)
def test_the_bytes_say_the_same_as_the_parsed_answer(
    client: Client, dynamodb: DynamoDBClient, table: str, operation: str, parameters: dict[str, Any]
) -> None:
    same(client, dynamodb, operation, {"TableName": table, **parameters})


def test_the_bytes_of_a_batch_say_the_same(client: Client, dynamodb: DynamoDBClient, table: str) -> None:
    same(client, dynamodb, "BatchGetItem", {"RequestItems": {table: {"Keys": [key(1)]}}})
    same(client, dynamodb, "BatchWriteItem", {"RequestItems": {table: [{"PutRequest": {"Item": item(7)}}]}})
    same(client, dynamodb, "TransactGetItems", {"TransactItems": [{"Get": {"TableName": table, "Key": key(1)}}]})


def test_the_bytes_of_a_delete_say_what_was_deleted(client: Client, table: str) -> None:
    parameters = {"TableName": table, "Key": key(1), "ReturnValues": "ALL_OLD"}
    raw = client.call(Request("DeleteItem", parameters, raw=True))
    gone = client.call(Request("DeleteItem", parameters, raw=True))

    assert raw.body is not None
    assert unordered(decoded(json.loads(raw.body))) == unordered({"Attributes": item(1)})
    assert gone.body is not None
    assert "Attributes" not in json.loads(gone.body)


def same(client: Client, dynamodb: DynamoDBClient, operation: str, parameters: dict[str, Any]) -> None:
    """Ask raw, parsed and with a client that the user brings: all say the same."""
    raw = client.call(Request(operation, parameters, raw=True))
    answers = [
        client.call(Request(operation, parameters)),
        Response.of(as_client(dynamodb).call(Request(operation, parameters, raw=True))),
    ]
    assert raw.body is not None
    for answer in answers:
        parsed = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        assert decoded(json.loads(raw.body)) == parsed


KEYED = {"UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "secret-value"}}}
NO_ITEM = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
FAULTS: list[tuple[str, dict[str, Any], type[errors.DynamormError]]] = [
    ("UpdateItem", {"Key": key(1), **KEYED, **NO_ITEM}, errors.ConditionFailed),
    ("UpdateItem", {"Key": {"pk": {"S": "secret-value"}}, **KEYED}, errors.RequestRefused),
    ("UpdateItem", {"Key": key(1), **KEYED, "UpdateExpression": "SET pk = :v"}, errors.RequestRefused),
    ("PutItem", {"Item": {**key(1), "big": {"S": "x" * 410_000}}}, errors.ItemTooLarge),
    ("PutItem", {"Item": {**key(1), "twice": {"SS": ["secret-value"] * 2}}}, errors.RequestRefused),
    ("PutItem", {"Item": {**key(1), "number": {"N": "secret-value"}}}, errors.RequestRefused),
    ("GetItem", {"Key": key(1), "TableName": "no-such-table"}, errors.TableNotFound),
    ("GetItem", {"Key": key(1), "TableName": "?"}, errors.DynamormError),
    (
        "Query",
        {
            "IndexName": "gsi-email",
            "KeyConditionExpression": "pk = :v",
            "ExpressionAttributeValues": {":v": {"S": "secret-value"}},
        },
        errors.IndexNotFound,
    ),
    (
        "Query",
        {
            "KeyConditionExpression": "pk = :v AND sk BETWEEN :high AND :low",
            "ExpressionAttributeValues": {":v": {"S": "secret-value"}, ":high": {"N": "424242"}, ":low": {"N": "1"}},
        },
        errors.RequestRefused,
    ),
    (
        "CreateTable",
        {
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
        errors.TableInUse,
    ),
]


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(("operation", "parameters", "kind"), FAULTS)
def test_a_refusal_of_dynamodb_is_the_error_of_its_kind(
    client: Client,
    table: str,
    operation: str,
    parameters: dict[str, Any],
    kind: type[errors.DynamormError],
    *,
    raw: bool,
) -> None:
    with pytest.raises(kind) as caught:
        client.call(Request(operation, {"TableName": table, **parameters}, raw=raw))

    assert f"{operation} on table" in str(caught.value)
    assert "secret-value" not in str(caught.value)
    assert "424242" not in str(caught.value)
    if isinstance(caught.value, errors.ConditionFailed):
        assert unordered(caught.value.raw_item) == unordered(item(1))


def test_a_cancelled_transaction_carries_the_item_that_was_there(client: Client, table: str) -> None:
    actions = [
        {"Put": {"TableName": table, "Item": key(50)}},
        {"Put": {"TableName": table, "Item": key(1), **NO_ITEM}},
    ]
    with pytest.raises(errors.ConditionalTransactionCancelled, match=r"action 1 ConditionalCheckFailed") as caught:
        client.call(Request("TransactWriteItems", {"TransactItems": actions}))

    nothing, failed = caught.value.reasons
    assert nothing.code is None
    assert failed.raw_item is not None
    assert unordered(dict(failed.raw_item)) == unordered(item(1))
