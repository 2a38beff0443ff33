"""The asynchronous executor: the same plans as `run`, awaited."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import DeadlineExceeded
from dynamorm_py._kernel.plans import Parallel, Request, Sleep
from dynamorm_py._runtime.deadline import within
from dynamorm_py._runtime.run import run
from dynamorm_py._runtime.run_async import run_async
from dynamorm_py._runtime.tasks import SharedWork

if TYPE_CHECKING:
    from collections.abc import Generator

_WHERE: ContextVar[str] = ContextVar("where", default="nowhere")


class Blocking:
    """Answers each request with its parameters, in whatever thread it is called."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.contexts: list[str] = []

    def call(self, request: Request, /) -> dict[str, Any]:
        self.threads.add(threading.get_ident())
        self.contexts.append(_WHERE.get())
        if "error" in request.parameters:
            raise request.parameters["error"]
        return dict(request.parameters)


class Awaiting(Blocking):
    """Answers in the loop."""

    async def ask(self, request: Request, /) -> dict[str, Any]:
        await asyncio.sleep(0)
        return self.call(request)


class Stuck:
    """Never answers."""

    def __init__(self) -> None:
        self.asked = 0

    async def ask(self, _: Request, /) -> dict[str, Any]:
        self.asked += 1
        await asyncio.Event().wait()
        raise AssertionError

    def call(self, _: Request, /) -> dict[str, Any]:
        raise AssertionError


def echo(value: object) -> Generator[Any, Any, Any]:
    answer = yield Request("Echo", {"value": value})
    return answer["value"]


def several(values: list[object]) -> Generator[Any, Any, list[Any]]:
    yield Sleep(0.0)
    return (yield Parallel([echo(value) for value in values]))


def failing(error: Exception) -> Generator[Any, Any, Any]:
    yield Request("Fail", {"error": error})


def recovering(error: Exception) -> Generator[Any, Any, str]:
    try:
        yield from failing(error)
    except ValueError:
        return "recovered"
    raise AssertionError


@pytest.mark.parametrize("client", [Blocking, Awaiting])
@pytest.mark.parametrize("number", [0, 1, 3, 120])
def test_a_plan_has_the_result_that_the_synchronous_executor_gives(client: type[Blocking], number: int) -> None:
    values: list[object] = list(range(number))
    assert asyncio.run(run_async(client(), several(values))) == run(Blocking(), several(values)) == values


@pytest.mark.parametrize("client", [Blocking, Awaiting])
def test_an_error_is_raised_inside_the_plan(client: type[Blocking]) -> None:
    assert asyncio.run(run_async(client(), recovering(ValueError()))) == "recovered"


def test_a_blocking_client_is_called_in_another_thread_in_the_context_of_the_task() -> None:
    client = Blocking()

    async def ask() -> None:
        _WHERE.set("here")
        await run_async(client, echo(1))

    asyncio.run(ask())
    assert client.contexts == ["here"]
    assert threading.get_ident() not in client.threads


def test_an_awaited_client_is_asked_in_the_loop() -> None:
    client = Awaiting()
    asyncio.run(run_async(client, several([1, 2])))
    assert client.threads == {threading.get_ident()}


def test_all_plans_side_by_side_are_finished_before_the_first_error_is_raised() -> None:
    finished: list[int] = []

    def slow(number: int) -> Generator[Any, Any, None]:
        yield Sleep(0.01 * number)
        finished.append(number)

    def plan() -> Generator[Any, Any, Any]:
        return (yield Parallel([slow(3), failing(ValueError("first")), failing(KeyError("second")), slow(1)]))

    with pytest.raises(ValueError, match="first"):
        asyncio.run(run_async(Awaiting(), plan()))
    assert sorted(finished) == [1, 3]


def test_cancellation_closes_the_plan_and_all_that_it_performs() -> None:
    closed: list[str] = []

    def guarded(name: str) -> Generator[Any, Any, Any]:
        try:
            yield Request("Echo", {})
        finally:
            closed.append(name)

    def both() -> Generator[Any, Any, Any]:
        try:
            yield Parallel([guarded("left"), guarded("right")])
        finally:
            closed.append("outer")

    async def cancel() -> None:
        client = Stuck()
        task = asyncio.create_task(run_async(client, both()))
        while client.asked < 2:  # noqa: ASYNC110 -- both are under way
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert sorted(closed) == ["left", "outer", "right"]


def test_no_pause_outlasts_the_deadline() -> None:
    def waiting() -> Generator[Any, Any, None]:
        yield Sleep(60)

    async def late() -> None:
        with within(5):
            await run_async(Awaiting(), waiting())

    with pytest.raises(DeadlineExceeded):
        asyncio.run(late())


def test_shared_work_is_never_under_way_twice() -> None:
    under_way: list[None] = []
    at_once: list[int] = []

    def work() -> None:
        under_way.append(None)
        at_once.append(len(under_way))
        time.sleep(0.001)
        under_way.pop()

    async def use() -> None:
        shared, asked = SharedWork(), list[asyncio.Task[None]]()
        while len(at_once) < 50:  # a task asks in every turn of the loop, also in the one in which the work ends
            asked.append(asyncio.create_task(shared.result(work)))
            await asyncio.sleep(0)
        await asyncio.gather(*asked)

    asyncio.run(use())
    assert set(at_once) == {1}
