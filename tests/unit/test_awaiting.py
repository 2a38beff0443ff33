"""What is not awaited where it must be, and what would have to be awaited where nobody does: errors that say so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import dynamorm_py
from dynamorm_py import (
    Attr,
    CallError,
    DynamoModel,
    DynamormError,
    Key,
    PartitionKey,
    Put,
    Repo,
    aio,
    fields,
)
from dynamorm_py._transport import default_client
from dynamorm_py.tables import BulkPut
from dynamorm_py.testing import ScriptedClient
from tests.support.wire import always, answer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    score: int = 0


u = fields(User)
_ITEM = {"pk": {"S": "a"}, "score": {"N": "1"}}


@pytest.fixture
def unawaited() -> Iterator[Any]:
    coroutine = aio.Repo(User, client=ScriptedClient()).get("a")
    yield coroutine
    coroutine.close()


_Put: Any = Put  # of what is no repository
_transact_write: Any = dynamorm_py.transact_write  # of what is no collection
_PASSED: dict[str, Callable[[Any, Any], Any]] = {
    "put": lambda users, value: users.put(value),
    "create": lambda users, value: users.create(value),
    "get": lambda users, value: users.get(value),
    "get_or_none": lambda users, value: users.get_or_none(value),
    "exists": lambda users, value: users.exists(value),
    "delete": lambda users, value: users.delete(value),
    "update": lambda users, value: users.update(value, fields={"score"}),
    "patch": lambda users, value: users.patch("a", value),
    "a value": lambda users, value: users.update("a", Attr(u.score).set(value)),
    "an operand": lambda users, value: users.update("a", Attr(u.score).add(value)),
    "a condition": lambda users, value: users.put(User(pk="a"), condition=value),
    "compared": lambda _, value: Attr(u.score) == value,
    "a key condition": lambda _, value: Key(u.pk) == value,
    "keys": lambda users, value: users.batch_get(value),
    "one of keys": lambda users, value: users.batch_get([value]),
    "items": lambda users, value: users.batch_write(put=value),
    "writes": lambda _, value: _transact_write(value),
    "a write": lambda _, value: dynamorm_py.transact_write([value]),
    "a read": lambda _, value: dynamorm_py.transact_get([value]),
    "a repository": lambda _, value: _Put(value, User(pk="a")),
}


@pytest.mark.parametrize("face", [Repo, aio.Repo], ids=["synchronous", "aio"])
@pytest.mark.parametrize("name", _PASSED)
def test_what_was_not_awaited_is_named_with_its_repair(name: str, face: Any, unawaited: Any) -> None:  # noqa: ANN401
    client = ScriptedClient()
    with pytest.raises(DynamormError, match=r"a coroutine \(await it first\)"):
        _PASSED[name](face(User, client=client), unawaited)
    assert client.requests == []


def test_a_task_that_was_not_awaited_is_named_too() -> None:
    async def use() -> None:
        users: Any = aio.Repo(User, client=ScriptedClient({"Item": _ITEM}))
        task = asyncio.create_task(users.get("a"))
        with pytest.raises(DynamormError, match=r"a Task \(await it first\)"):
            await users.put(task)
        await task

    asyncio.run(use())


@pytest.mark.parametrize("verb", ["get", "query", "batch_write"])
def test_pythons_warning_names_the_call_that_was_not_awaited(verb: str) -> None:
    users: Any = aio.Repo(User, client=ScriptedClient())
    calls = {
        "get": lambda: users.get("a"),
        "query": lambda: users.query(Key(u.pk) == "a").first(),
        "batch_write": lambda: users.batch_write(put=[User(pk="a")]),
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        calls[verb]()
    assert len(caught) == 1
    assert not any(part in str(caught[0].message) for part in ("'_run_from'", "'_finished'")), caught[0].message


async def _asynchronous(*_: object) -> Any:  # noqa: ANN401 -- anything
    raise AssertionError


def _given_to(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a plain function that gives what the asynchronous one gives: nobody can tell before it is called."""

    def plain(*arguments: object) -> object:
        return function(*arguments)

    return plain


class _CalledAsynchronously:
    async def __call__(self, *_: object) -> Any:  # noqa: ANN401 -- anything
        raise AssertionError


async def _generating(*_: object) -> Any:  # noqa: ANN401 -- anything
    raise AssertionError
    yield


_TAKING: dict[str, Callable[[Any, Any], Any]] = {
    "clock": lambda face, function: face.Repo(User, client=ScriptedClient(), clock=function),
    "on_call": lambda face, function: face.observed(function, ScriptedClient()),
    "until": lambda face, function: _repo(face).query(Key(u.pk) == "a").wait(function),
    "on_error": lambda face, function: _repo(face).query(Key(u.pk) == "a", on_error=function),
    "unknown": lambda face, function: face.Table(User, client=ScriptedClient()).scan(unknown=function),
    "progress of a batch": lambda face, function: _repo(face).batch_get(["a"], progress=function),
    "progress of a table": lambda face, function: _repo(face).table.create(progress=function),
    "transform": lambda face, function: face.migrate(_repo(face), _repo(face, "other"), function),
    "progress of a migration": lambda face, function: face.migrate(
        _repo(face), _repo(face, "other"), dict, progress=function
    ),
}


def _repo(face: Any, table: str = "users") -> Any:  # noqa: ANN401 -- of either face
    return face.Repo(User, table=table, client=ScriptedClient())


@pytest.mark.parametrize(
    "function",
    [_asynchronous, partial(_asynchronous, 1), _CalledAsynchronously(), _generating],
    ids=["function", "partial", "object", "generator"],
)
@pytest.mark.parametrize("face", [dynamorm_py, aio], ids=["synchronous", "aio"])
@pytest.mark.parametrize("name", _TAKING)
def test_an_asynchronous_function_is_refused_where_it_would_be_called(name: str, face: Any, function: Any) -> None:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DynamormError, match=r"is asynchronous.*plain function"):
            _performed(_TAKING[name](face, function))


@pytest.mark.parametrize("face", [dynamorm_py, aio], ids=["synchronous", "aio"])
def test_a_function_that_gives_a_coroutine_is_refused(face: Any) -> None:  # noqa: ANN401
    answer = {"Items": [_ITEM], "Count": 1}
    users = face.Repo(User, client=ScriptedClient(answer))
    with pytest.raises(CallError, match=r"until= gives what has to be awaited"):
        _performed(users.query(Key(u.pk) == "a").wait(_given_to(_asynchronous)))
    source = face.Repo(User, client=ScriptedClient(answer))
    with pytest.raises(CallError, match=r"transform gives what has to be awaited"):
        _performed(face.migrate(source, _repo(face, "other"), _given_to(_asynchronous), segments=1))


def _performed(result: Any) -> Any:  # noqa: ANN401 -- of either face
    async def awaited() -> object:
        return await result

    return asyncio.run(awaited()) if asyncio.iscoroutine(result) else result


def test_a_hook_that_gives_a_coroutine_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with serving(always(answer(b'{"Item":{"pk":{"S":"a"}}}'))) as server:
        client = dynamorm_py.observed(_given_to(_asynchronous), default_client("us-east-1", server.url))
        assert Repo(User, client=client).get("a").pk == "a"
    assert "on_call raised CallError after GetItem" in caplog.text


@pytest.mark.parametrize("face", [dynamorm_py, aio], ids=["synchronous", "aio"])
def test_a_batch_outside_its_block_takes_nothing(face: Any) -> None:  # noqa: ANN401
    client = ScriptedClient()
    batch = face.Repo(User, client=client).batch()
    with pytest.raises(CallError, match=r"at the end of its block: write (async )?with users\.batch\(\) as batch"):
        _performed(batch.put(User(pk="a")))
    with pytest.raises(CallError, match="at the end of its block"):
        _performed(batch.delete("a"))
    assert client.requests == []


def test_a_batch_is_opened_once() -> None:
    batch = Repo(User, client=ScriptedClient()).batch()
    with batch, pytest.raises(CallError, match="was opened already"), batch:
        pass


_MADE: dict[str, Callable[[Any, Any], Any]] = {
    "repository": lambda face, client: face.Repo(User, client=client),
    "table": lambda face, client: face.Table(User, client=client),
}


@pytest.mark.parametrize("name", ["repository", "table"])
def test_the_wrong_with_says_the_right_one(name: str) -> None:
    async def enter_asynchronously() -> None:
        async with _MADE[name](dynamorm_py, ScriptedClient()):
            pass

    with pytest.raises(CallError, match="is closed synchronously: write with"):
        asyncio.run(enter_asynchronously())
    with pytest.raises(CallError, match="is closed asynchronously: write async with"), _MADE[name](aio, None):
        pass


class _Closed(ScriptedClient):
    times = 0

    def close(self) -> None:
        self.times += 1


@pytest.mark.parametrize("name", ["repository", "table"])
def test_the_end_of_a_block_closes_its_client_in_both_faces(name: str) -> None:
    async def use(client: _Closed) -> None:
        async with _MADE[name](aio, client):
            assert client.times == 0

    plain, awaited = _Closed(), _Closed()
    with _MADE[name](dynamorm_py, plain):
        assert plain.times == 0
    asyncio.run(use(awaited))
    assert (plain.times, awaited.times) == (1, 1)


_CALLS: dict[str, Callable[[Any], Any]] = {
    "get": lambda users: users.get("a"),
    "batch_get": lambda users: users.batch_get([str(number) for number in range(300)]),
    "all": lambda users: users.query(Key(u.pk) == "a").all(),
    "segments": lambda users: users.scan(segments=3).all(),
    "aclose": lambda users: users.aclose(),
    "batch": lambda users: users.batch_write(put=[User(pk="a")]),
    "lease": lambda users: aio.Leases(users).hold("a", seconds=3).__aenter__(),
}


@pytest.mark.parametrize("name", _CALLS)
def test_where_asyncio_does_not_run_every_call_says_so(name: str) -> None:
    coroutine = _CALLS[name](aio.Repo(User))
    with pytest.raises(CallError, match=r"no event loop of asyncio runs: use asyncio\.run"):
        coroutine.send(None)


_CLOSES_BY_HAND = """
import asyncio
from tests.support.wire import always, answer, serving
from tests.unit.test_awaiting import User
from dynamorm_py import aio
from dynamorm_py._transport import default_client

with serving(always(answer(b'{"Item":{"pk":{"S":"a"}}}'))) as server:
    users = aio.Repo(User, client=default_client("us-east-1", server.url))
    loop = asyncio.new_event_loop()
    loop.slow_callback_duration = 60  # asyncio's own warning of a loaded machine
    loop.run_until_complete(users.get("a"))
    loop.run_until_complete(users.aclose())
    loop.close()
"""


def test_a_loop_that_is_closed_after_aclose_has_nothing_left_to_do() -> None:
    command = [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", _CLOSES_BY_HAND]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/users/bulk-operation/01693685827463-2d8752fd"


def test_a_bulk_put_is_awaited_in_aio() -> None:
    def told(status: str) -> dict[str, Any]:
        return {"BulkOperationDescription": {"BulkOperationArn": ARN, "BulkOperationStatus": status}}

    async def use() -> None:
        client = ScriptedClient(told("IN_PROGRESS"), told("IN_PROGRESS"), told("COMPLETED"))
        users: Any = aio.Repo(User, client=client)
        load = await users.table.bulk_put("s3://bucket/users", "s3://bucket/report")
        assert (type(load), isinstance(load, BulkPut), load.arn) == (aio.BulkPut, True, ARN)
        assert (await load.progress()).status == "IN_PROGRESS"
        assert (await load.wait()).status == "COMPLETED"

    asyncio.run(use())
