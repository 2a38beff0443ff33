"""The envelope: `M {v, edk, nonce, ct}`, how it is sealed, opened, and recognized.

Source: CONTRACT 6. It knows data keys as 32 bytes and nothing of where they come from.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._codec import binary
from dynamorm_py._kernel.values import frozen
from dynamorm_py.encryption._envelope_errors import EnvelopeTampered, NotEncrypted, UnknownEnvelopeVersion
from dynamorm_py.encryption._plaintext import from_plaintext, to_plaintext
from dynamorm_py.errors import InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.types import AttributeValue
    from dynamorm_py.encryption._aad import Rules
    from dynamorm_py.encryption._data_key import DataKey

NONCE_BYTES = 12  # of AES-GCM: NIST SP 800-38D, 8.2
_TAG_BYTES = 16  # the same, 5.2.1.2
_EDK_LIMIT = 6144  # bytes of a CiphertextBlob: KMS API Reference, Decrypt
_PARTS = {"v", "edk", "nonce", "ct"}


@frozen
class Envelope:
    """One encrypted attribute value as it is stored."""

    version: int
    edk: bytes
    nonce: bytes
    ct: bytes

    def stored(self) -> AttributeValue:
        """Return the attribute value that goes to the table."""
        binaries = {"edk": {"B": self.edk}, "nonce": {"B": self.nonce}, "ct": {"B": self.ct}}
        return {"M": {"v": {"N": str(self.version)}, **binaries}}


def read_envelope(value: object, accepted: frozenset[int]) -> Envelope:
    """Return the envelope of a stored value. Raises a kind of InvalidEncryptedEnvelope for anything else."""
    outer = _mapping(value)
    inner = _mapping(outer.get("M"))
    if set(outer) != {"M"} or not _PARTS & set(inner):
        raise NotEncrypted(
            "the table holds a plain value where the model has Encrypted(): "
            "read it with a model without the marker and put it with this one, or correct the item"
        )
    if set(inner) != _PARTS:
        raise InvalidEncryptedEnvelope("the envelope does not have exactly v, edk, nonce and ct: the item was altered")
    version = _version(inner["v"], accepted)
    edk, nonce, ct = (_binary(name, inner[name]) for name in ("edk", "nonce", "ct"))
    if not 0 < len(edk) <= _EDK_LIMIT or len(nonce) != NONCE_BYTES or len(ct) <= _TAG_BYTES:
        raise InvalidEncryptedEnvelope("edk, nonce or ct has a length that no envelope has: the item was altered")
    return Envelope(version, edk, nonce, ct)


def is_envelope(value: object, accepted: frozenset[int]) -> bool:
    """Return whether a value has the form of an envelope, whatever it was encrypted under."""
    try:
        read_envelope(value, accepted)
    except InvalidEncryptedEnvelope:
        return False
    return True


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _version(value: object, accepted: frozenset[int]) -> int:
    """Return the version; only the exact text that writers store counts."""
    for version in accepted:
        if value == {"N": str(version)}:
            return version
    known = " or ".join(map(str, sorted(accepted)))
    raise UnknownEnvelopeVersion(
        f"the envelope's v is not {known}, which this repository accepts: see accept_versions= of its encryption"
    )


def _binary(name: str, value: object) -> bytes:
    payload = _mapping(value).get("B")
    if isinstance(payload, str | bytes | bytearray):
        with suppress(ValueError):  # text that is not base64
            return binary(payload)
    raise InvalidEncryptedEnvelope(f"the envelope's {name} is not binary: the item was altered")


def seal(value: AttributeValue, version: int, aad: bytes, data_key: DataKey, nonce: bytes) -> AttributeValue:
    """Return the envelope of a value, as it is stored."""
    from dynamorm_py.encryption import _sdk  # noqa: PLC0415 -- cryptography loads with the first value

    ciphertext = _sdk.encrypt(data_key.plaintext, nonce, to_plaintext(value), aad)
    return Envelope(version, data_key.wrapped, nonce, ciphertext).stored()


def unseal(
    envelope: Envelope, attribute: str, key: Mapping[str, Any], rules: Rules, data_key: DataKey
) -> tuple[AttributeValue, str]:
    """Return the value in clear and the prefix it was sealed under. Raises EnvelopeTampered."""
    from dynamorm_py.encryption import _sdk  # noqa: PLC0415 -- as above

    for prefix in rules.prefixes:
        aad = rules.aad(envelope.version, prefix, attribute, key)
        plaintext = _sdk.decrypt(data_key.plaintext, envelope.nonce, envelope.ct, aad)
        if plaintext is not None:
            return from_plaintext(plaintext), prefix
    raise EnvelopeTampered(
        "the envelope fails authentication: it was altered, moved from another attribute or item, "
        "or written under a prefix that read_prefixes= does not name"
    )
