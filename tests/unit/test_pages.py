"""The verbs of a read over pages that a script gives: what is asked, where it stops, where it goes on."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import (
    Attr,
    CallError,
    ItemNotFound,
    Key,
    MultipleResults,
    NoResult,
    Query,
    Repo,
    Throttled,
    WaitTimeout,
)
from dynamorm_py._kernel.plans import Sleep
from dynamorm_py._operations import Results, wait_until
from dynamorm_py.testing import ScriptedClient
from tests.support.reading import Person, Scripted, Summary, answer, numbers_of, page, stored, u

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dynamorm_py._kernel.plans import Plan, Request

HEAVY = Attr(u.weight) > 1


def people(*answers: Any, **options: Any) -> tuple[Query[Person], Scripted]:  # noqa: ANN401 -- options of query()
    """Return a query whose pages are these, and the client that gives them."""
    client = Scripted(*answers)
    return Repo(Person, client=client).query(Key(u.pk) == "A", **options), client


def test_nothing_is_asked_before_it_is_wanted() -> None:
    query, client = people()
    assert repr(query) == "<Query on 'people'>"
    iter(query)
    assert client.requests == []


def test_a_query_is_neither_true_nor_false_before_it_is_read() -> None:
    query, client = people()
    with pytest.raises(CallError, match=r"has no truth value: write query.first\(\) is not None, or query.count\(\)"):
        bool(query)
    assert client.requests == []


def test_pages_are_read_as_they_are_used_up() -> None:
    query, client = people(page([1, 2], last=2), page([], last=4), page([5]))
    seen: list[tuple[str, int]] = [(person.sk, len(client.requests)) for person in query]
    assert seen == [("001", 1), ("002", 1), ("005", 3)]
    assert client.starts == [None, "002", "004"]


def test_each_iteration_reads_anew() -> None:
    query, client = people(page([1], last=1), page([2]), page([1]), page([3]))
    assert numbers_of(query) == [1, 2]
    assert numbers_of(query) == [1]
    assert client.starts == [None, "001", None]


def test_two_iterations_at_once_do_not_disturb_each_other() -> None:
    query, _ = people(page([1], last=1), page([1], last=1), page([2]), page([2]))
    assert [(a.sk, b.sk) for a, b in zip(query, query, strict=True)] == [("001", "001"), ("002", "002")]


def test_an_iterator_that_is_left_asks_no_more() -> None:
    query, client = people(page([1, 2], last=2))
    for person in query:
        if person.sk == "002":
            break
    assert len(client.requests) == 1


def test_a_limit_is_asked_for_exactly_where_there_is_no_filter() -> None:
    query, client = people(page([1, 2], last=2), page([3], last=3), limit=3)
    assert numbers_of(query) == [1, 2, 3]
    assert client.limits == [3, 1]


def test_a_limit_under_a_page_size_asks_for_no_more_than_is_left() -> None:
    query, client = people(page([1, 2], last=2), page([3], last=3), limit=3, page_size=2)
    assert numbers_of(query.all()) == [1, 2, 3]
    assert client.limits == [2, 1]


def test_a_limit_under_a_filter_cuts_the_page() -> None:
    query, client = people(page([1], last=5), page([6, 7, 8], last=9), limit=2, page_size=5, filter=HEAVY)
    assert numbers_of(query) == [1, 6]
    assert client.limits == [5, 5]


def test_first_reads_on_over_empty_pages_and_no_further() -> None:
    query, client = people(page([], last=3), page([], last=6), page([7, 8], last=9), filter=HEAVY)
    first = query.first()
    assert first is not None
    assert first.sk == "007"
    assert len(client.requests) == 3


def test_first_of_nothing_is_none_and_asks_for_one() -> None:
    query, client = people(page([]))
    assert query.first() is None
    assert client.limits == [1]


def test_one_is_the_only_result() -> None:
    query, client = people(page([1]))
    assert query.one().sk == "001"
    assert client.limits == [2]


def test_one_of_none_and_one_of_two_are_errors_that_say_what_to_do() -> None:
    with pytest.raises(NoResult, match=r"no Person in table 'people' matches; first\(\) returns None") as nothing:
        people(page([], last=1), page([]))[0].one()
    assert isinstance(nothing.value, ItemNotFound)
    assert nothing.value.code == "ErrItemNotFound"
    with pytest.raises(MultipleResults, match=r"name more of the key, or use first\(\)"):
        people(page([1], last=1), page([2]))[0].one()


def test_one_of_a_limit_of_one_is_the_first() -> None:
    query, client = people(page([1], last=1), limit=1)
    assert query.one().sk == "001"
    assert client.limits == [1]


def counted(count: int, last: int | None = None) -> bytes:
    rest = {} if last is None else {"LastEvaluatedKey": {name: stored(last)[name] for name in ("pk", "sk")}}
    return json.dumps({"Count": count, "ScannedCount": 9, **rest}).encode()


def test_count_asks_for_numbers_only_and_adds_the_pages() -> None:
    query, client = people(counted(3, last=3), counted(0, last=6), counted(2), filter=HEAVY, project=Summary)
    assert query.count() == 5
    assert {request.parameters["Select"] for request in client.requests} == {"COUNT"}
    assert not any("ProjectionExpression" in request.parameters for request in client.requests)
    assert client.starts == [None, "003", "006"]


def test_count_stops_at_the_limit() -> None:
    query, client = people(counted(3, last=3), counted(2, last=5), limit=5)
    assert query.count() == 5
    assert client.limits == [5, 2]
    filtered, _ = people(counted(3, last=3), counted(3, last=7), limit=5, filter=HEAVY)
    assert filtered.count() == 5


# --- pages and cursors ----------------------------------------------------------------------------


def test_a_page_without_a_size_is_one_of_dynamodb() -> None:
    query, client = people(page([], last=3), page_size=3, filter=HEAVY)
    found = query.page()
    assert list(found) == []
    assert found.cursor is not None
    assert client.limits == [3]
    assert found  # an empty page with a cursor is not the end


def test_a_page_is_filled_over_pages_of_dynamodb() -> None:
    query, client = people(page([1], last=4), page([5, 6], last=8), page([9]), page_size=4, filter=HEAVY)
    found = query.page(3)
    assert numbers_of(found) == [1, 5, 6]
    assert numbers_of(query.page(3, found.cursor)) == [9]
    assert client.starts == [None, "004", "008"]


def test_a_page_cut_in_the_middle_goes_on_after_its_last_item() -> None:
    query, client = people(page([1, 2, 3], last=4), page([3]), filter=HEAVY)
    found = query.page(2)
    assert numbers_of(found) == [1, 2]
    query.page(2, found.cursor)
    assert client.starts == [None, "002"]


def test_a_cut_page_of_a_client_that_parses_goes_on_the_same_way() -> None:
    parsed = json.loads(page([1, 2, 3], last=4))
    query, client = people(parsed, page([]), filter=HEAVY)
    query.page(2, query.page(2).cursor)
    assert client.starts == [None, "002"]


def test_the_key_of_a_cut_page_is_that_of_table_and_index() -> None:
    client = Scripted(answer([stored(7, email={"S": "a"}), stored(8, email={"S": "a"})]), answer([]))
    query = Repo(Person, client=client).query(Key(u.email) == "a", filter=HEAVY)
    query.page(1, query.page(1).cursor)
    assert client.requests[1].parameters["ExclusiveStartKey"] == {
        "pk": {"S": "A"},
        "sk": {"S": "007"},
        "email": {"S": "a"},
    }


def test_a_page_is_no_larger_than_the_limit() -> None:
    query, client = people(page([1, 2], last=2), page([1, 2], last=2), limit=2)
    assert numbers_of(query.page(25)) == [1, 2]
    assert numbers_of(query.page()) == [1, 2]
    assert client.limits == [2, 2]


def test_the_last_page_has_no_cursor() -> None:
    query, _ = people(page([1, 2]))
    assert query.page(5).cursor is None


def partition(passing: list[bool], most: int) -> ScriptedClient:
    """Return a partition as DynamoDB serves it: it looks at `Limit` items, at most `most`, and filters afterwards."""

    def answer(request: Request) -> bytes:
        start = request.parameters.get("ExclusiveStartKey")
        first = 0 if start is None else int(start["sk"]["S"]) + 1
        last = min(first + min(request.parameters.get("Limit") or most, most), len(passing))
        filtered = "FilterExpression" in request.parameters
        found = [number for number in range(first, last) if passing[number] or not filtered]
        return page(found, last=None if last == len(passing) else last - 1)

    return ScriptedClient(otherwise=answer)


sizes = st.none() | st.integers(1, 5)


@given(st.lists(st.booleans(), min_size=1), st.integers(1, 4), sizes, st.lists(sizes, min_size=1), st.booleans())
def test_pages_of_any_sizes_visit_each_match_once_and_in_order(
    passing: list[bool],
    most: int,
    page_size: int | None,
    wanted: list[int | None],
    filtered: bool,  # noqa: FBT001 -- drawn
) -> None:
    repo = Repo(Person, client=partition(passing, most))
    query = repo.query(Key(u.pk) == "A", page_size=page_size, filter=HEAVY if filtered else None)
    seen: list[int] = []
    cursor: str | None = None
    for size in itertools.cycle(wanted):
        found = query.page(size, cursor)
        seen += numbers_of(found)
        assert size is None or len(found.items) == size or found.cursor is None
        cursor = found.cursor
        if cursor is None:
            break
    expected = [number for number, passes in enumerate(passing) if passes or not filtered]
    assert seen == expected == numbers_of(query)
    assert query.count() == len(expected)


@given(st.lists(st.booleans(), min_size=1), st.integers(1, 4), sizes, st.integers(1, 9))
def test_a_limit_is_the_number_of_results_in_all(
    passing: list[bool], most: int, page_size: int | None, limit: int
) -> None:
    repo = Repo(Person, client=partition(passing, most))
    query = repo.query(Key(u.pk) == "A", page_size=page_size, filter=HEAVY, limit=limit)
    expected = [number for number, passes in enumerate(passing) if passes][:limit]
    assert numbers_of(query) == numbers_of(query.page()) == expected
    assert query.count() == len(expected)


def test_an_error_in_the_middle_reaches_the_reader_and_leaves_the_items_before_it() -> None:
    query, _ = people(page([1], last=1), Throttled("slow down"))
    found = iter(query)
    assert next(found).sk == "001"
    with pytest.raises(Throttled):
        next(found)


# --- waiting --------------------------------------------------------------------------------------


def reading(*results: list[int]) -> Callable[[], Plan[Results[int]]]:
    """Return a read that finds these, one after the other."""
    left = iter(results)

    def read() -> Generator[Any, Any, Results[int]]:
        yield from ()
        return Results(next(left), None)

    return read


def test_waiting_ends_with_the_first_read_that_satisfies() -> None:
    plan = wait_until(reading([], [1], [1, 2], [9]), lambda found: len(found) == 2, 5)
    assert [next(plan), plan.send(None)] == [Sleep(0.05), Sleep(0.1)]
    with pytest.raises(StopIteration) as finished:
        plan.send(None)
    assert finished.value.value == [1, 2]


def test_waiting_doubles_its_delay_up_to_a_second_and_ends_with_the_last_read() -> None:
    delays: list[float] = []
    plan = wait_until(reading(*[[number] for number in range(20)]), lambda _: False, 4)
    with pytest.raises(WaitTimeout, match=r"in 4 s \(the last read is in .items\)") as caught:
        delays.extend(wanted.seconds for wanted in plan if isinstance(wanted, Sleep))
    assert delays == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1, 1, 0.45])
    assert caught.value.items == [8]


def test_waiting_no_time_reads_once() -> None:
    query, client = people(page([1]))
    with pytest.raises(WaitTimeout) as caught:
        query.wait(lambda found: len(found) == 2, timeout=0)
    assert numbers_of(cast("list[Person]", caught.value.items)) == [1]
    assert len(client.requests) == 1


def test_waiting_reads_all_pages_up_to_the_limit() -> None:
    query, client = people(page([1], last=1), page([2], last=2), limit=2)
    assert numbers_of(query.wait(bool)) == [1, 2]
    assert client.limits == [2, 1]


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout: float) -> None:
    with pytest.raises(CallError, match="timeout= must be a number of seconds, 0 or more"):
        people()[0].wait(bool, timeout)
