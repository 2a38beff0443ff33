"""A table that does not exist, or has another key: every operation says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynamorm_py import Attr, Repo, TableNotFound, fields
from dynamorm_py.errors import RequestRefused
from tests.support.people import Order, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

u = fields(User)
KEY = ("secret", "PROFILE")
CALLS: list[tuple[str, Callable[[Repo[User]], object]]] = [
    ("GetItem", lambda users: users.get(KEY)),
    ("GetItem", lambda users: users.get_or_none(KEY)),
    ("GetItem", lambda users: users.exists(KEY)),
    ("PutItem", lambda users: users.put(User(pk="secret"))),
    ("PutItem", lambda users: users.create(User(pk="secret"))),
    ("UpdateItem", lambda users: users.update(KEY, Attr(u.label).set("secret"))),
    ("DeleteItem", lambda users: users.delete(KEY)),
    ("DescribeTable", lambda users: users.table.describe()),
    ("DeleteTable", lambda users: users.table.delete()),
]


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_a_table_that_does_not_exist_is_named_with_the_repair(
    dynamodb: DynamoDBClient, unique_table_name: str, operation: str, call: Callable[[Repo[User]], object]
) -> None:
    with pytest.raises(TableNotFound, match=f"{operation} on table '{unique_table_name}': .* create it, or") as caught:
        call(Repo(User, table=unique_table_name, client=dynamodb))
    assert (caught.value.code, caught.value.operation) == ("ErrTableNotFound", operation)
    assert caught.value.request_id is not None
    assert type(caught.value.__cause__).__name__ == "ResourceNotFoundException"
    assert "secret" not in str(caught.value)


def test_a_table_with_another_key_refuses_the_item(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    orders = Repo(Order, table=unique_table_name, client=dynamodb)
    orders.table.create()
    with pytest.raises(RequestRefused, match=r"may differ from the model's: check it with table\.compare\(\)"):
        Repo(User, table=unique_table_name, client=dynamodb).put(User(pk="secret"))
    with pytest.raises(RequestRefused, match=r"may differ from the model's: check it with table\.compare\(\)"):
        Repo(User, table=unique_table_name, client=dynamodb).get(KEY)
    orders.table.delete()
