"""The doors: what may stand as `client=`, and the client that stands there when nothing does.

One function serves repositories, the other their encryption. It knows what boto3's objects look like from
outside, without importing boto3.
"""

from __future__ import annotations

import sys
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from dynamorm_py._kernel.awaiting import is_asynchronous
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._transport.botocore_session import USUAL, Limits, OwnClients, SessionClients
from dynamorm_py._transport.client import Client
from dynamorm_py.errors import ClientNotConfigured

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._transport.telemetry import Capacity, OnCall

_REPAIR = 'pass boto3.client("{}"), or leave client= out for the default'
_defaults: dict[tuple[str | None, str | None, str | None, Limits], Client] = {}


def as_client(client: object = None) -> Transport:
    """Return what performs requests: the default for None, a caller as it is, a boto3 client wrapped.

    Raises ClientNotConfigured for anything else.
    """
    if client is None:
        return default_client()
    if _performs(client):
        return cast("Transport", client)
    if _is_session(client):
        return Client(SessionClients(client))
    _check(client, "dynamodb")
    return Client(_SingleServiceClient(client))


def as_kms(client: object, region: str) -> Transport:
    """Return what performs requests to KMS in a region, from the same choice as `as_client`.

    Raises ClientNotConfigured, and InvalidKeyArn for a client of another region than the key's.
    """
    from dynamorm_py._transport.kms import conceal_answers  # imported lazily: only needed with encryption
    from dynamorm_py.encryption import InvalidKeyArn

    if client is None:
        return default_client(region)
    if _performs(client):
        return cast("Transport", client)
    _check(client, "kms")
    boto_client: Any = client
    if boto_client.meta.region_name != region:
        other = boto_client.meta.region_name
        raise InvalidKeyArn(f"the KMS key is of region {region}, the client of {other}: pass a client of {region}")
    conceal_answers(boto_client)
    return Client(lambda _: boto_client)


def as_sts(client: object) -> Transport:
    """Return what assumes roles: the default client for None, else this one. Raises ClientNotConfigured."""
    return default_client() if client is None else _of_service(client, "sts")


def as_streams(client: object) -> Transport:
    """Return what performs requests to DynamoDB Streams with this client. Raises ClientNotConfigured."""
    return _of_service(client, "dynamodbstreams")


def _of_service(client: object, service: str) -> Transport:
    if _performs(client):
        return cast("Transport", client)
    _check(client, service)
    return Client(lambda _: client)


def default_client(
    region: str | None = None, endpoint_url: str | None = None, profile: str | None = None, limits: Limits = USUAL
) -> Client:
    """Return our own client, one a process for each configuration; nothing is read before its first call."""
    key = (region, endpoint_url, profile, limits)
    return _defaults.get(key) or _defaults.setdefault(key, Client(OwnClients(*key)))


def observed(on_call: OnCall, client: object = None, *, capacity: Capacity | None = None) -> Transport:
    """Return a client that gives each of its calls to `on_call` when it is done: pass it to `Repo(client=...)`.

    `client` is what `Repo` takes, by default the default client. `capacity` has DynamoDB tell the consumed
    capacity, of the tables or of each index. Observing an observed client replaces its `on_call`.
    `on_call` is a plain function; for calls of `dynamorm_py.aio` it runs in a thread, so it may block.
    Raises ClientNotConfigured.
    """
    if is_asynchronous(on_call):
        raise ClientNotConfigured("on_call= is asynchronous: pass a plain function, which aio calls in a thread")
    inner = as_client(client)
    if not isinstance(inner, Observable):
        raise ClientNotConfigured(f"client= is {kind_of(client)}, whose calls cannot be observed: pass a boto3 client")
    return inner.observed(on_call, capacity)


def close(transport: Transport) -> None:
    """End the connections of a transport that keeps some; one without `close()` keeps none."""
    end = getattr(transport, "close", None)
    if callable(end):
        end()


def lane_of(transport: Transport) -> str | None:
    """Return which lane DynamoDB's requests take now; None for a transport that does not say."""
    lane = getattr(transport, "lane", None)
    return str(lane()) if callable(lane) else None


@runtime_checkable
class Observable(Protocol):
    """A client whose calls can be observed."""

    def observed(self, on_call: OnCall, capacity: Capacity | None) -> Transport:
        """Return a client over the same boto3 clients that tells of each of its calls."""
        ...


@frozen
class _SingleServiceClient:
    """The one boto3 client that a user passed; two of the same client are equal."""

    client: object

    def __call__(self, service: str) -> object:
        if service == "dynamodb":
            return self.client
        message = f"this client serves DynamoDB only, and the call needs {service!r}: pass a client for it too"
        raise ClientNotConfigured(message)


def _performs(client: object) -> bool:
    """Return whether it is a caller already. Raises ClientNotConfigured for one that would have to be awaited."""
    call = getattr(client, "call", None)
    if is_asynchronous(call):
        kind = type(client).__name__
        raise ClientNotConfigured(f"client= is a {kind} that is asynchronous: make call() a plain method")
    return callable(call)


def _is_session(client: object) -> bool:
    """Return whether it is a `boto3.Session`; none is there before boto3 was imported."""
    module: Any = sys.modules.get("boto3.session")
    return module is not None and isinstance(client, module.Session)


def _check(client: object, expected: str) -> None:
    """Raise ClientNotConfigured when the object cannot be used as the client of a service."""
    if (problem := _problem(client, expected)) is not None:
        raise ClientNotConfigured(f"{problem}: {_REPAIR.format(expected)}")


def _problem(client: object, expected: str) -> str | None:
    meta: Any = getattr(client, "meta", None)
    service = getattr(getattr(meta, "service_model", None), "service_name", None)
    kind = f"client= is {kind_of(client)}"
    if hasattr(meta, "client"):
        return f"{kind} of boto3's resource layer, which changes values on their way"
    if not isinstance(service, str):
        return f"{kind}, not a boto3 client"
    if service != expected:
        return f"{kind}, a client of {service!r}"
    if _is_of_resource(meta.events):
        return "client= is the .meta.client of a boto3 resource, which changes values on their way"
    if iscoroutinefunction(getattr(client, "_make_api_call", None)):
        return f"{kind} that is asynchronous"
    return None


def _is_of_resource(events: Any) -> bool:  # noqa: ANN401 -- botocore's emitter
    """Tell whether boto3's resource layer registered its translation of values on this client.

    botocore lists handlers nowhere in public. The id is the one boto3.dynamodb.transform registers.
    """
    emitter = getattr(events, "_emitter", events)
    return "dynamodb-attr-value-input" in getattr(emitter, "_unique_id_handlers", ())
