"""A relay on the loopback before a real DynamoDB: it waits at every step, and counts what is open and under way."""

from __future__ import annotations

import contextlib
import time
from http.client import HTTPConnection
from random import Random
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.wire import answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator

_PAUSES = (0.0, 0.0, 0.0005, 0.002)  # seconds: about what an answer takes


class Relay:
    """Passes requests on, each connection in a thread of its own."""

    def __init__(self, endpoint: str, seed: int = 0) -> None:
        """Take where the requests go."""
        self._netloc, self._random, self._lock = urlsplit(endpoint).netloc, Random(seed), Lock()  # noqa: S311 -- a test's
        self.open = self.under_way = 0
        self.url = ""

    def serve(self, connection: socket.socket, _: int) -> None:
        """Pass on what comes on one connection, and answer in two pieces."""
        with self._counted("open"), contextlib.closing(HTTPConnection(self._netloc)) as upstream:
            while (request := request_on(connection)) is not None:
                with self._counted("under_way"):
                    self._pause()
                    whole = self._passed_on(upstream, request)
                    self._pause()
                cut = self._random.randrange(1, len(whole))
                connection.sendall(whole[:cut])
                self._pause()
                connection.sendall(whole[cut:])

    def settle(self, holds: Callable[[], bool], seconds: float = 5) -> bool:
        """Wait until something holds, and return whether it does."""
        ends = time.monotonic() + seconds
        while not holds() and time.monotonic() < ends:
            time.sleep(0.002)
        return holds()

    def _passed_on(self, upstream: HTTPConnection, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
        upstream.request("POST", "/", body, {name: value for name, _, value in lines})
        response = upstream.getresponse()
        return answer(response.read(), f"{response.status} {response.reason}")

    def _pause(self) -> None:
        time.sleep(self._random.choice(_PAUSES))

    @contextlib.contextmanager
    def _counted(self, what: str) -> Generator[None]:
        with self._lock:
            setattr(self, what, getattr(self, what) + 1)
        try:
            yield
        finally:
            with self._lock:
                setattr(self, what, getattr(self, what) - 1)


@contextlib.contextmanager
def relaying(endpoint: str, seed: int = 0) -> Generator[Relay]:
    """Give a relay for the length of the block."""
    relay = Relay(endpoint, seed)
    with serving(relay.serve) as server:
        relay.url = server.url
        yield relay
