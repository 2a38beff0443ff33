"""Wrong uses of a table of several models and of the asynchronous face: both checkers flag every line marked `# E`."""

from __future__ import annotations

from typing import ClassVar, Literal

from dynamorm_py import (
    Attr,
    DynamoModel,
    Get,
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
)


class Customer(DynamoModel, table="shop"):
    kind: Literal["customer"] = "customer"
    customer_id: str
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


o = fields(Order)
shop = Table(Customer, Order, name="shop-dev")
orders = Repo(Order)
key = key_of(Order, customer_id="7", number=2)
order = Order(customer_id="7", number=2)

Table(Customer, int)  # E
Table(Customer, order)  # E
Table(Customer, Order, table="shop")  # E
Table(Customer, Order, name=3)  # E
key_of(int, customer_id="7")  # E
key_of(order, customer_id="7")  # E
shop.put(order)  # E
shop[Order].put(Customer(customer_id="7"))  # E
shop[Order].get(key).nmae  # E
shop[order]  # E
shop.get(key).nmae  # E
shop.get_or_none(key).total  # E
shop.query(Attr(o.customer_id) == "7")  # E
shop.query(Key(o.customer_id) == 7)  # E
shop.query(Key(o.customer_id) == "7").one().total  # E
shop.query(Key(o.customer_id) == "7", of=(int,))  # E
shop.query(Key(o.customer_id) == "7", of=Order).one().number.nmae  # E
shop.query(Key(o.customer_id) == "7", of=(Order, Line)).one().total  # E
shop.scan(of=(Order, Line)).one().total  # E
shop.scan(filter=Key(o.customer_id) == "7")  # E
narrowed: Query[Customer] = shop.query(Key(o.customer_id) == "7", of=(Order,))  # E
orders.patch(key, 3)  # E
orders.patch(key, {"total"})  # E
orders.patch(key, {"total": 3}, expected_version="x")  # E
orders.patch(key, {"total": 3}).nmae  # E


async def awaited() -> None:
    shop = aio.Table(Customer, Order, name="shop-dev")
    orders = aio.Repo(Order)
    (await orders.get(key)).nmae  # E
    orders.get(key).total  # E
    (await orders.get_or_none(key)).total  # E
    await orders.put(Customer(customer_id="7"))  # E
    await orders.put(order, condition=Key(o.customer_id) == "7")  # E
    await orders.update(key, Attr(o.total) > 3)  # E
    await orders.update(key, Attr(o.total).add("x"))  # E
    await orders.query(Key(o.customer_id) == 7).all()  # E
    orders.query(Key(o.customer_id) == "7").one().total  # E
    for _ in orders.query(Key(o.customer_id) == "7"):  # E
        pass
    with orders:  # E
        pass
    await aio.transact_write((Put(orders, Customer(customer_id="7")),))  # E
    await aio.transact_write((Put(orders, order), Get(orders, key)))  # E
    (await aio.transact_get((Get(orders, key),)))[0].total  # E
    (await shop.get(key)).nmae  # E
    other: Customer = await shop[Order].get(key)  # E
