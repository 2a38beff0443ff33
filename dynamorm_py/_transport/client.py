"""Our client: performs a request by the lane of its service, and tells the log and the hook how it went.

It knows where boto3 clients come from only as a function from a service's name to a client.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dynamorm_py._runtime.deadline import check_time
from dynamorm_py._transport import raw_bodies
from dynamorm_py._transport.botocore_deadline import as_deadline_error
from dynamorm_py._transport.botocore_session import OwnClients

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._transport.telemetry import Capacity, Observation, OnCall
    from dynamorm_py.errors import DynamormError
from dynamorm_py._codec import damaged
from dynamorm_py._kernel.answers import SHAPES, fits
from dynamorm_py._kernel.response import MalformedBody

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
        """Return the answer: its body and boto3's dictionary; a brought client tells the dictionary alone.

        Raises DynamoDBError, or ClientNotConfigured or another CallError, from the AWS exception;
        DeadlineExceeded.
        """
        if self._on_call is None and not _LOG.isEnabledFor(logging.DEBUG):
            response = self._ask(request)
        else:
            response = self._observe(request)
        return _checked(response, request)

    async def ask(self, request: Request, /) -> Response:
        """Return what `call` returns, awaited: by the direct lane in the loop, by others in a thread."""
        if self._on_call is None and not _LOG.isEnabledFor(logging.DEBUG):
            return _checked(await self._await(request), request)
        return _checked(await self._observe_awaited(request), request)

    def close(self) -> None:
        """End the connections of our own; a client that the user brought stays the user's."""
        if isinstance(self._boto_client, OwnClients):
            self._boto_client.close()

    def lane(self, service: str = "dynamodb") -> str:
        """Return which lane a request takes now: direct, watched or botocore."""
        return self._boto_client.lanes.name(service) if isinstance(self._boto_client, OwnClients) else "botocore"

    def _performer(self, service: str) -> Callable[[Request], Response]:
        clients = self._boto_client
        if isinstance(clients, OwnClients):
            return clients.lanes.performer(service)
        return partial(raw_bodies.ask, clients(service))

    def with_service(self, service: str, boto_client: object) -> Client:
        """Return a client that also performs requests to another service, with this boto3 client."""
        chosen = self._boto_client
        return Client(
            lambda name: boto_client if name == service else chosen(name), self.origin, self._on_call, self._capacity
        )

    def observed(self, on_call: OnCall, capacity: Capacity | None) -> Client:
        """Return a client over the same boto3 clients that tells of each of its calls."""
        return Client(self._boto_client, self.origin, on_call, capacity)

    def _ask(self, request: Request) -> Response:
        check_time(request.operation)
        try:
            return self._performer(request.service)(request)
        except _aws_exceptions() as error:
            raise self._fault(error, request) from error

    def _fault(self, error: Exception, request: Request) -> DynamormError:
        """Return our error for an AWS exception, which stays its cause, without botocore's frames."""
        _cut_frames(error)
        return as_deadline_error(_translated(error, request, self.address(request)), request)

    def address(self, request: Request) -> str | None:
        """Return the endpoint and region that a request goes to, for a message; None where nothing says it."""
        clients = self._boto_client
        try:
            if isinstance(clients, OwnClients) and (lane := clients.lanes.direct(request.service)) is not None:
                endpoint = lane.settings.endpoint(request)
                return f"{endpoint.scheme}://{endpoint.authority} in region {endpoint.region}"
            meta = clients(request.service).meta
        except Exception:  # noqa: BLE001 -- the call failed already, perhaps for lack of a region: that is what is raised
            return None
        else:
            return f"{meta.endpoint_url} in region {meta.region_name}"

    async def _await(self, request: Request) -> Response:
        check_time(request.operation)
        clients = self._boto_client
        try:
            if isinstance(clients, OwnClients):
                return await clients.lanes.ask(request)
            from dynamorm_py._runtime.tasks import in_thread

            return await in_thread(partial(raw_bodies.ask, clients(request.service), request))
        except _aws_exceptions() as error:
            raise self._fault(error, request) from error

    def _observe(self, request: Request) -> Response:
        """Ask, and tell the log and the hook how it went."""
        observation = self._begin(request)
        try:
            response = self._ask(observation.request)
        except BaseException as error:  # an interrupt too, of which nobody knows how the call ended
            observation.failed(error)
            raise
        observation.done(response)
        return response

    async def _observe_awaited(self, request: Request) -> Response:
        """Ask, and tell the log and the hook, which may block, in a thread."""
        from dynamorm_py._runtime.tasks import begin_in_thread, in_thread

        observation = self._begin(request)
        try:
            response = await self._await(observation.request)
        except Exception as error:
            await in_thread(partial(observation.failed, error))
            raise
        except BaseException as error:  # cancelled: the hook runs, and nobody waits for it
            begin_in_thread(partial(observation.failed, error))
            raise
        await in_thread(partial(observation.done, response))
        return response

    def _begin(self, request: Request) -> Observation:
        from dynamorm_py._transport import telemetry  # imported lazily: only needed for a call that somebody watches

        request = replace(request, parameters=telemetry.counted(request, self._capacity))
        return telemetry.Observation(request, partial(self.lane, request.service), self._on_call)


def _checked(response: Response, request: Request) -> Response:
    """Return an answer; one that is used in boto3's form must have its shape. Raises ConnectionFailed."""
    if request.raw and response.body is not None:
        return response
    try:
        document = response.document
    except MalformedBody as error:
        raise damaged(request.operation, response.metadata.get("RequestId")) from error
    if not fits(SHAPES.get(request.operation, {}), document):
        raise damaged(request.operation, response.metadata.get("RequestId"))
    return response


def _translated(error: Exception, request: Request, address: str | None) -> DynamormError:
    from dynamorm_py._transport import exceptions  # with all its tables and forms of texts: loaded by the first fault

    return exceptions.translate(error, request, address)


def _cut_frames(error: BaseException | None) -> None:
    """Take the frames off an exception and its causes: thirty of botocore's hide the caller's own."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error = error.with_traceback(None).__cause__ or error.__context__


def _aws_exceptions() -> tuple[type[Exception], ...]:
    """Return the roots of what botocore raises; asked for only when something was raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    return ClientError, BotoCoreError
