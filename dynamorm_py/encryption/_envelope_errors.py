"""What goes wrong with an encrypted attribute, by whose fault it is. The tree's root is in `errors`.

EncryptionError
├── EncryptionNotConfigured
│   └── InvalidKeyArn                 an alias, a bare id, or a key of another region
├── InvalidEncryptedEnvelope
│   ├── NotEncrypted                  a plain value where an envelope belongs
│   ├── UnknownEnvelopeVersion        an envelope that this repository does not accept
│   ├── EnvelopeTampered              altered, or moved from another attribute or item
│   ├── NestedEnvelope                encrypted twice, as a known fault of Go's batch retries did
│   ├── InvalidDataKey                (a KmsError too) KMS does not know the wrapped data key
│   └── KmsWrongKey                   (a KmsError too) the data key is of another KMS key
└── KmsError                          KMS's answer; the AWS exception is the `__cause__`
    ├── KmsAccessDenied, KmsKeyNotFound, KmsKeyDisabled, KmsKeyNotUsable
    └── KmsThrottled, KmsUnavailable  retryable
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py.errors import EncryptionError, EncryptionNotConfigured, InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Mapping


@public("dynamorm_py.encryption")
class InvalidKeyArn(EncryptionNotConfigured):
    """The KMS key is not named by the ARN of a key, or the client is of another region."""


@public("dynamorm_py.encryption")
class NotEncrypted(InvalidEncryptedEnvelope):
    """The table holds a plain value where the model has `Encrypted()`."""


@public("dynamorm_py.encryption")
class UnknownEnvelopeVersion(InvalidEncryptedEnvelope):
    """The envelope's `v` is not a version that this repository accepts."""


@public("dynamorm_py.encryption")
class EnvelopeTampered(InvalidEncryptedEnvelope):
    """The envelope fails authentication: it was altered, or belongs to another attribute or item."""


@public("dynamorm_py.encryption")
class NestedEnvelope(InvalidEncryptedEnvelope):
    """The envelope holds another envelope: the value was encrypted twice. `Repo.reencrypt` unwraps it."""


@public("dynamorm_py.encryption")
class KmsError(EncryptionError):
    """KMS refused a call or failed. `.operation`, `.aws_code`, `.request_id` identify the call."""

    operation: str | None
    aws_code: str | None
    request_id: str | None

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        aws_code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Keep what identifies the call."""
        self.operation, self.aws_code, self.request_id = operation, aws_code, request_id
        super().__init__(message)


@public("dynamorm_py.encryption")
class KmsAccessDenied(KmsError):
    """The credentials are refused, expired, or the key policy does not allow the call."""


@public("dynamorm_py.encryption")
class KmsKeyNotFound(KmsError):
    """The key does not exist in this account and region."""


@public("dynamorm_py.encryption")
class KmsKeyDisabled(KmsError):
    """The key is disabled."""


@public("dynamorm_py.encryption")
class KmsKeyNotUsable(KmsError):
    """The key's state or kind forbids the call: pending deletion or import, or not a symmetric key."""


@public("dynamorm_py.encryption")
class KmsWrongKey(KmsError, InvalidEncryptedEnvelope):
    """The data key was wrapped by another KMS key than the ones this repository names."""


@public("dynamorm_py.encryption")
class KmsThrottled(KmsError):
    """KMS's request quota was exceeded, after the client's own retries."""

    retryable = True


@public("dynamorm_py.encryption")
class KmsUnavailable(KmsError):
    """KMS could not be reached, did not respond in time, or failed on its side."""

    retryable = True


@public("dynamorm_py.encryption")
class InvalidDataKey(KmsError, InvalidEncryptedEnvelope):
    """The wrapped data key (`edk`) was not made by KMS: it was altered, truncated, or made by another writer."""


def locate(error: EncryptionError, model: str, attribute: str, item: Mapping[str, Any] | None = None) -> None:
    """Say on an error where it happened; `item` is the stored item, still encrypted."""
    error.model, error.attribute, error.raw_item = model, attribute, item
    error.args = (f"{model}, attribute {attribute!r}: {error.args[0]}",)
