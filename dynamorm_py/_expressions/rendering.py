"""Write conditions, actions and projections as DynamoDB's expression text.

Every name and value goes through a placeholder, so no text of the user's reaches an expression.
This module knows the grammar and its limits; what a field admits was checked before.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dynamorm_py._expressions.conditions import Between, Comparison, FunctionCall, Joined, Membership, Negated
from dynamorm_py._expressions.operands import Arithmetic, Constant, IfNotExists, ListAppend, Operand, Reference, SizeOf
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamorm_py._expressions.actions import Action, Clause
    from dynamorm_py._expressions.conditions import Condition
    from dynamorm_py._expressions.key import KeyCondition
    from dynamorm_py._kernel.types import AttributePath, AttributeValue

_EXPRESSION_LIMIT = 4096  # bytes of one expression string: AWS Developer Guide, "Quotas", expression parameters
_NESTING_LIMIT = 32  # steps of one document path: AWS Developer Guide, "Quotas", nested attribute depth
_CLAUSES: tuple[Clause, ...] = ("SET", "REMOVE", "ADD", "DELETE")


class Placeholders:
    """The names and values of one request's expressions, which share them."""

    def __init__(self) -> None:
        """Start empty."""
        self._names: dict[str, str] = {}
        self._values: list[AttributeValue] = []

    @property
    def names(self) -> dict[str, str] | None:
        """The request's ExpressionAttributeNames; None when there are none."""
        return {placeholder: name for name, placeholder in self._names.items()} or None

    @property
    def values(self) -> dict[str, AttributeValue] | None:
        """The request's ExpressionAttributeValues; None when there are none."""
        return {f":v{number}": value for number, value in enumerate(self._values)} or None

    def path(self, path: AttributePath) -> str:
        """Return the placeholders of a document path."""
        if len(path) > _NESTING_LIMIT:
            raise InvalidExpression(
                f"a path of {len(path)} steps: DynamoDB nests attributes {_NESTING_LIMIT} deep at most, so flatten it"
            )
        steps = (f"[{step}]" if isinstance(step, int) else f".{self._name(step)}" for step in path)
        return "".join(steps).removeprefix(".")

    def value(self, value: AttributeValue) -> str:
        """Return the placeholder of a value; equal values share one."""
        if value not in self._values:
            self._values.append(value)
        return f":v{self._values.index(value)}"

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#n{len(self._names)}")


def render_condition(condition: Condition, placeholders: Placeholders) -> str:
    """Write a condition or filter.

    Raises: InvalidExpression when it exceeds DynamoDB's limits.
    """
    return _limited(_condition(condition, placeholders))


def render_update(actions: Sequence[Action], placeholders: Placeholders) -> str:
    """Write the actions of one update, each clause once, in the order given.

    Raises: InvalidExpression when there is none, two overlap, or they exceed DynamoDB's limits.
    """
    if not actions:
        raise InvalidExpression(
            "an update without actions changes nothing: pass at least one, such as Attr(u.name).set(value)"
        )
    _refuse_overlaps(actions)
    clauses = ((clause, [_action(a, placeholders) for a in actions if a.clause == clause]) for clause in _CLAUSES)
    return _limited(" ".join(f"{clause} {', '.join(texts)}" for clause, texts in clauses if texts))


def render_key_conditions(conditions: Iterable[KeyCondition], placeholders: Placeholders) -> str:
    """Write the key conditions of a query, joined by AND as DynamoDB has it.

    Raises: InvalidExpression when they exceed DynamoDB's limits.
    """
    return _limited(" AND ".join(_key_condition(condition, placeholders) for condition in conditions))


def render_projection(paths: Iterable[AttributePath], placeholders: Placeholders) -> str:
    """Write a projection.

    Raises: InvalidExpression when it exceeds DynamoDB's limits.
    """
    return _limited(", ".join(placeholders.path(path) for path in paths))


def _limited(text: str) -> str:
    if len(text) > _EXPRESSION_LIMIT:
        raise InvalidExpression(
            f"an expression of {len(text)} bytes: DynamoDB takes {_EXPRESSION_LIMIT}; ask in several calls"
        )
    return text


def _refuse_overlaps(actions: Sequence[Action]) -> None:
    # Sorted, a path stands right before the first that it begins; names sort apart from indexes.
    ordered = sorted((action.path for action in actions), key=lambda path: [(isinstance(s, int), s) for s in path])
    for shorter, longer in pairwise(ordered):
        if longer[: len(shorter)] == shorter:
            places = f"{spelled_path(shorter)} and {spelled_path(longer)}"
            raise InvalidExpression(f"two actions overlap ({places}): change each part of an item once in an update")


def _key_condition(condition: KeyCondition, placeholders: Placeholders) -> str:
    name = placeholders.path(condition.path)
    values = [placeholders.value(value) for value in condition.values]
    if condition.operator == "between":
        return f"{name} BETWEEN {values[0]} AND {values[1]}"
    if condition.operator == "begins_with":
        return f"begins_with({name}, {values[0]})"
    return f"{name} {condition.operator} {values[0]}"


def _condition(condition: Condition, placeholders: Placeholders) -> str:
    match condition:
        case Joined(_, operator, parts):
            return f" {operator} ".join(f"({_condition(part, placeholders)})" for part in parts)
        case Negated(_, part):
            return f"NOT ({_condition(part, placeholders)})"
        case FunctionCall(_, function, path, argument):
            value = "" if argument is None else f", {placeholders.value(argument.value)}"
            return f"{function}({placeholders.path(path)}{value})"
        case _:
            return _comparison(condition, placeholders)


def _comparison(condition: Condition, placeholders: Placeholders) -> str:
    match condition:
        case Comparison(_, left, comparator, right):
            return f"{_operand(left, placeholders)} {comparator} {_operand(right, placeholders)}"
        case Between(_, operand, low, high):
            first, last = placeholders.value(low.value), placeholders.value(high.value)
            return f"{_operand(operand, placeholders)} BETWEEN {first} AND {last}"
        case Membership(_, operand, choices):
            listed = ", ".join(placeholders.value(choice.value) for choice in choices)
            return f"{_operand(operand, placeholders)} IN ({listed})"
        case _:
            raise InvalidExpression(f"{type(condition).__name__} is no condition: build one with Attr(...)")


def _action(action: Action, placeholders: Placeholders) -> str:
    path = placeholders.path(action.path)
    if action.operand is None:
        return path
    return f"{path}{' = ' if action.clause == 'SET' else ' '}{_operand(action.operand, placeholders)}"


def _operand(operand: Operand, placeholders: Placeholders) -> str:
    match operand:
        case Constant(value):
            return placeholders.value(value)
        case Reference(path):
            return placeholders.path(path)
        case SizeOf(path):
            return f"size({placeholders.path(path)})"
        case IfNotExists(path, default):
            return f"if_not_exists({placeholders.path(path)}, {_operand(default, placeholders)})"
        case ListAppend(first, second):
            return f"list_append({_operand(first, placeholders)}, {_operand(second, placeholders)})"
        case Arithmetic(left, sign, right):
            return f"{_operand(left, placeholders)} {sign} {_operand(right, placeholders)}"
