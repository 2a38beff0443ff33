"""DeleteItem: delete an item by its key, or an instance guarded by its version.

Source: API Reference, DeleteItem; CONTRACT 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._expressions import Condition, Placeholders
from dynamorm_py._lifecycle import ExpectedVersion, expect_version, held_version
from dynamorm_py._model import DynamoModel
from dynamorm_py._operations.conditions import checked_condition, noting, render_optional, together, write
from dynamorm_py._plans import Plan, present

if TYPE_CHECKING:
    from dynamorm_py._table import Table
    from dynamorm_py._types import Item

M = TypeVar("M", bound=DynamoModel)


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """A prepared delete: the key and the condition."""

    key: Item
    condition: Condition | None

    def parameters(self, table: Table[Any]) -> Plan[dict[str, Any]]:
        """Return the parameters as single writes and transactions send them."""
        yield from ()
        placeholders = Placeholders()
        return present(
            TableName=table.name,
            Key=self.key,
            ConditionExpression=render_optional(self.condition, placeholders),
            ExpressionAttributeNames=placeholders.names,
            ExpressionAttributeValues=placeholders.values,
        )


def prepare_delete(
    table: Table[M],
    key: object,
    *,
    condition: Condition | None = None,
    expected_version: ExpectedVersion = None,
) -> DeleteRequest:
    """Build a delete. An instance as key guards it by the version that it holds."""
    wire_key = table.key(key)
    held = held_version(table.codec, key) if isinstance(key, DynamoModel) else None
    guard = together(checked_condition(table, condition), expect_version(table.codec, expected_version, held))
    return DeleteRequest(wire_key, guard)


def delete(table: Table[M], request: DeleteRequest) -> Plan[M | None]:
    """Delete an item and return it as it was, None when there was none. Raises ConditionFailed."""
    response = yield from write(table, "DeleteItem", request, returning="ALL_OLD")
    with noting("the item was deleted all the same"):
        return (yield from table.answer(response, table.codec)).get("Attributes")
