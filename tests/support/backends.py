"""Which backend the tests talk to, and the marker for what one of them is known to answer otherwise than DynamoDB.

`@pytest.mark.differs("ministack", row=7)` makes a test a strict expected failure on that backend. Rows are those of
docs/reference/local-backends.md.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

import pytest

from dynamorm_py._transport.botocore_session import OwnClients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "differs(*backends, row): expected to fail there, as local-backends.md says")


@pytest.fixture(scope="session")
def dynamodb(dynamorm_client: DynamoDBClient) -> DynamoDBClient:
    return dynamorm_client


@pytest.fixture(scope="session")
def dynamodb_endpoint(dynamorm_endpoint: str) -> str:
    return dynamorm_endpoint


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """The backend's name, read from what it answers."""
    if request.config.getoption("--dynamodb") == "moto":
        return "moto"
    endpoint: str = request.getfixturevalue("dynamorm_endpoint")
    if _answer(endpoint, "/_ministack/health")[0] == 200:
        return "ministack"
    server = _answer(endpoint, "/")[1]
    return {"Dynoxide": "dynoxide", "Jetty(": "dynamodb-local"}.get(re.split(r"/|(?<=\()", server)[0], "another")


@pytest.fixture(autouse=True)
def _expected_failure(request: pytest.FixtureRequest) -> None:  # pyright: ignore[reportUnusedFunction] -- autouse
    for marker in request.node.iter_markers("differs"):
        if request.getfixturevalue("backend") in marker.args:
            reason = f"row {marker.kwargs['row']} of local-backends.md"
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


def _answer(endpoint: str, path: str) -> tuple[int, str]:
    """Return the status and the server's name."""
    parts = urlsplit(endpoint)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(connect(parts.netloc, timeout=5)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheader("server") or ""


@pytest.fixture(scope="session", autouse=True)
def _lane() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] -- autouse
    """With DYNAMORM_TEST_LANE=direct, ask over our own wire where a test passes a boto3 client; the same endpoint."""
    if os.environ.get("DYNAMORM_TEST_LANE") != "direct":
        yield
        return
    made: dict[int, OwnClients] = {}

    def own(boto_client: Any) -> OwnClients:  # noqa: ANN401 -- a boto3 client has no static type
        meta = boto_client.meta
        return made.setdefault(id(boto_client), OwnClients(meta.region_name, meta.endpoint_url, None))

    with mock.patch("dynamorm_py._transport.adapters._SingleServiceClient", own):
        yield
