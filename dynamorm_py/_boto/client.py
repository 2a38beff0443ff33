"""Our client: performs a request with the boto3 client of its service.

It knows where boto3 clients come from only as a function from a service's name to a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._boto import faults, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._plans import Request, Response


class Client:
    """Performs requests. Safe to share between threads, as boto3's low-level clients are."""

    def __init__(self, boto_client: Callable[[str], Any], origin: object = None) -> None:
        """Take a function that returns the boto3 client of a service, made when it is first asked for.

        `origin` is equal for clients that reach the same DynamoDB; by default it is the function.
        """
        self._boto_client = boto_client
        self.origin = boto_client if origin is None else origin

    def call(self, request: Request, /) -> Response:
        """Return the answer: bytes where asked for and possible, else boto3's dictionary.

        Raises DynamoDBError, or ClientNotConfigured or another CallError, from the AWS exception.
        """
        try:
            parsed = raw.ask(self._boto_client(request.service), request)
        except _aws_exceptions() as error:
            raise faults.translate(error, request) from error
        return raw.answer(parsed, request.operation)

    def with_service(self, service: str, boto_client: object) -> Client:
        """Return a client that also performs requests to another service, with this boto3 client."""
        return Client(lambda name: boto_client if name == service else self._boto_client(name), self.origin)


def _aws_exceptions() -> tuple[type[Exception], ...]:
    """Return the roots of what botocore raises; asked for only when something was raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return ClientError, BotoCoreError
