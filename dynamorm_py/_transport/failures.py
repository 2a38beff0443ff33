"""What went wrong on our own wire, as botocore's exceptions: the cause of every error that a caller gets.

botocore's exceptions are imported when the first of them is raised.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dynamorm_py._transport.aws_json import error_response

if TYPE_CHECKING:
    from dynamorm_py._transport.exchange import NoAnswer, Outcome

# The faults that botocore's service models name, and that a caller may meet here.
MODELED = frozenset(
    {
        "ConditionalCheckFailedException",
        "DisabledException",
        "ExpiredIteratorException",
        "IdempotentParameterMismatchException",
        "InternalServerError",
        "InvalidCiphertextException",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "NotFoundException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ResourceInUseException",
        "ResourceNotFoundException",
        "ThrottlingException",
        "TransactionCanceledException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "TrimmedDataAccessException",
    }
)


def client_error(outcome: Outcome, operation: str) -> Exception:
    """Return botocore's ClientError for an answer that says no."""
    response = error_response(outcome.answer, outcome.retries)
    return _class_of(response["Error"]["Code"])(response, operation)


@cache
def _class_of(code: str) -> Any:  # noqa: ANN401 -- a class of botocore
    """Return ClientError, or a class below it that has the code's name, as a boto3 client makes one for each fault."""
    from botocore.exceptions import ClientError

    return type(code, (ClientError,), {}) if code in MODELED else ClientError


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
