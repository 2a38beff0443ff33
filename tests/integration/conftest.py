"""A repository of users on a real table, through our own client and through one that the user brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import Repo
from dynamorm_py._transport import default_client
from tests.support.people import Clock, Order, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Past:
    """A table as boto3 sees it, past the library."""

    dynamodb: DynamoDBClient
    name: str

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a stored item."""
        found: Any = self.dynamodb.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return found.get("Item")

    def put(self, item: Mapping[str, Any]) -> None:
        """Store an item."""
        self.dynamodb.put_item(TableName=self.name, Item=item)

    def user(self, pk: str, sk: str = "PROFILE") -> dict[str, Any] | None:
        """Return a stored user."""
        return self.get({"PK": {"S": pk}, "SK": {"S": sk}})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["bytes", "parsed"])
def users(
    request: pytest.FixtureRequest,
    dynamodb: DynamoDBClient,
    dynamodb_endpoint: str,
    unique_table_name: str,
    clock: Clock,
) -> Iterator[Repo[User]]:
    """Give a repository whose client answers with bytes, as our own does, or parsed, as one that a user brings."""
    client = default_client("us-east-1", dynamodb_endpoint) if request.param == "bytes" else dynamodb
    repo = Repo(User, table=unique_table_name, client=client, clock=clock)
    repo.table.create()
    yield repo
    repo.table.delete()


@pytest.fixture
def orders(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[Order]]:
    repo = Repo(Order, table=f"{unique_table_name}-orders", client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


@pytest.fixture
def past(dynamodb: DynamoDBClient, unique_table_name: str) -> Past:
    return Past(dynamodb, unique_table_name)
