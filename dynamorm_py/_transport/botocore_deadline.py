"""Holds the library's boto3 client to the deadline of the work at hand, through botocore's public events.

Every attempt gets the time that is left as its read timeout, none is begun after the deadline, and no
pause between attempts reaches over it. The time for making a connection is the client's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._runtime.deadline import check_time, seconds_left
from dynamorm_py._transport.retry import RetryMode, kind_of_error
from dynamorm_py.errors import ConnectionFailed, DeadlineExceeded, DynamormError, RequestTimeout

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request


_SENT = "dynamorm_py.sent"  # in the context that botocore keeps for a call
_NEVER_SENT = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")


def guard(boto_client: Any) -> None:  # noqa: ANN401 -- a boto3 client has no static type
    """Make every attempt of this client keep to the deadline, whichever is in force when it is made."""
    events = boto_client.meta.events
    service = boto_client.meta.service_model.service_id.hyphenize()
    events.register(f"before-send.{service}", _before_send, unique_id="dynamorm_py.before_send")
    events.register_first(f"needs-retry.{service}", _needs_retry, unique_id="dynamorm_py.needs_retry")


def as_deadline_error(error: DynamormError, request: Request) -> DynamormError:
    """Return DeadlineExceeded for a call that broke off since its time was used up, else the error."""
    left = seconds_left()
    if left is None or left > 0 or not isinstance(error, RequestTimeout | ConnectionFailed):
        return error
    late = DeadlineExceeded(
        f"{request.operation} was cut off at the deadline; a write may or may not have happened: "
        "read before writing again, and do less in one invocation or raise the timeout",
        operation=request.operation,
    )
    late.sent = True
    return late


def _before_send(request: Any, **event: Any) -> None:  # noqa: ANN401 -- botocore's interface
    """Cap the attempt; botocore before 1.44 knows no timeout of one request and keeps the client's."""
    left = seconds_left()
    if left is None:
        return
    check_time(event["event_name"].rpartition(".")[2])
    context = getattr(request, "context", None)
    if context is not None:
        context["read_timeout"] = min(left, context["client_config"].read_timeout)


def _needs_retry(
    response: Any,  # noqa: ANN401 -- botocore's interface
    attempts: int,
    request_dict: dict[str, Any] | None = None,
    caught_exception: Exception | None = None,
    **_: object,
) -> bool | None:
    """Answer False, "do not try again", when the pause before the next attempt may outlast the deadline.

    Keeps in the call's context whether an attempt may have reached DynamoDB, for an attempt that the deadline stops.
    """
    context: dict[str, Any] = (request_dict or {}).get("context", {})
    if isinstance(caught_exception, DeadlineExceeded):
        caught_exception.sent = context.get(_SENT, False)
        return False
    context[_SENT] = context.get(_SENT, False) or not _was_never_sent(caught_exception)
    left = seconds_left()
    if left is None or left > _longest_pause(response, attempts):
        return None
    return False


def _was_never_sent(error: Exception | None) -> bool:
    """Return whether an attempt ended before its request was on the wire."""
    return any(kind.__name__ in _NEVER_SENT for kind in type(error).__mro__)


def _longest_pause(response: Any, attempts: int) -> float:  # noqa: ANN401
    """Return how long botocore may wait before the next attempt; `response` is None when no answer came."""
    mode = RetryMode.standard("dynamodb")
    if response is None:
        return mode.pause(attempts, "transient", None, 1.0)
    answer, parsed = response
    kind = kind_of_error(answer.status_code, str(parsed.get("Error", {}).get("Code")))
    return mode.pause(attempts, kind or "transient", answer.headers.get("x-amz-retry-after"), 1.0)
