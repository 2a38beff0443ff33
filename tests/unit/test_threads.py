"""Parallel scans: what the threads bring, how far they run ahead, and that they end."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import Repo, Throttled
from dynamorm_py._runtime.deadline import seconds_left
from dynamorm_py._runtime.threads import merged
from dynamorm_py.aws_lambda import deadline
from tests.support.reading import Person, numbers_of, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._kernel.plans import Request


@given(st.lists(st.lists(st.integers(), max_size=8), max_size=8), st.integers(1, 4), st.integers(1, 3))
def test_every_value_comes_once_and_in_the_order_of_its_stream(
    streams: list[list[int]], threads: int, ahead: int
) -> None:
    numbered = (iter([(number, value) for value in stream]) for number, stream in enumerate(streams))
    found = list(merged(numbered, threads, ahead))
    assert [[value for number, value in found if number == which] for which in range(len(streams))] == streams


def test_no_thread_starts_before_the_first_value_is_wanted() -> None:
    before = threading.active_count()
    merged([iter([1])], 1).close()
    assert threading.active_count() == before


def test_the_deadline_holds_in_the_threads() -> None:
    streams = ((seconds_left() for _ in range(1)) for _ in range(3))
    with deadline(60, reserve=0):
        found = list(merged(streams, 2))
    assert len(found) == 3
    assert all(left is not None and left <= 60 for left in found)


class Endless:
    """A stream that counts what was drawn of it."""

    def __init__(self) -> None:
        self.drawn = 0

    def __iter__(self) -> Iterator[int]:
        for number in count():
            self.drawn += 1
            yield number


def test_the_threads_run_ahead_no_further_than_asked() -> None:
    streams = [Endless(), Endless()]
    values = merged(map(iter, streams), 2, ahead=2)
    for taken, _ in enumerate(islice(values, 500), start=1):
        assert sum(stream.drawn for stream in streams) <= taken + 2 * 2 + 2  # waiting, and one in each hand
    values.close()


def test_the_threads_end_when_the_reader_leaves() -> None:
    before = set(threading.enumerate())
    for number in merged((iter(Endless()) for _ in range(4)), 4):
        if number == 3:
            break
    gc.collect()
    assert set(threading.enumerate()) <= before


def test_a_stream_that_fails_ends_the_others_and_is_heard() -> None:
    before = set(threading.enumerate())

    def failing() -> Iterator[int]:
        yield 1
        message = "segment 1"
        raise LookupError(message)

    with pytest.raises(LookupError, match="segment 1") as caught:
        list(merged([iter(Endless()), failing(), iter(Endless())], 3))
    assert "failing" in [entry.name for entry in caught.traceback]
    assert set(threading.enumerate()) <= before


def test_an_error_of_the_reader_ends_the_threads() -> None:
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError):
        [1 // number for number in merged([iter(Endless())], 1)]
    gc.collect()
    assert set(threading.enumerate()) <= before


def test_streams_beyond_the_threads_are_drawn_as_threads_come_free() -> None:
    names: set[str] = set()

    def stream(number: int) -> Iterator[int]:
        names.add(threading.current_thread().name)
        yield number

    assert sorted(merged(map(stream, range(1_000)), 3)) == list(range(1_000))
    assert len(names) <= 3


class Segmented:
    """A table in segments of so many pages of two; segment number 2 may fail on its second page."""

    def __init__(self, pages: int, *, fails: bool = False) -> None:
        self.pages, self.fails = pages, fails
        self.asked: Counter[int] = Counter()
        self.threads: set[int] = set()

    def call(self, request: Request, /) -> bytes:
        self.threads.add(threading.get_ident())
        segment: int = request.parameters["Segment"]
        number = self.asked[segment]
        self.asked[segment] += 1
        if self.fails and segment == 2 and number == 1:
            message = "segment 2 is slow"
            raise Throttled(message)
        first = 100 * segment + 2 * number
        last = None if number + 1 == self.pages else first + 1
        return page([first, first + 1], last)


def test_a_scan_in_segments_brings_every_item_in_the_order_of_its_segment() -> None:
    client = Segmented(pages=5)
    found = numbers_of(Repo(Person, client=client).scan(segments=4))
    assert [[n % 100 for n in found if n // 100 == segment] for segment in range(4)] == [list(range(10))] * 4
    assert threading.get_ident() not in client.threads


def test_a_scan_in_segments_counts_in_segments() -> None:
    client = Segmented(pages=5)
    assert Repo(Person, client=client).scan(segments=4).count() == 40
    assert threading.get_ident() not in client.threads
    assert Repo(Person, client=Segmented(pages=5)).scan(segments=4, limit=7).count() == 7


def test_a_limit_stops_the_segments() -> None:
    client = Segmented(pages=50)
    assert len(Repo(Person, client=client).scan(segments=2, limit=3).all()) == 3
    assert sum(client.asked.values()) < 20


def test_a_segment_that_fails_is_heard_and_ends_the_scan() -> None:
    before = set(threading.enumerate())
    with pytest.raises(Throttled, match="segment 2"):
        Repo(Person, client=Segmented(pages=50, fails=True)).scan(segments=4).all()
    assert set(threading.enumerate()) <= before


def test_more_segments_than_threads_are_read_by_a_few() -> None:
    client = Segmented(pages=1)
    assert len(Repo(Person, client=client).scan(segments=200).all()) == 400
    assert len(client.threads) <= 32


def test_a_scan_that_is_left_ends_its_threads() -> None:
    before = set(threading.enumerate())
    people = iter(Repo(Person, client=Segmented(pages=1_000)).scan(segments=4))
    assert len(list(islice(people, 5))) == 5
    del people
    gc.collect()
    assert set(threading.enumerate()) <= before
