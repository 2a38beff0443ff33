"""Actions as immutable values: what an update changes, one attribute path each.

This module knows the four clauses of an update expression and what an encryption step must find
in an action. Which action a field admits was checked when it was built.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py._expressions.operands import Constant, IfNotExists, Operand, Unvalidated, elements_in
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from dynamorm_py._expressions.calls import Call
    from dynamorm_py._kernel.types import AttributePath, AttributeValue

Clause: TypeAlias = Literal["SET", "REMOVE", "ADD", "DELETE"]


@public()
@frozen(repr=False)
class Action:
    """One change of one attribute path.

    `operand` is None for REMOVE; `model` is None for an action of the library's own. When
    `encrypted`, `value` is still the plain value: replace it with `with_value` before sending.
    """

    clause: Clause
    path: AttributePath
    operand: Operand | None = None  # an encrypted attribute's is in clear, until it is sent
    model: type[object] | None = None
    encrypted: bool = False
    written: Call | None = field(default=None, kw_only=True, compare=False)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        return f"<{self.clause} {spelled_path(self.path)}>" if self.written is None else repr(self.written)

    @property
    def value(self) -> AttributeValue | None:
        """The constant that is written: of a plain set, add, delete or if_not_exists; else None."""
        operand = self.operand.default if isinstance(self.operand, IfNotExists) else self.operand
        return operand.value if isinstance(operand, Constant) else None

    @property
    def unvalidated(self) -> Unvalidated | None:
        """The constant that is written, where its validator has not seen the other fields yet."""
        operand = self.operand.default if isinstance(self.operand, IfNotExists) else self.operand
        return operand if isinstance(operand, Unvalidated) else None

    @property
    def elements(self) -> Iterator[AttributeValue]:
        """The constants that are put into a list or set which is there: by add and list_append."""
        if self.operand is not None and self.clause != "DELETE":
            yield from elements_in(self.operand)

    def with_value(self, value: AttributeValue) -> Self:
        """Return the same action with its constant replaced.

        Raises: InvalidExpression when it has none.
        """
        if self.value is None:
            raise InvalidExpression(f"{self.clause} of {self.path} carries no value to replace")
        if isinstance(self.operand, IfNotExists):
            return replace(self, operand=replace(self.operand, default=Constant(value)))
        return replace(self, operand=Constant(value))


# The library's own actions: by attribute path and encoded value, of no model.


def set_attribute(path: AttributePath, value: AttributeValue, *, encrypted: bool = False) -> Action:
    """Set the attribute to a value."""
    return Action("SET", path, Constant(value), encrypted=encrypted)


def set_if_absent(path: AttributePath, value: AttributeValue) -> Action:
    """Set the attribute to a value where it is absent."""
    return Action("SET", path, IfNotExists(path, Constant(value)))


def remove_attribute(path: AttributePath) -> Action:
    """Take the attribute away."""
    return Action("REMOVE", path)


def add_to_attribute(path: AttributePath, value: AttributeValue) -> Action:
    """Add to a number or a set."""
    return Action("ADD", path, Constant(value))
