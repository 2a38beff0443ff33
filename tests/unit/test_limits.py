"""Limits with a clock of the test's own: exact rates, order of arrival, what DynamoDB reports."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import CallError, ClientNotConfigured, DeadlineExceeded, Throttled, limited
from dynamorm_py._kernel.plans import Request
from dynamorm_py.aws_lambda import deadline
from dynamorm_py.limits import Consumed, FairSemaphore, Limited, TokenBucket
from dynamorm_py.testing import FrozenClock, Recorder, ScriptedClient

if TYPE_CHECKING:
    from dynamorm_py._kernel.response import ResponseLike

GET, PUT = Request("GetItem", {"TableName": "t"}), Request("PutItem", {"TableName": "t"})


def reporting(*units: float) -> ScriptedClient:
    """Return a client that reports these units, one after the other and again from the first."""
    turn = cycle(units)
    return ScriptedClient(otherwise=lambda _: {"ConsumedCapacity": {"CapacityUnits": next(turn)}})


def limited_by(clock: FrozenClock, client: object, **limits: float) -> Limited:
    rates: dict[str, Any] = {**limits}
    return limited(client, **rates, clock=clock.monotonic, sleep=clock.sleep)


def test_after_a_seconds_worth_the_rate_is_exact(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, reporting(1), reads_per_second=10)
    for _ in range(10 + 50):
        client.call(GET)
    assert frozen_clock.monotonic() == pytest.approx(5)


@given(
    units=st.lists(st.floats(0.5, 40), min_size=1, max_size=20),
    rate=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 3), min_size=20, max_size=20),
)
def test_what_was_consumed_never_exceeds_the_rate_by_more_than_a_second_and_the_last_answer(
    units: list[float], rate: int, pauses: list[float]
) -> None:
    clock = FrozenClock()
    client = limited_by(clock, reporting(*units), writes_per_second=rate)
    for pause in pauses[: len(units)]:
        before = client.consumed.writes
        client.call(PUT)
        assert before <= rate * (clock.monotonic() + 1) + 0.001
        clock.advance(pause)


def test_a_large_answer_delays_the_next_request_by_what_it_cost(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, reporting(100, 1), reads_per_second=10)
    client.call(GET)
    assert frozen_clock.slept == []
    client.call(GET)
    assert frozen_clock.monotonic() == pytest.approx(9.1)


def test_a_pause_saves_up_one_second_and_no_more(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, reporting(1), reads_per_second=10)
    frozen_clock.advance(1000)
    for _ in range(20):
        client.call(GET)
    assert frozen_clock.monotonic() == pytest.approx(1001)


def test_less_than_a_unit_gives_back_what_was_not_used(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, reporting(0.5), reads_per_second=1)
    for _ in range(21):
        client.call(GET)
    assert frozen_clock.monotonic() == pytest.approx(20 * 0.5)


def test_reads_and_writes_have_limits_of_their_own(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, reporting(1), reads_per_second=1, writes_per_second=1)
    client.call(GET)
    client.call(PUT)
    assert frozen_clock.slept == []
    assert client.consumed == Consumed(reads=1, writes=1)


def test_tables_and_key_services_are_not_limited(frozen_clock: FrozenClock) -> None:
    recorder = Recorder(ScriptedClient({}, {}, {}))
    client = limited_by(frozen_clock, recorder, reads_per_second=0.001)
    for request in (Request("DescribeTable", {}), Request("Decrypt", {}, service="kms"), Request("UpdateTable", {})):
        client.call(request)
    assert frozen_clock.slept == []
    assert all("ReturnConsumedCapacity" not in request.parameters for request in recorder.requests)


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        ({"ConsumedCapacity": {"CapacityUnits": 2.5}}, 2.5),
        (b'{"ConsumedCapacity":{"CapacityUnits":2.5},"Items":[]}', 2.5),
        ({"ConsumedCapacity": [{"CapacityUnits": 1.0}, {"CapacityUnits": 2.0}]}, 3.0),
        ({}, 0.0),
        (b"{}", 0.0),
        ({"ConsumedCapacity": {"CapacityUnits": 0.0}}, 0.0),
    ],
)
def test_what_dynamorm_reports_is_counted_in_every_form(
    frozen_clock: FrozenClock, answer: ResponseLike, units: float
) -> None:
    client = limited_by(frozen_clock, ScriptedClient(answer), reads_per_second=10)
    assert client.call(GET) == answer
    assert client.consumed.reads == units


def test_dynamodb_is_asked_to_report_unless_it_is_already() -> None:
    script = ScriptedClient({}, {})
    client = limited(script, reads_per_second=10)
    client.call(GET)
    client.call(Request("GetItem", {"ReturnConsumedCapacity": "INDEXES"}))
    assert [request.parameters["ReturnConsumedCapacity"] for request in script.requests] == ["TOTAL", "INDEXES"]
    assert "ReturnConsumedCapacity" not in GET.parameters


def test_an_error_is_raised_and_its_request_counted_as_one_unit(frozen_clock: FrozenClock) -> None:
    client = limited_by(frozen_clock, ScriptedClient(Throttled("no"), {}), reads_per_second=1)
    with pytest.raises(Throttled):
        client.call(GET)
    client.call(GET)
    assert frozen_clock.monotonic() == pytest.approx(1)


def test_who_takes_first_waits_least() -> None:
    bucket = TokenBucket(1, lambda: 0.0)
    assert [bucket.take(1) for _ in range(4)] == [0, 1, 2, 3]


def test_no_more_requests_are_under_way_than_allowed_and_all_are_done() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def count(_: Request) -> ResponseLike:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.001)
        with lock:
            under_way -= 1
        return {}

    client = limited(ScriptedClient(otherwise=count), concurrency=3)
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(client.call, [GET] * 60))
    assert (len(answers), most) == (60, 3)


def test_the_gate_lets_through_in_the_order_of_arrival() -> None:
    gate, order = FairSemaphore(1), list[int]()
    threads: list[threading.Thread] = []
    with gate.passed():
        for number in range(5):
            thread = threading.Thread(target=_pass, args=(gate, order, number))
            thread.start()
            while len(gate._waiting) <= number:  # pyright: ignore[reportPrivateUsage] -- nobody else can tell
                threading.Event().wait(0.001)
            threads.append(thread)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def _pass(gate: FairSemaphore, order: list[int], number: int) -> None:
    with gate.passed():
        order.append(number)


def test_a_request_that_fails_leaves_its_place() -> None:
    client = limited(ScriptedClient(Throttled("no"), {}), concurrency=1)
    with pytest.raises(Throttled):
        client.call(GET)
    client.call(GET)


@pytest.mark.parametrize(
    "limits",
    [
        {"reads_per_second": 0},
        {"writes_per_second": -1},
        {"reads_per_second": float("inf")},
        {"reads_per_second": True},
        {"writes_per_second": "10"},
        {"concurrency": 0},
        {"concurrency": 1.5},
    ],
)
def test_a_limit_that_is_none_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="leave it out for no limit"):
        limited(ScriptedClient(), **limits)


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(ClientNotConfigured):
        limited(object())


def test_a_wait_that_would_outlast_the_deadline_is_refused_at_once_and_costs_nothing() -> None:
    now = [0.0]
    client = limited(reporting(1), reads_per_second=1, clock=lambda: now[0])
    client.call(GET)
    with deadline(0.5, reserve=0), pytest.raises(DeadlineExceeded):
        client.call(GET)
    now[0] = 1.0
    with deadline(0.5, reserve=0):
        client.call(GET)
    assert client.consumed.reads == 2


def test_no_request_waits_for_its_turn_longer_than_the_deadline() -> None:
    gate = FairSemaphore(1)
    with gate.passed(), deadline(0.05, reserve=0), pytest.raises(DeadlineExceeded), gate.passed():
        raise AssertionError("the only place is taken")
    with gate.passed():  # who gave up left no place taken
        pass
