"""ConditionCheck: the action of a transaction that only asks.

Source: API Reference, ConditionCheck; CONTRACT 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._operations.write_conditions import GuardedKey, checked_condition
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from dynamorm_py._expressions import Condition
    from dynamorm_py._model.model_table import ModelTable


def prepare_check(table: ModelTable[Any], key: object, condition: Condition) -> GuardedKey:
    """Build a check of one item. Raises InvalidExpression without a condition."""
    if cast("object", condition) is None:
        raise InvalidExpression("Check takes a condition: Check(users, key, Attr(u.score) > 3)")
    return GuardedKey(table.key(key), checked_condition(table, condition))
