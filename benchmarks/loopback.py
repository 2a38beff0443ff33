"""A tiny DynamoDB of recorded answers on the loopback, in a process of its own: its work is not counted."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import socket
import threading
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from multiprocessing.connection import Connection

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OPERATION = re.compile(rb"\r\nx-amz-target: *\w+\.(\w+)", re.IGNORECASE)


@contextlib.contextmanager
def answering(bodies: Mapping[str, bytes]) -> Generator[str]:
    """Give the endpoint of a server that answers each operation with its recorded body."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, dict(bodies)), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        server.terminate()
        server.join()


def _serve(address: Connection, bodies: Mapping[str, bytes]) -> None:
    answers = {name.encode(): _answer(body) for name, body in bodies.items()}
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    address.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_answer_all, args=(connection, answers), daemon=True).start()


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\nx-amzn-RequestId: {'R' * 52}\r\n"
        f"x-amz-crc32: {crc32(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer_all(connection: socket.socket, answers: Mapping[bytes, bytes]) -> None:
    received = b""
    with connection, contextlib.suppress(OSError):
        while data := connection.recv(262_144):
            received += data
            while (request := _whole(received)) is not None:
                operation = _OPERATION.search(received)
                received = received[request:]
                connection.sendall(answers[operation[1] if operation else b""])


def _whole(received: bytes) -> int | None:
    """Return the length of the first request, None before it is whole."""
    end = received.find(b"\r\n\r\n")
    length = _LENGTH.search(received, 0, end + 2) if end >= 0 else None
    if length is None:
        return None
    whole = end + 4 + int(length[1])
    return whole if len(received) >= whole else None
