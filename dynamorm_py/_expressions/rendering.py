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
        self._placeholders: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    @property
    def names(self) -> dict[str, str] | None:
        """The request's ExpressionAttributeNames; None when there are none."""
        return self._names or None

    @property
    def values(self) -> dict[str, AttributeValue] | None:
        """The request's ExpressionAttributeValues; None when there are none."""
        return self._values or None

    def path(self, path: AttributePath) -> str:
        """Return the placeholders of a document path."""
        if len(path) == 1:  # nearly all
            return self._name(str(path[0]))
        if len(path) > _NESTING_LIMIT:
            raise InvalidExpression(
                f"a path of {len(path)} steps: DynamoDB nests attributes {_NESTING_LIMIT} deep at most, so flatten it"
            )
        steps = (f"[{step}]" if isinstance(step, int) else f".{self._name(step)}" for step in path)
        return "".join(steps).removeprefix(".")

    def value(self, value: AttributeValue) -> str:
        """Return the placeholder of a value; equal values share one."""
        for placeholder, known in self._values.items():
            if known == value:
                return placeholder
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = value
        return placeholder

    def _name(self, name: str) -> str:
        placeholder = self._placeholders.setdefault(name, f"#n{len(self._placeholders)}")
        self._names[placeholder] = name
        return placeholder


def render_condition(condition: Condition, placeholders: Placeholders) -> str:
    """Write a condition or filter.

    Raises: InvalidExpression when it exceeds DynamoDB's limits.
    """
    return _limited(_condition(condition, placeholders))


def render_update(actions: Sequence[Action], placeholders: Placeholders) -> str:
    """Write the actions of one update, each clause once, in their order.

    Raises: InvalidExpression when there is none, two overlap, or they exceed DynamoDB's limits.
    """
    if not actions:
        raise InvalidExpression(
            "an update without actions changes nothing: pass at least one, such as Attr(u.name).set(value)"
        )
    if len(actions) > 1:
        _refuse_overlaps(actions)
    parts: list[str] = []
    for clause in _CLAUSES:
        texts: list[str] = []
        for action in actions:
            if action.clause == clause:
                texts.append(_action(action, placeholders))  # noqa: PERF401 -- a comprehension is a call on 3.11
        if texts:
            parts.append(f"{clause} {', '.join(texts)}")
    return _limited(" ".join(parts))


def render_key_conditions(conditions: Iterable[KeyCondition], placeholders: Placeholders) -> str:
    """Write the key conditions of a query, joined by AND as DynamoDB has it.

    Raises: InvalidExpression when they exceed DynamoDB's limits.
    """
    texts: list[str] = []
    for condition in conditions:
        texts.append(_key_condition(condition, placeholders))  # noqa: PERF401 -- a comprehension is a call on 3.11
    return _limited(" AND ".join(texts))


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
    if len({action.path[0] for action in actions}) == len(actions):
        return
    # Sorted, a path is right before the first that it begins; names sort apart from indexes.
    ordered = sorted((action.path for action in actions), key=lambda path: [(isinstance(s, int), s) for s in path])
    for shorter, longer in pairwise(ordered):
        if longer[: len(shorter)] == shorter:
            places = f"{spelled_path(shorter)} and {spelled_path(longer)}"
            raise InvalidExpression(f"two actions overlap ({places}): change each part of an item once in an update")


def _key_condition(condition: KeyCondition, placeholders: Placeholders) -> str:
    name = placeholders.path(condition.path)
    first = placeholders.value(condition.values[0])
    if condition.operator == "between":
        return f"{name} BETWEEN {first} AND {placeholders.value(condition.values[1])}"
    if condition.operator == "begins_with":
        return f"begins_with({name}, {first})"
    return f"{name} {condition.operator} {first}"


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
            raise InvalidExpression(f"{type(condition).__name__} is not a condition: build one with Attr(...)")


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
