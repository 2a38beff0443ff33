from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from dynamorm_py.errors import LocalBackendUnavailable
from dynamorm_py.testing import DynamoDBLocal, local_endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

_HOLD_A_SERVER = """
import time
from dynamorm_py.testing import DynamoDBLocal
with DynamoDBLocal() as endpoint:
    print(endpoint, flush=True)
    {then}
"""


def _answers(endpoint: str) -> bool:
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 400
    except OSError:
        return False
    finally:
        connection.close()


def _goes_away(endpoint: str) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not _answers(endpoint):
            return True
        time.sleep(0.05)
    return False


def _holder(then: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _HOLD_A_SERVER.format(then=then)], stdout=subprocess.PIPE, text=True)


def _program(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there, and an empty cache."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DYNAMORM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("DYNAMODB_ENDPOINT", raising=False)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return programs


def test_the_session_client_talks_to_a_real_dynamodb(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    dynamodb.create_table(
        TableName=unique_table_name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=unique_table_name, Item={"pk": {"S": "a"}, "n": {"N": "1.50"}})
    found = dynamodb.get_item(TableName=unique_table_name, Key={"pk": {"S": "a"}})
    assert found.get("Item") == {"pk": {"S": "a"}, "n": {"N": "1.5"}}


def test_two_servers_run_side_by_side_and_end_with_their_blocks() -> None:
    with DynamoDBLocal() as first:
        with DynamoDBLocal() as second:
            assert first != second
            assert _answers(first)
            assert _answers(second)
        assert not _answers(second)
        assert _answers(first)
    assert not _answers(first)


def test_a_port_that_is_taken_meanwhile_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with DynamoDBLocal() as taken:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            free = listener.getsockname()[1]
        ports = iter([urlsplit(taken).port, free])
        monkeypatch.setattr("dynamorm_py.testing._local._free_port", lambda: next(ports))
        with DynamoDBLocal() as endpoint:
            assert endpoint == f"http://127.0.0.1:{free}"


def test_the_server_ends_when_its_holder_is_killed() -> None:
    with _holder(then="time.sleep(600)") as holder:
        assert holder.stdout is not None
        endpoint = holder.stdout.readline().strip()
        assert _answers(endpoint)
        os.kill(holder.pid, signal.SIGKILL)
    assert _goes_away(endpoint)


def test_the_server_ends_when_its_holder_crashes() -> None:
    with _holder(then="import os; os.abort()") as holder:
        assert holder.stdout is not None
        endpoint = holder.stdout.readline().strip()
    assert _goes_away(endpoint)


def test_a_named_endpoint_is_used_and_left_running(dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAMODB_ENDPOINT", dynamodb_endpoint)
    with local_endpoint() as endpoint:
        assert endpoint == dynamodb_endpoint
    assert _answers(dynamodb_endpoint)


def test_a_named_endpoint_where_nobody_listens_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound_but_silent:
        bound_but_silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound_but_silent.getsockname()[1]}"
        monkeypatch.setenv("DYNAMODB_ENDPOINT", address)
        with pytest.raises(LocalBackendUnavailable, match=f"DYNAMODB_ENDPOINT={address}: nobody answers"):
            local_endpoint().__enter__()


@pytest.mark.usefixtures("empty_machine")
def test_a_machine_without_java_is_told_the_ways_to_a_backend_and_the_one_without() -> None:
    with pytest.raises(LocalBackendUnavailable, match="java is not on the PATH") as caught:
        DynamoDBLocal().__enter__()
    message = str(caught.value)
    assert "DYNAMODB_ENDPOINT=http" in message
    assert "Java 17 and Maven" in message
    assert "Java 17 and npm" in message
    assert "pytest --dynamodb=moto" in message


def test_every_way_that_failed_is_named_with_its_reason(empty_machine: Path) -> None:
    _program(empty_machine, "java", "exit 0")
    _program(empty_machine, "mvn", "echo 'Could not transfer artifact'; exit 7")
    with pytest.raises(LocalBackendUnavailable) as caught:
        DynamoDBLocal().__enter__()
    assert "mvn failed with exit code 7: Could not transfer artifact" in str(caught.value)
    assert "npm is not on the PATH" in str(caught.value)


def test_a_package_with_other_content_than_the_pinned_one_is_refused(empty_machine: Path, tmp_path: Path) -> None:
    _program(empty_machine, "java", "exit 0")
    _program(empty_machine, "npm", "echo forged > amplify-dynamodb-simulator-2.9.30.tgz")
    with pytest.raises(LocalBackendUnavailable, match="not the pinned one"):
        DynamoDBLocal().__enter__()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_server_that_cannot_start_says_why(empty_machine: Path, tmp_path: Path) -> None:
    (tmp_path / "cache" / "dynamodb-local-2.6.1").mkdir(parents=True)
    _program(empty_machine, "java", "echo 'UnsupportedClassVersionError'; exit 1")
    with pytest.raises(LocalBackendUnavailable, match="UnsupportedClassVersionError"):
        DynamoDBLocal().__enter__()
