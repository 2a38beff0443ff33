"""Scans on a local DynamoDB, in one stream and in several."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import Attr, Repo, TableNotFound
from tests.support.orders import ALL, DayLine, Line, Order, o

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {(one.customer, one.number) for one in ALL}


def keys_of(found: list[Order]) -> list[tuple[str, int]]:
    return [(one.customer, one.number) for one in found]


@pytest.mark.parametrize("segments", [1, 3, 40])
def test_a_scan_brings_every_item_once(either: Repo[Order], segments: int) -> None:
    found = either.scan(segments=segments).all()
    assert len(found) == len(ALL)
    assert set(keys_of(found)) == _KEYS
    assert either.scan(segments=segments).count() == len(ALL)


@pytest.mark.parametrize("segments", [1, 4])
def test_a_filter_and_a_projection_apply_to_every_segment(orders: Repo[Order], segments: int) -> None:
    found = orders.scan(filter=Attr(o.shade) == "red", project=Line, segments=segments, page_size=100).all()
    expected = [Line(number=one.number, total=one.total) for one in ALL if one.shade == "red"]
    assert sorted(found, key=lambda line: line.number) == sorted(expected, key=lambda line: line.number)


def test_the_order_within_a_segment_is_that_of_dynamodb(
    orders: Repo[Order], orders_table: str, dynamodb: DynamoDBClient
) -> None:
    found = keys_of(orders.scan(segments=3, page_size=200).all())
    for segment in range(3):
        segments: Any = dynamodb.get_paginator("scan")
        pages = segments.paginate(TableName=orders_table, Segment=segment, TotalSegments=3)
        own = keys_of([Order.from_item(item) for page in pages for item in page["Items"]])
        assert [key for key in found if key in set(own)] == own


def test_a_limit_holds_over_all_segments(orders: Repo[Order]) -> None:
    found = orders.scan(segments=4, limit=333).all()
    assert len(set(keys_of(found))) == len(found) == 333


def test_a_scan_that_is_left_ends_its_threads(orders: Repo[Order]) -> None:
    before = set(threading.enumerate())
    for one in orders.scan(segments=4, page_size=50):
        assert one.customer in {"large", "small"}
        break
    gc.collect()
    assert set(threading.enumerate()) <= before


def test_a_scan_that_fails_ends_its_threads(dynamodb: DynamoDBClient) -> None:
    before = set(threading.enumerate())
    with pytest.raises(TableNotFound):
        Repo(Order, table="no-such-table", client=dynamodb).scan(segments=4).all()
    assert set(threading.enumerate()) <= before


def test_pages_of_a_scan_visit_every_item_once(orders: Repo[Order]) -> None:
    found: list[Order] = []
    cursor: str | None = None
    while True:
        page = orders.scan(page_size=700).page(900, cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(keys_of(found)) == sorted(_KEYS)


def test_a_scan_of_an_index_brings_what_is_in_it(orders: Repo[Order]) -> None:
    found = orders.scan(index="by-day", project=DayLine).all()
    assert len(found) == sum(one.day is not None for one in ALL)


def test_a_scan_of_a_table_with_one_item_in_many_segments(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    repo = Repo(Order, table=unique_table_name, client=dynamodb)
    repo.table.create()
    repo.put(ALL[0])
    assert repo.scan(segments=50).all() == ALL[:1]
    assert repo.scan().one() == ALL[0]
    repo.table.delete()
