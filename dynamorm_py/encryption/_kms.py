"""`KmsEncryption`: the settings of encryption with AWS KMS, checked when they are made."""

from __future__ import annotations

import re
from os import urandom
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py.encryption._aad import make_rules
from dynamorm_py.encryption._cipher import ItemCipher, item_cipher
from dynamorm_py.encryption._envelope_errors import InvalidKeyArn
from dynamorm_py.encryption._keys import DataKeys
from dynamorm_py.encryption._reuse import DataKeyReuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py.encryption._aad import Binding

# Source: KMS Developer Guide, "Key identifiers (KeyId)", key ARN.
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")
_DEFAULT_REUSE = DataKeyReuse()


@public()
class KmsEncryption:
    """Encrypts attributes under data keys of an AWS KMS key. Many repositories and threads can share one.

    `key_arn` is the ARN of a symmetric key; `read_keys` are ARNs of earlier ones whose data is still
    read. `client` is a boto3 KMS client of the key's region, by default one made like the default
    DynamoDB client. `reuse` says how long a data key serves. `aad_prefix` is written and
    `read_prefixes` are tried in reading. `binding="item"` binds values to their item as well, under
    `scope`, by default the table that the model's class names; then only such values are read unless
    `accept_versions` lists 1 too. `random` gives nonces instead of the system's source, as many bytes
    as it is asked for; it switches reuse off, since a nonce must not repeat under a key.

    Raises InvalidKeyArn, EncryptionNotConfigured.
    """

    __slots__ = ("_arns", "_client", "_data_keys", "_random", "_rules")

    def __init__(
        self,
        key_arn: str,
        *,
        client: object = None,
        reuse: DataKeyReuse = _DEFAULT_REUSE,
        read_keys: Sequence[str] = (),
        aad_prefix: str = "dynamorm",
        read_prefixes: Sequence[str] = ("dynamorm", "theorydb"),
        binding: Binding = "attribute",
        scope: str | None = None,
        accept_versions: Sequence[int] | None = None,
        random: Callable[[int], bytes] | None = None,
    ) -> None:
        """Check and keep the settings; nothing is sent."""
        self._arns = _checked((key_arn, *read_keys))
        self._client, self._random = client, random or urandom
        self._rules = make_rules(binding, scope, aad_prefix, read_prefixes, accept_versions)
        self._data_keys = DataKeys(self._arns, reuse if random is None else DataKeyReuse.off())

    def __repr__(self) -> str:
        """Name the key."""
        return f"KmsEncryption({self._arns[0]!r})"

    def cipher(self, codec: Codec[Any], connect: Callable[[object, str], Transport]) -> ItemCipher:
        """Return what encrypts a model's items; `connect` makes a caller of a KMS client, or of None, in a region.

        Raises EncryptionNotConfigured, InvalidKeyArn when a key and the client are of different regions.
        """
        self._data_keys.connect(connect(self._client, _region(self._arns[0])))
        return item_cipher(codec, self._rules, self._arns[0], self._data_keys, self._random)


def _checked(arns: tuple[object, ...]) -> tuple[str, ...]:
    """Return the ARNs, each once. Raises InvalidKeyArn."""
    checked: dict[str, None] = {}
    for arn in arns:
        if not isinstance(arn, str) or not _KEY_ARN.fullmatch(arn):
            raise InvalidKeyArn(
                f"{arn!r:.200} is not the ARN of a KMS key: an alias or an id can come to mean another key, so pass "
                "arn:aws:kms:<region>:<account>:key/<id>"
            )
        checked[arn] = None
    if len(set(map(_region, checked))) > 1:
        raise InvalidKeyArn("read_keys= are of another region than key_arn: name keys of one region")
    return tuple(checked)


def _region(arn: str) -> str:
    return arn.split(":")[3]
