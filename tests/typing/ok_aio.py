"""Right uses of the asynchronous face: clean under pyright strict and mypy --strict, as a user's code is checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal, assert_type

from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    Check,
    Create,
    Delete,
    DynamoModel,
    Get,
    Key,
    Page,
    PartitionKey,
    Put,
    SortKey,
    Update,
    fields,
    key_of,
)
from dynamorm_py.aio import (
    BatchWriter,
    BulkPut,
    Leases,
    Query,
    Repo,
    StreamReader,
    Table,
    batch_write,
    limited,
    observed,
    transact_get,
    transact_write,
)


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    nickname: str | None = None


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


class Summary(BaseModel):
    age: int


u, o = fields(User), fields(Order)
users = Repo(User, client=limited(observed(print), concurrency=4))
key = ("USER#1", "PROFILE")


async def reads() -> None:
    """Await single items."""
    assert_type(await users.get(key), User)
    assert_type(await users.get(key, project=Summary), Summary)
    assert_type(await users.get_or_none(key), User | None)
    assert_type(await users.exists(key), bool)
    for user in await users.batch_get([key]):
        assert_type(user, User)


async def writes(user: User) -> None:
    """Await writes of single items."""
    assert_type(await users.put(user), User)
    assert_type(await users.create(user), User)
    assert_type(await users.update(key, Attr(u.age).add(1), condition=Attr(u.age) > 3), User)
    assert_type(await users.update(user, fields={"age"}), User)
    assert_type(await users.patch(key, {"age": 3}), User)
    assert_type(await users.delete(key), User | None)


async def queries() -> None:
    """Iterate, and await the verbs of a query."""
    query = users.query(Key(u.pk) == "USER#1", filter=Attr(u.age) > 3, limit=50)
    assert_type(query, Query[User])
    async for user in query:
        assert_type(user, User)
    assert_type(await query.all(), list[User])
    assert_type(await query.first(), User | None)
    assert_type(await query.one(), User)
    assert_type(await query.count(), int)
    page = await query.page(size=25)
    assert_type(page, Page[User])
    assert_type(page.cursor, str | None)
    assert_type(await users.scan(segments=4, project=Summary).all(), list[Summary])
    assert_type(query.explain().lane, str | None)


async def many(user: User) -> None:
    """Await batches and transactions."""
    assert_type(await users.batch_write(put=[user], delete=[key]), int)
    assert_type(await batch_write([Put(users, user), Delete(users, key)]), int)
    async with users.batch() as batch:
        assert_type(batch, BatchWriter[User])
        assert_type(await batch.put(user), User)
        await batch.delete(key)
    await transact_write(
        (Create(users, user), Update(users, key, Attr(u.age).add(1)), Check(users, key, Attr(u.age) > 0)), token="t"
    )
    await transact_get((Get(users, key),))


async def tables() -> None:
    """Await several models of one table."""
    shop = Table(Customer, Order, name="shop-dev")
    assert_type(shop[Order], Repo[Order])
    assert_type(await shop[Order].get(customer_id="7", number=2), Order)
    assert_type(await shop.get(key_of(Order, customer_id="7", number=2)), Order)
    async for item in shop.query(Key(o.customer_id) == "7"):
        assert_type(item, Customer | Order)
    async with shop as entered:
        assert_type(entered, Table[Customer | Order])
    await shop.aclose()
    await users.table.create()
    await users.table.ensure()
    load = await users.table.bulk_put("s3://bucket/users", "s3://bucket/report")
    assert_type(load, BulkPut)
    assert_type((await load.wait(progress=print)).status, str)
    assert_type(await load.cancel(), str)


async def others() -> None:
    """Hold a lease, and read a stream."""
    async with Leases(users).hold(key, seconds=30) as held:
        held.check()
    records: list[dict[str, Any]] = await StreamReader(users).poll()
    assert records is not None
    async with Repo(User) as own:
        assert_type(own, Repo[User])
    await users.aclose()
