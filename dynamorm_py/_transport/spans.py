"""Spans of our own on the direct lane, where no tool can see a call: OpenTelemetry's conventions for DynamoDB.

Made only while a provider of spans is set, and by the direct lane only, which no call takes that botocore's
instrumentation or another tracer watches: so no call has two. No attribute's value is in a span, a key's neither.
Source: OpenTelemetry Semantic Conventions, "AWS DynamoDB" and "AWS SDK".
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic_core import from_json

from dynamorm_py._kernel.api_operations import OPERATIONS
from dynamorm_py._transport.settings import tables_of
from dynamorm_py._transport.telemetry import counted
from dynamorm_py._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._transport.settings import Settings

_OFF = "DYNAMORM_OTEL"
_SUPPRESSED = "suppress_instrumentation"  # the key by which OpenTelemetry's own tools make no spans
_SERVICES: Mapping[str, str] = {"dynamodb": "DynamoDB", "dynamodbstreams": "DynamoDB Streams", "kms": "KMS"}
_PARAMETERS: Mapping[str, str] = {
    "ConsistentRead": "consistent_read",
    "IndexName": "index_name",
    "Limit": "limit",
    "ProjectionExpression": "projection",
    "ScanIndexForward": "scan_forward",
    "Segment": "segment",
    "Select": "select",
    "TotalSegments": "total_segments",
}
_DEFINITIONS: Mapping[str, str] = {
    "AttributeDefinitions": "attribute_definitions",
    "GlobalSecondaryIndexUpdates": "global_secondary_index_updates",
    "GlobalSecondaryIndexes": "global_secondary_indexes",
    "LocalSecondaryIndexes": "local_secondary_indexes",
}
_COUNTS: Mapping[str, str] = {"Count": "count", "ScannedCount": "scanned_count"}


class _Kept:
    """The tracer of the provider that was asked last."""

    provider: object = None
    tracer: Tracer | None = None


def tracer() -> Tracer | None:
    """Return what makes spans now, None where no provider is set or spans are switched off."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None or os.environ.get(_OFF, "").lower() in ("off", "false", "0"):
        return None
    from opentelemetry.context import get_value

    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider) or get_value(_SUPPRESSED):
        return None
    if provider is not _Kept.provider:
        _Kept.tracer, _Kept.provider = provider.get_tracer("dynamorm_py", __version__), provider
    return _Kept.tracer


class CallSpan:
    """The span of one call: begun with what is asked, ended with what came of it.

    It stands below the span around it, and around none, so it is never the current one.
    """

    __slots__ = ("_settings", "_span", "request")

    def __init__(self, made_by: Tracer, request: Request, settings: Settings) -> None:
        """Begin; where the span is recorded, DynamoDB is asked to tell the consumed capacity too."""
        from opentelemetry.trace import SpanKind

        name = f"{_SERVICES.get(request.service, request.service)}.{request.operation}"
        self._span: Span = made_by.start_span(name, kind=SpanKind.CLIENT, attributes=_asked(request))
        self._settings, self.request = settings, request
        if self._span.is_recording() and request.service == "dynamodb":
            self.request = replace(request, parameters=counted(request, "TOTAL"))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def ends_with(self, response: Response) -> Response:
        """Note the answer, and return it."""
        if self._span.is_recording():
            self._span.set_attributes(self._answered(response.metadata))
            if self.request.service == "dynamodb" and response.body is not None:
                self._span.set_attributes(_told(from_json(response.body)))
        return response

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """End it; with an error by its name, since a message may quote what was sent."""
        if error is not None and self._span.is_recording():
            self._fail(error)
        self._span.end()

    def _fail(self, error: BaseException) -> None:
        from opentelemetry.trace import Status, StatusCode

        answer: Any = getattr(error, "response", None) or {}
        code = str(answer.get("Error", {}).get("Code") or type(error).__name__)
        self._span.set_attributes(self._answered(answer.get("ResponseMetadata", {})))
        self._span.set_attribute("error.type", code)
        if answer and self.request.service == "dynamodb":
            self._span.set_attribute("db.response.status_code", code)
        self._span.set_status(Status(StatusCode.ERROR, code))

    def _answered(self, metadata: Mapping[str, Any]) -> dict[str, AttributeValue]:
        """Return what the answer's head says, and where it came from."""
        answered: dict[str, AttributeValue | None] = {
            "aws.request_id": metadata.get("RequestId"),
            "http.response.status_code": metadata.get("HTTPStatusCode"),
            "http.request.resend_count": metadata.get("RetryAttempts") or None,
        }
        if not self._settings.blocks(self.request):
            endpoint = self._settings.endpoint(self.request)
            answered |= {"server.address": endpoint.host, "server.port": endpoint.port, "cloud.region": endpoint.region}
        return {name: value for name, value in answered.items() if value is not None}


def _asked(request: Request) -> dict[str, AttributeValue]:
    """Return what a request says: names and settings, no values."""
    service = _SERVICES.get(request.service, request.service)
    asked: dict[str, AttributeValue] = {
        "rpc.system": "aws-api",
        "rpc.service": service,
        "rpc.method": request.operation,
    }
    if request.service != "dynamodb":
        return asked
    parameters = request.parameters
    asked |= {"db.system.name": "aws.dynamodb", "db.operation.name": request.operation}
    tables = list(dict.fromkeys(tables_of(parameters)))
    if tables:
        asked["aws.dynamodb.table_names"] = tables
    if len(tables) == 1:
        asked["db.collection.name"] = tables[0]
    asked |= {f"aws.dynamodb.{_PARAMETERS[name]}": parameters[name] for name in _PARAMETERS if name in parameters}
    for name in _DEFINITIONS.keys() & parameters.keys():
        asked[f"aws.dynamodb.{_DEFINITIONS[name]}"] = [json.dumps(each) for each in parameters[name]]
    operation = OPERATIONS.get(request.operation)
    if operation is not None and operation.sent is not None and (many := operation.sent(parameters)) > 1:
        asked["db.operation.batch.size"] = many
    return asked


def _told(answer: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """Return what DynamoDB tells of its work: counts and capacity."""
    attributes: dict[str, AttributeValue] = {f"aws.dynamodb.{_COUNTS[n]}": answer[n] for n in _COUNTS if n in answer}
    consumed: Any = answer.get("ConsumedCapacity")
    if consumed:
        tables = cast("list[object]", consumed if isinstance(consumed, list) else [consumed])
        attributes["aws.dynamodb.consumed_capacity"] = [json.dumps(each) for each in tables]
    return attributes
