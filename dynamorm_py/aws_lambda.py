"""What a Lambda function needs: a client with short limits, and a deadline before the function is killed.

It knows the Lambda context only as something that tells the time it has left.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, cast

from dynamorm_py._kernel.words import kind_of
from dynamorm_py._runtime.deadline import within
from dynamorm_py._transport import Limits, default_client
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Generator

    from dynamorm_py._kernel.plans import Transport

__all__ = ["LambdaContext", "deadline", "lambda_client"]


class LambdaContext(Protocol):
    """The part of a Lambda handler's second argument that `deadline` needs."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""
        ...


def lambda_client(
    *,
    connect_timeout: float = 1,
    read_timeout: float = 3,
    attempts: int = 3,
    connections: int = 10,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> Transport:
    """Return the process's client for Lambda: pass it as `Repo(client=...)`.

    Timeouts are seconds of one attempt; `attempts` counts the first one, in boto3's standard retry
    mode. Connections are kept alive over invocations. Called again with the same settings it is the
    same client; it reads its configuration and connects at the first call.
    """
    limits = Limits(connect_timeout, read_timeout, connections, attempts)
    if min(connect_timeout, read_timeout) <= 0 or min(attempts, connections) < 1:
        raise CallError(
            f"lambda_client() got {limits}: timeouts are more than 0 seconds, attempts and connections 1 or more"
        )
    return default_client(region, endpoint_url, limits=limits)


@contextmanager
def deadline(context: LambdaContext | float, *, reserve: float = 0.5) -> Generator[None]:
    """Let calls inside take no longer than the invocation has left, less `reserve` seconds for the work that follows.

    `context` is Lambda's, or a number of seconds. A call that is due after the deadline raises
    DeadlineExceeded and is not sent; one that is under way at the deadline is cut off with the same
    error, whose `.sent` is then True. With a boto3 client you bring, only the first holds.
    Making a connection is limited by the client's connect timeout alone.
    """
    with within(_seconds(context) - reserve):
        yield


def _seconds(context: LambdaContext | float) -> float:
    value = cast("object", context)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not callable(getattr(value, "get_remaining_time_in_millis", None)):
        raise CallError(f"deadline() takes Lambda's context or seconds, not {kind_of(value)}")
    return cast("LambdaContext", context).get_remaining_time_in_millis() / 1000
