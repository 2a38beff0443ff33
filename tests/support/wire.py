"""A server on the loopback that answers as a test says: one function for each connection, in a thread of its own."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def request_on(connection: socket.socket) -> bytes | None:
    """Return the next whole request on a connection, None when it ended."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (data := connection.recv(65536)):
            return None
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while length is not None and len(body) < int(length[1]):
        if not (data := connection.recv(65536)):
            return None
        body += data
    return head + b"\r\n\r\n" + body


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Return DynamoDB's answer with this body."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: R\r\n"
        f"x-amz-crc32: {crc32(body)}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode() + body


class Loopback:
    """A server and what it got: requests in their order, the number of connections."""

    def __init__(
        self, serve: Callable[[socket.socket, int], object], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        """Listen; `serve` gets a connection and its number."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._serve, self._tls, self._numbers = serve, tls, itertools.count()
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self._open: list[socket.socket] = []
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://{f'[{host}]' if ':' in host else host}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._run, args=(connection, next(self._numbers)), daemon=True).start()

    def _run(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), contextlib.closing(connection):
            if self._tls is None:
                self._serve(connection, number)
                return
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                self._serve(secured, number)

    def close(self) -> None:
        """End the server and its connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # a thread that waits for a connection is not woken by close()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@contextlib.contextmanager
def serving(
    serve: Callable[[socket.socket, int], object], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Generator[Loopback]:
    """Give a server for the length of the block."""
    server = Loopback(serve, tls, host)
    try:
        yield server
    finally:
        server.close()


def always(*answers: bytes) -> Callable[[socket.socket, int], None]:
    """Return what answers request after request on a connection with these, the last one for ever."""

    def serve(connection: socket.socket, _: int) -> None:
        for each in itertools.chain(answers, itertools.repeat(answers[-1])):
            if request_on(connection) is None:
                return
            connection.sendall(each)

    return serve
