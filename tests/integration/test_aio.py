"""The asynchronous face, on a local DynamoDB: the same words, awaited."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
import pytest_asyncio

import dynamorm_py
from dynamorm_py import (
    Attr,
    BatchIncomplete,
    CallError,
    Create,
    DynamoModel,
    InvalidTransaction,
    ItemNotFound,
    Key,
    LeaseHeld,
    PartitionKey,
    Put,
    SortKey,
    Update,
    Version,
    VersionConflict,
    aio,
    fields,
)
from dynamorm_py import Repo as SyncRepo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.asyncio


class Note(DynamoModel, table="notes"):
    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Customer(DynamoModel, table="shop"):
    kind: Literal["customer"] = "customer"
    customer_id: str
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PROFILE")


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: int
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}")


n, o = fields(Note), fields(Order)


@pytest_asyncio.fixture
async def notes(dynamodb: DynamoDBClient, unique_table_name: str) -> AsyncIterator[Any]:
    repo: Any = aio.Repo(Note, table=unique_table_name, client=dynamodb)
    await repo.table.create()
    async with repo:
        yield repo
    await repo.table.delete()


async def test_items_are_written_and_read(notes: Any) -> None:  # noqa: ANN401 -- awaited results
    note = await notes.create(Note(owner="ada", number=1))
    assert await notes.get(("ada", 1)) == note
    note.text = "hello"
    stored = await notes.put(note)
    assert (stored.version, await notes.exists(("ada", 1))) == (1, True)
    assert (await notes.update(stored, Attr(n.text).set("x"))).version == 2
    with pytest.raises(VersionConflict):
        await notes.put(note)
    assert (await notes.patch(("ada", 1), {"text": "patched"})).text == "patched"
    assert await notes.delete(("ada", 1)) is not None
    assert await notes.get_or_none(("ada", 1)) is None
    with pytest.raises(ItemNotFound):
        await notes.get(("ada", 1))


async def test_a_wrong_call_is_refused_when_it_is_made(notes: Any) -> None:  # noqa: ANN401
    with pytest.raises(CallError):
        notes.get("only one part")
    with pytest.raises(CallError):
        notes.put(3)


async def test_reads_are_iterated_and_paged(notes: Any) -> None:  # noqa: ANN401
    assert await notes.batch_write(put=[Note(owner="ada", number=i) for i in range(60)]) == 60
    query = notes.query(Key(n.owner) == "ada", page_size=7)
    assert [each.number async for each in query] == list(range(60))
    assert [each.number async for each in notes.query(Key(n.owner) == "ada", limit=5)] == list(range(5))
    assert (await query.count(), (await query.first()).number) == (60, 0)
    page = await query.page(size=10)
    assert (await query.page(size=10, cursor=page.cursor)).items[0].number == 10
    assert len(await notes.scan(segments=4).all()) == 60
    assert await notes.scan(segments=4).count() == 60
    assert await query.sum(n.number) == sum(range(60))
    assert [each.number for each in await notes.batch_get([("ada", 3), ("ada", 1)])] == [3, 1]
    with pytest.raises(CallError, match="async for"):
        list(query)


async def test_a_batch_is_filled_in_a_block(notes: Any) -> None:  # noqa: ANN401
    async with notes.batch() as batch:
        for number in range(30):
            await batch.put(Note(owner="bo", number=number))
        await batch.delete(("bo", 0))
    assert await notes.query(Key(n.owner) == "bo").count() == 29


async def test_transactions_are_awaited_and_stay_in_one_face(notes: Any) -> None:  # noqa: ANN401
    await aio.transact_write((Create(notes, Note(owner="t", number=1)), Create(notes, Note(owner="t", number=2))))
    got = await aio.transact_get((dynamorm_py.Get(notes, ("t", 1)), dynamorm_py.Get(notes, ("t", 3))))
    assert [each and each.number for each in got] == [1, None]
    blocking = SyncRepo(Note)
    with pytest.raises(InvalidTransaction, match="synchronous repository"):
        aio.transact_write((Update(blocking, ("t", 1), Attr(n.text).set("x")),))  # pyright: ignore[reportUnusedCoroutine] -- it raises
    with pytest.raises(InvalidTransaction, match="asynchronous repository"):
        dynamorm_py.transact_write((Put(notes, Note(owner="t", number=1)),))


async def test_many_calls_run_side_by_side(notes: Any) -> None:  # noqa: ANN401
    await notes.batch_write(put=[Note(owner="many", number=i) for i in range(50)])
    found = await asyncio.gather(*(notes.get(("many", i % 50)) for i in range(300)))
    assert [each.number for each in found] == [i % 50 for i in range(300)]


async def test_a_cancelled_call_leaves_the_next_ones_right(notes: Any) -> None:  # noqa: ANN401
    await notes.batch_write(put=[Note(owner="c", number=i) for i in range(20)])
    for turn in range(40):
        task = asyncio.ensure_future(notes.get(("c", turn % 20)))
        await asyncio.sleep(0.0005 * (turn % 5))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await notes.get(("c", (turn + 1) % 20))).number == (turn + 1) % 20


async def test_a_cancelled_batch_says_how_far_it_came(notes: Any) -> None:  # noqa: ANN401
    task = asyncio.ensure_future(notes.batch_write(put=[Note(owner="x", number=i) for i in range(2000)]))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, BatchIncomplete)) as caught:
        await task
    assert any("were written for sure" in note for note in getattr(caught.value, "__notes__", []))


async def test_a_lease_is_held_by_one_and_refreshed(notes: Any) -> None:  # noqa: ANN401
    leases: Any = aio.Leases(notes)
    async with leases.hold(("lock", 1), seconds=1) as held:
        with pytest.raises(LeaseHeld):
            await leases.acquire(("lock", 1), seconds=5)
        await asyncio.sleep(1.2)
        held.check()
    lease = await leases.acquire(("lock", 1), seconds=5)
    assert await leases.release(lease)


async def test_several_models_of_one_table(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    shop: Any = aio.Table(Customer, Order, name=unique_table_name, client=dynamodb)
    await shop.table.create()
    await shop[Customer].put(Customer(customer_id="7"))
    await shop[Order].put(Order(customer_id="7", number=2))
    assert [type(each) async for each in shop.query(Key(o.customer_id) == "7")] == [Order, Customer]
    assert (await shop[Order].get(customer_id="7", number=2)).number == 2
    await shop.table.delete()


async def test_both_faces_have_the_same_words_and_parameters() -> None:
    def words(kind: type[Any]) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    for sync, face in ((SyncRepo, aio.Repo), (dynamorm_py.Table, aio.Table), (dynamorm_py.Query, aio.Query)):
        assert words(face) - {"aclose"} == words(sync)
    for name in ("get", "put", "update", "query", "scan", "batch_get", "update_many"):
        assert inspect.signature(getattr(aio.Repo, name)) == inspect.signature(getattr(SyncRepo, name))


async def test_the_types_are_those_of_the_synchronous_face() -> None:
    check = [sys.executable, "scripts/write_aio_stubs.py", "--check"]
    assert subprocess.run(check, capture_output=True, text=True, check=False).stdout == ""  # noqa: ASYNC221
