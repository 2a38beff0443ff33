"""A loopback in front of DynamoDB: keeps what a driver asks, and lets it meet faults. Knows no scenario and no driver.

It is how the suite sees, in any language, which index was read, that a refused call sent nothing, and what becomes of
what DynamoDB leaves over.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

_UNPROCESSED = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
_PASSED_ON = ("authorization", "content-type", "x-amz-date", "x-amz-target")


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver asked of DynamoDB."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What it is told: an HTTP status and DynamoDB's JSON."""

    status: int
    body: bytes


class Proxy:
    """Requests since `begin`, and what is to happen to them. Safe for a driver's threads."""

    def __init__(self, upstream: str) -> None:
        """Stand in front of an endpoint; `serving` gives the address."""
        self._host = urlsplit(upstream).netloc
        self._lock = Lock()
        self._requests: list[Request] = []
        self._faults: list[Mapping[str, Any]] = []

    def begin(self, faults: Iterable[Mapping[str, Any]] = ()) -> None:
        """Forget the requests so far, and have these faults happen to the next, one each."""
        with self._lock:
            self._requests = []
            self._faults = list(chain.from_iterable([fault] * fault.get("times", 1) for fault in faults))

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked since `begin`."""
        return tuple(self._requests)

    @property
    def left(self) -> int:
        """How many faults did not happen."""
        return len(self._faults)

    def answer(self, operation: str, body: bytes, headers: Mapping[str, str]) -> Answer | None:
        """Perform a request, or have a fault happen to it; None when the answer is lost."""
        with self._lock:
            self._requests.append(Request(operation, json.loads(body)))
            fault: Mapping[str, Any] = self._faults.pop(0) if self._faults else {}
        if "error" in fault:
            return _error(fault)
        if "leave" in fault:
            return self._leave(operation, json.loads(body), headers, fault["leave"])
        answer = self._forward(body, headers)
        return None if fault.get("lose") else answer

    def _forward(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = HTTPConnection(self._host, timeout=30)
        try:
            connection.request("POST", "/", body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def _leave(self, operation: str, asked: dict[str, Any], headers: Mapping[str, str], count: int | str) -> Answer:
        """Perform a batch without its last entries, and give these back as DynamoDB does."""
        entries = _entries(asked["RequestItems"])
        kept = 0 if count == "all" else len(entries) - int(count)
        done: dict[str, Any] = {"Responses": {}} if operation == "BatchGetItem" else {}
        if kept:
            part = {**asked, "RequestItems": _by_table(asked["RequestItems"], entries[:kept])}
            done = json.loads(self._forward(json.dumps(part).encode(), headers).body)
        left = _by_table(asked["RequestItems"], entries[kept:])
        return Answer(200, json.dumps({**done, _UNPROCESSED[operation]: left}).encode())


def _entries(items: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the entries of a batch, each with its table; of a batch of reads these are keys."""
    return [(table, entry) for table, part in items.items() for entry in _list(part)]


def _list(part: Any) -> list[Any]:  # noqa: ANN401 -- a list of writes, or a dictionary with keys
    return part if isinstance(part, list) else part["Keys"]  # pyright: ignore[reportUnknownVariableType] -- JSON


def _by_table(items: Mapping[str, Any], entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {}
    for table, entry in entries:
        parts.setdefault(table, []).append(entry)
    return {t: part if isinstance(items[t], list) else {**items[t], "Keys": part} for t, part in parts.items()}


def _error(fault: Mapping[str, Any]) -> Answer:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{fault['error']}", "message": "as the scenario says"}
    if "reasons" in fault:
        body |= {"CancellationReasons": [{"Code": code} for code in fault["reasons"]]}
    return Answer(fault.get("status", 400), json.dumps(body).encode())


@contextmanager
def serving(proxy: Proxy) -> Generator[str]:
    """Give the proxy's address while it serves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            passed_on = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            answer = proxy.answer(self.headers["x-amz-target"].rpartition(".")[2], body, passed_on)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    return Forward
