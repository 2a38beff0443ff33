"""Asks what answers inside this process in DynamoDB's place: moto, by the handler it puts into botocore.

`before-send` is botocore's public event for that; moto registers for every client that is ever made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dynamorm_py._transport.http11 import Answer

if TYPE_CHECKING:
    from dynamorm_py._transport.exchange import Attempt

_SERVICE_IDS = {"dynamodb": "dynamodb", "dynamodbstreams": "dynamodb-streams", "kms": "kms"}


def answer_of(attempt: Attempt, service: str) -> Answer | None:
    """Return the answer that moto gives, None when the request is to be sent."""
    if "moto" not in sys.modules or "botocore.handlers" not in sys.modules:
        return None
    handlers: Any = sys.modules["botocore.handlers"]
    for event, handler, *_ in handlers.BUILTIN_HANDLERS:
        if event == "before-send":
            event_name = f"before-send.{_SERVICE_IDS[service]}.{attempt.operation}"
            response = handler(event_name=event_name, request=_prepared(attempt))
            if response is not None:
                headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
                return Answer(response.status_code, headers, response.content)
    return None


def _prepared(attempt: Attempt) -> Any:  # noqa: ANN401 -- botocore's request
    from botocore.awsrequest import AWSPreparedRequest, HeadersDict

    head, _, body = attempt.payload.partition(b"\r\n\r\n")
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
    headers: Any = HeadersDict({name: value for name, _, value in lines})
    return AWSPreparedRequest("POST", attempt.endpoint.url, headers, body, stream_output=False)
