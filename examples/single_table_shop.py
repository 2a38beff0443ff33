"""A shop of seven kinds in one table: keys composed from fields, each item read as its own model.

Run it with `make example NAME=single_table_shop`. It fails when anything is not as it says.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from in_process import aws_in_process
from pydantic import BaseModel, Field

from dynamorm_py import (
    Attr,
    Create,
    DynamoModel,
    Key,
    PartitionKey,
    SortKey,
    Table,
    TransactionCancelled,
    Update,
    Version,
    fields,
    key_of,
    transact_write,
)


class Customer(DynamoModel, table="shop"):
    customer_id: str
    name: str
    version: Annotated[int, Version()] = 0
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PROFILE")


class Address(DynamoModel, table="shop"):
    customer_id: str
    label: str
    city: str
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ADDRESS#{label}")


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: Annotated[int, Field(ge=1)]
    status: Literal["open", "paid", "sent"] = "open"
    total: Decimal = Decimal(0)
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}")
    by_status = PartitionKey("ORDERS#{status}", index="orders")
    by_number = SortKey("{number:06}", index="orders")


class Line(DynamoModel, table="shop"):
    kind: Literal["line"] = "line"
    customer_id: str
    number: int
    line: int
    sku: str
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}#LINE#{line:03}")


class Product(DynamoModel, table="shop"):
    sku: str
    price: Decimal
    stock: Annotated[int, Field(ge=0)] = 0
    pk = PartitionKey("PRODUCT#{sku}")
    sk = SortKey("PRODUCT")


class Review(DynamoModel, table="shop"):
    sku: str
    customer_id: str
    stars: Annotated[int, Field(ge=1, le=5)]
    pk = PartitionKey("PRODUCT#{sku}")
    sk = SortKey("REVIEW#{customer_id}")


class Coupon(DynamoModel, table="shop"):
    code: str
    percent: int
    pk = PartitionKey("COUPON#{code}")
    sk = SortKey("COUPON")


class CustomerPatch(BaseModel):
    name: str | None = None


Shop: TypeAlias = Table[Customer | Address | Order | Line | Product | Review | Coupon]


def open_shop() -> Shop:
    """Put the kinds together in their table; nothing is sent."""
    return Table(Customer, Address, Order, Line, Product, Review, Coupon)


def place(shop: Shop, order: Order, sku: str) -> None:
    """Store an order of one line and take its piece from the stock, or do neither."""
    p = fields(Product)
    line = Line(customer_id=order.customer_id, number=order.number, line=1, sku=sku)
    take = Update(shop[Product], key_of(Product, sku=sku), Attr(p.stock).add(-1), condition=Attr(p.stock) >= 1)
    transact_write((Create(shop[Order], order), Create(shop[Line], line), take))


def main() -> None:
    """Open the shop."""
    shop = open_shop()
    o = fields(Order)
    shop.table.ensure()  # one table, with the index of orders

    shop[Customer].create(Customer(customer_id="7", name="Ada"))
    shop[Product].create(Product(sku="TEA", price=Decimal("12.95"), stock=2))
    for number in (1, 2):
        place(shop, Order(customer_id="7", number=number, total=Decimal("12.95")), "TEA")
    try:
        place(shop, Order(customer_id="7", number=3), "TEA")
    except TransactionCancelled as cancelled:
        print(f"1. The third order is refused, and not stored: {[reason.code for reason in cancelled.reasons]}")

    print("2. A customer with all its items, in one query:")
    for item in shop.query(Key(o.customer_id) == "7"):
        print(f"   {item!r}")

    paid = shop[Order].update(key_of(Order, customer_id="7", number=1), Attr(o.status).set("paid"))
    still_open = shop[Order].query(Key(o.status) == "open").wait(lambda found: len(found) == 1)
    assert paid.by_status == "ORDERS#paid"
    print(f"3. After paying the first, which moves it in the index, open are: {[each.number for each in still_open]}")

    latest = shop[Order].query(Key(o.customer_id) == "7", Key(o.number) >= 1, ascending=False).first()
    assert latest is not None
    print(f"4. The latest order is number {latest.number}, {latest.status}.")

    patched = shop[Customer].patch(key_of(Customer, customer_id="7"), CustomerPatch(name="Ada L."), expected_version=0)
    assert "pk" not in patched.model_dump()
    print(f"5. Patched to version {patched.version}: {patched.model_dump_json()}")

    assert shop[Product].get(sku="TEA").stock == 0
    print("6. A product is read by its parts: nothing is left of it.")


if __name__ == "__main__":
    with aws_in_process():
        main()
