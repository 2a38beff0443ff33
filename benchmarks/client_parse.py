"""Measure what a page of 1,000 items costs our client as bytes, against boto3's parsed dictionaries.

    python benchmarks/client_parse.py

Both ways are measured in turns in one run, over the loopback, so only the ratio says something.
The server is another process: its work is not counted.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from statistics import median
from time import process_time
from typing import TYPE_CHECKING
from zlib import crc32

from dynamorm_py._boto import default_client
from dynamorm_py._plans import Request

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_ITEMS = 1_000
_ROUNDS = 15


def page() -> bytes:
    """Return a Query answer: 1,000 items of 11 attributes."""
    items = [
        {
            "pk": {"S": "USER#1"},
            "sk": {"S": f"ORDER#{number:06}"},
            "email": {"S": f"user{number}@example.com"},
            "age": {"N": str(number)},
            "score": {"N": "12.5"},
            "active": {"BOOL": True},
            "nickname": {"NULL": True},
            "tags": {"SS": ["a", "b", "c"]},
            "avatar": {"B": "AAECAwQF"},
            "created": {"S": "2024-01-02T03:04:05.678Z"},
            "address": {"M": {"city": {"S": "Oslo"}, "lines": {"L": [{"S": "a"}, {"S": "b"}]}}},
        }
        for number in range(_ITEMS)
    ]
    return json.dumps({"Items": items, "Count": _ITEMS, "ScannedCount": _ITEMS}).encode()


def serve(address: Connection) -> None:
    """Answer every request with the page."""
    body = page()

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.send_header("x-amz-crc32", str(crc32(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    address.send(server.server_address[1])
    server.serve_forever()


def measure(url: str) -> dict[bool, float]:
    """Return the median CPU seconds of a call, by whether it asks for bytes."""
    client = default_client("us-east-1", url)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(_ROUNDS):
        for raw, taken in seconds.items():
            started = process_time()
            client.call(Request("Query", {"TableName": "users"}, raw=raw))
            taken.append(process_time() - started)
    return {raw: median(taken) for raw, taken in seconds.items()}


def main() -> None:
    """Start the server, measure, print."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        taken = measure(f"http://127.0.0.1:{ours.recv()}")
    finally:
        server.terminate()
        server.join()
    print(f"CPU of one call that answers {_ITEMS:,} items of 11 attributes")
    print(f"  parsed by boto3  {taken[False] * 1000:7.2f} ms")
    print(f"  as bytes         {taken[True] * 1000:7.2f} ms")
    print(f"  ratio            {taken[False] / taken[True]:7.1f}")


if __name__ == "__main__":
    main()
