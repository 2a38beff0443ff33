"""Whether somebody watches botocore's calls, and how: asked before every call, in a fraction of a microsecond.

Tracers and mocks replace methods of botocore's classes. One that replaced `_make_api_call` only sees each call that
goes through a boto3 client; one that replaced what lies below (Sentry's clients, VCR's connections) needs its wire.
"""

from __future__ import annotations

import sys
from importlib import import_module
from operator import is_
from types import FunctionType
from typing import Any, Literal, TypeAlias

Watch: TypeAlias = Literal["nobody", "calls", "wire"]

_METHODS_OF_THE_WIRE = (
    ("botocore.client", "BaseClient", "__init__"),
    ("botocore.endpoint", "Endpoint", "make_request"),
    ("botocore.endpoint", "Endpoint", "_send_request"),
    ("botocore.endpoint", "Endpoint", "_send"),
    ("botocore.httpsession", "URLLib3Session", "send"),
)
# Tracers that wait for botocore to be imported before they replace anything.
_WAITING = ("ddtrace", "newrelic", "elasticapm", "instana")


class _Verdict:
    """The last verdict, and what it was made of; threads may replace it, as a whole."""

    __slots__ = ("seen", "watch")

    def __init__(self, seen: tuple[object, ...], watch: Watch) -> None:
        self.seen = seen
        self.watch: Watch = watch


_last = _Verdict((), "nobody")


def watch() -> Watch:
    """Return what is watched now: nothing, each call, or the wire."""
    modules = sys.modules
    if "botocore.client" not in modules and not modules.keys().isdisjoint(_WAITING):
        import_module("botocore.client")
    if "botocore" not in modules:
        return "nobody"
    global _last  # noqa: PLW0603 -- a cache of one entry, replaced as a whole
    seen = _now(modules)
    verdict = _last
    if len(seen) != len(verdict.seen) or not all(map(is_, seen, verdict.seen)):
        _last = verdict = _Verdict(seen, _judged(modules))
    return verdict.watch


def _now(modules: dict[str, Any]) -> tuple[object, ...]:
    """Return the objects that a watcher replaces."""
    seen: list[object] = []
    if (client := modules.get("botocore.client")) is not None:
        methods = client.BaseClient.__dict__
        seen += methods["_make_api_call"], methods["__init__"]
    if (endpoint := modules.get("botocore.endpoint")) is not None:
        methods = endpoint.Endpoint.__dict__
        seen += methods["make_request"], methods["_send_request"], methods["_send"]
    if (session := modules.get("botocore.httpsession")) is not None:
        seen.append(session.URLLib3Session.__dict__["send"])
    if (connections := modules.get("botocore.awsrequest")) is not None:
        seen += connections.AWSHTTPConnectionPool.ConnectionCls, connections.AWSHTTPSConnectionPool.ConnectionCls
    return tuple(seen)


def _judged(modules: dict[str, Any]) -> Watch:
    for module, name, method in _METHODS_OF_THE_WIRE:
        if module in modules and not is_own(getattr(modules[module], name).__dict__[method]):
            return "wire"
    connections = modules.get("botocore.awsrequest")
    if connections is not None:
        pools = connections.AWSHTTPConnectionPool, connections.AWSHTTPSConnectionPool
        if any(pool.ConnectionCls.__module__ != "botocore.awsrequest" for pool in pools):
            return "wire"
    client = modules.get("botocore.client")
    return "nobody" if client is None or is_own(client.BaseClient.__dict__["_make_api_call"]) else "calls"


def is_own(method: object) -> bool:
    """Return whether a method is botocore's; a wrapper copies its name, but not the module that its code is in."""
    return type(method) is FunctionType and str(method.__globals__.get("__name__")).startswith("botocore.")
