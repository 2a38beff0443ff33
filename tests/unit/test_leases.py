"""Leases with clocks and answers of the test's own."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Annotated, Any

import pytest

from dynamorm_py import (
    CallError,
    ConditionFailed,
    DynamoModel,
    InvalidKey,
    LeaseHeld,
    LeaseLost,
    Leases,
    PartitionKey,
    Repo,
)
from dynamorm_py.errors import ConnectionFailed
from dynamorm_py.leases import Lease
from dynamorm_py.testing import FrozenClock, ScriptedClient

_NOW = 1767225600  # FrozenClock's start, in epoch seconds


class Job(DynamoModel, table="jobs", naming="camelCase"):
    name: Annotated[str, PartitionKey()]


def leases(client: object, clock: FrozenClock | None = None) -> Leases:
    return Leases(Repo(Job, client=client, clock=clock or FrozenClock()))


def refused(item: dict[str, Any] | None) -> ConditionFailed:
    error = ConditionFailed("the condition did not hold")
    error.raw_item = item
    return error


def test_a_lease_is_written_with_the_attributes_of_the_contract() -> None:
    client = ScriptedClient({})
    lease = leases(client).acquire("report", seconds=30, token="me")

    assert lease == Lease("report", "me", dt.datetime(2026, 1, 1, 0, 0, 30, tzinfo=dt.UTC))
    (request,) = client.requests
    assert request.operation == "PutItem"
    assert request.parameters["Item"] == {
        "name": {"S": "report"},
        "lease_token": {"S": "me"},
        "lease_expires_at": {"N": str(_NOW + 30)},
        "ttl": {"N": str(_NOW + 30 + 3600)},
    }


def test_every_lease_has_a_token_of_its_own() -> None:
    both = leases(ScriptedClient({}, {}))
    assert both.acquire("a", seconds=1).token != both.acquire("b", seconds=1).token


def test_the_end_is_rounded_up_to_a_whole_second() -> None:
    clock = FrozenClock()
    clock.advance(0.25)
    lease = leases(ScriptedClient({}), clock).acquire("report", seconds=1.5)
    assert lease.expires_at.timestamp() == _NOW + 2


def test_a_held_lease_says_until_when_and_not_by_whom() -> None:
    item = {"name": {"S": "report"}, "lease_token": {"S": "secret"}, "lease_expires_at": {"N": str(_NOW + 5)}}
    with pytest.raises(LeaseHeld) as held:
        leases(ScriptedClient(refused(item))).acquire("report", seconds=30)
    assert held.value.expires_at == dt.datetime(2026, 1, 1, 0, 0, 5, tzinfo=dt.UTC)
    assert held.value.key == {"name": {"S": "report"}}
    assert "secret" not in str(held.value)


def test_a_lease_that_ends_at_no_time_is_held_all_the_same() -> None:
    in_milliseconds = {"lease_token": {"S": "other"}, "lease_expires_at": {"N": "1767225600000"}}
    with pytest.raises(LeaseHeld) as caught:
        leases(ScriptedClient(refused(in_milliseconds))).acquire("report", seconds=30)
    assert caught.value.expires_at is None


@pytest.mark.parametrize("seconds", [1e12, 1e300, pytest.param(10**400, id="10**400")])
def test_a_lease_that_would_never_end_is_refused_before_anything_is_sent(seconds: float) -> None:
    with ScriptedClient() as client, pytest.raises(CallError, match="ends after the year 9999"):
        leases(client).acquire("report", seconds=seconds)


def test_the_key_of_an_item_that_is_no_lease_is_refused() -> None:
    with pytest.raises(InvalidKey, match="keys of their own"):
        leases(ScriptedClient(refused({"name": {"S": "report"}}))).acquire("report", seconds=30)


def test_refreshing_and_releasing_ask_for_the_token_and_nothing_else() -> None:
    client = ScriptedClient({}, {}, {})
    holder = leases(client)
    lease = holder.refresh(holder.acquire("report", seconds=30, token="me"), seconds=60)
    holder.release(lease)

    assert lease.expires_at.timestamp() == _NOW + 60
    for request in client.requests[1:]:
        name, equals, value = request.parameters["ConditionExpression"].split(" ")
        assert (request.parameters["ExpressionAttributeNames"][name], equals) == ("lease_token", "=")
        assert request.parameters["ExpressionAttributeValues"][value] == {"S": "me"}


def test_a_lease_that_another_took_is_lost() -> None:
    other = {"name": {"S": "report"}, "lease_token": {"S": "other"}}
    holder = leases(ScriptedClient({}, refused(other), refused(other)))
    lease = holder.acquire("report", seconds=30)
    with pytest.raises(LeaseLost, match="another holder took it"):
        holder.refresh(lease, seconds=30)
    with pytest.raises(LeaseLost, match="another holder took it"):
        holder.release(lease)


def test_a_lease_that_is_gone_is_released_and_cannot_be_refreshed() -> None:
    holder = leases(ScriptedClient({}, refused(None), refused(None)))
    lease = holder.acquire("report", seconds=30)
    assert holder.release(lease) is False
    with pytest.raises(LeaseLost):
        holder.refresh(lease, seconds=30)


@pytest.mark.parametrize("seconds", [0, -1, 0.5, True, "30", float("nan"), float("inf")])
def test_a_lease_of_no_length_is_refused_before_anything_is_sent(seconds: float) -> None:
    with ScriptedClient() as client, pytest.raises(CallError, match="number of seconds"):
        leases(client).acquire("report", seconds=seconds)


def test_an_empty_token_and_a_naive_clock_are_refused() -> None:
    with pytest.raises(CallError, match="leave token= out"):
        leases(ScriptedClient()).acquire("report", seconds=30, token="")
    naive: Any = lambda: dt.datetime(2026, 1, 1)  # noqa: DTZ001, E731 -- what is refused
    with pytest.raises(CallError, match="naive"):
        Leases(Repo(Job, client=ScriptedClient(), clock=naive)).acquire("report", seconds=30)


def test_leases_take_a_repository() -> None:
    wrong: Any = Job
    with pytest.raises(CallError, match="takes a repository first"):
        Leases(wrong)


# --- holding --------------------------------------------------------------------------------------


def test_a_refresh_that_fails_once_does_not_lose_the_lease() -> None:
    clock = FrozenClock()
    client = ScriptedClient({}, ConnectionFailed("broken"), {}, {})
    with leases(client, clock).hold("report", seconds=3000) as held:
        clock.advance(1000)
        held.refresh()
        clock.advance(1000)
        held.refresh()
        held.check()
        assert held.lease.expires_at.timestamp() == _NOW + 5000
    assert client.operations == ["PutItem", "UpdateItem", "UpdateItem", "DeleteItem"]


def test_a_lease_whose_refreshes_all_fail_is_lost_when_it_expires() -> None:
    clock = FrozenClock()
    holding = leases(ScriptedClient({}, ConnectionFailed("broken"), refused(None)), clock).hold("report", seconds=3000)
    held = holding.__enter__()
    held.refresh()
    held.check()
    clock.advance(3000)
    assert held.lost
    with pytest.raises(LeaseLost, match=r"has expired.*the last one failed with ConnectionFailed") as caught:
        holding.__exit__(None, None, None)
    assert isinstance(caught.value.__cause__, ConnectionFailed)


def test_a_lease_that_expired_but_that_nobody_took_is_released_without_complaint() -> None:
    clock = FrozenClock()
    with ScriptedClient({}, {}) as client, leases(client, clock).hold("report", seconds=3000) as held:
        clock.advance(4000)
        assert held.lost


def test_the_holder_is_told_that_another_took_the_lease() -> None:
    holding = leases(ScriptedClient({}, refused({"lease_token": {"S": "other"}}))).hold("report", seconds=3000)
    held = holding.__enter__()
    held.refresh()
    assert held.lost
    with pytest.raises(LeaseLost, match="another has taken"):
        held.check()
    with pytest.raises(LeaseLost, match="another has taken"):
        holding.__exit__(None, None, None)


def test_an_error_of_the_block_is_raised_and_the_lease_released() -> None:
    with ScriptedClient({}, {}) as client, pytest.raises(ValueError, match="mine"):
        _fail_while_holding(client)
    assert client.operations == ["PutItem", "DeleteItem"]


def test_an_error_of_the_block_is_raised_also_when_the_release_fails() -> None:
    with pytest.raises(ValueError, match="mine") as raised:
        _fail_while_holding(ScriptedClient({}, ConnectionFailed("broken")))
    assert raised.value.__notes__ == ["the lease was not released: broken"]


def _fail_while_holding(client: ScriptedClient) -> None:
    with leases(client).hold("report", seconds=3000):
        raise ValueError("mine")


def test_no_thread_is_left_after_the_block() -> None:
    before = threading.active_count()
    with leases(ScriptedClient({}, {})).hold("report", seconds=3000):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.parametrize("value", ["report", None, Job(name="report")])
def test_only_a_lease_is_refreshed_or_released(value: Any) -> None:  # noqa: ANN401 -- of a wrong type
    held = leases(ScriptedClient())

    with pytest.raises(CallError, match=r"what acquire\(\) returned, got"):
        held.refresh(value, seconds=30)
    with pytest.raises(CallError, match=r"what acquire\(\) returned, got"):
        held.release(value)
