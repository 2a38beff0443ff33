"""Encryption as a step of batches and transactions: once a write, through the repository's own client."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from dynamorm_py import Create, DynamoModel, PartitionKey, Put, Repo
from dynamorm_py._kernel.plans import Request
from dynamorm_py._model.context import Context
from dynamorm_py._operations import WriteBatch, batch_write, prepare_transact_write, transact_write
from dynamorm_py._runtime.run import run
from tests.support.faulty import Faulty, Truth

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py._kernel.types import Item


class Secret(DynamoModel, table="secrets"):
    pk: Annotated[str, PartitionKey()]
    text: str = ""


class KeyService:
    """Gives another key at each call."""

    def __init__(self, dynamodb: Faulty) -> None:
        self.calls = 0
        self.origin = dynamodb

    def call(self, request: Request, /) -> dict[str, str]:
        assert request.service == "kms"
        self.calls += 1
        return {"key": f"key-{self.calls}"}


class Sealing:
    """Seals the text by naming the key."""

    def seal(self, item: Item, key: Item) -> Plan[Item]:
        del key
        answer = yield Request("GenerateDataKey", {}, service="kms")
        return {**item, "text": {"S": answer["key"]}}

    def open(self, response: ResponseLike) -> Plan[ResponseLike]:
        yield from ()
        return response


@dataclass
class Encrypted:
    """A repository with a cipher and a client of its own."""

    __dynamorm_context__: Context[Secret]


def repositories(script: list[Any]) -> tuple[Repo[Secret], Encrypted, Faulty, KeyService]:
    dynamodb = Faulty(Truth(), script)
    plain = Repo(Secret, client=dynamodb, table="plain")
    service = KeyService(dynamodb)
    table = replace(Repo(Secret).__dynamorm_context__.table, cipher=Sealing())
    context = plain.__dynamorm_context__
    return plain, Encrypted(Context(table, service, context.clock)), dynamodb, service


def test_a_batch_seals_each_write_once_and_sends_the_same_bytes_again() -> None:
    plain, encrypted, dynamodb, service = repositories(["throttled", 2, "lost before"])
    writes = [Put(plain, Secret(pk="a", text="open")), Put(encrypted, Secret(pk="b", text="secret"))]
    batch = WriteBatch(plain.__dynamorm_context__.clock(), retries=5)
    run(dynamodb, batch_write(batch, writes, whole=True), sleep=lambda _: None)
    assert service.calls == 1
    sealed = {"secrets": [{"PutRequest": {"Item": {"pk": {"S": "b"}, "text": {"S": "key-1"}}}}]}
    assert len(dynamodb.asked) == 4
    assert all(asked.parameters["RequestItems"]["secrets"] == sealed["secrets"] for asked in dynamodb.asked)


def test_a_transaction_seals_each_write_once_and_returns_what_was_written_in_clear() -> None:
    plain, encrypted, dynamodb, service = repositories(["throttled", "lost after"])
    writes = [Create(plain, Secret(pk="a", text="open")), Put(encrypted, Secret(pk="b", text="secret"))]
    plan = transact_write(prepare_transact_write(writes, "token"), 5)
    assert run(dynamodb, plan, sleep=lambda _: None) == (Secret(pk="a", text="open"), Secret(pk="b", text="secret"))
    assert service.calls == 1
    first, *others = dynamodb.asked
    assert len(others) == 2
    assert all(asked.parameters == first.parameters for asked in others)
