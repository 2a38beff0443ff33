"""The only module that imports cryptography and the AWS Encryption SDK; itself imported at the first use.

The SDK supplies and caches the data keys, the envelope is ours. Of the SDK's algorithm suites 0x0478
is asked for: it gives a raw 32-byte key from KMS, adds no public key to the encryption context, so
that KMS sees an empty one and the wrapped key opens with a plain `Decrypt`, and its materials may be
cached. Its key derivation is for the SDK's own messages and not applied here: the sister languages
use KMS's key as it is. The SDK's own KMS master key hides every fault of KMS behind one message;
ours lets errors through, and sends exactly the two requests of CONTRACT 6.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dynamorm_py.encryption._data_key import DataKey, KeySource

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.encryption._reuse import DataKeyReuse

# The SDK has no types, so its modules are taken as Any.
_sdk: Any = import_module("aws_encryption_sdk")
_base: Any = import_module("aws_encryption_sdk.key_providers.base")
_materials: Any = import_module("aws_encryption_sdk.materials_managers")
_structures: Any = import_module("aws_encryption_sdk.structures")
_exceptions: Any = import_module("aws_encryption_sdk.exceptions")

_SUITE: Any = _sdk.Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY  # 0x0478
_POLICY: Any = _sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT  # the SDK's default
_PROVIDER = "aws-kms"
_TRIES = 5  # of a cache whose entry another thread took out between two looks


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return ciphertext and tag of AES-256-GCM."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes | None:
    """Return the plaintext of AES-256-GCM, None when it is not authentic."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        return None


class _Config(_base.MasterKeyConfig):
    """Configures a master key with where its keys come from."""

    provider_id = _PROVIDER

    def __init__(self, key_id: str, source: KeySource) -> None:
        super().__init__(key_id=key_id)  # pyright: ignore[reportUnknownMemberType] -- the SDK has no types
        self.source = source


class _MasterKey(_base.MasterKey):
    """KMS as the SDK sees it."""

    provider_id = _PROVIDER
    _config_class = _Config
    config: _Config

    def _generate_data_key(self, algorithm: object, encryption_context: object) -> Any:  # noqa: ANN401 -- the SDK's type
        del algorithm, encryption_context
        return _sdk_key(self.config.source.generate())

    def _encrypt_data_key(self, data_key: object, algorithm: object, encryption_context: object) -> Any:  # noqa: ANN401 -- the same
        raise NotImplementedError  # asked for with several master keys only

    def _decrypt_data_key(self, encrypted_data_key: Any, algorithm: object, encryption_context: object) -> Any:  # noqa: ANN401 -- the same
        del algorithm, encryption_context
        return _sdk_key(self.config.source.decrypt(encrypted_data_key.encrypted_data_key))


def _sdk_key(key: DataKey) -> Any:  # noqa: ANN401 -- the SDK's type
    provider = _structures.MasterKeyInfo(_PROVIDER, key.arn)
    return _structures.DataKey(provider, key.plaintext, key.wrapped)


def _own_key(key: Any) -> DataKey:  # noqa: ANN401 -- the SDK's type
    return DataKey(key.data_key, key.encrypted_data_key, key.key_provider.key_info.decode())


class CachedKeys:
    """Data keys of KMS, reused as long as the settings allow.

    Two caches: the SDK's evicts what came first, so reading many keys would evict the one in use for writing.
    """

    def __init__(self, keys: KeySource, reuse: DataKeyReuse) -> None:
        """Make the SDK's managers; nothing is asked yet."""
        self._key = _MasterKey(key_id="dynamorm", source=keys)
        self._to_encrypt = _manager(self._key, 1, reuse)
        self._to_decrypt = _manager(self._key, reuse.read_keys, reuse)

    def generate(self) -> DataKey:
        """Return a key for one more value. Raises KmsError."""
        request = _materials.EncryptionMaterialsRequest(
            encryption_context={}, frame_length=0, algorithm=_SUITE, commitment_policy=_POLICY, plaintext_length=0
        )
        return _own_key(_retried(lambda: self._to_encrypt.get_encryption_materials(request)).data_encryption_key)

    def decrypt(self, wrapped: bytes) -> DataKey:
        """Return the key that was wrapped. Raises KmsError."""
        sealed = _structures.EncryptedDataKey(self._key.key_provider, wrapped)
        request = _materials.DecryptionMaterialsRequest(
            algorithm=_SUITE, encrypted_data_keys={sealed}, encryption_context={}, commitment_policy=_POLICY
        )
        return _own_key(_retried(lambda: self._to_decrypt.decrypt_materials(request)).data_key)


def _manager(key: _MasterKey, capacity: int, reuse: DataKeyReuse) -> Any:  # noqa: ANN401 -- the SDK's type
    return _sdk.CachingCryptoMaterialsManager(
        cache=_sdk.LocalCryptoMaterialsCache(capacity),
        max_age=float(reuse.seconds),
        max_messages_encrypted=reuse.messages,
        master_key_provider=key,
    )


def _retried(look: Callable[[], Any]) -> Any:  # noqa: ANN401 -- the SDK's materials
    """Look again when another thread took an entry out of the cache meanwhile."""
    for _ in range(_TRIES - 1):
        try:
            return look()
        except _exceptions.CacheKeyError:
            continue
    return look()
