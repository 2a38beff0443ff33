"""`StaticEncryption`: one fixed key instead of KMS, for tests."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py.encryption._aad import make_rules
from dynamorm_py.encryption._cipher import ItemCipher, item_cipher
from dynamorm_py.encryption._data_key import KEY_BYTES, DataKey
from dynamorm_py.encryption._envelope_errors import InvalidDataKey
from dynamorm_py.errors import EncryptionNotConfigured

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Request, Transport
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py.encryption._aad import Binding

_MARK = b"dynamorm static key, for tests only: "  # in place of KMS's blob; KMS refuses it
_PREFIX = "dynamorm-static"  # of the AAD, so that no KMS repository opens it whatever its key


@public()
class StaticEncryption:
    """Encrypts attributes under one key of 32 bytes, without KMS: for tests.

    What it writes no `KmsEncryption` reads, nor the other way round. `binding` and `scope` are as there.

    Raises EncryptionNotConfigured.
    """

    __slots__ = ("_keys", "_rules")

    def __init__(self, key: bytes, *, binding: Binding = "attribute", scope: str | None = None) -> None:
        """Take the key."""
        if len(key) != KEY_BYTES:
            raise EncryptionNotConfigured(f"the key has {len(key)} bytes: pass {KEY_BYTES}, such as os.urandom(32)")
        self._keys, self._rules = _StaticKeys(key), make_rules(binding, scope, _PREFIX, ())

    def __repr__(self) -> str:
        """Show no key."""
        return "StaticEncryption()"

    def cipher(self, codec: Codec[Any], connect: Callable[[object, str], Transport]) -> ItemCipher:
        """Return what encrypts a model's items; nothing is connected to."""
        del connect
        return item_cipher(codec, self._rules, "static", self._keys)


class _StaticKeys:
    """Answers every request for a data key with the one key."""

    def __init__(self, key: bytes) -> None:
        self._key = DataKey(key, _MARK + sha256(key).digest()[:8], "static")

    def call(self, request: Request, /) -> ResponseLike:
        """Answer in KMS's form. Raises InvalidDataKey."""
        if request.parameters.get("CiphertextBlob", self._key.wrapped) != self._key.wrapped:
            raise InvalidDataKey("the value was not written with this static key: use the encryption that wrote it")
        return self._key.as_response()
