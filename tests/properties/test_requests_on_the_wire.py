"""Our own wire asks exactly as botocore would: host, signature and headers."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from botocore.awsrequest import AWSResponse
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport.aws_json import encode
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py._transport.signing import Endpoint as Wire

_BARE = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-west-1"}
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _theirs(service: str, request: Request, endpoint_url: str | None) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers that botocore would send."""
    sent: list[Any] = []

    def before_send(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 -- botocore's
        sent.append(request)
        raw: Any = SimpleNamespace(stream=lambda *_: iter([b"{}"]))  # pyright: ignore[reportUnknownLambdaType] -- a stub
        headers: Any = {}
        return AWSResponse(request.url, 200, headers, raw)

    client: Any = Session().create_client(service, endpoint_url=endpoint_url)
    client.meta.events.register("before-send", before_send)
    with mock.patch("botocore.auth.get_current_datetime", return_value=_NOW):
        client._make_api_call(request.operation, dict(request.parameters))
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in sent[0].headers.items()}
    return sent[0].url, headers


def _ours(service: str, request: Request, endpoint_url: str | None) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers that our wire would send."""
    lane = OwnClients(None, endpoint_url, None).lanes.direct(service)
    assert lane is not None
    body = _botocores_body(request)
    with mock.patch("time.time", return_value=_NOW.timestamp()):
        attempt: Any = next(lane.exchange(request, body=body))
    lines = attempt.payload.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return attempt.endpoint.url, dict(line.split(": ", 1) for line in lines)


def _botocores_body(request: Request) -> bytes:
    """Return the body with botocore's spaces, so that the signatures can be compared."""
    return encode(request.operation, request.parameters).replace(b'":', b'": ').replace(b',"', b', "')


_regions = st.sampled_from(
    ["us-east-1", "eu-west-1", "il-central-1", "mx-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]
)
_tables = st.sampled_from(
    ["users", "arn:aws:dynamodb:{}:111122223333:table/users", "arn:aws:dynamodb:{}:444455556666:table/other"]
)
_variables: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries({}, optional={
    "AWS_SESSION_TOKEN": st.sampled_from(["token", "other/token=="]),
    "AWS_ACCOUNT_ID": st.just("111122223333"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": st.sampled_from(["preferred", "disabled"]),
    "AWS_USE_FIPS_ENDPOINT": st.just("true"),
    "AWS_USE_DUALSTACK_ENDPOINT": st.just("true"),
    "AWS_MAX_ATTEMPTS": st.sampled_from(["2", "7"]),
})  # fmt: skip
_endpoints = st.sampled_from([
    {}, {}, {"AWS_ENDPOINT_URL": "http://localhost:8000"}, {"AWS_ENDPOINT_URL_DYNAMODB": "https://vpce.example/x"},
    {"AWS_ENDPOINT_URL": "http://[::1]:8000", "AWS_ENDPOINT_URL_DYNAMODB": "http://h:80"},
    {"AWS_ENDPOINT_URL": "http://h", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
])  # fmt: skip
_REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "GetItem", {"Key": {"pk": {"S": "a"}}}),
    ("dynamodb", "Query", {"KeyConditionExpression": "pk = :p"}),
    ("dynamodb", "TransactGetItems", {}),
    ("dynamodb", "BatchGetItem", {}),
    ("dynamodb", "DescribeTable", {}),
    ("dynamodbstreams", "ListStreams", {}),
    ("kms", "GenerateDataKey", {"KeyId": "k", "KeySpec": "AES_256"}),
]


def _request(asked: tuple[str, str, dict[str, Any]], table: str) -> Request:
    service, operation, parameters = asked
    key = {"pk": {"S": "a"}}
    match operation:
        case "TransactGetItems":
            parameters = {"TransactItems": [{"Get": {"TableName": table, "Key": key}}]}
        case "BatchGetItem":
            parameters = {"RequestItems": {table: {"Keys": [key]}}}
        case _ if service == "dynamodb":
            parameters = {"TableName": table, **parameters}
        case _:
            pass
    return Request(operation, parameters, service=service)


@pytest.mark.parametrize("asked", _REQUESTS, ids=lambda asked: asked[1])
@settings(max_examples=6, deadline=None)
@given(region=_regions, table=_tables, variables=_variables, endpoints=_endpoints)
def test_our_host_signature_and_headers_are_botocores(
    asked: tuple[str, str, dict[str, Any]],
    region: str,
    table: str,
    variables: dict[str, str],
    endpoints: dict[str, str],
) -> None:
    environment = {**_BARE, "AWS_DEFAULT_REGION": region, **variables, **endpoints, "HOME": "/nowhere"}
    _compare(asked[0], _request(asked, table.format(region)), region, environment)


def _compare(service: str, request: Request, region: str, environment: dict[str, str]) -> None:
    with mock.patch.dict(os.environ, environment, clear=True):
        try:
            theirs = _theirs(service, request, None)
        except Exception as error:  # noqa: BLE001 -- whatever botocore refuses, such as FIPS at an own endpoint
            with pytest.raises(type(error)):
                _ours(service, request, None)
            return
        ours = _ours(service, request, None)
    assert ours[0] == Wire.of(theirs[0], region, "dynamodb").url
    differing = {"User-Agent", "amz-sdk-invocation-id", "Host", "Accept-Encoding"}
    assert {n: v for n, v in ours[1].items() if n not in differing} == {
        n: v for n, v in theirs[1].items() if n not in differing
    }
    assert ours[1]["Host"] == Wire.of(theirs[0], region, "dynamodb").authority


_in_profile: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries({}, optional={
    "aws_session_token": st.just("token"),
    "aws_account_id": st.just("111122223333"),
    "output": st.just("json"),
    "ca_bundle": st.just("/ca.pem"),
    "account_id_endpoint_mode": st.sampled_from(["preferred", "disabled", "required"]),
    "use_fips_endpoint": st.sampled_from(["true", "false"]),
    "use_dualstack_endpoint": st.just("true"),
    "endpoint_url": st.just("http://localhost:8000"),
    "ignore_configured_endpoint_urls": st.just("true"),
    "services": st.just("local"),
    "max_attempts": st.just("2"),
    "retry_mode": st.just("standard"),
    "defaults_mode": st.sampled_from(["standard", "legacy"]),
    "endpoint_discovery_enabled": st.just("false"),
})  # fmt: skip


@pytest.mark.parametrize("asked", [_REQUESTS[0], _REQUESTS[3], _REQUESTS[5], _REQUESTS[6]], ids=lambda asked: asked[1])
@settings(max_examples=12, deadline=None)
@given(region=_regions, table=_tables, profile=_in_profile, named=st.booleans(), endpoints=_endpoints)
def test_a_profile_is_followed_as_by_botocore(  # noqa: PLR0917 -- what is drawn
    asked: tuple[str, str, dict[str, Any]],
    region: str,
    table: str,
    profile: dict[str, str],
    named: bool,  # noqa: FBT001
    endpoints: dict[str, str],
) -> None:
    section = "profile mine" if named else "default"
    keys = {"region": region, "aws_access_key_id": "AKID", "aws_secret_access_key": "secret", **profile}
    lines = [f"[{section}]", *(f"{name} = {value}" for name, value in keys.items())]
    lines += ["[services local]", "dynamodb =", "  endpoint_url = http://services:1"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config")
        path.write_text("\n".join(lines))
        environment = {**endpoints, "HOME": folder, "AWS_CONFIG_FILE": str(path)}
        environment |= {"AWS_PROFILE": "mine"} if named else {}
        _compare(asked[0], _request(asked, table.format(region)), region, environment)
