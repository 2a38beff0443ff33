"""Repositories that cannot work: what is missing is said when they are made, or at the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import CallError, ClientNotConfigured, ConnectionFailed, DynamoModel, PartitionKey, Repo
from tests.support.people import User

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = ("A", "PROFILE")


def unseen(value: object) -> Any:  # noqa: ANN401 -- what a user without a type checker passes
    return value


class Unnamed(DynamoModel):
    pk: Annotated[str, PartitionKey()]


class Bare(BaseModel):
    pk: str


@pytest.mark.parametrize(
    ("make", "repair"),
    [
        (lambda: Repo(Unnamed), r"Unnamed names no table: pass Repo\(Unnamed, table=\.\.\.\)"),
        (lambda: Repo(User, table="a"), "table name 'a' is not valid: use 3 to 255 characters"),
        (lambda: Repo(User, table="users?"), "is not valid"),
        (lambda: Repo(User, table="a" * 256), "is not valid"),
        (lambda: Repo(User, table="shop/users"), "or pass the ARN of the table"),
        (lambda: Repo(User, table=unseen(3)), "is not valid"),
        (lambda: Repo(unseen(3)), "takes a DynamoModel class, not an instance of int: pass the class itself"),
        (lambda: Repo(unseen(Bare)), "takes a DynamoModel class, not Bare"),
        (lambda: Repo(unseen(User(pk="secret"))), "not an instance of User"),
        (lambda: Repo(User, clock=unseen(3)), r"clock= is an int: pass a function, for example lambda: datetime\.now"),
        (
            lambda: Repo(User, clock=unseen(lambda: 3)).put(User(pk="secret")),
            "clock= gave an int, which is not an instant",
        ),
        (lambda: Repo(User, client=object()), r'not a boto3 client: pass boto3\.client\("dynamodb"\)'),
    ],
)
def test_a_repository_that_cannot_work_is_refused_when_it_is_made(make: Callable[[], object], repair: str) -> None:
    with pytest.raises(CallError, match=repair) as caught:
        make()
    assert "secret" not in str(caught.value)


def test_a_repository_without_a_region_says_how_to_set_one(fresh_default: pytest.MonkeyPatch) -> None:
    fresh_default.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(
        ClientNotConfigured, match="GetItem on table 'users': no AWS region is set: set AWS_DEFAULT_REG"
    ):
        Repo(User).get(KEY)


def test_a_repository_without_credentials_says_how_to_give_them(fresh_default: pytest.MonkeyPatch) -> None:
    fresh_default.delenv("AWS_ACCESS_KEY_ID")
    fresh_default.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ClientNotConfigured, match="there are no AWS credentials: set AWS_ACCESS_KEY_ID"):
        Repo(User).put(User(pk="secret"))


def test_credentials_that_come_after_a_failed_call_are_found_by_the_next(fresh_default: pytest.MonkeyPatch) -> None:
    fresh_default.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    fresh_default.delenv("AWS_ACCESS_KEY_ID")
    fresh_default.delenv("AWS_SECRET_ACCESS_KEY")
    users = Repo(User)
    with pytest.raises(ClientNotConfigured, match="there are no AWS credentials"):
        users.get(KEY)
    fresh_default.setenv("AWS_ACCESS_KEY_ID", "id")
    fresh_default.setenv("AWS_SECRET_ACCESS_KEY", "key")
    with pytest.raises(ConnectionFailed):  # signed, and sent to where nobody listens
        users.get(KEY)


def test_an_endpoint_where_nobody_listens_is_a_failed_connection(fresh_default: pytest.MonkeyPatch) -> None:
    fresh_default.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    with pytest.raises(ConnectionFailed, match="check the network, the region, and endpoint_url") as caught:
        Repo(User).delete(("secret", "PROFILE"))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is not None


@pytest.fixture
def fresh_default(aws_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which the default client is made anew."""
    aws_environment.setattr("dynamorm_py._transport.adapters._defaults", {})
    return aws_environment
