"""What is wrong around a call, on either lane: certificates, addresses, the clock, credentials that end."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dynamorm_py import AccessDenied, ClientNotConfigured, ConnectionFailed, CredentialsExpired, InternalServerError
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from tests.support.wire import always, answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.conftest import Endpoint

_GET = Request("GetItem", {"TableName": "users", "Key": {"pk": {"S": "a"}}}, raw=True)
_ITEM = b'{"Item":{"pk":{"S":"a"}}}'


@pytest.fixture(params=["direct", "botocore"])
def environment(request: pytest.FixtureRequest, aws_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    if request.param == "botocore":
        aws_environment.setenv("DYNAMORM_TRANSPORT", "botocore")
    return aws_environment


def _client(url: str | None) -> Client:
    return Client(OwnClients("us-east-1", url, None))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(loopback, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "server.pem"
    path.write_bytes(made.public_bytes(pem) + secret)
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_is_not_trusted_is_refused_before_anything_is_sent(
    environment: pytest.MonkeyPatch, certificate: Path
) -> None:
    del environment
    received: list[bytes | None] = []

    def serve(connection: socket.socket, _: int) -> None:
        received.append(request_on(connection))

    with serving(serve, _tls(certificate)) as server, pytest.raises(ConnectionFailed, match="AWS_CA_BUNDLE"):
        _client(server.url).call(_GET)
    assert not any(received)


def test_a_certificate_of_a_named_authority_is_trusted(environment: pytest.MonkeyPatch, certificate: Path) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(certificate))
    with serving(always(answer(_ITEM)), _tls(certificate)) as server:
        assert _client(server.url).call(_GET).body == _ITEM


def test_an_endpoint_may_be_an_ipv6_address(environment: pytest.MonkeyPatch) -> None:
    del environment
    requests: list[bytes] = []

    def serve(connection: socket.socket, _: int) -> None:
        while (received := request_on(connection)) is not None:
            requests.append(received)
            connection.sendall(answer(_ITEM))

    with serving(serve, host="::1") as server:
        assert _client(server.url).call(_GET).body == _ITEM
        assert f"host: [::1]:{server.port}\r\n".encode() in requests[0].replace(b"Host", b"host")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("RequestExpired", "Request has expired."),
        ("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than 20260101T005500Z"),
        ("InvalidSignatureException", "Signature not yet current: 20260101T020000Z is still later than ..."),
    ],
)
def test_a_clock_that_is_off_is_named_and_the_call_is_not_sent_again(
    environment: pytest.MonkeyPatch, endpoint: Endpoint, code: str, text: str
) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "3")  # as botocore's standard mode, which asks once
    endpoint.fail(code, text)
    with pytest.raises(AccessDenied, match="set the clock of this machine") as caught:
        _client(endpoint.url).call(_GET)
    assert (caught.value.aws_code, endpoint.operations) == (code, ["GetItem"])


def test_a_region_that_is_not_the_endpoints_is_named(environment: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    del environment
    endpoint.fail("InvalidSignatureException", "Credential should be scoped to a valid region. ")
    with pytest.raises(AccessDenied, match="set AWS_DEFAULT_REGION"):
        _client(endpoint.url).call(_GET)
    assert endpoint.operations == ["GetItem"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("200 OK", ConnectionFailed),
        ("403 Forbidden", AccessDenied),
        ("502 Bad Gateway", InternalServerError),
        ("503 Service Unavailable", InternalServerError),
    ],
)
def test_a_page_of_html_is_the_error_of_its_status(
    environment: pytest.MonkeyPatch, status: str, kind: type[Exception]
) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    with serving(always(answer(b"<html><body>no secret</body></html>", status))) as server:
        with pytest.raises(kind) as caught:
            _client(server.url).call(_GET)
        assert "no secret" not in str(caught.value)


def test_a_call_goes_through_the_proxy_that_the_environment_names(environment: pytest.MonkeyPatch) -> None:
    requests: list[bytes] = []

    def serve(connection: socket.socket, _: int) -> None:
        while (received := request_on(connection)) is not None:
            requests.append(received)
            connection.sendall(answer(_ITEM))

    with serving(serve) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        client = _client("http://dynamodb.example:8000")
        assert client.lane() == "botocore"
        assert client.call(_GET).body == _ITEM
    assert requests[0].startswith(b"POST http://dynamodb.example:8000/ HTTP/1.1\r\n")


def test_credentials_that_end_in_mid_run_are_told_apart_and_new_ones_are_used(
    environment: pytest.MonkeyPatch, endpoint: Endpoint
) -> None:
    client = _client(endpoint.url)
    endpoint.answer(_ITEM)
    assert client.call(_GET).body == _ITEM
    endpoint.fail("ExpiredTokenException", "The security token included in the request is expired")
    with pytest.raises(CredentialsExpired, match="renew them"):
        client.call(_GET)
    environment.setenv("AWS_ACCESS_KEY_ID", "RENEWED")
    endpoint.answer(_ITEM)
    assert _client(endpoint.url).call(_GET).body == _ITEM
    assert "Credential=RENEWED/" in endpoint.headers[-1]["authorization"]


def _instance(delay: float) -> Callable[[socket.socket, int], None]:
    """Return what answers as an instance's metadata service does, each time after a delay."""
    ends = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    role: dict[str, Any] = {
        "Code": "Success",
        "Type": "AWS-HMAC",
        "AccessKeyId": "INSTANCE",
        "SecretAccessKey": "secret",
        "Token": "session",
        "Expiration": ends,
    }

    def serve(connection: socket.socket, _: int) -> None:
        received = request_on(connection) or b""
        time.sleep(delay)
        path = received.split(b" ", 2)[1]
        body = b"token" if path.endswith(b"/api/token") else b"role"
        if path.endswith(b"/role"):
            body = json.dumps(role).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    return serve


def _on_an_instance(environment: pytest.MonkeyPatch, url: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        environment.delenv(name)
    environment.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    environment.setenv("AWS_METADATA_SERVICE_TIMEOUT", "1")
    environment.setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1")


def test_credentials_of_a_slow_instance_are_fetched_once(environment: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    endpoint.answer(_ITEM)
    with serving(_instance(0.2)) as instance:
        _on_an_instance(environment, instance.url)
        client = _client(endpoint.url)
        for _ in range(3):
            assert client.call(_GET).body == _ITEM
        asked = instance.connections
    assert "Credential=INSTANCE/" in endpoint.headers[-1]["authorization"]
    assert endpoint.headers[-1]["x-amz-security-token"] == "session"
    assert asked == 3  # for a token, the role's name and its credentials


def test_an_instance_without_a_role_leaves_a_call_without_credentials(
    environment: pytest.MonkeyPatch, endpoint: Endpoint
) -> None:
    refused = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with serving(always(refused)) as instance:
        _on_an_instance(environment, instance.url)
        with pytest.raises(ClientNotConfigured, match="there are no AWS credentials"):
            _client(endpoint.url).call(_GET)
    assert endpoint.operations == []
