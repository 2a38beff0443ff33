"""What a user sees of a fault of AWS: the own frame and ours, and a last line that says what was tried."""

from __future__ import annotations

import asyncio
import socket
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from dynamorm_py import DynamoModel, PartitionKey, Repo, aio
from dynamorm_py.errors import ClientNotConfigured, ConnectionFailed, DynamormError, TableNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opened: TypeAlias = Callable[[str, pytest.MonkeyPatch], Repo["User"]]

REGION = "eu-west-1"


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    for name, value in (("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_DEFAULT_REGION", REGION)):
        monkeypatch.setenv(name, value)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine at which nothing listens, kept from others."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _own(url: str, monkeypatch: pytest.MonkeyPatch) -> Repo[User]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return Repo(User, client=boto3.Session())


def _brought(url: str, _: pytest.MonkeyPatch) -> Repo[User]:
    once = Config(retries={"total_max_attempts": 1})
    return Repo(User, client=boto3.client("dynamodb", endpoint_url=url, config=once))


def _refused(call: Callable[[], object], kind: type[DynamormError]) -> tuple[DynamormError, str]:
    """Return the error of a call, and what Python prints of it."""
    with pytest.raises(kind) as caught:
        call()
    return caught.value, "".join(traceback.format_exception(caught.value))


def _check(error: DynamormError, printed: str, cause: type[Exception]) -> None:
    assert isinstance(error.__cause__, cause)
    files = [Path(line.split('"')[1]) for line in printed.splitlines() if line.startswith('  File "')]
    assert __file__ in map(str, files)
    strangers = [each for each in files if {"botocore", "urllib3", "socket.py"} & set(each.parts)]
    assert not strangers
    assert len(files) < 15


@pytest.mark.parametrize("repo", [_own, _brought])
def test_an_endpoint_that_is_down(closed_port: int, monkeypatch: pytest.MonkeyPatch, repo: Opened) -> None:
    users = repo(f"http://127.0.0.1:{closed_port}", monkeypatch)
    error, printed = _refused(lambda: users.get("1"), ConnectionFailed)
    _check(error, printed, EndpointConnectionError)
    last = printed.splitlines()[-1]
    assert f"tried http://127.0.0.1:{closed_port} in region {REGION}" in last
    assert "endpoint_url" in last


def test_an_endpoint_that_is_down_for_the_asynchronous_face(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    async def get() -> object:
        return await aio.Repo(User, client=boto3.Session()).get("1")

    error, printed = _refused(lambda: asyncio.run(get()), ConnectionFailed)
    assert isinstance(error.__cause__, EndpointConnectionError)
    assert f"tried http://127.0.0.1:{closed_port} in region {REGION}" in printed.splitlines()[-1]
    assert "botocore/" not in printed


@pytest.mark.parametrize("client", [boto3.Session, lambda: boto3.client("dynamodb")])
def test_a_table_that_is_missing(client: Callable[[], object]) -> None:
    with mock_aws():
        users = Repo(User, client=client())
        error, printed = _refused(lambda: users.get("1"), TableNotFound)
    _check(error, printed, ClientError)
    assert f"in region {REGION})" in printed.splitlines()[-1]
    assert "create it" in printed.splitlines()[-1]


def test_no_region_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    error, printed = _refused(lambda: Repo(User, client=boto3.Session()).get("1"), ClientNotConfigured)
    assert error.__cause__ is not None
    assert "botocore/" not in printed
    assert "no AWS region is set: set AWS_DEFAULT_REGION" in printed.splitlines()[-1]
