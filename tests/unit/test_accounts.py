"""Accounts of partners, with moto's STS in process: roles assumed once, renewed in time, refused by name."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from dynamorm_py import (
    AccessDenied,
    Call,
    CallError,
    CredentialsExpired,
    Delete,
    DynamoModel,
    Repo,
    observed,
    transact_write,
)
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import default_client
from dynamorm_py.accounts import Account, AccountSessions, InvalidAccount, UnknownAccount
from dynamorm_py.clients import Response
from dynamorm_py.testing import ScriptedClient
from tests.support.streaming import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sts import STSClient

    from tests.unit.conftest import Endpoint

ROLE = "arn:aws:iam::111122223333:role/orders"
ACME = Account(ROLE, region="eu-west-1", external_id="acme-7", table_prefix="acme-")
NO_STS = default_client()
LIST = Request("ListTables", {})


def assuming(sts: STSClient, ahead: dt.timedelta = dt.timedelta(0)) -> ScriptedClient:
    """Return moto's STS as a client that keeps what it was asked; our clock is ahead of AWS's."""

    def assume(request: Request) -> dict[str, Any]:
        assert (request.operation, request.service) == ("AssumeRole", "sts")
        answer: dict[str, Any] = {**sts.assume_role(**request.parameters)}
        answer["Credentials"]["Expiration"] -= ahead
        return answer

    return ScriptedClient(otherwise=assume)


@pytest.fixture
def sts(aws_environment: pytest.MonkeyPatch) -> Iterator[STSClient]:
    """moto's STS."""
    del aws_environment
    with mock_aws():
        client = boto3.client("sts")
        yield client
        client.close()


def test_a_partner_is_reached_under_its_role_and_external_id_in_its_region(sts: STSClient, endpoint: Endpoint) -> None:
    endpoint.answer({"TableNames": []})
    assumed = assuming(sts)
    client = AccountSessions({"acme": ACME}, sts=assumed, endpoint_url=endpoint.url).client("acme")

    client.call(LIST)
    client.call(LIST)

    asked = assumed.requests[0].parameters
    assert len(assumed.requests) == 1
    assert asked == {
        "RoleArn": ROLE,
        "RoleSessionName": "dynamorm-acme",
        "ExternalId": "acme-7",
        "DurationSeconds": 3600,
    }
    signature = endpoint.headers[0]["authorization"]
    assert "/eu-west-1/dynamodb/" in signature
    assert "Credential=ASIA" in signature  # temporary credentials, not the caller's own


def test_the_sts_client_is_boto3s_own(sts: STSClient, endpoint: Endpoint) -> None:
    endpoint.answer({"TableNames": ["orders"]})
    client = AccountSessions({"acme": ACME}, sts=sts, endpoint_url=endpoint.url).client("acme")
    assert client.call(LIST) == client.call(LIST)
    assert "Credential=ASIA" in endpoint.headers[0]["authorization"]


def test_threads_share_a_client_and_its_credentials(sts: STSClient, endpoint: Endpoint) -> None:
    endpoint.answer({"TableNames": []})
    assumed = assuming(sts)
    accounts = AccountSessions({"acme": ACME}, sts=assumed, endpoint_url=endpoint.url)

    def ask(_: int) -> object:
        return accounts.client("acme").call(LIST)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(40)))

    assert len(assumed.requests) == 1
    assert accounts.client("acme") is accounts.client("acme")


@pytest.mark.parametrize(("left", "times"), [(301, 1), (299, 2)])
def test_credentials_are_renewed_five_minutes_before_they_run_out(
    sts: STSClient, endpoint: Endpoint, left: int, times: int
) -> None:
    endpoint.answer({"TableNames": []})
    assumed = assuming(sts)
    now = dt.datetime.now(dt.UTC)
    times_of_day = [now]
    client = AccountSessions(
        {"acme": ACME}, sts=assumed, endpoint_url=endpoint.url, clock=lambda: times_of_day[-1]
    ).client("acme")
    client.call(LIST)

    times_of_day.append(now + dt.timedelta(seconds=3600 - left))
    client.call(LIST)

    assert len(assumed.requests) == times


def test_a_clock_that_differs_from_awss_neither_renews_always_nor_too_late(sts: STSClient, endpoint: Endpoint) -> None:
    endpoint.answer({"TableNames": []})

    assumed = assuming(sts, ahead=dt.timedelta(hours=2))
    client = AccountSessions({"acme": ACME}, sts=assumed, endpoint_url=endpoint.url).client("acme")
    client.call(LIST)
    client.call(LIST)

    assert len(assumed.requests) == 1


def test_a_call_refused_for_expired_credentials_is_made_again_with_new_ones(sts: STSClient, endpoint: Endpoint) -> None:
    assumed = assuming(sts)
    client = AccountSessions({"acme": ACME}, sts=assumed, endpoint_url=endpoint.url).client("acme")
    endpoint.fail("ExpiredTokenException")
    endpoint.then({"TableNames": ["orders"]})

    assert Response.of(client.call(LIST))["TableNames"] == ["orders"]
    assert len(assumed.requests) == 2

    endpoint.fail("ExpiredTokenException")
    with pytest.raises(CredentialsExpired):
        client.call(LIST)


@set_initial_no_auth_action_count(2)  # what makes the user is allowed; the user is allowed nothing
def test_a_denied_role_is_named_with_its_partner(sts: STSClient, endpoint: Endpoint) -> None:
    del sts
    iam = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    denied = boto3.client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    client = AccountSessions({"acme": ACME}, sts=denied, endpoint_url=endpoint.url).client("acme")

    with pytest.raises(AccessDenied, match=f"{ROLE} of partner 'acme'.*trust policy") as caught:
        client.call(LIST)

    assert (caught.value.operation, caught.value.aws_code) == ("AssumeRole", "AccessDenied")
    denied.close()
    iam.close()


def test_calls_to_a_partner_can_be_observed(sts: STSClient, endpoint: Endpoint) -> None:
    endpoint.answer({"TableNames": []})
    told: list[Call] = []
    accounts = AccountSessions({"acme": ACME}, sts=assuming(sts), endpoint_url=endpoint.url)

    observed(told.append, accounts.client("acme")).call(LIST)

    assert [call.operation for call in told] == ["ListTables"]


def test_an_observed_client_of_a_partner_shares_a_transaction_with_the_one_it_observes(
    sts: STSClient, endpoint: Endpoint
) -> None:
    endpoint.answer({})
    client = AccountSessions({"acme": ACME}, sts=assuming(sts), endpoint_url=endpoint.url).client("acme")
    users, watched = Repo(User, client=client), Repo(User, client=observed(lambda _: None, client))

    transact_write([Delete(users, ("A", "1")), Delete(watched, ("A", "2"))])

    assert endpoint.operations == ["TransactWriteItems"]


def test_an_unknown_partner_is_a_typed_error() -> None:
    accounts = AccountSessions({"acme": ACME}, sts=NO_STS)
    with pytest.raises(UnknownAccount, match="'nobody'") as caught:
        accounts.client("nobody")
    assert caught.value.partner == "nobody"
    with pytest.raises(UnknownAccount, match="'nobody'"):
        accounts.table("nobody", User)


def test_a_partners_table_has_the_prefix() -> None:
    accounts = AccountSessions({"acme": ACME}, sts=NO_STS)
    assert accounts.table("acme", User) == "acme-users"

    class Nameless(DynamoModel, abstract=True):
        pass

    with pytest.raises(CallError, match="names no table"):
        accounts.table("acme", Nameless)


@pytest.mark.parametrize("role", ["orders", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:user/x"])
def test_an_account_needs_the_arn_of_a_role(role: str) -> None:
    with pytest.raises(InvalidAccount, match="role_arn"):
        Account(role, region="eu-west-1")


def test_an_account_needs_a_region() -> None:
    with pytest.raises(InvalidAccount, match="region"):
        Account(ROLE, region="")
