"""A repository over a loopback DynamoDB that keeps the requests it got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from dynamorm_py import DynamoModel, PartitionKey, Repo
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from tests.support.wire import Loopback, answer, request_on

if TYPE_CHECKING:
    import socket


class Row(DynamoModel, table="rows"):
    """What is read and written under a tracer."""

    pk: Annotated[str, PartitionKey()]


class Rows:
    """A repository over the loopback, and the requests that reached the server."""

    def __init__(self) -> None:
        """Start the server."""
        self.requests: list[str] = []
        self._server = Loopback(self._serve)
        self.client = Client(OwnClients("us-east-1", self._server.url, None))
        self.repo = Repo(Row, client=self.client)
        self.url = self._server.url

    def _serve(self, connection: socket.socket, _: int) -> None:
        while (request := request_on(connection)) is not None:
            text = request.decode("latin-1")
            self.requests.append(text)
            connection.sendall(answer(b"{}" if "PutItem" in text else b'{"Item":{"pk":{"S":"a"}}}'))

    def close(self) -> None:
        """End the server and the connections."""
        self.client.close()
        self._server.close()
