"""A data key, and the two calls of KMS that make and unwrap one.

Source: KMS API Reference, GenerateDataKey and Decrypt; CONTRACT 6. No key is ever pickled.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from dynamorm_py._kernel.plans import Request
from dynamorm_py._kernel.response import MalformedBody, Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py.encryption._envelope_errors import InvalidDataKey, KmsAccessDenied, KmsError, KmsWrongKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._kernel.response import ResponseLike

KEY_BYTES = 32  # of AES-256


@frozen
class DataKey:
    """A data key: in clear, wrapped, and the ARN of the KMS key that wraps it."""

    plaintext: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    arn: str

    def __reduce__(self) -> NoReturn:
        """Refuse: a data key stays in its process."""
        message = "a data key is not pickled: make a new encryption in the other process"
        raise TypeError(message)

    def as_response(self) -> dict[str, Any]:
        """Return the key in the form of KMS's answers."""
        return {"Plaintext": self.plaintext, "CiphertextBlob": self.wrapped, "KeyId": self.arn}


class KeySource(Protocol):
    """Gives data keys: KMS itself, or a cache before it."""

    def generate(self) -> DataKey:
        """Return a key to encrypt one value with."""
        ...

    def decrypt(self, wrapped: bytes) -> DataKey:
        """Return the key that was wrapped."""
        ...


@frozen
class KmsKeys:
    """Asks KMS: the first ARN wraps new keys, all of them unwrap."""

    arns: tuple[str, ...]
    kms: Transport = field(repr=False)

    def generate(self) -> DataKey:
        """Return a new data key. Raises KmsError."""
        arn = self.arns[0]
        answer = self.kms.call(generate_request(arn))
        return _checked(read_data_key(answer, arn))

    def decrypt(self, wrapped: bytes) -> DataKey:
        """Return the data key, trying the ARNs in their order. Raises KmsError."""
        refused: list[KmsError] = []
        for arn in self.arns:
            try:
                return self._decrypt(arn, wrapped)
            except (KmsWrongKey, KmsAccessDenied) as error:
                refused.append(error)
        raise next((error for error in refused if isinstance(error, KmsAccessDenied)), refused[-1])

    def _decrypt(self, arn: str, wrapped: bytes) -> DataKey:
        answer = self.kms.call(decrypt_request(arn, wrapped))
        return _checked(read_data_key(answer, arn, wrapped))


def read_data_key(answer: ResponseLike, arn: str | None, wrapped: bytes | None = None) -> DataKey:
    """Return the data key of an answer; `wrapped` is what was sent, no `arn` means the answer's. Raises KmsError."""
    document: Mapping[str, object] = {}
    with suppress(MalformedBody):
        document = Response.of(answer).document
    plaintext, name = document.get("Plaintext"), arn or document.get("KeyId")
    wrapping = document.get("CiphertextBlob") if wrapped is None else wrapped
    if not isinstance(plaintext, bytes) or not isinstance(wrapping, bytes) or not isinstance(name, str):
        operation = "GenerateDataKey" if wrapped is None else "Decrypt"
        raise KmsError(
            f"KMS's answer to {operation} holds no data key: check that the endpoint is KMS", operation=operation
        )
    return DataKey(plaintext, wrapping, name)


def _checked(key: DataKey) -> DataKey:
    if len(key.plaintext) != KEY_BYTES:
        raise InvalidDataKey(f"the data key has {len(key.plaintext)} bytes, AES-256 takes {KEY_BYTES}")
    return key


def generate_request(arn: str, client: Transport | None = None) -> Request:
    """Return the request for a new data key. Source: KMS API Reference, GenerateDataKey; CONTRACT 6."""
    return Request("GenerateDataKey", {"KeyId": arn, "KeySpec": "AES_256"}, service="kms", client=client)


def decrypt_request(arn: str, wrapped: bytes, client: Transport | None = None) -> Request:
    """Return the request that unwraps a data key. Source: KMS API Reference, Decrypt; CONTRACT 6."""
    return Request("Decrypt", {"CiphertextBlob": wrapped, "KeyId": arn}, service="kms", client=client)
