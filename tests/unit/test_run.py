"""The loop that performs a plan."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Barrier, get_ident
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py._kernel.plans import Parallel, Request, Sleep, performed_by
from dynamorm_py._kernel.response import Response
from dynamorm_py._runtime.run import run
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.response import ResponseLike


def echo(request: Request) -> ResponseLike:
    return {"operation": request.operation}


def ask(operation: str) -> Plan[Any]:
    return (yield Request(operation, {}))


def test_a_plan_gets_the_answer_to_each_request_and_its_result_is_returned() -> None:
    def plan() -> Plan[list[Any]]:
        first = yield from ask("GetItem")
        second = yield from ask("PutItem")
        return [first, second]

    client = ScriptedClient(otherwise=echo)

    assert run(client, plan()) == [{"operation": "GetItem"}, {"operation": "PutItem"}]
    assert client.operations == ["GetItem", "PutItem"]


def test_a_plan_that_asks_nothing_returns_its_result() -> None:
    def plan() -> Plan[str]:
        return "done"
        yield Sleep(1)

    assert run(ScriptedClient(otherwise=echo), plan()) == "done"


@pytest.mark.parametrize("answer", [b'{"Item": {}}', {"Item": {}}, Response(b'{"Item": {}}')])
def test_whatever_a_transport_answers_reaches_the_plan_as_one_response(answer: ResponseLike) -> None:
    response: Response = run(ScriptedClient(answer), ask("GetItem"))
    assert (response.document, response.json) == ({"Item": {}}, {"Item": {}})
    assert response.body == (None if isinstance(answer, dict) else b'{"Item": {}}')


def test_a_sleep_waits_that_long_between_the_requests() -> None:
    def plan() -> Plan[None]:
        yield from ask("BatchGetItem")
        assert (yield Sleep(0.25)) is None
        yield from ask("BatchGetItem")

    client = ScriptedClient(otherwise=echo)
    waits: list[tuple[float, int]] = []
    run(client, plan(), sleep=lambda seconds: waits.append((seconds, len(client.operations))))

    assert waits == [(0.25, 1)]
    assert len(client.operations) == 2


def failing(request: Request) -> ResponseLike:
    if request.operation == "GetItem":
        raise LookupError(request.operation)
    return echo(request)


def test_a_plan_can_handle_an_error_of_the_client_and_go_on() -> None:
    def plan() -> Plan[Any]:
        try:
            yield from ask("GetItem")
        except LookupError as error:
            return (yield from ask(f"After{error}"))

    assert run(ScriptedClient(otherwise=failing), plan()) == {"operation": "AfterGetItem"}


def test_an_error_that_the_plan_does_not_handle_reaches_the_caller() -> None:
    with pytest.raises(LookupError, match="GetItem") as caught:
        run(ScriptedClient(otherwise=failing), ask("GetItem"))

    assert "failing" in [entry.name for entry in caught.traceback]


def interrupt(_: object) -> ResponseLike:
    raise KeyboardInterrupt


@pytest.mark.parametrize("wanted", [Request("GetItem", {}), Sleep(9)])
def test_an_interrupt_closes_the_plan_without_letting_it_go_on(wanted: Request | Sleep) -> None:
    ended: list[str] = []

    def plan() -> Plan[None]:
        try:
            yield wanted
        except Exception:  # noqa: BLE001 -- what must not happen is noted
            ended.append("went on")
        finally:
            ended.append("closed")

    with pytest.raises(KeyboardInterrupt):
        run(ScriptedClient(otherwise=interrupt), plan(), sleep=interrupt)

    assert ended == ["closed"]


def test_an_error_of_the_plan_itself_reaches_the_caller() -> None:
    def plan() -> Plan[None]:
        yield Sleep(0)
        message = "no key"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no key"):
        run(ScriptedClient(otherwise=echo), plan(), sleep=lambda _: None)


def test_a_stop_iteration_raised_by_the_client_is_not_taken_for_a_result() -> None:
    def stop(_: Request) -> ResponseLike:
        raise StopIteration

    with pytest.raises(RuntimeError):
        run(ScriptedClient(otherwise=stop), ask("GetItem"))


def test_plans_together_are_under_way_at_once_in_the_callers_context() -> None:
    both = Barrier(2)
    caller: ContextVar[str] = ContextVar("caller", default="")
    caller.set("traced")

    def answer(_: Request) -> ResponseLike:
        both.wait(timeout=30)
        return {"caller": caller.get()}

    def plan() -> Plan[Any]:
        return (yield Parallel([ask("Query"), ask("Scan")]))

    assert run(ScriptedClient(otherwise=answer), plan()) == [{"caller": "traced"}] * 2


def test_more_plans_than_threads_are_all_performed_and_one_needs_no_thread() -> None:
    client = ScriptedClient(otherwise=lambda _: {"thread": get_ident()})

    def plan(count: int) -> Plan[Any]:
        return (yield Parallel([ask("Query") for _ in range(count)]))

    assert len(run(client, plan(120))) == 120
    assert run(client, plan(1)) == [{"thread": get_ident()}]


@pytest.mark.parametrize("together", [True, False])
def test_a_request_goes_to_the_client_that_it_names_also_within_another_clients_plan(*, together: bool) -> None:
    keys, own, client = (
        ScriptedClient(otherwise=lambda _: {"from": "keys"}),
        ScriptedClient(otherwise=echo),
        ScriptedClient(otherwise=failing),
    )

    def decrypt() -> Plan[Any]:
        return (yield Request("Decrypt", {}, service="kms", client=keys))

    def plan() -> Plan[Any]:
        if together:
            return (yield Parallel([decrypt(), ask("GetItem")]))
        return (yield from decrypt())

    answer = run(client, performed_by(own, plan()))

    assert answer == ([{"from": "keys"}, {"operation": "GetItem"}] if together else {"from": "keys"})
    assert (keys.operations, client.operations) == (["Decrypt"], [])


def test_a_jittered_sleep_waits_at_most_as_long_and_at_least_the_rest() -> None:
    def plan() -> Plan[None]:
        for _ in range(50):
            yield Sleep(1.0, jitter=0.5)

    waits: list[float] = []
    run(ScriptedClient(otherwise=echo), plan(), sleep=waits.append)

    assert all(0.5 <= seconds <= 1.0 for seconds in waits)
    assert len(set(waits)) > 1


def test_plans_together_run_side_by_side_and_answer_in_their_order() -> None:
    meeting = Barrier(3, timeout=20)  # none goes on before all three ask

    def answer(request: Request) -> ResponseLike:
        meeting.wait()
        return {"operation": request.operation}

    def plan() -> Plan[Any]:
        return (yield Parallel([ask("A"), ask("B"), ask("C")]))

    assert run(ScriptedClient(otherwise=answer), plan()) == [{"operation": name} for name in "ABC"]


def test_plans_together_are_all_finished_before_an_error_of_one_is_raised() -> None:
    finished: list[str] = []

    def slow(operation: str) -> Plan[None]:
        yield from ask(operation)
        yield Sleep(0)
        finished.append(operation)

    def plan() -> Plan[Any]:
        try:
            yield Parallel([ask("GetItem"), slow("A"), slow("B")])
        except LookupError:
            return sorted(finished)

    assert run(ScriptedClient(otherwise=failing), plan(), sleep=lambda _: None) == ["A", "B"]


@pytest.mark.parametrize("count", [0, 1])
def test_none_or_one_plan_together_is_no_special_case(count: int) -> None:
    def plan() -> Plan[Any]:
        return (yield Parallel([ask("A")] * count))

    assert run(ScriptedClient(otherwise=echo), plan()) == [{"operation": "A"}] * count


def test_a_plan_within_another_can_have_its_own_client_and_handles_its_errors() -> None:
    def inner() -> Plan[Any]:
        try:
            yield from ask("GetItem")
        except LookupError:
            yield Sleep(0)
            return (yield from ask("Decrypt"))

    def outer() -> Plan[Any]:
        yield from ask("Query")
        return (yield from performed_by(own, inner()))

    whole, own = ScriptedClient(otherwise=echo), ScriptedClient(otherwise=failing)

    assert run(whole, outer(), sleep=lambda _: None) == {"operation": "Decrypt"}
    assert (whole.operations, own.operations) == (["Query"], ["GetItem", "Decrypt"])
