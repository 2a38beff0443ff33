"""The table of a repository: created from the model, described, deleted; and models that share one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynamorm_py import Repo, TableNotFound
from dynamorm_py.errors import TableInUse
from tests.support.people import Clock, User

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Loose(User, extra="allow"):
    """A user that keeps attributes it does not know."""


def test_a_table_is_created_described_and_deleted(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    users = Repo(User, table=unique_table_name, client=dynamodb)
    users.table.create()
    description = users.table.describe()
    assert description["TableStatus"] == "ACTIVE"
    assert [key["AttributeName"] for key in description["KeySchema"]] == ["PK", "SK"]
    assert [index["IndexName"] for index in description["GlobalSecondaryIndexes"]] == ["gsi-email"]
    ttl = dynamodb.describe_time_to_live(TableName=unique_table_name)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}

    with pytest.raises(TableInUse, match="the table exists already"):
        users.table.create()
    users.table.delete()
    with pytest.raises(TableNotFound):
        users.table.describe()


def test_a_model_that_allows_extras_keeps_them_through_a_read_and_a_write(
    users: Repo[User], dynamodb: DynamoDBClient
) -> None:
    loose = Repo(Loose, table=users.table.describe()["TableName"], client=dynamodb, clock=Clock())
    stored = loose.put(Loose(pk="A", nickname="Al", shoe_size=42))  # pyright: ignore[reportCallIssue] -- an extra
    assert users.get(("A", "PROFILE")).nickname == "Al"

    again = loose.put(loose.get(stored))
    assert again.model_extra == {"shoe_size": 42}
