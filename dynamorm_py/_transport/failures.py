"""What went wrong on our own wire, as botocore's exceptions: the cause of every error that a caller gets.

botocore's exceptions are imported when the first of them is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._transport.aws_json import error_response

if TYPE_CHECKING:
    from dynamorm_py._transport.exchange import NoAnswer, Outcome


def client_error(outcome: Outcome, operation: str) -> Exception:
    """Return botocore's ClientError for an answer that says no."""
    from botocore.exceptions import ClientError

    return ClientError(error_response(outcome.answer, outcome.retries), operation)  # pyright: ignore[reportArgumentType] -- its type is narrower than what botocore itself passes


def connection_error(failure: NoAnswer, url: str) -> Exception:
    """Return botocore's exception for a call without an answer; `.retries` counts the requests before the last."""
    from botocore import exceptions

    cause = failure.__cause__ if isinstance(failure.__cause__, Exception) else failure
    match failure.reason:
        case "connect":
            error = exceptions.EndpointConnectionError(endpoint_url=url, error=cause)
        case "connect timeout":
            error = exceptions.ConnectTimeoutError(endpoint_url=url, error=cause)
        case "tls":
            error = exceptions.SSLError(endpoint_url=url, error=cause)
        case "read timeout":
            error = exceptions.ReadTimeoutError(endpoint_url=url, error=cause)
        case "closed":
            error = exceptions.ConnectionClosedError(endpoint_url=url, error=cause)
        case _:
            error = exceptions.HTTPClientError(error=failure)
    error.__cause__ = cause
    return error
