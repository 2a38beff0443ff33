"""The FastAPI page as a reader follows it: three files, typed as they stand, then served and tested.

There are no AWS settings in the shell; the local DynamoDB is the one of these tests, and the table's name theirs.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "how-to" / "fastapi.md").read_text()
_SECONDS = 100


@pytest.fixture
def folder(tmp_path: Path, unique_table_name: str) -> Path:
    """Return a folder with the files of the page."""
    service, _, after = _PAGE.partition("## Serve it without an AWS account")
    assert 'table="catalogue"' in service
    code = "\n\n".join(_blocks("python", service)).replace('table="catalogue"', f'table="{unique_table_name}"')
    (tmp_path / "service.py").write_text(code)
    serving, tests = _blocks("py", after)
    (tmp_path / "local.py").write_text(serving.replace("8080", str(_free_port())))
    (tmp_path / "test_service.py").write_text(tests)
    return tmp_path


def _blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def environment(dynamodb_endpoint: str) -> dict[str, str]:
    """Return a shell without AWS settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"PYTHONPATH": str(_ROOT), "DYNAMODB_ENDPOINT": dynamodb_endpoint, "NO_PROXY": "127.0.0.1"}


def test_the_tests_of_the_page_pass(folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q"]
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "warning" not in ran.stdout


def test_the_service_of_the_page_is_served_without_an_aws_account(
    folder: Path, environment: dict[str, str], dynamodb: DynamoDBClient, unique_table_name: str
) -> None:
    port = int(re.findall(r"port=(\d+)", (folder / "local.py").read_text())[0])
    (payload,) = re.findall(r"--json '(.+)'", _PAGE)
    server = subprocess.Popen(
        [sys.executable, "local.py"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert [_posted(port, payload) for _ in range(2)] == [201, 409]
    finally:
        server.terminate()
        server.communicate(timeout=_SECONDS)
        dynamodb.delete_table(TableName=unique_table_name)


def _posted(port: int, payload: str) -> int:
    """Post a product once the server answers, and return the status."""
    until = time.monotonic() + _SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/products", payload, {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, HTTPException):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            connection.close()
