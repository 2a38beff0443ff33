"""The public seam: a transport of one's own, and the paths that classes show."""

from __future__ import annotations

import asyncio
import importlib
import pickle
import pkgutil
from typing import Annotated, Any, get_type_hints

import pytest
from pydantic import TypeAdapter

import dynamorm_py
from dynamorm_py import ANY, DynamoModel, ItemNotFound, PartitionKey, Repo, Updated, aio, clients
from dynamorm_py.clients import Request, Response
from dynamorm_py.leases import Lease
from dynamorm_py.testing import ScriptedClient


class Seam(DynamoModel, table="seam"):
    pk: Annotated[str, PartitionKey()]
    count: int = 0


ITEM = b'{"pk":{"S":"a"},"count":{"N":"3"}}'


def with_bodies(*bodies: bytes) -> ScriptedClient:
    """Return a transport that answers with these bodies, as responses."""
    return ScriptedClient(*(Response(body) for body in bodies))


def test_the_seam_is_exactly_what_a_transport_needs() -> None:
    assert sorted(clients.__all__) == ["Request", "Response", "Sleep", "Transport", "observed"]


def test_a_transport_may_answer_with_responses() -> None:
    transport = with_bodies(
        b'{"Item":' + ITEM + b"}",
        b'{"Items":[' + ITEM + b'],"Count":1}',
        b'{"Responses":{"seam":[' + ITEM + b"]}}",
        b"{}",
        b'{"Attributes":' + ITEM + b"}",
        b'{"Count":7}',
        b'{"Table":{"TableName":"seam"}}',
    )
    repo = Repo(Seam, client=transport)
    expected = Seam(pk="a", count=3)
    assert repo.get("a") == expected
    assert repo.scan().all() == [expected]
    assert repo.batch_get(["a"]) == [expected]
    assert repo.put(Seam(pk="b")) == Seam(pk="b")
    assert repo.delete("a") == expected
    assert repo.scan().count() == 7
    assert repo.table.describe() == {"TableName": "seam"}
    assert transport.operations == [
        *("GetItem", "Scan", "BatchGetItem", "PutItem", "DeleteItem", "Scan", "DescribeTable"),
    ]


def test_an_awaited_transport_may_answer_with_responses() -> None:
    transport = with_bodies(b'{"Item":' + ITEM + b"}", b'{"Items":[' + ITEM + b'],"Count":1}')

    async def read() -> tuple[Seam, list[Seam]]:
        repo = aio.Repo(Seam, client=transport)
        return await repo.get("a"), await repo.scan().all()

    assert asyncio.run(read()) == (Seam(pk="a", count=3), [Seam(pk="a", count=3)])


def _public_classes() -> list[tuple[str, str, type[Any]]]:
    names = [each.name for each in pkgutil.walk_packages(dynamorm_py.__path__, "dynamorm_py.")]
    modules = [importlib.import_module(name) for name in ["dynamorm_py", *names] if "._" not in name]
    offered = [(module, name) for module in modules for name in getattr(module, "__all__", ())]
    return [
        (module.__name__, name, value)
        for module, name in offered
        if isinstance(value := getattr(module, name), type) and value.__module__.startswith("dynamorm_py")
    ]


def test_every_public_class_names_a_module_that_users_import_it_from() -> None:
    for _, name, kind in _public_classes():
        assert "._" not in kind.__module__, name
        assert getattr(importlib.import_module(kind.__module__), kind.__qualname__) is kind


@pytest.mark.parametrize(
    "value",
    [
        Updated("a", Seam(pk="a")),
        ItemNotFound("Seam", "seam", {"pk": "a"}),
        ANY,
        Request("GetItem", {"TableName": "seam"}),
        Repo,
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_pickle_names_public_paths_only(value: object) -> None:
    data = pickle.dumps(value)
    assert b"dynamorm_py._" not in data
    assert type(pickle.loads(data)) is type(value)  # noqa: S301 -- written above


def test_any_version_stays_itself_in_another_process() -> None:
    assert pickle.loads(pickle.dumps(ANY)) is ANY  # noqa: S301 -- written here


def test_annotations_are_still_read_where_a_class_is_defined() -> None:
    assert get_type_hints(Seam)["count"] is int
    assert get_type_hints(Lease)["token"] is str
    assert TypeAdapter(Lease).json_schema()["title"] == "Lease"
