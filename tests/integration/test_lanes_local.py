"""Parameters, results and errors are the same on every lane, for every operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from dynamorm_py import (
    Attr,
    Check,
    Create,
    Delete,
    DynamormError,
    Get,
    Key,
    Put,
    Repo,
    Update,
    fields,
    transact_get,
    transact_write,
)
from dynamorm_py._kernel.plans import Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py.testing import Recorder
from tests.support.people import User

if TYPE_CHECKING:
    from collections.abc import Callable

_AT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_CHANGES_FROM_RUN_TO_RUN = {
    "ResponseMetadata",
    "CreationDateTime",
    "TableId",
    "TableArn",
    "LastUpdateToPayPerRequestDateTime",
}
_UNKNOWN_TO_BOTOCORE = {"TableThroughputModeSummary"}  # left out by botocore, sent by dynoxide as by DynamoDB
u = fields(User)


def _ada(number: int = 1, **values: Any) -> User:  # noqa: ANN401 -- fields
    return User(pk="USER#1", sk=f"ORDER#{number}", nickname="ada", **values)


def _works(users: Repo[User]) -> list[Callable[[], object]]:
    """Return what is done on each lane: every operation, and the errors it can end with."""
    ada, key = _ada(), ("USER#1", "ORDER#1")
    return [
        users.table.create,
        users.table.describe,
        users.table.ensure,
        lambda: users.create(ada),
        lambda: users.create(ada),  # there already
        lambda: users.get(key),
        lambda: users.get(key, consistent=True),
        lambda: users.get(("USER#1", "none")),
        lambda: users.get_or_none(("USER#1", "none")),
        lambda: users.exists(key),
        lambda: users.put(_ada(2)),
        lambda: users.put(_ada(2), condition=Attr(u.nickname) == "somebody else"),
        lambda: users.update(key, Attr(u.nickname).set("countess")),
        lambda: users.update(key, Attr(u.nickname).set("x"), condition=Attr(u.nickname) == "y"),
        lambda: users.query(Key(u.pk) == "USER#1").all(),
        lambda: users.query(Key(u.pk) == "USER#1", limit=1).page(size=1).items,
        lambda: users.query(Key(u.pk) == "USER#1").count(),
        lambda: users.scan().all(),
        lambda: users.batch_write(put=[_ada(3), _ada(4)], delete=[("USER#1", "ORDER#2")]),
        lambda: users.batch_get([("USER#1", "ORDER#3"), ("USER#1", "ORDER#9")]),
        lambda: transact_write([Create(users, _ada(5)), Check(users, key, Attr(u.nickname) == "countess")]),
        lambda: transact_write([Put(users, _ada(6)), Check(users, key, Attr(u.nickname) == "nobody")]),
        lambda: transact_write(
            [Update(users, key, Attr(u.nickname).set("z")), Delete(users, ("USER#1", "ORDER#5"))]
        ),
        lambda: transact_get([Get(users, key), Get(users, ("USER#1", "ORDER#9"))]),
        lambda: users.delete(key),
        lambda: users.delete(key),
        lambda: users.query(Key(u.pk) == "USER#1", project=None).first(),
        users.table.delete,
        lambda: users.get(key),  # no table
        lambda: users.put(ada),
    ]  # fmt: skip


def _plain(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Return an answer without what differs from run to run."""
    if isinstance(value, Mapping):
        value = cast("Mapping[str, Any]", value)
        return {
            name: _plain(each)
            for name, each in sorted(value.items())
            if name not in _CHANGES_FROM_RUN_TO_RUN | _UNKNOWN_TO_BOTOCORE
        }
    if isinstance(value, list):
        value = cast("list[Any]", value)
        return [_plain(each) for each in value]
    return value


def _error(error: BaseException) -> tuple[object, ...]:
    cause: Any = error.__cause__
    data = {name: value for name, value in vars(error).items() if name != "request_id"}
    return type(error), str(error), _plain(data), isinstance(cause, ClientError), getattr(cause, "operation_name", None)


def _run(client: object, table: str) -> list[object]:
    """Return everything that happened: results, errors, and each request with its answer."""
    recorder, happened = Recorder(client), list[object]()
    users = Repo(User, table=table, client=recorder, clock=lambda: _AT)
    for work in _works(users):
        try:
            happened.append(_plain(work()))
        except DynamormError as error:
            happened.append(_error(error))
    for exchange in recorder.exchanges:
        answer = exchange.answer
        shown = None if answer is None else _plain(Response.of(answer).document)
        # A token of its own for each run: DynamoDB applies the same token once within ten minutes.
        sent = {name: value for name, value in exchange.request.parameters.items() if name != "ClientRequestToken"}
        happened.append((exchange.request.operation, sent, shown))
    return happened


@pytest.fixture
def direct(dynamodb_endpoint: str, unique_table_name: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.delenv("DYNAMORM_TRANSPORT", raising=False)
    return _run(Client(OwnClients("us-east-1", dynamodb_endpoint, None)), unique_table_name)


def _assert_same(one: list[object], other: list[object]) -> None:
    for mine, theirs in zip(one, other, strict=True):
        assert repr(mine) == repr(theirs)


def test_the_botocore_lane_does_what_the_direct_lane_does(
    direct: list[object], dynamodb_endpoint: str, unique_table_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    client = Client(OwnClients("us-east-1", dynamodb_endpoint, None))
    assert client.lane() == "botocore"
    _assert_same(_run(client, unique_table_name), direct)


def test_the_watched_lane_does_what_the_direct_lane_does(
    direct: list[object], dynamodb_endpoint: str, unique_table_name: str
) -> None:
    client, base = Client(OwnClients("us-east-1", dynamodb_endpoint, None)), BaseClient
    with mock.patch.object(base, "_make_api_call", autospec=True, side_effect=base.__dict__["_make_api_call"]) as calls:
        assert client.lane() == "watched"
        watched = _run(client, unique_table_name)
    assert calls.call_count > 30
    _assert_same(watched, direct)


def test_a_brought_client_does_what_the_direct_lane_does(
    direct: list[object], dynamodb_endpoint: str, unique_table_name: str
) -> None:
    brought = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=dynamodb_endpoint)
    _assert_same(_run(brought, unique_table_name), direct)


def test_what_dynamodb_refuses_is_refused_alike(dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = [
        Request("GetItem", {"TableName": "users", "Key": {}}),
        Request("Query", {"TableName": "no-such-table", "KeyConditionExpression": "#a = :a"}),
        Request("PutItem", {"TableName": "a", "Item": {"pk": {"S": "x"}}}),
        Request("DescribeTable", {"TableName": "no-such-table"}),
    ]

    def errors() -> list[object]:
        client, raised = Client(OwnClients("us-east-1", dynamodb_endpoint, None)), list[object]()
        for request in refused:
            with pytest.raises(DynamormError) as caught:
                client.call(request)
            raised.append(_error(caught.value))
        return raised

    monkeypatch.delenv("DYNAMORM_TRANSPORT", raising=False)
    direct = errors()
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    _assert_same(errors(), direct)
