"""A call over the wire as a plan: what is sent again, what is not, and what the caller learns of it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from dynamorm_py._transport.exchange import Attempt, Call, NoAnswer, Outcome, Pause, exchange
from dynamorm_py._transport.http11 import Answer
from dynamorm_py._transport.retry import CAPACITY, COSTS, RetryMode, RetryQuota
from dynamorm_py._transport.signing import Endpoint

_BODY = b"{}"
_FINE = Answer(200, {"x-amz-crc32": str(crc32(_BODY))}, _BODY)
_DAMAGED = Answer(200, {"x-amz-crc32": "1"}, _BODY)
_BROKEN = Answer(500, {}, b'{"__type": "InternalServerError"}')
_THROTTLED = Answer(400, {"x-amz-retry-after": "1500"}, b'{"__type": "a#ThrottlingException"}')
_REFUSED = Answer(400, {}, b'{"__type": "a#ValidationException"}')
_LOST = NoAnswer("closed", "closed", sent=True)
_UNCONNECTED = NoAnswer("connect", "refused", sent=False)


def _idle_end() -> NoAnswer:
    return NoAnswer("closed", "closed", sent=True, resend=True)


def _call(service: str = "dynamodb", quota: RetryQuota | None = None) -> Call:
    endpoint = Endpoint.of("http://127.0.0.1:1", "eu-west-1", "dynamodb")
    return Call(
        service, "GetItem", endpoint, _BODY, lambda _: b"HEAD\r\n", RetryMode.standard(service), quota or RetryQuota()
    )


def _drive(answers: list[Answer | NoAnswer], call: Call, *, time: bool = True) -> tuple[list[Any], Outcome]:
    """Return the steps of a call that is answered so, and its outcome."""
    plan, steps = exchange(call), list[Any]()
    value: Any = None
    try:
        step = next(plan)
        while True:
            steps.append(step)
            value = time if isinstance(step, Pause) else answers.pop(0)
            step = plan.throw(value) if isinstance(value, NoAnswer) else plan.send(value)
    except StopIteration as finished:
        return steps, finished.value


def _kinds(steps: list[Any]) -> str:
    return "".join("p" if isinstance(step, Pause) else "f" if step.fresh else "a" for step in steps)


def test_a_call_that_succeeds_is_sent_once() -> None:
    steps, outcome = _drive([_FINE], _call())
    assert _kinds(steps) == "a"
    assert outcome == Outcome(_FINE, 0)
    lines = steps[0].payload.split(b"\r\n")
    assert lines[0] == b"HEAD"
    assert lines[1].startswith(b"amz-sdk-invocation-id: ")
    assert lines[2:] == [b"amz-sdk-request: attempt=1; max=4", b"Content-Length: 2", b"", b"{}"]


@pytest.mark.parametrize(
    ("answers", "kinds", "retries"),
    [
        pytest.param([_REFUSED], "a", 0, id="refused"),
        pytest.param([_BROKEN, _FINE], "apa", 1, id="a fault of the server"),
        pytest.param([_DAMAGED, _FINE], "apa", 1, id="a wrong checksum"),
        pytest.param([_DAMAGED] * 4, "apapapa", 3, id="a wrong checksum to the end"),
        pytest.param([_BROKEN] * 4, "apapapa", 3, id="a fault to the end"),
        pytest.param([_LOST, _UNCONNECTED, _FINE], "apapa", 2, id="no answer"),
        pytest.param([_idle_end(), _FINE], "af", 1, id="an idle connection that ended"),
        pytest.param([_idle_end(), _idle_end(), _FINE], "afpa", 2, id="one free resend only"),
        pytest.param([_BROKEN, _idle_end(), _BROKEN, _BROKEN, _FINE], "apafpapa", 4, id="a resend beside retries"),
    ],
)
def test_what_is_sent_again(answers: list[Answer | NoAnswer], kinds: str, retries: int) -> None:
    final = answers[-1]
    steps, outcome = _drive(list(answers), _call())
    assert (_kinds(steps), outcome.retries, outcome.answer) == (kinds, retries, final)


def test_the_number_of_the_attempt_and_one_identity_stand_in_every_request() -> None:
    steps, _ = _drive([_BROKEN, _BROKEN, _FINE], _call())
    payloads = [step.payload.split(b"\r\n") for step in steps if isinstance(step, Attempt)]
    assert [lines[2] for lines in payloads] == [b"amz-sdk-request: attempt=%d; max=4" % n for n in (1, 2, 3)]
    assert len({lines[1] for lines in payloads}) == 1


def test_the_last_failure_says_whether_any_request_was_sent() -> None:
    with pytest.raises(NoAnswer) as caught:
        _drive([_LOST, *[NoAnswer("connect", "refused", sent=False) for _ in range(3)]], _call())
    assert (caught.value.sent, caught.value.any_sent, caught.value.retries) == (False, True, 3)
    with pytest.raises(NoAnswer) as caught:
        _drive([NoAnswer("connect", "refused", sent=False) for _ in range(4)], _call())
    assert (caught.value.any_sent, caught.value.retries) == (False, 3)


def test_a_pause_that_the_deadline_does_not_allow_ends_the_call_with_what_it_has() -> None:
    steps, outcome = _drive([_THROTTLED], _call(), time=False)
    assert (_kinds(steps), outcome) == ("ap", Outcome(_THROTTLED, 0))
    assert 1.5 <= steps[1].seconds <= 2.5


def test_retries_cost_the_budget_and_a_success_gives_back_what_its_last_one_took() -> None:
    quota = RetryQuota()
    _drive([_BROKEN, _BROKEN, _FINE], _call(quota=quota))
    taken = 0
    while cost := quota.acquire("throttled"):
        taken += cost
    assert taken == (CAPACITY - COSTS["transient"]) // 5 * 5
    steps, outcome = _drive([_BROKEN], _call(quota=quota))
    assert (_kinds(steps), outcome.answer) == ("a", _BROKEN)


def test_a_checksum_is_looked_at_where_botocore_does_so() -> None:
    _, outcome = _drive([_DAMAGED], _call("kms"))
    assert outcome.answer is _DAMAGED
