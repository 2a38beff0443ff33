"""Queries on a local DynamoDB, over several of its pages."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamorm_py import Attr, InvalidExpression, Key, Repo, WaitTimeout, decode_cursor, encode_cursor
from tests.support.orders import ALL, LARGE, SMALL, DayLine, Line, Order, o, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from pydantic import BaseModel

    from dynamorm_py import Condition, Query


def test_a_partition_of_several_pages_is_read_whole_and_in_order(either: Repo[Order]) -> None:
    query = either.query(Key(o.customer) == "large")
    assert query.page().cursor is not None  # DynamoDB's own pages are smaller
    assert query.all() == LARGE
    assert either.query(Key(o.customer) == "large", ascending=False).all() == LARGE[::-1]


def test_it_is_counted_over_several_pages(orders: Repo[Order]) -> None:
    assert orders.query(Key(o.customer) == "large").count() == len(LARGE)
    assert orders.query(Key(o.customer) == "large", limit=1_500).count() == 1_500
    assert orders.query(Key(o.customer) == "large", filter=Attr(o.shade) == "blue").count() == 866


KEYS: list[tuple[str, Callable[[], Any], Callable[[int], bool]]] = [
    ("=", lambda: Key(o.number) == 7, lambda n: n == 7),
    ("<", lambda: Key(o.number) < 7, lambda n: n < 7),
    ("<=", lambda: Key(o.number) <= 7, lambda n: n <= 7),
    (">", lambda: Key(o.number) > 140, lambda n: n > 140),
    (">=", lambda: Key(o.number) >= 140, lambda n: n >= 140),
    ("between", lambda: Key(o.number).between(7, 77), lambda n: 7 <= n <= 77),
]


@pytest.mark.parametrize(("condition", "holds"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_each_key_operator_selects_what_it_says(
    orders: Repo[Order], condition: Callable[[], Any], holds: Callable[[int], bool]
) -> None:
    found = orders.query(condition(), Key(o.customer) == "small").all()
    assert found == [one for one in SMALL if holds(one.number)]


FILTERS: list[tuple[Callable[[], Condition], Callable[[Order], bool]]] = [
    (lambda: Attr(o.shade) == "red", lambda one: one.shade == "red"),
    (lambda: Attr(o.shade) != "red", lambda one: one.shade != "red"),
    (lambda: Attr(o.total) < Decimal("99.5"), lambda one: one.total < Decimal("99.5")),
    (lambda: Attr(o.at).between(Decimal(1), Decimal(3)), lambda one: 1 <= one.at <= 3),
    (lambda: Attr(o.shade).is_in(["red", "blue"]), lambda one: one.shade in {"red", "blue"}),
    (lambda: Attr(o.shop).begins_with("Oslo <"), lambda _: True),
    (lambda: Attr(o.note).contains("x"), lambda _: False),
    (lambda: Attr(o.shade).size() > 3, lambda one: len(one.shade) > 3),
    (lambda: Attr(o.day).exists(), lambda one: one.day is not None),
    (lambda: Attr(o.day).not_exists(), lambda one: one.day is None),
    (lambda: Attr(o.raw).attribute_type("B"), lambda _: True),
    (
        lambda: ~((Attr(o.shade) == "red") | (Attr(o.day).exists() & (Attr(o.total) > Decimal(99)))),
        lambda one: not (one.shade == "red" or (one.day is not None and one.total > 99)),
    ),
]


@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_each_filter_lets_through_what_it_says(orders: Repo[Order], number: int) -> None:
    condition, passes = FILTERS[number]
    query = orders.query(Key(o.customer) == "small", filter=condition())
    assert query.all() == [one for one in SMALL if passes(one)]
    assert query.count() == sum(map(passes, SMALL))


# --- paging ---------------------------------------------------------------------------------------


class _Reading(Protocol):
    def __call__(self, repo: Repo[Order], **how: Any) -> Query[Any]:  # noqa: ANN401 -- parameters of query()
        ...


@dataclass(frozen=True)
class Source:
    """A way to read orders, and what it has to bring, ascending."""

    read: _Reading
    expected: list[Order]
    project: type[BaseModel] | None = Line
    ordered: bool = True


def _by(orders: list[Order], key: Callable[[Order], Any]) -> list[Order]:
    return sorted(orders, key=key)


_DAY, _RAW = "2026-01-01", bytes([255, 1])
SOURCES: dict[str, Source] = {
    "table": Source(lambda repo, **how: repo.query(Key(o.customer) == "small", **how), SMALL),
    "range": Source(
        lambda repo, **how: repo.query(Key(o.number).between(20, 99), Key(o.customer) == "small", **how), SMALL[20:100]
    ),
    "local index": Source(
        lambda repo, **how: repo.query(Key(o.customer) == "small", index="by-total", **how),
        _by(SMALL, lambda one: one.total),
    ),
    "global index": Source(
        lambda repo, **how: repo.query(Key(o.raw) == _RAW, Key(o.at) < Decimal("0.5"), **how),
        _by([one for one in ALL if one.raw == _RAW and one.at < Decimal("0.5")], lambda one: one.at),
    ),
    "index that includes": Source(
        lambda repo, **how: repo.query(Key(o.shop) == "Oslo <1>", **(dict[str, Any](project=Line) | how)),
        _by(SMALL, lambda one: one.at),
    ),
    "scan of an index": Source(lambda repo, **how: repo.scan(index="by-total", **how), ALL, ordered=False),
}


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_pages_of_any_mix_visit_each_match_once_and_in_order(
    either: Repo[Order], name: str, data: st.DataObject
) -> None:
    source = SOURCES[name]
    sizes = st.integers(1, 70) if source.ordered else st.integers(300, 900)
    how: dict[str, Any] = {"ascending": data.draw(st.booleans())} if source.ordered else {}
    how |= {
        "page_size": data.draw(st.none() | sizes),
        "filter": Attr(o.shade) == "red" if data.draw(st.booleans()) else None,
    }
    if data.draw(st.booleans()):
        how["project"] = source.project
    pages = data.draw(st.lists(sizes, min_size=1, max_size=5))
    seen = [one.number for page in _pages(source.read(either, **how), pages) for one in page]
    expected = [one.number for one in source.expected if how["filter"] is None or one.shade == "red"]
    if not source.ordered:
        assert sorted(seen) == sorted(expected)
    else:
        assert seen == (expected if how["ascending"] else expected[::-1])


def _pages(query: Query[Any], wanted: list[int]) -> Iterator[list[Any]]:
    """Read page after page of these sizes, and of a limit each; the cursor is handed over in between."""
    cursor: str | None = None
    for size in itertools.cycle(wanted):
        page = query.page(size, cursor)
        assert len(page.items) <= size
        yield list(page.items)
        cursor = page.cursor
        if cursor is None:
            return


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("limit", [1, 7, 40])
def test_a_limit_of_any_read_is_the_first_so_many(orders: Repo[Order], name: str, limit: int) -> None:
    source = SOURCES[name]
    limited, whole = (source.read(orders, limit=n, page_size=9, filter=Attr(o.shade) == "red") for n in (limit, None))
    expected = [one.number for one in itertools.islice(whole, limit)]
    assert [one.number for one in limited] == [one.number for one in limited.page()] == expected
    assert limited.count() == len(expected)


def _raw_query(dynamodb: DynamoDBClient, table: str, **how: Any) -> Any:  # noqa: ANN401 -- boto3's parameters
    return dynamodb.query(
        TableName=table,
        IndexName="by-raw",
        KeyConditionExpression="#raw = :raw",
        ExpressionAttributeNames={"#raw": "raw"},
        ExpressionAttributeValues={":raw": {"B": _RAW}},
        **how,
    )


def test_a_cursor_is_a_start_key_of_boto3(either: Repo[Order], orders_table: str, dynamodb: DynamoDBClient) -> None:
    query = either.query(Key(o.raw) == _RAW, filter=Attr(o.shade) == "red")
    page = query.page(5)  # ends in the middle of a page of DynamoDB's
    key: Any = decode_cursor(page.cursor or "").last_key
    found = _raw_query(dynamodb, orders_table, ExclusiveStartKey=key)["Items"]
    following = query.page(1, page.cursor).items[0]
    assert following in [Order.from_item(item) for item in found[:20]]
    assert page.items[-1].at < Order.from_item(found[0]).at


def test_a_last_key_of_boto3_is_a_cursor(either: Repo[Order], orders_table: str, dynamodb: DynamoDBClient) -> None:
    raw = _raw_query(dynamodb, orders_table, Limit=5)
    cursor = encode_cursor(raw["LastEvaluatedKey"], "by-raw", "ASC")
    query = either.query(Key(o.raw) == _RAW)
    assert [Order.from_item(item) for item in raw["Items"]] == query.page(5).items
    assert query.page(5, cursor).items == query.page(10).items[5:]
    assert query.page(5).cursor == cursor


@pytest.mark.parametrize("secret", [None, "a secret"])
def test_signed_cursors_page_as_unsigned_ones_do(
    orders_table: str, dynamodb: DynamoDBClient, secret: str | None
) -> None:
    repo = Repo(Order, table=orders_table, client=dynamodb, cursor_secret=secret)
    query = repo.query(Key(o.customer) == "small", Key(o.total) < Decimal(100))
    assert [one for page in _pages(query, [40]) for one in page] == query.all()


# --- projections ----------------------------------------------------------------------------------


def test_a_projection_reads_a_smaller_model(orders: Repo[Order]) -> None:
    found = orders.query(Key(o.customer) == "small", project=Line).all()
    assert found == [Line(number=one.number, total=one.total) for one in SMALL]


def test_a_projection_reads_what_a_keys_only_index_carries(either: Repo[Order]) -> None:
    found = either.query(Key(o.day) == _DAY, project=DayLine).all()
    expected = [one.number for one in ALL if one.day == _DAY]
    assert sorted(line.number for line in found) == sorted(expected)
    assert {line.day for line in found} == {_DAY}


def test_a_filter_on_an_attribute_that_an_index_does_not_carry_is_refused(orders: Repo[Order]) -> None:
    with pytest.raises(InvalidExpression, match="'by-day' does not carry shade"):
        orders.query(Key(o.day) == _DAY, filter=Attr(o.shade) == "red", project=DayLine)


# --- the rest -------------------------------------------------------------------------------------


def test_aggregates_over_many_pages_are_exact(orders: Repo[Order]) -> None:
    query = orders.query(Key(o.customer) == "large", project=Line)
    assert query.sum(o.total) == sum(one.total for one in LARGE)
    assert query.max(o.total) == Decimal(100)
    assert orders.query(Key(o.customer) == "large").count_distinct(o.shade) == 3


@pytest.mark.differs("ministack", row=25)
def test_what_is_read_costs_about_what_is_estimated(orders: Repo[Order], dynamodb: DynamoDBClient) -> None:
    query = orders.query(Key(o.customer) == "large")
    query.all()
    charged = sum(one_page["ConsumedCapacity"]["CapacityUnits"] for one_page in _charged(dynamodb, orders))
    units = query.explain().read_units
    assert units is not None
    assert charged <= units <= 1.5 * charged


def _charged(dynamodb: DynamoDBClient, orders: Repo[Order]) -> Iterator[Any]:
    request = orders.query(Key(o.customer) == "large").explain().request
    yield from dynamodb.get_paginator("query").paginate(**request, ReturnConsumedCapacity="TOTAL")


def test_waiting_ends_when_another_has_written(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    repo = Repo(Order, table=unique_table_name, client=dynamodb)
    repo.table.create()
    query = repo.query(Key(o.day) == _DAY, project=DayLine)
    with pytest.raises(WaitTimeout) as caught:
        query.wait(bool, timeout=0.1)
    assert caught.value.items == []
    writer = threading.Timer(0.2, lambda: repo.put(order("new", 2)))
    writer.start()
    assert [line.number for line in query.wait(bool, timeout=10)] == [2]
    writer.join()
    repo.table.delete()
