"""A table of thousands of orders, over several pages of DynamoDB, which tests read and never change."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import Repo
from dynamorm_py._transport import default_client
from tests.support.orders import ALL, Order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE = 25  # writes in one request: API Reference, BatchWriteItem


@pytest.fixture(scope="session")
def orders_table(dynamodb: DynamoDBClient) -> Iterator[str]:
    """The name of the table with all orders in it."""
    name = f"orders-{secrets.token_hex(8)}"
    repo = Repo(Order, table=name, client=dynamodb)
    repo.table.create()
    for start in range(0, len(ALL), _AT_ONCE):
        puts: Any = [{"PutRequest": {"Item": order.to_item()}} for order in ALL[start : start + _AT_ONCE]]
        left = dynamodb.batch_write_item(RequestItems={name: puts})["UnprocessedItems"]
        assert not left
    yield name
    repo.table.delete()


@pytest.fixture(scope="session")
def orders(orders_table: str, dynamodb_endpoint: str) -> Repo[Order]:
    """The repository of all orders."""
    return Repo(Order, table=orders_table, client=default_client("us-east-1", dynamodb_endpoint))


@pytest.fixture(scope="session", params=["bytes", "dictionaries"])
def either(request: pytest.FixtureRequest, orders: Repo[Order], dynamodb: DynamoDBClient) -> Repo[Order]:
    """The repository of all orders, by our own client and by one that a user brings."""
    return (
        orders if request.param == "bytes" else Repo(Order, table=orders.table.describe()["TableName"], client=dynamodb)
    )
