"""Envelopes of encrypted attributes, made and opened with the contract's own words (CONTRACT 6), not with a library.

So what a driver writes is opened by other code than wrote it, and what it reads was written by other code too.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.contract.scenarios import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.kms import Kms

_PARTS = {"v": "N", "edk": "B", "nonce": "B", "ct": "B"}
_NONCE_BYTES, _TAG_BYTES = 12, 16


def made(wanted: Mapping[str, Any], kms: Kms, prefix: str = "dynamorm") -> dict[str, Any]:
    """Return an envelope in DynamoDB's JSON.

    A golden one: `{"golden": FILE, "name": VECTOR, "writer": "go" | "ts"}`; or of a plaintext:
    `{"attribute": NAME, "plaintext": TEXT, "prefix": ...}`. It is damaged by `"v"`, another version; `"tamper"`,
    a part whose last bit flips; `"cut"`, a part that loses its last byte; `"without"`, a part that is left out.
    """
    parts = _golden(wanted, kms) if "golden" in wanted else _sealed({"prefix": prefix, **wanted}, kms)
    for word, change in (("tamper", _flipped), ("cut", _shortened)):
        if name := wanted.get(word):
            parts[name] = change(parts[name])
    stored: dict[str, Any] = {name: {"B": _text(part)} for name, part in parts.items()}
    stored["v"] = {"N": wanted.get("v", "1")}
    stored.pop(wanted.get("without", ""), None)
    return {"M": stored}


def _golden(wanted: Mapping[str, Any], kms: Kms) -> dict[str, bytes]:
    """Return a recorded ciphertext; its data key is wrapped by the suite's KMS, and no other byte is ours."""
    file = json.loads((FIXTURES / "golden" / wanted["golden"]).read_text())
    (vector,) = (vector for vector in file["vectors"] if vector["name"] == wanted["name"])
    return {
        "edk": kms.wrap(base64.b64decode(file["data_key_b64"])),
        "nonce": base64.b64decode(file["nonce_b64"]),
        "ct": base64.b64decode(vector[wanted["writer"]]),
    }


def _sealed(wanted: Mapping[str, Any], kms: Kms) -> dict[str, bytes]:
    data_key, nonce = os.urandom(32), os.urandom(_NONCE_BYTES)
    aad = _aad(wanted["attribute"], wanted["prefix"])
    sealed = AESGCM(data_key).encrypt(nonce, wanted["plaintext"].encode(), aad)
    return {"edk": kms.wrap(data_key), "nonce": nonce, "ct": sealed}


def opened(name: str, stored: object, kms: Kms, prefix: str = "dynamorm") -> str:
    """Return the plaintext of a stored envelope. Raises AssertionError for what is not a canonical envelope."""
    assert isinstance(stored, dict), f"{name} is not stored"
    parts = cast("dict[str, dict[str, Any]]", stored).get("M", {})
    shape = {part: next(iter(value)) for part, value in parts.items()}
    assert shape == _PARTS, f"{name} is stored as {shape}, not as an envelope {_PARTS}"
    assert parts["v"] == {"N": "1"}, f"{name} is an envelope of version {parts['v']}, not 1"
    edk, nonce, ct = (bytes(parts[part]["B"]) for part in ("edk", "nonce", "ct"))
    assert len(nonce) == _NONCE_BYTES, f"{name} has a nonce of {len(nonce)} bytes, not {_NONCE_BYTES}"
    assert len(ct) >= _TAG_BYTES, f"{name} has a ciphertext without a tag"
    try:
        return AESGCM(kms.unwrap(edk)).decrypt(nonce, ct, _aad(name, prefix)).decode()
    except InvalidTag:
        message = f"{name} does not open under the prefix {prefix!r}: another prefix, attribute or data key sealed it"
        raise AssertionError(message) from None


def _aad(attribute: str, prefix: str) -> bytes:
    return f"{prefix}:encrypted:v1|attr={attribute}".encode()


def _flipped(part: bytes) -> bytes:
    return part[:-1] + bytes([part[-1] ^ 1])


def _shortened(part: bytes) -> bytes:
    return part[:-1]


def _text(part: bytes) -> str:
    return base64.b64encode(part).decode()
