"""A DynamoDB Local of one's own: started on a free port, ended with the block or the process.

Knows how the server is started, recognised and stopped; where it comes from is `_install.py`'s.
Speaks HTTP by itself, so that no AWS client is needed to have an endpoint.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from dynamorm_py.testing._install import java_command, unavailable

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

_HOST = "127.0.0.1"
_START_SECONDS = 60  # about 3 on an idle machine
_STOP_SECONDS = 10
_PORTS_TO_TRY = 10  # each lost only when another program takes it within the second before the server does


@contextlib.contextmanager
def local_endpoint() -> Generator[str]:
    """Give the endpoint that `DYNAMODB_ENDPOINT` names, or of a server started for the block.

    Raises:
        LocalBackendUnavailable: nobody answers at that endpoint, or no server can be started.
    """
    named = os.environ.get("DYNAMODB_ENDPOINT")
    if named:
        _check_answers(named)
        yield named
    else:
        with DynamoDBLocal() as endpoint:
            yield endpoint


class DynamoDBLocal:
    """A fresh, empty DynamoDB Local in memory, for the length of a `with` block.

        with DynamoDBLocal() as endpoint:
            client = boto3.client("dynamodb", endpoint_url=endpoint, ...)

    Tables are shared by all regions and credentials. The server ends with the block, and also when
    the process that entered it is killed, unless a forked child of it lives on. Needs Java 17; the
    server itself is fetched once into a cache. It listens on every interface, as it cannot do otherwise.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._server: _Server | None = None

    def __enter__(self) -> str:
        """Start the server and return its endpoint once it answers.

        Raises:
            LocalBackendUnavailable: there is no Java, no server to be fetched, or it does not start.
        """
        command = java_command()
        for _ in range(_PORTS_TO_TRY):
            self._server = _Server(command, _free_port())
            if self._server.wait_until_it_answers():
                return self._server.endpoint
        raise unavailable([f"{_PORTS_TO_TRY} free ports were taken by others before the server had them"])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the server and wait for its end."""
        if self._server is not None:
            self._server.stop()


class _Server:
    """One attempt to run the server on one port."""

    def __init__(self, command: list[str], port: int) -> None:
        self.endpoint = f"http://{_HOST}:{port}"
        # Another server may answer on the port that ours failed to get. Ours alone knows this origin.
        self._origin = f"http://{secrets.token_hex(16)}"
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by stop
        options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-cors", self._origin, "-port", str(port)]
        self._process = subprocess.Popen(  # noqa: S603 -- our own script and the pinned server
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("_supervisor.py")), *command, *options],
            stdin=subprocess.PIPE,  # the supervisor ends the server when this is closed, by us or by our death
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the tests; the server has to outlive their clean-up
        )

    def wait_until_it_answers(self) -> bool:
        """Return whether the server is up; False when its port was taken."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            if self._lost_its_port():
                self.stop()
                return False
            if ended:
                raise self._failure("the server ended as soon as it was started")
            if _allowed_origin(self.endpoint, self._origin) == self._origin:
                return True
            time.sleep(0.05)
        raise self._failure(f"the server did not answer within {_START_SECONDS} seconds")

    def stop(self) -> None:
        """End the server; harmless when it has ended already."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def _lost_its_port(self) -> bool:
        # Read from what it says, for the older server does not end when it cannot listen.
        said = self._output()
        return b"Failed to bind" in said or b"Address already in use" in said

    def _failure(self, reason: str) -> Exception:
        output = self._output()[-4000:].decode(errors="replace").strip()
        self.stop()
        return unavailable([f"{reason}; it said: {output}"])

    def _output(self) -> bytes:
        # pread, as the server writes at the position that a seek would move.
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])


def _check_answers(endpoint: str) -> None:
    try:
        _allowed_origin_or_raise(endpoint, "http://nobody")
    except (OSError, HTTPException, ValueError) as error:
        raise unavailable([f"DYNAMODB_ENDPOINT={endpoint}: nobody answers there ({error})"]) from error


def _allowed_origin(endpoint: str, origin: str) -> str | None:
    try:
        return _allowed_origin_or_raise(endpoint, origin)
    except (OSError, HTTPException):
        return None


def _allowed_origin_or_raise(endpoint: str, origin: str) -> str | None:
    """Ask as a page of this origin would, and return the origin that the server allows."""
    parts = urlsplit(endpoint)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers={"Origin": origin})
        return connection.getresponse().getheader("Access-Control-Allow-Origin")
