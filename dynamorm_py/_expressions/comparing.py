"""`== != < <= > >= between is_in` of an attribute, as DynamoDB compares it as it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._expressions import instants, rules
from dynamorm_py._expressions.conditions import Between, Comparator, Comparison, Condition, FunctionCall, Membership
from dynamorm_py._expressions.operands import Constant, Operand
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Collection

    from dynamorm_py._kernel.types import Place


def compared(
    place: Place, operand: Operand, comparator: Comparator, other: object, types: Collection[str]
) -> Condition:
    """Return the comparison; `types` are those that have an order, none for equality.

    Raises InvalidExpression, InvalidValue.
    """
    rules.admit_condition(place, comparator, types)
    if types:
        rules.admit_order(place, comparator)
    if other is None and not types:
        return _compared_with_none(place, comparator)
    right = rules.simple_operand_of(place, other, comparator, types, whole=not types)
    if right == operand:
        raise InvalidExpression(f"{place.label} is compared with itself: compare it with another")
    if types and isinstance(right, Constant) and place.order == "trimmed time":
        return instants.compared(place, operand, comparator, right.value["S"])
    return Comparison(place.model, operand, comparator, right)


def _compared_with_none(place: Place, comparator: Comparator) -> Condition:
    """Return whether it is None: absent, or a stored NULL; for `!=` the contrary."""
    rules.admit_none(place, comparator)
    absent = FunctionCall(place.model, "attribute_not_exists", place.path, None)
    null = FunctionCall(place.model, "attribute_type", place.path, Constant({"S": "NULL"}))
    return (absent | null) if comparator == "=" else ~(absent | null)


def between(place: Place, operand: Operand, low: object, high: object) -> Condition:
    """Return whether it lies from low to high. Raises InvalidExpression, InvalidValue."""
    rules.admit_condition(place, "between", rules.ORDERED)
    rules.admit_order(place, "between")
    rules.check_passed(place, high)
    if place.order == "trimmed time":
        return instants.between(place, operand, low, high)
    first, last = rules.encode_bounds(place, low, high)
    return Between(place.model, operand, first, last)


def among(place: Place, operand: Operand, values: Collection[object], more: tuple[object, ...]) -> Condition:
    """Return whether it equals one of the values. Raises InvalidExpression, InvalidValue."""
    rules.admit_condition(place, "is_in")
    rules.check_choices(place, values, more)
    choices = tuple(Constant(rules.encode(place, value, "is_in", whole=True)) for value in values)
    return Membership(place.model, operand, choices)
