"""A write names a repository of one face, and only the functions of that face take it: nothing is sent otherwise."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import dynamorm_py
from dynamorm_py import (
    Attr,
    CallError,
    Check,
    Create,
    Delete,
    DynamoModel,
    Get,
    InvalidTransaction,
    PartitionKey,
    Put,
    Repo,
    Update,
    aio,
    fields,
    leases,
    streams,
    tables,
)
from dynamorm_py._repo.batches import BatchWriter
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    score: int = 0


u = fields(User)
_WRITES: dict[str, Callable[[Any], Any]] = {
    "put": lambda repo: Put(repo, User(pk="a")),
    "create": lambda repo: Create(repo, User(pk="a")),
    "update": lambda repo: Update(repo, "a", Attr(u.score).set(1)),
    "delete": lambda repo: Delete(repo, "a"),
    "check": lambda repo: Check(repo, "a", Attr(u.score) > 0),
}
_BATCHED = ("put", "delete")


def _repos() -> tuple[Any, Any, ScriptedClient]:
    client = ScriptedClient()
    return Repo(User, client=client), aio.Repo(User, client=client), client


def _own_first(own: Any, wrong: Any, write: Callable[[Any], Any]) -> list[Any]:  # noqa: ANN401 -- repositories
    return [Put(own, User(pk="first")), write(wrong)]


@pytest.mark.parametrize("first", [True, False], ids=["alone", "after one of this face"])
@pytest.mark.parametrize("name", _WRITES)
def test_a_transaction_takes_writes_of_its_own_face_only(name: str, first: bool) -> None:  # noqa: FBT001 -- a parameter
    plain, awaited, client = _repos()
    write = _WRITES[name]
    with pytest.raises(InvalidTransaction, match="names an asynchronous repository: await the function"):
        dynamorm_py.transact_write([write(awaited)] if first else _own_first(plain, awaited, write))
    with pytest.raises(InvalidTransaction, match="names a synchronous repository"):
        _ = aio.transact_write([write(plain)] if first else _own_first(awaited, plain, write))
    assert client.requests == []


@pytest.mark.parametrize("first", [True, False], ids=["alone", "after one of this face"])
@pytest.mark.parametrize("name", _BATCHED)
def test_a_batch_takes_writes_of_its_own_face_only(name: str, first: bool) -> None:  # noqa: FBT001 -- a parameter
    plain, awaited, client = _repos()
    write = _WRITES[name]
    with pytest.raises(InvalidTransaction, match="names an asynchronous repository"):
        dynamorm_py.batch_write([write(awaited)] if first else _own_first(plain, awaited, write))
    with pytest.raises(InvalidTransaction, match="names a synchronous repository"):
        _ = aio.batch_write([write(plain)] if first else _own_first(awaited, plain, write))
    assert client.requests == []


def test_a_stream_of_writes_is_checked_as_it_is_read() -> None:
    plain, awaited, client = _repos()
    with pytest.raises(InvalidTransaction):
        dynamorm_py.batch_write(iter(_own_first(plain, awaited, _WRITES["put"])))
    with pytest.raises(InvalidTransaction):
        asyncio.run(_awaited(aio.batch_write(iter(_own_first(awaited, plain, _WRITES["put"])))))
    assert client.requests == []


def test_a_transaction_of_gets_reads_with_its_own_face_only() -> None:
    plain, awaited, client = _repos()
    with pytest.raises(InvalidTransaction):
        dynamorm_py.transact_get([Get(awaited, "a")])
    with pytest.raises(InvalidTransaction):
        _ = aio.transact_get([Get(plain, "a")])
    assert client.requests == []


@pytest.mark.parametrize("kind", [aio.Repo, aio.Table])
def test_what_is_awaited_stands_in_no_plain_with(kind: Any) -> None:  # noqa: ANN401 -- a class of the asynchronous face
    opened = kind(User, client=ScriptedClient())
    with pytest.raises(CallError, match="write async with"), opened:
        pass


async def _awaited(work: Any) -> Any:  # noqa: ANN401 -- any result
    return await work


_CLASSES: list[tuple[type[Any], type[Any]]] = [
    (Repo, aio.Repo),
    (dynamorm_py.Table, aio.Table),
    (dynamorm_py.Query, aio.Query),
    (BatchWriter, aio.BatchWriter),
    (leases.Leases, aio.Leases),
    (leases.HeldLease, aio.HeldLease),
    (streams.StreamReader, aio.StreamReader),
    (tables.TableOperations, aio.TableOperations),
    (tables.BulkPut, aio.BulkPut),
]
_FUNCTIONS = ("batch_write", "transact_write", "transact_get", "migrate", "limited", "observed")


@pytest.mark.parametrize(("plain", "awaited"), _CLASSES, ids=lambda kind: kind.__name__)
def test_a_class_has_the_same_words_in_both_faces(plain: type[Any], awaited: type[Any]) -> None:
    words = _words(plain)
    assert words == _words(awaited) - {"aclose"}
    assert {word: _parameters(getattr(plain, word)) for word in words} == {
        word: _parameters(getattr(awaited, word)) for word in words
    }
    assert _parameters(plain) == _parameters(awaited)


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_function_has_the_same_parameters_in_both_faces(name: str) -> None:
    assert _parameters(getattr(dynamorm_py, name)) == _parameters(getattr(aio, name))


def _words(kind: type[Any]) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def _parameters(function: Any) -> list[tuple[str, Any, Any]] | None:  # noqa: ANN401 -- any member of a class
    """Return the parameters with their defaults, None for what is not called."""
    if not callable(function):
        return None
    return [(each.name, each.kind, each.default) for each in inspect.signature(function).parameters.values()]
