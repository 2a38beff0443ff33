"""Re-encryption: items move to the current KMS key, prefix and version, their contents unchanged.

An item is read as it is stored, opened, and only its outdated envelopes are written again, under the
condition that they are still the ones that were read: a write in between is never lost. Nothing
else changes, neither lifecycle fields nor the version. What is current is left alone, so a run that
broke off is simply started again.

Source: CONTRACT 6; API Reference, UpdateItem.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynamorm_py._expressions import attribute_equals, set_attribute
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.update_item import UpdateRequest
from dynamorm_py._operations.write_conditions import together, write
from dynamorm_py.errors import CallError, ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.model_table import Cipher, ModelTable

_TRIES = 5  # of an item that others keep writing


@public()
@frozen
class Reencryption:
    """What a run of `reencrypt` did: the numbers of items written again, of current ones, and of missing ones."""

    moved: int = 0
    current: int = 0
    missing: int = 0


def reencrypt_items(table: ModelTable[Any], items: Iterable[object]) -> Plan[Reencryption]:
    """Move items, passed as instances or keys. Raises EncryptionError, ConditionFailed; what is done stays done."""
    if table.cipher is None:
        raise CallError(f"{table.model.__name__} has no encrypted fields: there is nothing to re-encrypt")
    done: Counter[str] = Counter()
    for item in items:
        done[(yield from _move(table, table.cipher, table.key(item)))] += 1
    return Reencryption(**done)


def _move(table: ModelTable[Any], cipher: Cipher, key: Item) -> Plan[str]:
    """Return what was done with one item, by the name of its count."""
    for _ in range(_TRIES - 1):
        with suppress(ConditionFailed):  # it was written since it was read: read again
            return (yield from _try_to_move(table, cipher, key))
    return (yield from _try_to_move(table, cipher, key))


def _try_to_move(table: ModelTable[Any], cipher: Cipher, key: Item) -> Plan[str]:
    response = yield from ask("GetItem", {"TableName": table.name, "Key": key, "ConsistentRead": True})
    stored: Item | None = response.get("Item")
    if not stored:
        return "missing"
    renewed = yield from cipher.renewed(stored)
    if not renewed:
        return "current"
    unchanged = together(*(attribute_equals((name,), stored[name]) for name in renewed))
    actions = tuple(set_attribute((name,), value) for name, value in renewed.items())
    yield from write(table, "UpdateItem", UpdateRequest(key, actions, unchanged))
    return "moved"
