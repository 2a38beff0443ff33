"""Hands a successful answer over as bytes, past botocore's walk over the response shape.

botocore reads an answer in the thread that makes the call, also between retries, so a context
variable around the call says which operation wants bytes. Errors, other operations (a credential
provider or endpoint discovery may call AWS in between) and other protocols are parsed as ever.
Everything else stays botocore's: events, retries, `ResponseMetadata`.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.response import Response
from dynamorm_py._transport.aws_json import response_metadata
from dynamorm_py._transport.direct import damaged, is_object
from dynamorm_py._transport.exchange import has_right_checksum
from dynamorm_py._transport.http11 import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._transport.exchange import Outcome

_BODY = "dynamorm_py.body"  # beside ResponseMetadata in the answer that botocore passes around
_raw_operation: ContextVar[str | None] = ContextVar("dynamorm_py.raw_operation", default=None)
_FIRST_ERROR_STATUS = 300
_EMPTY_OBJECT = 2  # bytes: `{}`
_CHECKSUMS = frozenset({"botocore.retries.special", "botocore.retryhandler"})  # where botocore reads x-amz-crc32


class Parsers:
    """Stands in for a session's `response_parser_factory`."""

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 -- botocore's factory
        """Keep the factory that does all ordinary parsing."""
        self._usual = usual

    def create_parser(self, protocol_name: str) -> Any:  # noqa: ANN401 -- botocore's interface
        """Return botocore's parser, or one that keeps the body of the operation asked for."""
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


def ask(client: Any, request: Request) -> Response:  # noqa: ANN401 -- a boto3 client has no static type
    """Call the client's own method for the operation, so that every hook and instrumentation sees it.

    Raises ConnectionFailed for a damaged answer.
    """
    token = _raw_operation.set(request.operation)
    try:
        answer: dict[str, Any] = getattr(client, _method(request.operation))(**request.parameters)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        if not _raised_over_answer(error):
            raise
        raise damaged(request.operation) from error
    finally:
        _raw_operation.reset(token)
    return _response(answer, request.operation)


def _raised_over_answer(error: Exception) -> bool:
    """Return whether botocore stumbled over an answer: its shape, or a checksum that is not a number.

    What a caller's hook raised ends in the hook, also where botocore's retries raise it again.
    """
    trace, module = error.__traceback__, None
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__")
        if module == "botocore.parsers":
            return True
        trace = trace.tb_next
    return module in _CHECKSUMS


@cache
def _method(operation: str) -> str:
    from botocore import xform_name

    return xform_name(operation)


def parsed(outcome: Outcome) -> dict[str, Any]:
    """Return an answer of our own wire as botocore passes it around: what `ask` makes a response of."""
    return {"ResponseMetadata": response_metadata(outcome.answer, outcome.retries), _BODY: outcome.answer.body}


def _response(answer: dict[str, Any], operation: str) -> Response:
    """Return an answer of botocore as a response.

    botocore's standard retry mode asks again after a wrong checksum but lets the last answer pass, and botocore reads
    a body that is empty or not JSON as an answer without an item.
    """
    metadata: dict[str, Any] = answer.get("ResponseMetadata") or {}
    body = answer.get(_BODY)
    if body is None:
        if says_damage(answer, metadata):
            raise damaged(operation, metadata.get("RequestId"))
        return Response(document=answer, metadata=metadata)
    response = Response(body, metadata=metadata)
    whole = Answer(metadata["HTTPStatusCode"], metadata["HTTPHeaders"], body)
    if not (has_right_checksum(whole) and is_object(whole, response)):
        raise damaged(operation, metadata.get("RequestId"))
    return response


_OK = 200  # of every answer of DynamoDB that is not an error; a 204 has no body
_SHORTEST_MEMBER = 8  # bytes: less is `{}` with spaces; DynamoDB answers with one member at least, or with `{}`


def says_damage(answer: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """Return whether a parsed answer without any member came from a body that DynamoDB did not send.

    Only the status and the headers tell: botocore reads HTML, an empty and a cut body as `{}`. A stub without
    headers is believed.
    """
    headers: Mapping[str, str] = metadata.get("HTTPHeaders") or {}
    if metadata.get("HTTPStatusCode", _OK) != _OK:
        return True
    if not headers or any(name != "ResponseMetadata" for name in answer):
        return False
    length, kind = headers.get("content-length"), headers.get("content-type")
    if kind is not None and "json" not in kind.lower():
        return True
    if length is not None and length.isdecimal() and not _EMPTY_OBJECT <= int(length) <= _SHORTEST_MEMBER:
        return True
    return kind is None and not {"x-amzn-requestid", "x-amz-crc32"} & set(headers)
