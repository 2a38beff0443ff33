"""Aggregates over results: exact, typed as the field is, and never over what was not read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import InvalidExpression, Key, Query, Repo
from tests.support.reading import OfTeam, Person, Scripted, Summary, answer, o, stored, u

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = 38

digits = st.integers(-(10**_DIGITS) + 1, 10**_DIGITS - 1)
decimals = st.builds(Decimal, st.builds("{}E{}".format, digits, st.integers(-90, 80)))
"""Numbers that DynamoDB stores: 38 digits, of magnitudes far apart."""


def people(*answers: dict[str, Any]) -> Query[Person]:
    items = [stored(number, **attributes) for number, attributes in enumerate(answers)]
    return Repo(Person, client=Scripted(answer(items))).query(Key(u.pk) == "A")


def balances(*values: Decimal | None) -> Query[Person]:
    return people(*({"balance": {"NULL": True} if v is None else {"N": format(v, "f")}} for v in values))


@given(st.lists(decimals | st.none(), max_size=6))
def test_a_sum_of_decimals_is_exact(values: list[Decimal | None]) -> None:
    found = balances(*values).sum(u.balance)
    assert found is not None
    assert Fraction(found) == sum((Fraction(value) for value in values if value is not None), Fraction(0))


@given(st.lists(decimals, min_size=1, max_size=6))
def test_a_mean_of_decimals_has_the_digits_that_dynamodb_keeps(values: list[Decimal]) -> None:
    found = balances(*values).avg(u.balance)
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    assert isinstance(found, Decimal)
    assert abs(Fraction(found) - exact) <= abs(exact) * Fraction(1, 10 ** (_DIGITS - 1))


@given(st.lists(st.integers(-(10**30), 10**30), max_size=6))
def test_a_sum_of_ints_is_an_int(values: list[int]) -> None:
    found = people(*({"score": {"N": str(value)}} for value in values)).sum(u.score)
    assert (type(found), found) == (int, sum(values))


def test_a_sum_of_floats_is_rounded_once() -> None:
    assert people(*({"weight": {"N": "0.1"}} for _ in range(10))).sum(u.weight) == 1.0


def test_a_mean_of_ints_is_a_decimal_and_one_of_floats_a_float() -> None:
    assert people({"score": {"N": "1"}}, {"score": {"N": "2"}}).avg(u.score) == Decimal("1.5")
    assert people({"weight": {"N": "1"}}, {"weight": {"N": "2.5"}}).avg(u.weight) == 1.75


def test_zero_is_a_value_and_none_is_not() -> None:
    zero = Decimal(0)
    assert balances(zero, None, Decimal(3)).avg(u.balance) == Decimal("1.5")
    assert balances(zero, None, Decimal(3)).min(u.balance) == zero
    assert balances(zero, None, Decimal(-3)).max(u.balance) == zero
    assert balances(zero, None, zero).count_distinct(u.balance) == 1


def test_nothing_has_the_sum_zero_and_neither_mean_nor_extremes() -> None:
    assert balances().sum(u.balance) == 0
    assert balances(None).avg(u.balance) is None
    assert balances(None).min(u.balance) is None
    assert balances(None).max(u.balance) is None
    assert balances(None).count_distinct(u.balance) == 0


def test_extremes_are_of_the_type_of_the_field() -> None:
    named = people({"nickname": {"S": "b"}}, {"nickname": {"S": "a"}}, {})
    assert named.min(u.nickname) == "a"
    assert people({"nickname": {"S": "b"}}, {"nickname": {"S": "a"}}, {}).max(u.nickname) == "b"


def test_equal_numbers_are_one_value_whatever_their_digits() -> None:
    assert balances(Decimal("1.0"), Decimal("1.00"), Decimal(1)).count_distinct(u.balance) == 1


def test_groups_keep_the_order_read_and_the_missing_stand_under_none() -> None:
    groups = people({"nickname": {"S": "b"}}, {}, {"nickname": {"S": "a"}}, {"nickname": {"S": "b"}}).group_by(
        u.nickname
    )
    numbers = {name: [int(person.sk) for person in group] for name, group in groups.items()}
    assert numbers == {"b": [0, 3], None: [1], "a": [2]}
    assert list(numbers) == ["b", None, "a"]


def test_an_aggregate_counts_what_the_limit_lets_through() -> None:
    client = Scripted(answer([stored(1), stored(2)]))
    assert Repo(Person, client=client).query(Key(u.pk) == "A", limit=2).sum(u.score) == 3


def test_an_aggregate_of_a_projection_reads_its_fields() -> None:
    client = Scripted(answer([{**stored(1), "nickname": {"S": "a"}}]))
    assert Repo(Person, client=client).query(Key(u.pk) == "A", project=Summary).sum(u.score) == 1


def ask(query: Query[Any], word: str, field: object) -> object:
    aggregate: Callable[[object], object] = getattr(query, word)
    return aggregate(field)


@pytest.mark.parametrize("word", ["count_distinct", "sum", "avg", "min", "max", "group_by"])
def test_a_field_that_the_results_do_not_have_is_refused_before_reading(word: str) -> None:
    repo = Repo(Person, client=Scripted())
    by_team = Key(u.team) == "A"
    with pytest.raises(InvalidExpression, match=r"Person.weight is not in the results: read the table, or put it"):
        ask(repo.query(by_team, project=OfTeam), word, u.weight)
    with pytest.raises(InvalidExpression, match=r"Person.weight is not in the results"):
        ask(repo.query(by_team), word, u.weight)
    with pytest.raises(InvalidExpression, match=r"about Other.*build it from fields\(Person\)"):
        ask(repo.scan(), word, o.weight)
    with pytest.raises(InvalidExpression, match=rf"{word}\(\) takes a field reference such as fields\(User\)"):
        ask(repo.scan(), word, "weight")


@pytest.mark.parametrize("word", ["sum", "avg"])
def test_only_numbers_have_a_sum(word: str) -> None:
    with pytest.raises(InvalidExpression, match=f"Person.sk is stored as S; {word} needs N"):
        ask(Repo(Person, client=Scripted()).scan(), word, u.sk)


@pytest.mark.parametrize("word", ["count_distinct", "group_by"])
def test_values_that_cannot_be_told_apart_are_refused(word: str) -> None:
    with pytest.raises(InvalidExpression, match=r"Person.tags holds a list, which has no value to group by"):
        ask(people({"tags": {"L": []}}), word, u.tags)


def test_values_without_an_order_have_no_extremes() -> None:
    mixed = people({"extra": {"S": "a"}}, {"extra": {"N": "1"}})
    with pytest.raises(InvalidExpression, match=r"Person.extra holds values that have no order"):
        mixed.min(u.extra)
