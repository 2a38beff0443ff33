"""Aggregates over results, computed here: exact for Decimal, and zero is a value, not a gap.

A None is a missing value and is passed over. Source: CONTRACT 3 for what a value is.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._expressions import place_of
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynamorm_py._kernel.types import Place
    from dynamorm_py._operations.read import Read

T = TypeVar("T")
M = TypeVar("M")

_EXACT = Context(prec=600)  # DynamoDB's numbers span 1E-130 to 9.99E+125: no sum of them has more digits
_AVERAGE = Context(prec=38)  # the digits that DynamoDB itself keeps


def place_in(read: Read[Any], field: object, caller: str) -> Place:
    """Return the place that `fields(Model).field` names in every result of a read.

    Raises InvalidExpression for another model's, and for one that the read does not bring: its default
    would pass for a stored value.
    """
    place = place_of(field, caller)
    read.table.check_model(place.model)
    attribute, known = str(place.path[0]), read.table.attributes_read(place.model, read.codec)
    brought = attribute in known and (read.carried is None or attribute in read.carried | read.told_by_keys)
    if not brought:
        raise InvalidExpression(f"{place.label} is not in the results: read the table, or put it into project=")
    return place


def number_in(read: Read[Any], field: object, caller: str) -> Place:
    """Return the place of a number. Raises InvalidExpression as `place_in`, and for a field of another type."""
    place = place_in(read, field, caller)
    if place.types and "N" not in place.types:
        raise InvalidExpression(f"{place.label} is stored as {' or '.join(sorted(place.types))}; {caller} needs N")
    return place


def values(read: Read[Any], place: Place, instances: Iterable[object]) -> list[Any]:
    """Return the values that the instances have at a place; a None is passed over, as items of other models are."""
    own = read.table.results_of(place.model, instances)
    return [value for instance in own if (value := place.value(instance)) is not None]


def total(numbers: Sequence[Any]) -> Any:  # noqa: ANN401 -- int, float or Decimal, as the field is
    """Return the sum: exact for int and Decimal, correctly rounded for float; 0 of nothing."""
    if any(isinstance(number, float) for number in numbers):
        return math.fsum(numbers)
    if any(isinstance(number, Decimal) for number in numbers):
        return _exact_sum(numbers)
    return sum(numbers)


def average(numbers: Sequence[Any]) -> Any:  # noqa: ANN401 -- float or Decimal, as the field is
    """Return the mean, None of nothing: a Decimal of 38 digits for int and Decimal, a float for float."""
    if not numbers:
        return None
    if any(isinstance(number, float) for number in numbers):
        return math.fsum(numbers) / len(numbers)
    return _AVERAGE.divide(_exact_sum(numbers), Decimal(len(numbers)))


def extreme(
    choose: Callable[..., Any],
    candidates: Sequence[Any],
    label: str,
) -> Any:  # noqa: ANN401 -- a value of the field
    """Return the least or greatest value, as `choose` is min or max; None of nothing."""
    try:
        return choose(candidates, default=None)
    except TypeError:
        raise InvalidExpression(f"{label} holds values that have no order: aggregate a part of it") from None


def grouped(read: Read[Any], place: Place, instances: Iterable[M]) -> dict[Any, list[M]]:
    """Return the instances by the value at a place, in the order read; those without one under None."""
    groups: dict[Any, list[M]] = {}
    for instance in read.table.results_of(place.model, instances):
        groups.setdefault(_told_apart(place.value(instance), place.label), []).append(instance)
    return groups


def distinct(candidates: Iterable[object], label: str) -> int:
    """Return how many different values there are."""
    return len({_told_apart(value, label) for value in candidates})


def _exact_sum(numbers: Iterable[int | Decimal]) -> Decimal:
    result = Decimal(0)
    for number in numbers:
        result = _EXACT.add(result, number if isinstance(number, Decimal) else Decimal(number))
    return result


def _told_apart(value: object, label: str) -> object:
    """Return the value. Raises InvalidExpression for one without a hash."""
    try:
        hash(value)
    except TypeError:
        raise InvalidExpression(
            f"{label} holds {kind_of(value)}, which has no value to group by: take a part of it"
        ) from None
    return value
