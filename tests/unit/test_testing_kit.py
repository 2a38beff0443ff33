"""The clients, faults and the clock that the package gives to tests."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import ConnectionFailed, Throttled
from dynamorm_py._kernel.plans import Request
from dynamorm_py.errors import InternalServerError
from dynamorm_py.testing import (
    Fail,
    FaultyClient,
    FrozenClock,
    Leftovers,
    LostAnswer,
    Recorder,
    ScriptedClient,
    Throttle,
)

if TYPE_CHECKING:
    from dynamorm_py._kernel.response import ResponseLike

GET, PUT = Request("GetItem", {"TableName": "t"}), Request("PutItem", {"TableName": "t"})


def batch(*numbers: int, unprocessed: str = "") -> dict[str, Any]:
    if unprocessed:
        return {unprocessed: {"t": {"Keys": list(numbers)}}}
    return {"RequestItems": {"t": {"Keys": list(numbers)}}}


# --- scripts and records --------------------------------------------------------------------------


def test_a_script_answers_in_its_order() -> None:
    with ScriptedClient({"n": 1}, Throttled("slow"), lambda request: {"asked": request.operation}) as client:
        assert client.call(GET) == {"n": 1}
        with pytest.raises(Throttled, match="slow"):
            client.call(GET)
        assert client.call(PUT) == {"asked": "PutItem"}
    assert client.operations == ["GetItem", "GetItem", "PutItem"]


def test_a_request_beyond_the_script_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="request 1, GetItem, is beyond the end"):
        ScriptedClient().call(GET)


def test_answers_that_nobody_asked_for_fail_the_test() -> None:
    script = ScriptedClient({}, {})
    with pytest.raises(AssertionError, match="2 answers of the script"):
        script.__exit__(None, None, None)
    script.__exit__(ValueError, None, None)  # the block's own error is the news


def test_a_recorder_keeps_answers_and_errors() -> None:
    recorder = Recorder(ScriptedClient({"n": 1}, Throttled("slow")))
    recorder.call(GET)
    with pytest.raises(Throttled):
        recorder.call(PUT)
    assert [(e.request, e.answer, type(e.error)) for e in recorder.exchanges] == [
        (GET, {"n": 1}, type(None)),
        (PUT, None, Throttled),
    ]
    assert recorder.parameters("PutItem") == [{"TableName": "t"}]


# --- faults ---------------------------------------------------------------------------------------


def test_a_fault_happens_so_many_times_to_its_operation_after_so_many() -> None:
    inner = Recorder(ScriptedClient({}, {}, {}, {}))
    client = FaultyClient(inner, [Throttle("GetItem", times=2, after=1)])
    outcomes: list[bool] = []
    for request in (PUT, GET, GET, PUT, GET, GET):
        try:
            client.call(request)
        except Throttled:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes == [True, True, False, True, False, True]
    assert client.exhausted
    assert inner.operations == ["PutItem", "GetItem", "PutItem", "GetItem"]


def test_a_lost_answer_is_of_a_request_that_was_performed() -> None:
    inner = ScriptedClient({}, {})
    client = FaultyClient(inner, [LostAnswer()])
    with pytest.raises(ConnectionFailed, match="PutItem: the test lost the answer"):
        client.call(PUT)
    assert inner.operations == ["PutItem"]
    assert client.call(PUT) == {}


def test_a_failure_is_of_your_choice_and_reaches_nobody() -> None:
    inner = ScriptedClient()
    with pytest.raises(InternalServerError, match="mine"):
        FaultyClient(inner, [Fail(InternalServerError("mine"))]).call(PUT)
    assert inner.operations == []


@pytest.mark.parametrize(
    ("keep", "performed", "left"), [(0, [], [[1, 2, 3]]), (2, [batch(1, 2)], [[3]]), (3, [batch(1, 2, 3)], [])]
)
def test_leftovers_of_a_read_are_given_back(keep: int, performed: list[Any], left: list[Any]) -> None:
    inner = ScriptedClient(*[{"Responses": {"t": ["items"]}} for _ in performed])
    answer: Any = FaultyClient(inner, [Leftovers(keep)]).call(Request("BatchGetItem", batch(1, 2, 3)))
    assert [request.parameters for request in inner.requests] == performed
    assert [keys["Keys"] for keys in answer["UnprocessedKeys"].values()] == left
    assert answer["Responses"] == ({"t": ["items"]} if performed else {"t": []})


def test_leftovers_of_a_write_are_added_to_dynamodbs_own() -> None:
    inner = ScriptedClient({"UnprocessedItems": {"t": ["b"]}})
    request = Request("BatchWriteItem", {"RequestItems": {"t": ["a", "b", "c"]}})
    answer: ResponseLike = FaultyClient(inner, [Leftovers(2)]).call(request)
    assert answer == {"UnprocessedItems": {"t": ["b", "c"]}}


def test_leftovers_are_of_batches_only() -> None:
    client = FaultyClient(ScriptedClient({}), [Leftovers()])
    client.call(GET)
    assert not client.exhausted


# --- clock, chance, start -------------------------------------------------------------------------


def test_a_frozen_clock_moves_only_when_told(frozen_clock: FrozenClock) -> None:
    before = frozen_clock()
    assert (frozen_clock(), frozen_clock.monotonic()) == (before, 0)
    frozen_clock.advance(1.5)
    frozen_clock.sleep(0.5)
    assert frozen_clock() - before == dt.timedelta(seconds=2)
    assert (frozen_clock.monotonic(), frozen_clock.slept) == (2, [0.5])


def test_a_frozen_clock_is_aware() -> None:
    with pytest.raises(ValueError, match="aware"):
        FrozenClock(dt.datetime(2026, 1, 1))  # noqa: DTZ001 -- what is refused


@pytest.mark.parametrize("_", range(2))
def test_fixed_randomness_is_the_same_in_every_test(fixed_randomness: random.Random, _: int) -> None:
    assert (fixed_randomness.randrange(1000), random.randrange(1000)) == (864, 864)  # noqa: S311 -- no secret


def test_the_plugin_loads_no_aws_library_and_no_pydantic() -> None:
    code = (
        "import sys, dynamorm_py.testing.plugin;"
        "print(sorted({'boto3', 'botocore', 'moto', 'pydantic', 'hypothesis'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"
