"""Our signature is botocore's, byte for byte, whatever is signed."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._transport.signing import Credentials, Endpoint, Signer, Target
from dynamorm_py.errors import ClientNotConfigured

_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
_PATHS = st.sampled_from(["", "/", "/prefix", "/a//b/", "/a/./b/../c", "/with%20escape/~x", "/../"])
_URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(
        ["dynamodb.eu-west-1.amazonaws.com", "localhost:8000", "[::1]:8000", "h:443", "h:80", "Host.Example"]
    ),
    _PATHS,
)
_CREDENTIALS = st.builds(Credentials, _TEXT, _TEXT, st.none() | _TEXT)
_TYPE = "application/x-amz-json-1.0"


def _botocores(url: str, headers: dict[str, str], body: bytes, credentials: Credentials, at: dt.datetime) -> Any:  # noqa: ANN401
    request: Any = AWSRequest("POST", url, headers, body)
    signer = SigV4Auth(
        BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token), "dynamodb", "eu-west-1"
    )
    with mock.patch("botocore.auth.get_current_datetime", return_value=at):
        signer.add_auth(request)
    return request.headers


def _parsed(lines: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines.split("\r\n") if line)


@given(_URLS, _CREDENTIALS, st.binary(max_size=50), st.integers(10**9, 4 * 10**9))
def test_signatures_equal_botocores(url: str, credentials: Credentials, body: bytes, now: int) -> None:
    target = Target.of(Endpoint.of(url, "eu-west-1", "dynamodb"), "DynamoDB_20120810.GetItem", _TYPE, "ours")
    ours = _parsed(Signer().headers(target, body, credentials, now))
    headers = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": _TYPE, "User-Agent": "botocore"}
    theirs = _botocores(url, headers, body, credentials, dt.datetime.fromtimestamp(now, tz=dt.UTC))
    assert {name: theirs[name] for name in ours} == ours
    assert ("X-Amz-Security-Token" in theirs) is ("X-Amz-Security-Token" in ours)


def test_what_a_signer_keeps_never_signs_for_another_day_region_or_secret() -> None:
    signer, kept = Signer(), set[str]()
    for day in (0, 86_400):
        for region in ("eu-west-1", "eu-west-2"):
            for secret in ("one", "two"):
                target = Target.of(Endpoint.of("http://h", region, "dynamodb"), "T", _TYPE, "ours")
                lines = signer.headers(target, b"{}", Credentials("A", secret), day)
                assert lines == Signer().headers(target, b"{}", Credentials("A", secret), day)
                kept.add(lines)
    assert len(kept) == 8


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:8000", "ftp://h", "http://", "http://h?x=1", "http://user:word@h"),
        *("http://h:99999", "http://h:port", "http://[::1"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(ClientNotConfigured, match="endpoint is written like") as caught:
        Endpoint.of(url, "eu-west-1", "dynamodb")

    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "parts",
    [
        ("AKID\r\nX: y", "secret", None),
        ("AKID", "secret", "token\nX: y"),
        ("AKID", "secret", "token\u2603"),
        ("AKID\x00", "secret", "token"),
    ],
)
def test_credentials_that_would_add_a_header_are_refused(parts: tuple[str, str, str | None]) -> None:
    with pytest.raises(ClientNotConfigured, match="no header can carry") as caught:
        Credentials(*parts)

    assert "token\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_secret_stands_in_no_repr_and_no_pickle() -> None:
    credentials = Credentials("AKID", "the secret", "the token", "123456789012")
    assert "the secret" not in repr(credentials)
    assert "the token" not in repr(credentials)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(credentials)
