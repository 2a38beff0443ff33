"""The direct lane within asyncio: loops that end, fork and stand side by side, fairness, threads for what blocks."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from botocore.client import BaseClient

from dynamorm_py import CallError, ClientNotConfigured, DeadlineExceeded, DynamoModel, KmsEncryption, PartitionKey, aio
from dynamorm_py._runtime.deadline import within
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import Limits, OwnClients
from dynamorm_py._transport.loop_connections import Connection
from dynamorm_py._transport.settings import KeptCredentials
from dynamorm_py.limits import FairSemaphore, limited
from tests.support.encrypting import ARN, Patient, ScriptedKms, Shelf
from tests.support.wire import always, answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]


_ITEM = answer(b'{"Item":{"pk":{"S":"a"}}}')


def _client(url: str, **limits: Any) -> Client:  # noqa: ANN401 -- Limits' own
    return Client(OwnClients("us-east-1", url, None, Limits(**limits)))


def _users(url: str, **limits: Any) -> Any:  # noqa: ANN401 -- awaited results
    return aio.Repo(User, client=_client(url, **limits))


@pytest.fixture(autouse=True)
def _no_socket_is_left_open() -> Any:  # noqa: ANN401 -- a generator
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        yield
        gc.collect()


async def _ask(users: Any, times: int = 3) -> None:  # noqa: ANN401
    for _ in range(times):
        assert (await users.get("a")).pk == "a"


def test_one_repository_serves_one_loop_after_another() -> None:
    with serving(always(_ITEM)) as server:
        users = _users(server.url)
        for _ in range(3):
            asyncio.run(_ask(users))
        assert server.connections == 3


def test_one_repository_serves_loops_in_several_threads_at_once() -> None:
    with serving(always(_ITEM)) as server, ThreadPoolExecutor(4) as threads:
        users = _users(server.url)
        runs = [threads.submit(asyncio.run, _ask(users, 50)) for _ in range(8)]
        assert [run.result() for run in runs] == [None] * 8
        assert server.connections == 8


def test_a_loop_that_was_closed_is_forgotten() -> None:
    with serving(always(_ITEM)) as server:
        users = _users(server.url)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(_ask(users))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        gone = weakref.ref(loop)
        del loop
        gc.collect()
        assert gone() is None
        asyncio.run(_ask(users))


def test_a_loop_that_was_dropped_without_its_shutdown_is_forgotten_too() -> None:
    with serving(always(_ITEM)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # asyncio's, of what its user left open
        users = _users(server.url)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(_ask(users))
        loop.close()
        gone = weakref.ref(loop)
        del loop
        gc.collect()
        assert gone() is None
        asyncio.run(_ask(users))


def _say_nothing(*_: object) -> None:
    pass


def test_a_loop_that_was_closed_with_calls_under_way_leaves_no_fault_behind() -> None:
    unraisable: list[object] = []

    def silent(connection: socket.socket, _: int) -> None:
        request_on(connection)
        time.sleep(0.5)

    async def begin(users: Any) -> list[asyncio.Task[Any]]:  # noqa: ANN401
        tasks = [asyncio.ensure_future(users.get("a")) for _ in range(4)]
        await asyncio.sleep(0.1)
        return tasks

    with serving(silent) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # asyncio's, of what its user left open
        users = _users(server.url, connections=2)
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(_say_nothing)  # asyncio tells of the tasks that its user left
        tasks = loop.run_until_complete(begin(users))
        loop.close()
        usual, sys.unraisablehook = sys.unraisablehook, unraisable.append
        try:
            del tasks, loop
            gc.collect()
        finally:
            sys.unraisablehook = usual
    assert unraisable == []


@pytest.mark.parametrize("end", ["aclose", "async with", "drop"])
def test_connections_end_with_their_repository(end: str) -> None:
    ended = threading.Event()

    def serve(connection: socket.socket, _: int) -> None:
        while request_on(connection) is not None:
            connection.sendall(_ITEM)
        ended.set()

    async def use(url: str) -> None:
        users = _users(url)
        await _ask(users)
        if end == "aclose":
            await users.aclose()
        elif end == "async with":
            async with users:
                pass
        del users
        gc.collect()
        assert await asyncio.to_thread(ended.wait, 20)

    with serving(serve) as server:
        asyncio.run(use(server.url))


def test_a_call_after_aclose_opens_a_connection_of_its_own() -> None:
    async def use(users: Any) -> None:  # noqa: ANN401
        async with users:
            await _ask(users)
        await _ask(users)

    with serving(always(_ITEM)) as server:
        asyncio.run(use(_users(server.url)))
        assert server.connections == 2


def test_where_no_loop_runs_the_call_is_refused() -> None:
    coroutine = _users("http://127.0.0.1:1").get("a")
    with pytest.raises(CallError, match=r"no event loop of asyncio runs: use asyncio\.run"):
        coroutine.send(None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_child_of_a_running_loop_starts_its_own_and_leaves_the_parents_connections_alone() -> None:
    async def use(users: Any) -> int:  # noqa: ANN401
        await _ask(users)
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(_ask(users))
                gc.collect()
            except BaseException:  # noqa: BLE001 -- the child must end here
                os._exit(1)
            os._exit(0)
        await _ask(users)
        return (await asyncio.to_thread(os.waitpid, child, 0))[1]

    with serving(always(_ITEM)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
        assert asyncio.run(use(_users(server.url))) == 0
        assert server.connections == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_child_does_not_wait_for_a_thread_that_is_in_its_parent_only() -> None:
    with serving(always(_ITEM)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
        clients = OwnClients("us-east-1", server.url, None)
        asyncio.run(_ask(aio.Repo(User, client=Client(clients))))
        lane: Any = clients.lanes._loop_lanes["dynamodb"]  # pyright: ignore[reportPrivateUsage] -- whose lock it is
        with lane._lock:
            child = os.fork()
            if child == 0:
                os._exit(0)
        assert _exit_code(child, seconds=5) == 0


def _exit_code(child: int, seconds: float) -> int:
    """Return how a child ended; one that does not end in time is killed."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def test_more_calls_than_connections_are_served_in_the_order_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    usual: Callable[[Any, bytes, float], Any] = Connection.ask

    def noted(self: Connection, payload: bytes, timeout: float) -> Any:  # noqa: ANN401 -- a future
        sent.append(payload.rpartition(b"\r\n")[2])
        return usual(self, payload, timeout)

    async def use(url: str) -> None:
        users = _users(url, connections=1)
        await users.get("first")
        await asyncio.gather(*(users.get(f"{number:03}") for number in range(200)))

    monkeypatch.setattr(Connection, "ask", noted)
    with serving(always(_ITEM)) as server:
        asyncio.run(use(server.url))
        assert server.connections == 1
    assert len(sent) == 201
    assert sent[1:] == sorted(sent[1:])


def test_a_call_that_waits_for_a_connection_ends_at_the_deadline_and_takes_none_away() -> None:
    release = threading.Event()

    def serve(connection: socket.socket, _: int) -> None:
        while request_on(connection) is not None:
            release.wait(5)
            connection.sendall(_ITEM)

    async def use(url: str) -> None:
        users = _users(url, connections=1)
        first = asyncio.create_task(_ask(users, 1))
        await asyncio.sleep(0.05)
        with within(0.1), pytest.raises(DeadlineExceeded, match="was not sent"):
            await users.get("a")
        waiting = [asyncio.create_task(_ask(users, 1)) for _ in range(3)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
        release.set()
        await first
        assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [
            asyncio.CancelledError,
            type(None),
            type(None),
        ]

    with serving(serve) as server:
        asyncio.run(use(server.url))


class Blocking:
    """Work that blocks its thread until the loop, which must be free for that, lets it go on."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self._begun, self._let_go = threading.Event(), threading.Event()

    def block(self) -> None:
        self.threads.append(threading.get_ident())
        self._begun.set()
        assert self._let_go.wait(10), "the loop was blocked"

    async def until_begun(self) -> None:
        while not self._begun.is_set():  # noqa: ASYNC110 -- a thread sets it
            await asyncio.sleep(0.001)

    def let_go(self) -> None:
        self._let_go.set()


def _blocks_when_credentials_are_asked(monkeypatch: pytest.MonkeyPatch) -> Blocking:
    usual: Callable[[Any], Any] = KeptCredentials._frozen  # pyright: ignore[reportPrivateUsage] -- where they are asked
    blocking = Blocking()

    def slow(self: KeptCredentials) -> Any:  # noqa: ANN401 -- credentials
        blocking.block()
        return usual(self)

    monkeypatch.setattr(KeptCredentials, "_frozen", slow)
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")  # what the environment alone does not say: botocore is asked
    return blocking


def test_credentials_are_renewed_once_for_all_tasks_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    renewal = _blocks_when_credentials_are_asked(monkeypatch)

    async def use(url: str) -> None:
        users = _users(url)
        tasks = [asyncio.create_task(users.get("a")) for _ in range(40)]
        await renewal.until_begun()
        await asyncio.sleep(0.02)
        renewal.let_go()
        await asyncio.gather(*tasks)

    with serving(always(_ITEM)) as server:
        asyncio.run(use(server.url))
    assert len(renewal.threads) == 1
    assert threading.get_ident() not in renewal.threads


def test_a_cancelled_task_does_not_cancel_the_renewal_that_others_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    renewal = _blocks_when_credentials_are_asked(monkeypatch)

    async def use(url: str) -> None:
        users = _users(url)
        tasks = [asyncio.create_task(users.get("a")) for _ in range(3)]
        await renewal.until_begun()
        tasks[0].cancel()
        with within(0.02), pytest.raises(DeadlineExceeded):
            await users.get("a")
        renewal.let_go()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in results] == [asyncio.CancelledError, User, User]

    with serving(always(_ITEM)) as server:
        asyncio.run(use(server.url))


def test_a_hook_that_blocks_holds_up_its_own_call_only() -> None:
    seen, blocking = list[str](), Blocking()

    def hook(call: Any) -> None:  # noqa: ANN401 -- a Call
        blocking.block()
        seen.append(f"{call.operation} {call.lane}")

    async def use(url: str) -> None:
        users: Any = aio.Repo(User, client=aio.observed(hook, _client(url)))
        task = asyncio.create_task(users.get("a"))
        await blocking.until_begun()
        blocking.let_go()
        await task

    with serving(always(_ITEM)) as server:
        asyncio.run(use(server.url))
    assert seen == ["GetItem direct"]


def test_a_hook_that_would_have_to_be_awaited_is_refused() -> None:
    async def hook(_: object) -> None:
        raise AssertionError

    with pytest.raises(ClientNotConfigured, match="pass a plain function"):
        aio.observed(hook)


def test_a_thousand_calls_at_once_are_all_answered() -> None:
    async def use(users: Any) -> int:  # noqa: ANN401
        return len(await asyncio.gather(*(users.get("a") for _ in range(1000))))

    with serving(always(_ITEM)) as server:
        assert asyncio.run(use(_users(server.url))) == 1000
        assert server.connections <= 50


def test_a_data_key_that_many_tasks_need_is_asked_for_once() -> None:
    kms, shelf = ScriptedKms(), Shelf()
    patients: Any = aio.Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms))

    async def use() -> list[str]:
        await patients.put(Patient(pk="a", ssn="1"))
        fresh: Any = aio.Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms))
        return [each.ssn for each in await asyncio.gather(*(fresh.get(("a", 1)) for _ in range(40)))]

    assert asyncio.run(use()) == ["1"] * 40
    assert kms.operations == ["GenerateDataKey", "Decrypt"]


def test_a_hook_is_told_of_a_cancelled_call() -> None:
    seen: list[Any] = []
    told = threading.Event()

    def hook(call: Any) -> None:  # noqa: ANN401 -- a Call
        seen.append(type(call.error))
        told.set()

    def silent(connection: socket.socket, _: int) -> None:
        request_on(connection)
        time.sleep(1)

    async def use(url: str) -> None:
        users: Any = aio.Repo(User, client=aio.observed(hook, _client(url)))
        task = asyncio.create_task(users.get("a"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(told.wait, 5)

    with serving(silent) as server:
        asyncio.run(use(server.url))
    assert seen == [asyncio.CancelledError]


def test_explain_says_how_a_request_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    boto: Any = boto3.client("dynamodb", region_name="us-east-1")
    assert aio.Repo(User, client=boto).scan().explain().lane == "botocore, in a thread"
    own = _users("http://127.0.0.1:1")
    assert own.scan().explain().lane == "direct"
    assert aio.Repo(User, client=limited(_client("http://127.0.0.1:1"))).scan().explain().lane == "direct"
    original = BaseClient.__dict__["_make_api_call"]

    def traced(*arguments: Any) -> Any:  # noqa: ANN401 -- botocore's
        return original(*arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    assert own.scan().explain().lane == "watched, in a thread"


def test_a_watched_call_and_a_brought_client_are_made_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    original, threads = BaseClient.__dict__["_make_api_call"], set[int]()

    def traced(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401 -- botocore's
        threads.add(threading.get_ident())
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    with serving(always(_ITEM)) as server:
        asyncio.run(_ask(_users(server.url)))
        brought: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=server.url)
        asyncio.run(_ask(aio.Repo(User, client=brought)))
        brought.close()
    assert threads
    assert threading.get_ident() not in threads


def test_limits_are_shared_by_the_tasks_of_several_loops() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def serve(connection: socket.socket, _: int) -> None:
        nonlocal under_way, most
        while request_on(connection) is not None:
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.002)
            with lock:
                under_way -= 1
            connection.sendall(_ITEM)

    async def use(client: Any) -> None:  # noqa: ANN401 -- a client
        users: Any = aio.Repo(User, client=client)
        await asyncio.gather(*(users.get("a") for _ in range(60)))

    with serving(serve) as server, ThreadPoolExecutor(2) as threads:
        client = limited(_client(server.url), concurrency=3)
        runs = [threads.submit(asyncio.run, use(client)) for _ in range(2)]
        assert [run.result() for run in runs] == [None, None]
    assert most <= 3


def test_a_task_that_waits_for_its_turn_does_not_block_its_loop() -> None:
    async def use(gate: FairSemaphore) -> list[str]:
        order: list[str] = []

        async def wait(name: str) -> None:
            async with gate.passed_awaited():
                order.append(name)

        with gate.passed():
            tasks = [asyncio.create_task(wait(name)) for name in ("first", "cancelled", "last")]
            await asyncio.sleep(0.01)
            tasks[1].cancel()
            with within(0.01), pytest.raises(DeadlineExceeded):
                await wait("late")
            order.append("the holder")
        await asyncio.gather(*tasks, return_exceptions=True)
        return order

    gate = FairSemaphore(1)
    for _ in range(2):  # nobody who gave up left a place taken
        assert asyncio.run(use(gate)) == ["the holder", "first", "last"]


def test_a_turn_of_a_closed_loop_goes_to_the_next() -> None:
    gate, passed = FairSemaphore(1), threading.Event()

    async def wait() -> None:
        async with gate.passed_awaited():
            passed.set()

    abandoned = asyncio.new_event_loop()
    with gate.passed():
        task = abandoned.create_task(wait())
        abandoned.run_until_complete(asyncio.sleep(0))
        abandoned.close()
    assert not passed.is_set()
    asyncio.run(wait())
    assert passed.is_set()
    task._log_destroy_pending = False  # pyright: ignore[reportAttributeAccessIssue] -- it is pending on purpose


def test_uvloop_runs_it() -> None:
    uvloop = pytest.importorskip("uvloop")
    with serving(always(_ITEM)) as server:
        uvloop.run(_ask(_users(server.url), 50))
        assert server.connections == 1


_NOTHING_OF_ASYNCIO = """
import sys
from typing import Annotated
from dynamorm_py import DynamoModel, PartitionKey, Repo

class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]

Repo(User, client=None)
print("dynamorm_py._transport.loop_lane" in sys.modules or "dynamorm_py._runtime.tasks" in sys.modules)
"""


def test_the_synchronous_face_loads_nothing_of_it() -> None:
    ran = subprocess.run([sys.executable, "-c", _NOTHING_OF_ASYNCIO], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("False\n", "")
