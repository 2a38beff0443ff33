"""Right uses of a table of several models and of derived keys, on both faces: clean under pyright strict and mypy."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel
from typing_extensions import assert_type

from dynamorm_py import (
    Attr,
    BatchIncomplete,
    ConditionFailed,
    DynamoModel,
    FoundItems,
    Get,
    ItemKey,
    Key,
    PartitionKey,
    Put,
    Query,
    Repo,
    SortKey,
    Table,
    aio,
    fields,
    key_of,
    transact_write,
)
from dynamorm_py import streams
from dynamorm_py.streams import Changes, StreamReader, StreamRouter, read_change, read_changes


class Customer(DynamoModel, table="shop"):
    kind: Literal["customer"] = "customer"
    customer_id: str
    name: str = ""
    pk: ClassVar = PartitionKey("CUSTOMER#{customer_id}")
    sk: ClassVar = SortKey("PROFILE")


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: int
    total: int = 0
    pk: ClassVar = PartitionKey("CUSTOMER#{customer_id}")
    sk: ClassVar = SortKey("ORDER#{number:06}")


class Line(DynamoModel, table="shop"):
    kind: Literal["line"] = "line"
    customer_id: str
    number: int
    pk: ClassVar = PartitionKey("CUSTOMER#{customer_id}")
    sk: ClassVar = SortKey("LINE#{number:06}")


class Change(BaseModel):
    total: int | None = None


o = fields(Order)
shop = Table(Customer, Order, Line, name="shop-dev")
orders = Repo(Order)

assert_type(shop, Table[Customer | Order | Line])
assert_type(shop[Order], Repo[Order])
assert_type(shop[Order].get(customer_id="7", number=2), Order)
assert_type(key_of(Order, customer_id="7", number=2), ItemKey[Order])
assert_type(shop.get(key_of(Order, customer_id="7", number=2)), Order)
assert_type(shop.get_or_none(key_of(Line, customer_id="7", number=2)), Line | None)
assert_type(shop.query(Key(o.customer_id) == "7"), Query[Customer | Order | Line])
assert_type(shop.query(Key(o.customer_id) == "7", of=(Order, Line)), Query[Order | Line])
assert_type(shop.query(Key(o.customer_id) == "7", of=(Order,)).one(), Order)
assert_type(shop.query(Key(o.customer_id) == "7", of=Order, limit=3).one(), Order)
assert_type(shop.query(of=(Customer, Order, Line), limit=3, unknown="skip").one(), Customer | Order | Line)
assert_type(shop.scan(of=Order, segments=4), Query[Order])
assert_type(shop.scan(of=(Order, Customer)), Query[Order | Customer])
assert_type(orders.get(customer_id="7", number=2), Order)
assert_type(orders.get_or_none(customer_id="7", number=2), Order | None)
assert_type(orders.exists(customer_id="7", number=2), bool)
assert_type(orders.delete(customer_id="7", number=2), Order | None)
assert_type(orders.patch(key_of(Order, customer_id="7", number=2), Change(total=3)), Order)
assert_type(orders.patch(key_of(Order, customer_id="7", number=2), {"total": 3}, expected_version=3), Order)
assert_type(
    transact_write((Put(shop[Order], Order(customer_id="7", number=1)), Put(orders, Order(customer_id="7", number=2)))),
    tuple[Order, Order],
)
for item in shop.query(Key(o.customer_id) == "7"):
    assert_type(item, Customer | Order | Line)
    if isinstance(item, Order):
        assert_type(item.total, int)


async def awaited() -> None:
    shop = aio.Table(Customer, Order, Line, name="shop-dev")
    async with aio.Repo(Order, table="orders-dev") as orders:
        key = key_of(Order, customer_id="7", number=2)
        order = Order(customer_id="7", number=2)
        assert_type(orders, aio.Repo[Order])
        assert_type(await orders.get(key, consistent=True), Order)
        assert_type(await orders.get(customer_id="7", number=2), Order)
        assert_type(await orders.get_or_none(key), Order | None)
        assert_type(await orders.exists(key), bool)
        assert_type(await orders.put(order), Order)
        assert_type(await orders.create(order), Order)
        assert_type(await orders.update(key, Attr(o.total).add(1), condition=Attr(o.total) > 3), Order)
        assert_type(await orders.patch(key, Change(total=3)), Order)
        assert_type(await orders.delete(key), Order | None)
        assert_type(await orders.batch_get([key]), FoundItems[Order])
        assert_type(await orders.batch_write(put=[order], delete=[key]), int)
        assert_type(await orders.query(Key(o.customer_id) == "7", Key(o.number) > 5).all(), list[Order])
        assert_type(await orders.query(Key(o.customer_id) == "7").first(), Order | None)
        async for each in orders.query(Key(o.customer_id) == "7"):
            assert_type(each, Order)
        async with orders.batch() as batch:
            assert_type(await batch.put(order), Order)
        assert_type(
            await aio.transact_write((Put(orders, order), Put(shop[Customer], Customer(customer_id="7")))),
            tuple[Order, Customer],
        )
        assert_type(
            await aio.transact_get((Get(orders, key), Get(shop[Customer], "7"))), tuple[Order | None, Customer | None]
        )
        try:
            await aio.batch_write([Put(orders, order)])
        except BatchIncomplete as error:
            await aio.batch_write(error.writes)
        except ConditionFailed as error:
            assert_type(error.item, DynamoModel | None)
    assert_type(shop, aio.Table[Customer | Order | Line])
    assert_type(shop[Order], aio.Repo[Order])
    assert_type(await shop.get(key_of(Order, customer_id="7", number=2)), Order)
    async for item in shop.query(Key(o.customer_id) == "7", of=(Order, Line)):
        assert_type(item, Order | Line)


def read_streams(shop: Table[Customer | Order | Line], event: object) -> None:
    assert_type(read_changes(shop, event), Changes[Customer | Order | Line])
    router = StreamRouter()

    @router.on(shop)
    def changed(change: streams.Change[Customer | Order | Line]) -> None:
        assert_type(change.new, Customer | Order | Line | None)

    changed(read_change(shop, event))
    StreamReader(shop)
