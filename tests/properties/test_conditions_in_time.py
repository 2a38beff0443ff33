"""Law: what a comparison of instants asks of the stored text holds exactly when Python's comparison does."""

from __future__ import annotations

import datetime as dt
import operator
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import Attr, DynamoModel, InvalidExpression, Key, PartitionKey, SortKey, fields
from dynamorm_py._expressions.conditions import Comparison, Joined, Membership, Negated
from dynamorm_py._expressions.operands import Constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py import Condition


class Event(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[dt.timedelta, SortKey()]
    at: dt.datetime
    took: dt.timedelta


e = fields(Event)
TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def instant(second: int, fraction: str) -> dt.datetime:
    return dt.datetime(2026, 1, 1, 12, 0, second, int(fraction.ljust(6, "0")), tzinfo=dt.UTC)


near_noon = st.builds(instant, st.integers(0, 2), st.text("0159", max_size=6))


def holds(condition: Condition, text: str) -> bool:
    """Evaluate a condition on stored text as DynamoDB does."""
    match condition:
        case Comparison(comparator=sign, right=Constant({"S": other})):
            return TEXT_OPERATORS[sign](text, other)
        case Membership(choices=choices):
            return text in [choice.value["S"] for choice in choices]
        case Negated(part=part):
            return not holds(part, text)
        case Joined(operator="AND", parts=parts):
            return all(holds(part, text) for part in parts)
        case Joined(parts=parts):
            return any(holds(part, text) for part in parts)
        case _:
            raise AssertionError(condition)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@given(stored=near_noon, bound=near_noon)
def test_a_comparison_of_instants_holds_as_in_python(
    compare: Callable[[Any, Any], Any], stored: dt.datetime, bound: dt.datetime
) -> None:
    event = Event(pk="E", sk=dt.timedelta(1), at=stored, took=dt.timedelta(1))
    assert holds(compare(Attr(e.at), bound), event.to_item()["at"]["S"]) is compare(stored, bound)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Attr(e.took) > dt.timedelta(hours=1),
        lambda: Attr(e.took).between(dt.timedelta(hours=1), dt.timedelta(hours=2)),
        lambda: Key(e.sk) <= dt.timedelta(hours=1),
        lambda: Key(e.sk).between(dt.timedelta(hours=1), dt.timedelta(hours=2)),
    ],
)
def test_values_whose_text_has_another_order_are_not_ordered(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidExpression, match="does not sort by its length"):
        build()


def test_values_whose_text_has_another_order_are_still_found_by_equality() -> None:
    assert (Key(e.sk) == dt.timedelta(hours=1)).values == ({"S": "PT1H"},)
    condition = Attr(e.took) == dt.timedelta(hours=1)
    assert isinstance(condition, Comparison)
    assert condition.right == Constant({"S": "PT1H"})
