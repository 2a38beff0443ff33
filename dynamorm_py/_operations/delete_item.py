"""DeleteItem: delete an item by its key, or an instance guarded by its version.

Source: API Reference, DeleteItem; CONTRACT 4 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._model import DynamoModel
from dynamorm_py._operations.lifecycle import expect_version, held_version
from dynamorm_py._operations.outcomes import after_writing
from dynamorm_py._operations.write_conditions import GuardedKey, checked_condition, own_kind, together, write
from dynamorm_py._operations.write_policy import check_deletion

if TYPE_CHECKING:
    from dynamorm_py._expressions import Condition
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import ExpectedVersion
    from dynamorm_py._model.model_table import ModelTable

M = TypeVar("M", bound=DynamoModel)


def prepare_delete(
    table: ModelTable[M],
    key: object,
    *,
    condition: Condition | None = None,
    expected_version: ExpectedVersion = None,
) -> GuardedKey:
    """Build a delete. An instance as key guards it by the version that it holds."""
    check_deletion(table.codec)
    wire_key = table.key(key)
    held = held_version(table.codec, key) if isinstance(key, DynamoModel) else None
    guard = expect_version(table.codec, expected_version, held)
    condition = together(checked_condition(table, condition), guard and guard.condition)
    return GuardedKey(wire_key, condition, guard, own_kind(table))


def delete(table: ModelTable[M], request: GuardedKey) -> Plan[M | None]:
    """Delete an item and return it as it was, None when there was none. Raises ConditionFailed."""
    response = yield from write(table, "DeleteItem", request, returning="ALL_OLD")
    reading = table.decode_response(response, table.codec)
    return (yield from after_writing(reading, "the item was deleted all the same")).get("Attributes")
