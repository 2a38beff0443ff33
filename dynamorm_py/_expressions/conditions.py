"""Conditions as immutable trees: what a write, a filter or a check asks of an item.

This module knows which conditions exist and how they are joined. It knows no field types (those
were checked when the leaves were built) and not how a condition is written out.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from dynamorm_py._expressions.operands import Constant, Operand, Reference, SizeOf, paths_in
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from dynamorm_py._expressions.calls import Call
    from dynamorm_py._kernel.types import AttributePath, AttributeValue

Comparator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]
ConditionFunction: TypeAlias = Literal[
    "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"
]

_OPERATOR_LIMIT = 300  # operators and functions in one expression: AWS Developer Guide, "Quotas", expression parameters


@public()
@frozen(repr=False)
class Condition:
    """Something that holds for an item or not. Join conditions with `&` and `|`, negate with `~`.

    `model` is the model whose item it asks about, None for a condition of the library's own.
    """

    model: type[object] | None
    written: Call | None = field(default=None, kw_only=True, compare=False)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return self._spelled() if self.written is None else repr(self.written)

    def _spelled(self) -> str:
        return f"<{type(self).__name__} on {', '.join(spelled_path(path) for path in self.paths)}>"

    @property
    def operators(self) -> int:
        """How many operators and functions DynamoDB counts in it."""
        return 1

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute paths it asks about."""
        return ()

    def __and__(self, other: Condition) -> Condition:
        """Hold when both hold."""
        return _joined("AND", self, other)

    def __or__(self, other: Condition) -> Condition:
        """Hold when one of them holds."""
        return _joined("OR", self, other)

    def __invert__(self) -> Condition:
        """Hold when this does not."""
        return _counted(Negated(self.model, self))

    def __bool__(self) -> NoReturn:
        """Refuse: only DynamoDB can tell whether it holds."""
        raise InvalidExpression(
            "a condition has no truth value here: join with & | ~ instead of and, or, not; write Attr(x).is_in([...]) "
            "for Attr(x) in [...]; split a chained comparison such as 1 < Attr(x) < 5 into "
            "(Attr(x) > 1) & (Attr(x) < 5)"
        )


@frozen(repr=False)
class Comparison(Condition):
    """`left operator right`."""

    left: Operand
    comparator: Comparator
    right: Operand

    @property
    def operators(self) -> int:
        """Count `size` beside the comparator."""
        return 1 + isinstance(self.left, SizeOf) + isinstance(self.right, SizeOf)

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute paths of both sides."""
        return (*paths_in(self.left), *paths_in(self.right))


@frozen(repr=False)
class _Test(Condition):
    """One operand held against constants."""

    operand: Operand

    @property
    def operators(self) -> int:
        """Count `size` beside the test's own operator."""
        return 1 + isinstance(self.operand, SizeOf)

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute path tested."""
        return paths_in(self.operand)


@frozen(repr=False)
class Between(_Test):
    """`operand BETWEEN low AND high`, both ends included."""

    low: Constant
    high: Constant


@frozen(repr=False)
class Membership(_Test):
    """`operand IN (choices)`."""

    choices: tuple[Constant, ...]


@frozen(repr=False)
class FunctionCall(Condition):
    """`attribute_exists(path)`, `begins_with(path, argument)` and the like."""

    function: ConditionFunction
    path: AttributePath
    argument: Constant | None = None

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute path tested."""
        return (self.path,)


@frozen(repr=False)
class Joined(Condition):
    """Two or more conditions under one AND or OR."""

    operator: Literal["AND", "OR"]
    parts: tuple[Condition, ...]

    def _spelled(self) -> str:
        return (" & " if self.operator == "AND" else " | ").join(f"({part!r})" for part in self.parts)

    @property
    def operators(self) -> int:
        """Count the joints and what they join."""
        return len(self.parts) - 1 + sum(part.operators for part in self.parts)

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute paths of all parts."""
        return tuple(path for part in self.parts for path in part.paths)


@frozen(repr=False)
class Negated(Condition):
    """`NOT (part)`."""

    part: Condition

    def _spelled(self) -> str:
        return f"~({self.part!r})"

    @property
    def operators(self) -> int:
        """Count the NOT and what it negates."""
        return 1 + self.part.operators

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """The attribute paths of what it negates."""
        return self.part.paths


def _joined(operator: Literal["AND", "OR"], left: Condition, right: Condition) -> Condition:
    """Join two conditions, flat where they already share the operator."""
    if not isinstance(right, Condition):  # pyright: ignore[reportUnnecessaryIsInstance] -- users without a checker
        kind = type(right).__name__
        raise InvalidExpression(
            f"a condition joins with another condition, not with {kind}; pass key conditions separately"
        )
    models = {side.model for side in (left, right)} - {None}
    if len(models) > 1:
        names = " and ".join(sorted(model.__name__ for model in models if model))
        raise InvalidExpression(f"conditions on different models ({names}) cannot be joined: each asks about one item")
    parts = (*_parts(operator, left), *_parts(operator, right))
    return _counted(Joined(next(iter(models), None), operator, parts))


def _parts(operator: str, condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, Joined) and condition.operator == operator and condition.written is None:
        return condition.parts
    return (condition,)


def _counted(condition: Condition) -> Condition:
    if condition.operators > _OPERATOR_LIMIT:
        raise InvalidExpression(
            f"a condition may hold {_OPERATOR_LIMIT} operators: use is_in() or ask in several calls"
        )
    return condition


# The library's own conditions: by attribute path and encoded value, of no model.


def attribute_exists(path: AttributePath) -> Condition:
    """Hold when the item has the attribute."""
    return FunctionCall(None, "attribute_exists", path)


def attribute_not_exists(path: AttributePath) -> Condition:
    """Hold when the item lacks the attribute, or does not exist."""
    return FunctionCall(None, "attribute_not_exists", path)


def attribute_equals(path: AttributePath, value: AttributeValue) -> Condition:
    """Hold when the attribute has this value."""
    return Comparison(None, Reference(path), "=", Constant(value))


def attribute_matches(
    path: AttributePath,
    operator: Literal["=", "<", "<=", ">", ">=", "between", "begins_with"],
    values: tuple[AttributeValue, ...],
) -> Condition:
    """Hold when the attribute satisfies what a key condition says of a key."""
    if operator == "between":
        return Between(None, Reference(path), Constant(values[0]), Constant(values[1]))
    if operator == "begins_with":
        return FunctionCall(None, "begins_with", path, Constant(values[0]))
    return Comparison(None, Reference(path), operator, Constant(values[0]))


def attribute_at_most(path: AttributePath, value: AttributeValue) -> Condition:
    """Hold when the attribute is this value or less."""
    return Comparison(None, Reference(path), "<=", Constant(value))
