"""Our client: performs a request with the boto3 client of its service.

It knows where boto3 clients come from only as a function from a service's name to a client.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._runtime.deadline import check_time
from dynamorm_py._transport import raw_bodies
from dynamorm_py._transport.botocore_deadline import as_deadline_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Request, Response
    from dynamorm_py._transport.telemetry import Capacity, OnCall
    from dynamorm_py.errors import DynamormError

_LOG = logging.getLogger("dynamorm_py")


class Client:
    """Performs requests. Safe to share between threads, as boto3's low-level clients are."""

    def __init__(
        self,
        boto_client: Callable[[str], Any],
        origin: object = None,
        on_call: OnCall | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        """Take a function that returns the boto3 client of a service, made when it is first asked for.

        `origin` is equal for clients that reach the same DynamoDB; by default it is the function.
        """
        self._boto_client, self._on_call = boto_client, on_call
        self._capacity: Capacity | None = capacity
        self.origin = boto_client if origin is None else origin

    def call(self, request: Request, /) -> Response:
        """Return the answer: bytes where asked for and possible, else boto3's dictionary.

        Raises DynamoDBError, or ClientNotConfigured or another CallError, from the AWS exception;
        DeadlineExceeded.
        """
        if self._on_call is None and not _LOG.isEnabledFor(logging.DEBUG):
            parsed = self._ask(request)
        else:
            parsed = self._observe(request)
        return raw_bodies.unwrap(parsed, request.operation)

    def with_service(self, service: str, boto_client: object) -> Client:
        """Return a client that also performs requests to another service, with this boto3 client."""
        chosen = self._boto_client
        return Client(
            lambda name: boto_client if name == service else chosen(name), self.origin, self._on_call, self._capacity
        )

    def observed(self, on_call: OnCall, capacity: Capacity | None) -> Client:
        """Return a client over the same boto3 clients that tells of each of its calls."""
        return Client(self._boto_client, self.origin, on_call, capacity)

    def _ask(self, request: Request) -> dict[str, Any]:
        check_time(request.operation)
        try:
            return raw_bodies.ask(self._boto_client(request.service), request)
        except _aws_exceptions() as error:
            raise as_deadline_error(_translated(error, request), request) from error

    def _observe(self, request: Request) -> dict[str, Any]:
        """Ask, and tell the log and the hook how it went."""
        from dynamorm_py._transport import telemetry  # imported lazily: only needed for a call that somebody watches

        request = replace(request, parameters=telemetry.counted(request, self._capacity))
        begun = time.perf_counter()
        try:
            answer = self._ask(request)
        except BaseException as error:  # an interrupt too, of which nobody knows how the call ended
            response: dict[str, Any] = getattr(error.__cause__, "response", None) or {}
            self._tell(request, response, time.perf_counter() - begun, error)
            raise
        self._tell(request, answer, time.perf_counter() - begun, None)
        return answer

    def _tell(self, request: Request, answer: dict[str, Any], seconds: float, error: BaseException | None) -> None:
        from dynamorm_py._transport import telemetry

        call = telemetry.Call(
            request.operation,
            request.service,
            tuple(telemetry.tables_of(request.parameters)),
            request.parameters.get("IndexName"),
            seconds,
            error,
            answer,
            request.parameters,
        )
        telemetry.log(call)
        if self._on_call is not None:
            telemetry.tell(self._on_call, call)


def _translated(error: Exception, request: Request) -> DynamormError:
    from dynamorm_py._transport import exceptions  # with all its tables and forms of texts: loaded by the first fault

    return exceptions.translate(error, request)


def _aws_exceptions() -> tuple[type[Exception], ...]:
    """Return the roots of what botocore raises; asked for only when something was raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return ClientError, BotoCoreError
