"""Aggregates over instances, computed here: exact for Decimal, and zero is a value, not a gap.

A None is a missing value and is passed over. Source: CONTRACT 3 for what a value is.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamorm_py._expressions import place_of
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

T = TypeVar("T")
M = TypeVar("M")

_EXACT = Context(prec=600)  # DynamoDB's numbers span 1E-130 to 9.99E+125: no sum of them has more digits
_AVERAGE = Context(prec=38)  # the digits that DynamoDB itself keeps


def values(instances: Iterable[object], field: T | None) -> Iterator[T]:
    """Yield the values of a field, given as `fields(Model).field`; a None is passed over."""
    place = place_of(field, "an aggregate")
    for instance in instances:
        value = place.value(instance)
        if value is not None:
            yield cast("T", value)


def total(numbers: Iterable[Any]) -> Any:  # noqa: ANN401 -- int, float or Decimal, as the field is
    """Return the sum: exact for int and Decimal, correctly rounded for float; 0 of nothing."""
    collected = list(numbers)
    if any(isinstance(number, float) for number in collected):
        return math.fsum(collected)
    if any(isinstance(number, Decimal) for number in collected):
        return _exact_sum(collected)
    return sum(collected)


def average(numbers: Iterable[Any]) -> Any:  # noqa: ANN401 -- float or Decimal, as the field is
    """Return the mean, None of nothing: a Decimal of 38 digits for int and Decimal, a float for float."""
    collected = list(numbers)
    if not collected:
        return None
    if any(isinstance(number, float) for number in collected):
        return math.fsum(collected) / len(collected)
    return _AVERAGE.divide(_exact_sum(collected), Decimal(len(collected)))


def grouped(instances: Iterable[M], field: T | None) -> dict[T | None, list[M]]:
    """Return the instances by the value of a field, in the order read; those without one under None."""
    place = place_of(field, "group_by")
    groups: dict[Any, list[M]] = {}
    for instance in instances:
        groups.setdefault(_hashable(place.value(instance), place.label), []).append(instance)
    return groups


def distinct(found: Iterable[object], label: str) -> int:
    """Return how many different values there are."""
    return len({_hashable(value, label) for value in found})


def _exact_sum(numbers: Iterable[int | Decimal]) -> Decimal:
    result = Decimal(0)
    for number in numbers:
        result = _EXACT.add(result, number if isinstance(number, Decimal) else Decimal(number))
    return result


def _hashable(value: object, label: str) -> Hashable:
    try:
        hash(value)
    except TypeError:
        raise InvalidExpression(
            f"{label} holds a {type(value).__name__}, which cannot be told apart by value: group by a part of it"
        ) from None
    return value
