"""What an envelope is bound to: the additional authenticated data (AAD) of AES-GCM.

Version 1, which all languages share, binds to the attribute's name. Version 2 binds to the item as
well: its key, and a scope that keeps tables apart. No two places have the same AAD. Nothing here
knows keys of KMS or ciphertexts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynamorm_py._codec import binary
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import EncryptionNotConfigured, InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Binding: TypeAlias = Literal["attribute", "item"]

_PREFIX = re.compile(r"[A-Za-z0-9._-]{1,64}")  # no colon: then the first one ends it, and no two AADs are equal
_EXACT = Context(prec=50, Emax=999, Emin=-999)  # more digits than DynamoDB's 38
ITEM_VERSION = 2
"""The version of an envelope that is bound to its item."""
_VERSION_OF: dict[str, int] = {"attribute": 1, "item": ITEM_VERSION}


@frozen
class Rules:
    """Which envelopes are written and which are read: prefixes of the AAD, versions, the scope."""

    prefix: str
    prefixes: tuple[str, ...]
    version: int
    accepted: frozenset[int]
    scope: str | None

    def of_table(self, name: str | None) -> Rules:
        """Return the rules with a table's name as their scope, where there is none. Raises EncryptionNotConfigured."""
        scope = self.scope or name
        if scope is None and ITEM_VERSION in self.accepted:
            raise EncryptionNotConfigured(
                "binding to the item needs a scope: pass scope=, or table= in the model's class"
            )
        return replace(self, scope=scope)

    def aad(self, version: int, prefix: str, attribute: str, key: Mapping[str, Any]) -> bytes:
        """Return the AAD of one place; `key` is the item's."""
        if version != ITEM_VERSION:
            return f"{prefix}:encrypted:v1|attr={attribute}".encode()
        texts = (f"{prefix}:encrypted:v2", self.scope or "", attribute)
        return _length_prefixed([*(text.encode() for text in texts), *parts(key)])


def make_rules(
    binding: Binding, scope: str | None, prefix: str, read_prefixes: Iterable[str], accept: Iterable[int] | None = None
) -> Rules:
    """Check the settings. Raises EncryptionNotConfigured."""
    prefixes = tuple(dict.fromkeys((prefix, *read_prefixes)))
    for name in prefixes:
        if not _PREFIX.fullmatch(name):
            raise EncryptionNotConfigured(f"the prefix {name!r:.80} is not valid: use A-Z a-z 0-9 . _ -, 64 at most")
    version = _VERSION_OF.get(binding)
    if version is None:
        raise EncryptionNotConfigured(f"binding={binding!r:.80} is unknown: use 'attribute' or 'item'")
    accepted = frozenset([version] if accept is None else accept)
    if version not in accepted or not accepted.issubset(_VERSION_OF.values()):
        raise EncryptionNotConfigured(f"accept_versions= takes 1 and 2, among them {version}, which is written")
    return Rules(prefix, prefixes, version, accepted, scope)


def parts(key: Mapping[str, Any]) -> list[bytes]:
    """Return name, wire type and canonical value of each key attribute, in the key's order."""
    parts: list[bytes] = []
    for name, value in key.items():
        ((tag, payload),) = value.items()
        parts += [name.encode(), tag.encode(), _canonical(tag, payload)]
    return parts


def _canonical(tag: str, payload: Any) -> bytes:  # noqa: ANN401 -- DynamoDB's JSON or boto3's form
    """Return a key's value as bytes: 1, 1.0 and 1E0 are one number; binary may come as base64."""
    if tag == "B":
        return binary(payload)
    if tag == "N":
        return _number(payload).encode()
    return payload.encode()


def _number(text: str) -> str:
    try:
        number = _EXACT.create_decimal(text)
    except InvalidOperation:
        raise InvalidEncryptedEnvelope("the item's key holds no number: it cannot be bound to it") from None
    return format(number.normalize(_EXACT), "f") if number else format(Decimal(0), "f")


def _length_prefixed(values: list[bytes]) -> bytes:
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)
