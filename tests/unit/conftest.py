"""An endpoint on the loopback that answers a real AWS client with recorded answers."""

from __future__ import annotations

import gc
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, cast
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def _collections_stay_short() -> None:
    """Take what stands before a module out of later collections: a test that collects looks at objects of its own."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Answer:
    """What the endpoint says to one request; `checksum` None means the right one."""

    body: bytes
    status: int = 200
    checksum: int | str | None = None
    delay: float = 0


@dataclass
class Endpoint:
    """The answers to give, the last one again and again, and what was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [Answer(b"{}")])
    operations: list[str] = field(default_factory=list[str])
    connections: list[int] = field(default_factory=list[int])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def answer(self, body: object, *, status: int = 200, checksum: int | str | None = None, delay: float = 0) -> None:
        """Say this from now on, always."""
        self.answers = [Answer(_bytes(body), status, checksum, delay)]

    def then(self, body: object, *, status: int = 200) -> None:
        """Say this after the answers before."""
        self.answers.append(Answer(_bytes(body), status))

    def fail(self, code: str, message: str = "", *, status: int = 400, **fields: object) -> None:
        """Answer with an error in DynamoDB's form."""
        self.answer({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, **fields}, status=status)


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    endpoint: Endpoint


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def do_POST(self) -> None:
        """Give the next answer."""
        endpoint = cast("_Server", self.server).endpoint
        self.rfile.read(int(self.headers["content-length"]))
        endpoint.operations.append(self.headers["x-amz-target"].partition(".")[2])
        endpoint.connections.append(self.client_address[1])
        endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
        answer = endpoint.answers.pop(0) if len(endpoint.answers) > 1 else endpoint.answers[0]
        time.sleep(answer.delay)
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        checksum = crc32(answer.body) if answer.checksum is None else answer.checksum
        self.send_response(answer.status)
        self.send_header("x-amzn-requestid", "REQUEST-1")
        self.send_header("x-amz-crc32", str(checksum))
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Say one time always, so that no two answers differ because a second turned between them."""
        del timestamp
        return "Thu, 01 Jan 2026 00:00:00 GMT"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        """Say nothing."""


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with credentials and a region, and nothing of this machine's configuration."""
    for name in ("AWS_PROFILE", "AWS_RETRY_MODE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return monkeypatch


@pytest.fixture(scope="session")
def _server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Answering) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def endpoint(_server: _Server, aws_environment: pytest.MonkeyPatch) -> Endpoint:
    """A loopback endpoint; the AWS environment is complete and makes one attempt a call."""
    del aws_environment
    _server.endpoint = Endpoint(f"http://127.0.0.1:{_server.server_address[1]}")
    return _server.endpoint
