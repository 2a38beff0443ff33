from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import CallError
from dynamorm_py._operations.arguments import check_int, check_number
from dynamorm_py._operations.retries import backoff, waits_within


@given(st.integers(), st.integers(1, 9), st.integers(10, 99))
def test_an_int_passes_exactly_within_its_bounds(value: int, least: int, most: int) -> None:
    if least <= value <= most:
        assert check_int("limit", value, least, most) == value
    else:
        with pytest.raises(CallError, match=f"^limit= must be an int from {least} to {most}, got -?[0-9]+"):
            check_int("limit", value, least, most)


@pytest.mark.parametrize(
    ("value", "shown"), [(True, "bool"), (1.5, "1.5"), ("7", "str"), (None, "NoneType"), ([1], "list")], ids=repr
)
def test_what_is_no_int_is_named_by_its_type_and_never_quoted(value: Any, shown: str) -> None:  # noqa: ANN401
    with pytest.raises(CallError) as refused:
        check_int("retries", value, 0, repair="leave it out")
    assert str(refused.value) == f"retries= must be an int of 0 or more, got {shown}: leave it out"


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, -math.inf, True, "3", None], ids=repr)
def test_a_number_of_seconds_is_finite_and_not_negative(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(CallError, match=r"^timeout= must be a number of seconds, 0 or more, got "):
        check_number("timeout", value, "seconds")


def test_a_bound_may_be_excluded_and_infinity_admitted() -> None:
    assert check_number("timeout", 0, "seconds") == 0
    assert check_number("timeout", 10**400, "seconds") == 10**400
    assert check_number("timeout", math.inf, "seconds", endless=True) == math.inf
    with pytest.raises(CallError, match=r"a number of units, above 0, got 0$"):
        check_number("rate", 0, "units", above=True)


@given(st.floats(0.01, 5), st.floats(5, 50), st.integers(0, 2000))
def test_a_wait_doubles_until_it_is_the_longest(first: float, longest: float, retry: int) -> None:
    assert backoff(0, first, longest) == first
    assert backoff(retry + 1, first, longest) == min(longest, 2 * backoff(retry, first, longest))


@given(st.floats(0, 1000))
def test_waits_add_up_to_the_timeout_and_end_with_a_last_look(timeout: float) -> None:
    waits = list(waits_within(timeout, 0.1, 10))
    assert math.isclose(sum(waits), timeout)
    assert waits.pop() == 0
    assert all(0 < wait <= 10 for wait in waits)
