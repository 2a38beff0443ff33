"""The operands of conditions and actions: constants, attribute paths, functions of them.

They are the two sides of an operator, with values already encoded. They know
DynamoDB's grammar of operands, not the models, and not how an expression is written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py._kernel.types import SET_TYPES
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._kernel.types import AttributePath, AttributeValue, Place


@frozen
class Constant:
    """A value that the expression carries."""

    value: AttributeValue


@frozen
class Unvalidated(Constant):
    """A value whose validator asks for other fields, as it was passed too: the update validates it beside them."""

    passed: object


@frozen
class Reference:
    """What the item holds at a path."""

    path: AttributePath


@frozen
class SizeOf:
    """`size(path)`: a length or a count, a number."""

    path: AttributePath


@frozen
class IfNotExists:
    """`if_not_exists(path, default)`."""

    path: AttributePath
    default: Constant | Reference


@frozen
class ListAppend:
    """`list_append(first, second)`: two lists joined."""

    first: Operand
    second: Operand


@frozen
class Arithmetic:
    """`left + right` or `left - right`; DynamoDB takes exactly one sign in a value."""

    left: Operand
    sign: Literal["+", "-"]
    right: Operand


Operand: TypeAlias = Constant | Reference | SizeOf | IfNotExists | ListAppend | Arithmetic


class Source:
    """Anything a user writes that stands for a value in the item: `Attr(...)`, `Attr(...) + 1`."""

    __slots__ = ()

    place: Place
    operand: Operand

    @property
    def is_fractional(self) -> bool:
        """Whether it may be a number with a fraction."""
        return self.place.fractional


def elements_in(operand: Operand) -> Iterator[AttributeValue]:
    """Yield the constants that an operand puts into a list or a set, one by one."""
    match operand:
        case Constant({"L": parts}):
            yield from parts
        case Constant(value):
            yield from ({kind[0]: part} for kind in value.keys() & SET_TYPES for part in value[kind])
        case IfNotExists(_, default):
            yield from elements_in(default)
        case ListAppend(first, second):
            yield from elements_in(first)
            yield from elements_in(second)
        case _:
            return


def paths_in(operand: Operand) -> tuple[AttributePath, ...]:
    """Return the attribute paths that an operand reads."""
    match operand:
        case Constant():
            return ()
        case Reference(path) | SizeOf(path):
            return (path,)
        case IfNotExists(path, default):
            return (path, *paths_in(default))
        case ListAppend(first, second):
            return (*paths_in(first), *paths_in(second))
        case Arithmetic(left, _, right):
            return (*paths_in(left), *paths_in(right))
