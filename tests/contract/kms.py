"""A key service for the suite: moto's KMS behind a loopback address, in a process of its own.

Nothing of moto is switched on in the suite's process, so what other tests do there does not touch its keys.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

if TYPE_CHECKING:
    from collections.abc import Generator

_SCOPE = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0"


@dataclass(frozen=True, slots=True)
class Kms:
    """A running key service and its one key."""

    endpoint: str
    key_arn: str

    def wrap(self, data_key: bytes) -> bytes:
        """Return a data key as an envelope's `edk` has it."""
        return base64.b64decode(self._ask("Encrypt", Plaintext=base64.b64encode(data_key).decode())["CiphertextBlob"])

    def unwrap(self, edk: bytes) -> bytes:
        """Return the data key of an `edk`."""
        return base64.b64decode(self._ask("Decrypt", CiphertextBlob=base64.b64encode(edk).decode())["Plaintext"])

    def _ask(self, operation: str, **parameters: str) -> Any:  # noqa: ANN401 -- JSON
        connection = HTTPConnection(urlsplit(self.endpoint).netloc, timeout=30)
        body = json.dumps({"KeyId": self.key_arn, **parameters})
        connection.request("POST", "/", body, {"x-amz-target": f"TrentService.{operation}"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        assert response.status == 200, f"KMS refused {operation}: {answer}"
        return answer


@contextmanager
def serving() -> Generator[Kms]:
    """Start the key service and end it."""
    with subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Kms(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()


def _perform(target: str, body: bytes) -> tuple[int, bytes]:
    """Have moto answer a request."""
    from moto.core.botocore_stubber import BotocoreStubber

    headers = HTTPHeaders()
    for name, value in {"x-amz-target": target, "authorization": _SCOPE}.items():
        headers[name] = value
    asked = AWSPreparedRequest("POST", "https://kms.us-east-1.amazonaws.com/", headers, body, stream_output=False)
    answer = BotocoreStubber().process_request(asked)
    assert answer is not None
    return answer[0], answer[2].encode() if isinstance(answer[2], str) else answer[2]


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        status, answer = _perform(self.headers["x-amz-target"], self.rfile.read(int(self.headers["content-length"])))
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    key = json.loads(_perform("TrentService.CreateKey", b"{}")[1])["KeyMetadata"]["Arn"]
    print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_address[1]}", "key_arn": key}), flush=True)  # noqa: T201 -- for the starter
    server.serve_forever()
