"""Endpoints as botocore's rules give them, evaluated once for each answer they can have.

The rules know FIPS, dual stack, endpoints of accounts, and tables of other accounts. They are asked through
botocore's public events: a call of the client that stops before anything is sent says where it would have gone.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dynamorm_py._transport.aws_json import SERVICES
from dynamorm_py._transport.settings import names_another_host, tables_of
from dynamorm_py._transport.signing import Endpoint

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._transport.settings import KeptCredentials

_seen: ContextVar[list[Endpoint] | None] = ContextVar("dynamorm_py.endpoint_seen", default=None)
_MOST_KEPT = 1000
_STOPPED = SimpleNamespace(status_code=200, headers={}, content=b"{}")


class BotocoreEndpoints:
    """Says where a request goes, with a boto3 client's own configuration."""

    __slots__ = ("_client", "_credentials", "_kept", "_service")

    def __init__(self, service: str, boto_client: Any, credentials: KeptCredentials) -> None:  # noqa: ANN401 -- a boto3 client has no static type
        """Watch the client's calls for those that only ask for the endpoint."""
        self._service, self._client, self._credentials = service, boto_client, credentials
        self._kept: dict[object, Endpoint] = {}
        service_id = boto_client.meta.service_model.service_id.hyphenize()
        boto_client.meta.events.register_first(
            f"before-call.{service_id}", _stop, unique_id="dynamorm_py.endpoint_seen"
        )

    def __call__(self, request: Request) -> Endpoint:
        """Return the endpoint of a request. Raises what botocore raises."""
        key = self._key(request)
        endpoint = self._kept.get(key)
        if endpoint is None:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            endpoint = self._kept[key] = self._resolved(request)
        return endpoint

    def blocks(self, request: Request) -> bool:
        """Return whether the credentials or the rules have to be asked first."""
        return self._credentials.stale or self._key(request) not in self._kept

    def _key(self, request: Request) -> object:
        """Return what an endpoint depends on."""
        account = self._credentials().account_id
        special = names_another_host(request)
        return account, (request.operation == "SearchVectors", *tables_of(request.parameters)) if special else None

    def _resolved(self, request: Request) -> Endpoint:
        from botocore import xform_name

        seen: list[Endpoint] = []
        token = _seen.set(seen)
        try:
            getattr(self._client, xform_name(request.operation))(**request.parameters)
        finally:
            _seen.reset(token)
        return seen[0]


def endpoint_of(params: dict[str, Any], context: dict[str, Any], model: Any) -> Endpoint:  # noqa: ANN401 -- botocore's
    """Return where a call of botocore goes, as its `before-call` event has it. Raises ValueError."""
    signing = context.get("signing", {})
    service = SERVICES[model.service_model.service_name]
    region = signing.get("region") or context["client_region"]
    return Endpoint.of(params["url"], region, signing.get("signing_name") or service.signing_name)


def _stop(params: dict[str, Any], context: dict[str, Any], model: Any, **_: object) -> Any:  # noqa: ANN401
    seen = _seen.get()
    if seen is None:
        return None
    seen.append(endpoint_of(params, context, model))
    return _STOPPED, {}
