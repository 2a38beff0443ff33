"""What is written comes back from a real DynamoDB equal, with equal types, whatever the model."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from tests.support.building import same
from tests.support.shapes import instances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py import DynamoModel
    from dynamorm_py._kernel.types import AttributeValue


@pytest.fixture(scope="module")
def tables(dynamodb: DynamoDBClient) -> Iterator[dict[str, str]]:
    """Give tables with the keys `pk` and `PK`, one for each naming convention."""
    names = {key: f"test-{secrets.token_hex(8)}" for key in ("pk", "PK")}
    for key, name in names.items():
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    yield names
    for name in names.values():
        dynamodb.delete_table(TableName=name)


@settings(max_examples=settings().max_examples // 2)
@given(instance=instances())
def test_what_dynamodb_gives_back_is_what_was_written(
    instance: DynamoModel, dynamodb: DynamoDBClient, tables: dict[str, str]
) -> None:
    item: dict[str, Any] = instance.to_item()
    key = "PK" if "PK" in item else "pk"
    dynamodb.put_item(TableName=tables[key], Item=item)
    answer: dict[str, Any] = {**dynamodb.get_item(TableName=tables[key], Key={key: item[key]}, ConsistentRead=True)}
    found = _in_order({"M": answer["Item"]})["M"]
    assert same(type(instance).from_item(found), instance)


def _in_order(value: AttributeValue) -> AttributeValue:
    """Sort sets: DynamoDB keeps no order in them, and a list that is stored as a set shows it."""
    ((tag, payload),) = value.items()
    match tag:
        case "SS" | "BS":
            return {tag: sorted(payload)}
        case "NS":
            return {tag: sorted(payload, key=Decimal)}
        case "L":
            return {tag: [_in_order(element) for element in payload]}
        case "M":
            return {tag: {name: _in_order(element) for name, element in payload.items()}}
        case _:
            return value
