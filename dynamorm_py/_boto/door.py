"""The doors: what may stand as `client=`, and the client that stands there when nothing does.

One door is a repository's, the other its encryption's. It knows what boto3's objects look like from
outside, without importing boto3.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._boto.client import Client
from dynamorm_py._boto.kms import conceal_answers
from dynamorm_py._boto.session import OwnClients
from dynamorm_py.encryption import InvalidKeyArn
from dynamorm_py.errors import ClientNotConfigured

if TYPE_CHECKING:
    from dynamorm_py._plans import Caller

_REPAIR = 'pass boto3.client("{}"), or leave client= out for the default'
_defaults: dict[tuple[str | None, str | None, str | None], Client] = {}


def as_client(client: object = None) -> Caller:
    """Return what performs requests: the default for None, a caller as it is, a boto3 client wrapped.

    Raises ClientNotConfigured for anything else.
    """
    if client is None:
        return default_client()
    if callable(getattr(client, "call", None)):
        return cast("Caller", client)
    _check(client, "dynamodb")
    return Client(_Brought(client))


def as_kms(client: object, region: str) -> Caller:
    """Return what performs requests to KMS in a region, from the same choice as `as_client`.

    Raises ClientNotConfigured, and InvalidKeyArn for a client of another region than the key's.
    """
    if client is None:
        return default_client(region)
    if callable(getattr(client, "call", None)):
        return cast("Caller", client)
    _check(client, "kms")
    boto_client: Any = client
    if boto_client.meta.region_name != region:
        other = boto_client.meta.region_name
        raise InvalidKeyArn(f"the KMS key is of region {region}, the client of {other}: pass a client of {region}")
    conceal_answers(boto_client)
    return Client(lambda _: boto_client)


def default_client(region: str | None = None, endpoint_url: str | None = None, profile: str | None = None) -> Client:
    """Return our own client, one a process for each configuration; nothing is read before its first call."""
    key = (region, endpoint_url, profile)
    return _defaults.get(key) or _defaults.setdefault(key, Client(OwnClients(*key)))


@dataclass(frozen=True, slots=True)
class _Brought:
    """The one boto3 client that a user passed; two of the same client are equal."""

    client: object

    def __call__(self, service: str) -> object:
        if service == "dynamodb":
            return self.client
        message = f"this client serves DynamoDB only, and the call needs {service!r}: pass a client for it as well"
        raise ClientNotConfigured(message)


def _check(client: object, wanted: str) -> None:
    """Raise ClientNotConfigured when the object cannot be used as the client of a service."""
    if (problem := _problem(client, wanted)) is not None:
        raise ClientNotConfigured(f"{problem}: {_REPAIR.format(wanted)}")


def _problem(client: object, wanted: str) -> str | None:
    meta: Any = getattr(client, "meta", None)
    service = getattr(getattr(meta, "service_model", None), "service_name", None)
    kind = f"client= is a {type(client).__name__}"
    if hasattr(meta, "client"):
        return f"{kind} of boto3's resource layer, which changes values on their way"
    if not isinstance(service, str):
        return f"{kind}, not a boto3 client"
    if service != wanted:
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
