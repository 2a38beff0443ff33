"""Holds a boto3 client of ours to the deadline of the work at hand, through botocore's public events.

Every attempt gets the time that is left as its read timeout, none is begun after the deadline, and no
pause between attempts reaches over it. The time for making a connection is the client's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._runtime.deadline import check_time, seconds_left
from dynamorm_py.errors import ConnectionFailed, DeadlineExceeded, DynamormError, RequestTimeout

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request

# Source: botocore.retries.standard.ExponentialBackoff: up to `scale * 2 ** (attempt - 1)`, at most 20 seconds,
# and 5 more when the service asks for a pause itself.
_SCALE_AFTER_ANSWER = 1.0
_SCALE_WITHOUT_ANSWER = 0.05
_LONGEST_PAUSE = 20.0
_LONGEST_ASKED_PAUSE = 5.0


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


def _needs_retry(response: Any, attempts: int, **_: object) -> bool | None:  # noqa: ANN401 -- botocore's interface
    """Answer False, "do not try again", when the pause before the next attempt may outlast the deadline."""
    left = seconds_left()
    if left is None or left > _longest_pause(response, attempts):
        return None
    return False


def _longest_pause(response: Any, attempts: int) -> float:  # noqa: ANN401
    scale = _SCALE_WITHOUT_ANSWER if response is None else _SCALE_AFTER_ANSWER
    asked = response is not None and "x-amz-retry-after" in response[0].headers
    return min(scale * 2 ** (attempts - 1), _LONGEST_PAUSE) + (_LONGEST_ASKED_PAUSE if asked else 0)
