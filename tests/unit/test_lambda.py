"""The Lambda runtime against a real client and endpoint: short limits, and a deadline that calls keep to."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from dynamorm_py import CallError, DeadlineExceeded, Throttled, errors
from dynamorm_py._kernel.plans import Plan, Request, Sleep
from dynamorm_py._runtime.run import run
from dynamorm_py._transport import as_client
from dynamorm_py.aws_lambda import deadline, lambda_client

if TYPE_CHECKING:
    from dynamorm_py._transport import Client
    from tests.unit.conftest import Endpoint

GET = Request("GetItem", {"TableName": "users", "Key": {"pk": {"S": "a"}}}, raw=True)
BODY = b'{"Item":{}}'


class Context:
    """Lambda's context, so far as it is needed."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return self.milliseconds


def config(client: Any) -> Any:  # noqa: ANN401 -- botocore's configuration
    return client._boto_client("dynamodb").meta.config


def test_the_client_for_lambda_waits_shortly_tries_three_times_and_keeps_connections(endpoint: Endpoint) -> None:
    made = config(lambda_client(endpoint_url=endpoint.url))

    assert (made.connect_timeout, made.read_timeout, made.tcp_keepalive) == (1, 3, True)
    assert made.retries == {"mode": "standard", "total_max_attempts": 3}


def test_each_limit_can_be_set_and_equal_settings_share_a_client(endpoint: Endpoint) -> None:
    def client() -> Any:  # noqa: ANN401 -- to look inside
        return lambda_client(connect_timeout=2, read_timeout=4, attempts=5, connections=3, endpoint_url=endpoint.url)

    made = config(client())

    assert (made.connect_timeout, made.read_timeout, made.max_pool_connections) == (2, 4, 3)
    assert made.retries["total_max_attempts"] == 5
    assert client() is client()
    assert client() is not lambda_client(endpoint_url=endpoint.url)


@pytest.mark.parametrize("wrong", [{"read_timeout": 0}, {"connect_timeout": -1}, {"attempts": 0}, {"connections": 0}])
def test_limits_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="lambda_client"):
        lambda_client(**wrong)


# --- the deadline --------------------------------------------------------------------------------


@pytest.mark.parametrize("brought", [False, True], ids=["our client", "boto3's client"])
def test_a_call_after_the_deadline_is_not_sent(endpoint: Endpoint, *, brought: bool) -> None:
    client = as_client(boto3.client("dynamodb", endpoint_url=endpoint.url)) if brought else _client(endpoint)

    with deadline(Context(400)), pytest.raises(DeadlineExceeded, match="GetItem was not sent") as caught:
        client.call(GET)

    assert caught.value.sent is False
    assert endpoint.operations == []


def test_a_call_within_the_time_left_is_answered_and_outside_none_is_limited(endpoint: Endpoint) -> None:
    endpoint.answer(BODY)
    with deadline(Context(30_000)):
        assert _client(endpoint).call(GET).body == BODY
    assert _client(endpoint).call(GET).body == BODY


def test_a_call_that_is_under_way_at_the_deadline_is_cut_off(endpoint: Endpoint) -> None:
    endpoint.answer(BODY, delay=2)
    begun = time.monotonic()

    with deadline(0.3, reserve=0), pytest.raises(DeadlineExceeded, match="may or may not") as caught:
        _client(endpoint).call(GET)

    assert caught.value.sent is True
    assert isinstance(caught.value, errors.RequestTimeout)
    assert time.monotonic() - begun < 1.5


def test_no_pause_between_attempts_outlasts_the_deadline(endpoint: Endpoint) -> None:
    endpoint.fail("ThrottlingException")
    begun = time.monotonic()

    with deadline(0.3, reserve=0), pytest.raises(Throttled):
        _client(endpoint).call(GET)

    assert time.monotonic() - begun < 0.8


def test_botocore_begins_no_pause_that_may_outlast_the_deadline(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    endpoint.fail("ThrottlingException")

    with deadline(0.9, reserve=0), pytest.raises(Throttled):  # the first pause may last a second
        _client(endpoint, read_timeout=3.1).call(GET)  # a client of its own, which reads the setting

    assert endpoint.operations == ["GetItem"]


@pytest.mark.parametrize("lane", ["direct", "botocore"])
def test_a_fault_of_the_server_is_tried_again_in_the_last_second(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", lane)
    endpoint.answer({"__type": "InternalServerError"}, status=500)
    endpoint.then(BODY)

    with deadline(0.9, reserve=0):
        assert _client(endpoint, read_timeout=3.2 if lane == "direct" else 3.1).call(GET).body == BODY


@pytest.mark.parametrize("reached", [True, False], ids=["an earlier attempt was answered", "none had a connection"])
def test_an_attempt_of_botocore_that_the_deadline_stops_tells_whether_an_earlier_one_was_sent(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, *, reached: bool
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    endpoint.answer({"__type": "InternalServerError"}, status=500)
    url = endpoint.url if reached else "http://127.0.0.1:9"
    client = cast("Client", lambda_client(attempts=2, endpoint_url=url, read_timeout=3.4 if reached else 3.3))
    with suppress(errors.DynamormError):
        client.call(GET)  # everything is loaded: what follows is quick
    before = len(endpoint.operations)

    def sleep(seconds: float) -> None:
        if seconds:  # the endpoint's own pause is none
            monkeypatch.setattr(time, "monotonic", _an_hour_later)

    with deadline(60):
        monkeypatch.setattr(time, "sleep", sleep)
        with pytest.raises(DeadlineExceeded) as caught:
            client.call(GET)

    assert caught.value.sent is reached
    assert len(endpoint.operations) - before == reached


def test_with_time_enough_a_throttled_call_is_tried_again(endpoint: Endpoint) -> None:
    endpoint.answer({"__type": "ThrottlingException"}, status=400)
    endpoint.then(BODY)

    with deadline(60):
        assert _client(endpoint).call(GET).body == BODY
    assert len(endpoint.operations) == 2


def test_a_plan_does_not_sleep_over_the_deadline(endpoint: Endpoint) -> None:
    def waiting() -> Plan[None]:
        yield Sleep(30)

    with deadline(5, reserve=0), pytest.raises(DeadlineExceeded, match="due in 30"):
        run(_client(endpoint), waiting())


def test_an_inner_deadline_does_not_prolong_the_outer_one(endpoint: Endpoint) -> None:
    with deadline(0, reserve=0), deadline(60), pytest.raises(DeadlineExceeded):
        _client(endpoint).call(GET)


def test_the_deadline_follows_the_context_into_threads(endpoint: Endpoint) -> None:
    with deadline(0), ThreadPoolExecutor(1) as threads, pytest.raises(DeadlineExceeded):
        threads.submit(copy_context().run, _client(endpoint).call, GET).result()


@pytest.mark.parametrize("wrong", [None, "3", True, object()])
def test_what_tells_no_time_is_refused(wrong: Any) -> None:  # noqa: ANN401 -- wrong on purpose
    with pytest.raises(CallError, match="context or seconds"), deadline(wrong):
        pass


_monotonic = time.monotonic


def _an_hour_later() -> float:
    return _monotonic() + 3600


def _client(endpoint: Endpoint, read_timeout: float = 3) -> Client:
    """Return a client of two attempts, in boto3's standard retry mode."""
    return cast("Client", lambda_client(attempts=2, endpoint_url=endpoint.url, read_timeout=read_timeout))
