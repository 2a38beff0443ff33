"""Chooses how a call goes: directly over our wire, over it under the eyes of a tracer, or by botocore alone.

One `Lanes` stands for one configuration. It makes a service's direct lane when the service is first asked for.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from dynamorm_py._transport.aws_json import SERVICES
from dynamorm_py._transport.direct import DirectLane
from dynamorm_py._transport.retry import RetryMode
from dynamorm_py._transport.settings import KeptCredentials, Settings, from_environment, from_session
from dynamorm_py._transport.sockets import Pool
from dynamorm_py._transport.watching import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from opentelemetry.trace import Tracer

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._transport.botocore_session import Limits
    from dynamorm_py._transport.loop_lane import LoopLane
    from dynamorm_py._transport.signing import Endpoint

_MOMENT = 1.0  # second: how long credentials are kept before they are asked whether they still hold
_FORCED = "DYNAMORM_TRANSPORT"


class Source(Protocol):
    """Where the configuration comes from: boto3 clients of one session, and what was passed to make them."""

    limits: Limits
    region: str | None
    renewed_at_once: bool

    def __call__(self, service: str) -> Any:  # noqa: ANN401 -- a boto3 client has no static type
        """Return the boto3 client of a service."""
        ...

    def endpoint_url(self, service: str) -> str | None:
        """Return the endpoint that was passed for a service."""
        ...

    def needs_botocore(self) -> bool:
        """Return whether the environment alone cannot say what the session says."""
        ...

    def session(self) -> Any:  # noqa: ANN401 -- botocore's
        """Return the session, None for one that was brought, whose clients may have settings of their own."""
        ...

    def session_credentials(self) -> Any:  # noqa: ANN401 -- botocore's credentials
        """Return the session's credentials, None where there are none."""
        ...

    def setting(self, name: str) -> Any:  # noqa: ANN401 -- botocore's
        """Return a variable of botocore's configuration."""
        ...


class Lanes:
    """The lanes of one configuration. Safe to share between threads."""

    __slots__ = ("__weakref__", "_lanes", "_lock", "_loop_lanes", "_source")

    def __init__(self, source: Source) -> None:
        """Keep where the configuration comes from; nothing is read yet."""
        self._source, self._lock = source, Lock()
        self._lanes: dict[str, DirectLane | None] = {}
        self._loop_lanes: dict[str, LoopLane | None] = {}

    def ask(self, request: Request) -> Coroutine[Any, Any, Response]:
        """Return what performs a request within asyncio: in the loop by the direct lane, in a thread by the others."""
        lane = self._loop_lanes.get(request.service)
        if lane is not None and watch() == "nobody":
            return lane.call(request) if (tracer := _tracer()) is None else lane.trace(request, tracer)
        return self._ask(request)

    async def _ask(self, request: Request) -> Response:
        """Perform a request by another lane, or by the direct one for the first time."""
        from dynamorm_py._runtime.tasks import in_thread  # imported lazily: only needed where calls are awaited

        service = request.service
        if watch() == "nobody":
            if service not in self._loop_lanes:
                await in_thread(partial(self._make_loop_lane, service))
            if self._loop_lanes[service] is not None:
                return await self.ask(request)
        return await in_thread(lambda: self.performer(service)(request))  # to choose may take a while too

    def performer(self, service: str) -> Callable[[Request], Response]:
        """Return what performs a request to a service now."""
        watched = watch()
        if watched == "nobody":
            lane = self.direct(service)
            if lane is not None:
                return lane.call if (tracer := _tracer()) is None else partial(lane.trace, tracer=tracer)
        elif watched == "calls" and (lane := self.direct(service)) is not None:
            from dynamorm_py._transport import watched as watched_lane  # imported lazily: only needed under a tracer

            return partial(watched_lane.ask, self._source(service), lane)
        from dynamorm_py._transport.raw_bodies import ask  # imported lazily: the direct lane needs none of it

        return partial(ask, self._source(service))

    def name(self, service: str) -> str:
        """Return which lane a request takes now: direct, watched or botocore."""
        watched = watch()
        if watched == "wire" or self.direct(service) is None:
            return "botocore"
        return "direct" if watched == "nobody" else "watched"

    def direct(self, service: str) -> DirectLane | None:
        """Return a service's direct lane, None where only botocore can ask as configured."""
        try:
            return self._lanes[service]
        except KeyError:
            pass
        with self._lock:
            if service not in self._lanes:
                self._lanes[service] = self._made(service)
            return self._lanes[service]

    def close(self) -> None:
        """End the connections that wait; the next call opens its own."""
        for lane in tuple(self._lanes.values()):
            if lane is not None:
                lane.pool.close()
        for loop_lane in tuple(self._loop_lanes.values()):
            if loop_lane is not None:
                loop_lane.close()

    def _make_loop_lane(self, service: str) -> None:
        from dynamorm_py._transport.loop_connections import LoopPool
        from dynamorm_py._transport.loop_lane import LoopLane

        lane, limits = self.direct(service), self._source.limits
        made = None
        if lane is not None:
            trust = lane.settings.trust
            make_pool = partial(LoopPool, limits.connections, limits.connect_timeout, limits.read_timeout, trust)
            made = LoopLane(lane, make_pool)
        with self._lock:
            self._loop_lanes.setdefault(service, made)

    def _made(self, service: str) -> DirectLane | None:
        if service not in SERVICES or os.environ.get(_FORCED, "").lower() == "botocore":
            return None
        source, limits = self._source, self._source.limits
        settings = _settings(service, source)
        if settings is None:
            return None
        pool = Pool(limits.connections, limits.connect_timeout, limits.read_timeout, settings.trust)
        return DirectLane(service, settings, pool)


def _tracer() -> Tracer | None:
    """Return what makes spans of direct calls; None, at the price of a look, where OpenTelemetry was never imported."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    from dynamorm_py._transport import spans  # imported lazily: only needed beside OpenTelemetry

    return spans.tracer()


class BotocoreLookup:
    """Asks botocore's endpoint rules, with a client that is made when the first request needs it."""

    __slots__ = ("_endpoints",)

    def __init__(self, source: Source, service: str) -> None:
        """Make the client."""
        from dynamorm_py._transport.endpoints import BotocoreEndpoints

        self._endpoints = BotocoreEndpoints(service, source(service), _kept_credentials(source))

    def __call__(self, request: Request) -> Endpoint:
        """Return the endpoint of a request."""
        return self._endpoints(request)


def _settings(service: str, source: Source) -> Settings | None:
    """Return what a service is asked with, by the cheapest way that can say it; None where our wire cannot do it."""
    region, url, attempts = source.region, source.endpoint_url(service), source.limits.attempts

    def rules() -> BotocoreLookup:
        return BotocoreLookup(source, service)

    settings = None
    if not source.needs_botocore():
        settings = from_environment(service, region, url, attempts, rules)
    if settings is None and (session := source.session()) is not None:
        settings = from_session(service, session, region, url, attempts, _kept_credentials(source), rules)
    return settings or _from_botocore(service, source)


def _kept_credentials(source: Source) -> KeptCredentials:
    return KeptCredentials(source.session_credentials, 0.0 if source.renewed_at_once else _MOMENT)


def _from_botocore(service: str, source: Source) -> Settings | None:
    """Return what botocore's configuration says, None where our wire cannot carry it out."""
    from dynamorm_py._transport.endpoints import BotocoreEndpoints

    client = source(service)
    config = client.meta.config
    if not _is_ours(client, config) or str(source.setting("endpoint_discovery_enabled")).lower() == "true":
        return None
    credentials = _kept_credentials(source)
    retries: dict[str, Any] = config.retries or {}
    mode = RetryMode.standard(service, retries.get("total_max_attempts"))
    trust = source.setting("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or None
    endpoints = BotocoreEndpoints(service, client, credentials)
    return Settings(endpoints, credentials, mode, trust, endpoints.blocks)


def _is_ours(client: Any, config: Any) -> bool:  # noqa: ANN401 -- botocore's
    """Return whether our wire can do what this client's configuration says."""
    from botocore.utils import get_environ_proxies

    retries: dict[str, Any] = config.retries or {}
    if retries.get("mode") != "standard":
        return False
    if config.proxies or config.client_cert or get_environ_proxies(client.meta.endpoint_url):
        return False
    if getattr(config, "auth_scheme_preference", None) or config.signature_version not in (None, "v4"):
        return False
    return os.environ.get("AWS_CSM_ENABLED", "").lower() not in ("true", "1")
