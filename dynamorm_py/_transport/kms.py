"""What KMS has of its own: its faults, and answers that no log may show.

It knows KMS's codes and botocore's events; it knows nothing of envelopes and caches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py import errors
from dynamorm_py.encryption import (
    InvalidDataKey,
    KmsAccessDenied,
    KmsError,
    KmsKeyDisabled,
    KmsKeyNotFound,
    KmsKeyNotUsable,
    KmsThrottled,
    KmsUnavailable,
    KmsWrongKey,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Request

# Source: KMS API Reference, Errors of Decrypt and of GenerateDataKey.
_BY_CODE: Mapping[str, type[KmsError]] = {
    "NotFoundException": KmsKeyNotFound,
    "DisabledException": KmsKeyDisabled,
    "KMSInvalidStateException": KmsKeyNotUsable,
    "InvalidKeyUsageException": KmsKeyNotUsable,
    "IncorrectKeyException": KmsWrongKey,
    "InvalidCiphertextException": InvalidDataKey,
    "DependencyTimeoutException": KmsUnavailable,
    "KeyUnavailableException": KmsUnavailable,
    "KMSInternalException": KmsUnavailable,
}
# Codes that all services of AWS share are sorted as for DynamoDB.
_BY_KIND: Mapping[type[errors.DynamormError], type[KmsError]] = {
    errors.AccessDenied: KmsAccessDenied,
    errors.Throttled: KmsThrottled,
    errors.LimitExceeded: KmsThrottled,
    errors.InternalServerError: KmsUnavailable,
    errors.RequestTimeout: KmsUnavailable,
    errors.ConnectionFailed: KmsUnavailable,
}
_SAYS: Mapping[type[KmsError], str] = {
    KmsAccessDenied: "the credentials are refused, expired, or lack the permission: "
    "renew them, or allow the call in the key policy and in IAM",
    KmsKeyNotFound: "the key does not exist in this account and region: correct its ARN",
    KmsKeyDisabled: "the key is disabled: enable it",
    KmsKeyNotUsable: "the key's state or kind forbids it, such as pending deletion: "
    "cancel the deletion, or use a symmetric key that encrypts",
    KmsWrongKey: "the data key was wrapped by another KMS key: name that one in read_keys=",
    InvalidDataKey: "the wrapped data key (edk) was altered, or was not made by KMS: correct the item",
    KmsThrottled: "the request quota was exceeded, even after the client's own retries: "
    "try again later, reuse data keys longer, or raise the quota",
    KmsUnavailable: "it could not be reached, gave no answer in time, or failed on its side: try again later",
}


def sort_fault(error: errors.DynamormError, request: Request) -> errors.DynamormError:
    """Return KMS's error for one that was sorted as DynamoDB's; one of the local configuration stays."""
    if not isinstance(error, errors.DynamoDBError):
        return error
    kind = _BY_CODE.get(error.aws_code or "") or _BY_KIND.get(type(error), KmsError)
    says = _SAYS.get(kind, f"KMS answered {error.aws_code or 'nothing that is known'}")
    message = f"{request.operation} with KMS key {request.parameters['KeyId']}: {says}"
    return kind(message, operation=error.operation, aws_code=error.aws_code, request_id=error.request_id)


class _Concealed(bytes):
    """A body that is parsed as ever and printed as nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<not shown: it may hold a data key>"

    __str__ = __repr__


def conceal_answers(boto_client: Any) -> None:  # noqa: ANN401 -- a boto3 client has no static type
    """Keep the bodies of this client's answers out of botocore's DEBUG log, which would show data keys."""
    boto_client.meta.events.register("before-parse.kms", _conceal, unique_id="dynamorm_py.conceal_answers")


def _conceal(response_dict: dict[str, Any], **_: object) -> None:
    response_dict["body"] = _Concealed(response_dict["body"])
