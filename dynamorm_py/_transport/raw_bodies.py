"""Hands a successful answer over as bytes, past botocore's walk over the response shape.

botocore reads an answer in the thread that makes the call, also between retries, so a context
variable around the call says which operation wants bytes. Errors, other operations (a credential
provider or endpoint discovery may call AWS in between) and other protocols are parsed as ever.
Everything else stays botocore's: events, retries, `ResponseMetadata`.
"""

from __future__ import annotations

import json
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from dynamorm_py.errors import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Request, Response

_BODY = "dynamorm_py.body"  # beside ResponseMetadata in the answer that botocore passes around
_raw_operation: ContextVar[str | None] = ContextVar("dynamorm_py.raw_operation", default=None)
_FIRST_ERROR_STATUS = 300


class Parsers:
    """Stands in for a session's `response_parser_factory`."""

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 -- botocore's factory
        """Keep the factory that does all ordinary parsing."""
        self._usual = usual

    def create_parser(self, protocol_name: str) -> Any:  # noqa: ANN401 -- botocore's interface
        """Return botocore's parser, or one that keeps the body of the wanted operation."""
        parser = self._usual.create_parser(protocol_name)
        operation = _raw_operation.get()
        return parser if operation is None or protocol_name != "json" else _BodyParser(parser, operation)


class _BodyParser:
    """Parses everything but the body of one operation's successful answer."""

    def __init__(self, usual: Any, operation: str) -> None:  # noqa: ANN401 -- botocore's parser
        self._usual = usual
        self._operation = operation

    def parse(self, response: dict[str, Any], shape: object) -> dict[str, Any]:
        """Return ResponseMetadata as botocore makes it, and the body untouched."""
        operation = response.get("context", {}).get("operation_name")
        if response["status_code"] >= _FIRST_ERROR_STATUS or operation != self._operation:
            return self._usual.parse(response, shape)
        parsed = self._usual.parse({**response, "body": b"{}"}, shape)
        parsed[_BODY] = response["body"]
        return parsed


def ask(client: Any, request: Request) -> dict[str, Any]:  # noqa: ANN401 -- a boto3 client has no static type
    """Call the client's own method for the operation, so that every hook and instrumentation sees it."""
    token = _raw_operation.set(request.operation if request.raw else None)
    try:
        return getattr(client, _method(request.operation))(**request.parameters)
    finally:
        _raw_operation.reset(token)


@cache
def _method(operation: str) -> str:
    from botocore import xform_name

    return xform_name(operation)


def as_document(parsed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer as a dictionary, also where its body was kept as bytes; {} for a damaged one."""
    if _BODY not in parsed:
        return parsed
    with suppress(ValueError):
        return json.loads(parsed[_BODY])
    return {}


def unwrap(parsed: dict[str, Any], operation: str) -> Response:
    """Return the body when the answer carries one, else the parsed answer itself.

    Raises ConnectionFailed for a damaged body. botocore's standard retry mode asks again after a
    wrong checksum but lets the last answer pass, and botocore reads a body that is empty or no JSON
    as an answer without an item.
    """
    body = parsed.get(_BODY)
    if body is None:
        return parsed
    metadata = parsed["ResponseMetadata"]
    checksum = metadata["HTTPHeaders"].get("x-amz-crc32")
    if body.startswith(b"{") and (checksum is None or int(checksum) == crc32(body)):
        return body
    message = f"the answer to {operation} arrived damaged, also after retries, or the endpoint is not DynamoDB"
    raise ConnectionFailed(message, operation=operation, request_id=metadata.get("RequestId"))
