"""A shop in one table: customers, their orders and the products, each a model of its own.

Run it with `make example NAME=single_table_shop`. It fails when anything is not as it says.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from in_process import aws_in_process
from pydantic import Field, computed_field

from dynamorm_py import (
    Attr,
    Create,
    DynamoModel,
    Key,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    TransactionCancelled,
    Update,
    Version,
    fields,
    transact_write,
)


class Customer(DynamoModel, table="shop"):
    kind: Literal["customer"] = "customer"
    customer_id: str
    name: str
    version: Annotated[int, Version()] = 0

    @computed_field
    @property
    def pk(self) -> Annotated[str, PartitionKey()]:
        return f"CUSTOMER#{self.customer_id}"

    @computed_field
    @property
    def sk(self) -> Annotated[str, SortKey()]:
        return "PROFILE"


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: Annotated[int, Field(ge=1)]
    sku: str
    total: Decimal
    status: Literal["open", "paid"] = "open"

    @computed_field
    @property
    def pk(self) -> Annotated[str, PartitionKey()]:
        return f"CUSTOMER#{self.customer_id}"

    @computed_field
    @property
    def sk(self) -> Annotated[str, SortKey()]:
        return f"ORDER#{self.number:06}"  # of one length, so that text order is the order of the numbers

    @computed_field
    @property
    def open_for(self) -> Annotated[str | None, PartitionKey(index="open-orders")]:
        return self.customer_id if self.status == "open" else None  # None: not in the index


class Product(DynamoModel, table="shop"):
    kind: Literal["product"] = "product"
    sku: str
    price: Decimal
    stock: Annotated[int, Field(ge=0)] = 0
    labels: Annotated[set[str], OmitEmpty()] = set()

    @computed_field
    @property
    def pk(self) -> Annotated[str, PartitionKey()]:
        return f"PRODUCT#{self.sku}"

    @computed_field
    @property
    def sk(self) -> Annotated[str, SortKey()]:
        return "PRODUCT"


class AnyItem(DynamoModel, table="shop", extra="allow"):
    """What every item of the table has; the rest is carried along unread."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    kind: str


MODELS: dict[str, type[DynamoModel]] = {"customer": Customer, "order": Order, "product": Product}
customers, orders, products, everything = Repo(Customer), Repo(Order), Repo(Product), Repo(AnyItem)
c, o, p, a = fields(Customer), fields(Order), fields(Product), fields(AnyItem)


def place(order: Order) -> None:
    """Store an order and take its piece from the stock, or do neither."""
    product, in_stock = (f"PRODUCT#{order.sku}", "PRODUCT"), Attr(p.stock) >= 1
    transact_write([Create(orders, order), Update(products, product, Attr(p.stock).add(-1), condition=in_stock)])


def pay(order: Order) -> Order:
    """Mark an order as paid, which takes it out of the index of open orders."""
    order.status = "paid"
    return orders.update(order, fields={"status", "open_for"}, condition=Attr(o.status) == "open")


def with_orders(customer_id: str) -> list[DynamoModel]:
    """Read a customer and the orders in one query, each item as its own model."""
    found = everything.query(Key(a.pk) == f"CUSTOMER#{customer_id}")
    return [MODELS[item.kind].from_item(item.to_item()) for item in found]


def main() -> None:
    """Open the shop."""
    for repo in (customers, orders, products):
        repo.table.ensure()  # the first makes the table, each adds the indexes of its model

    customers.create(Customer(customer_id="7", name="Ada"))
    products.create(Product(sku="TEA", price=Decimal("12.95"), stock=2))
    for number in (1, 2):
        place(Order(customer_id="7", number=number, sku="TEA", total=Decimal("12.95")))
    try:
        place(Order(customer_id="7", number=3, sku="TEA", total=Decimal("12.95")))
    except TransactionCancelled as cancelled:
        print(f"1. The third order is refused, and not stored: {[reason.code for reason in cancelled.reasons]}")

    print("2. A customer with the orders, in one query:")
    for item in with_orders("7"):
        print(f"   {item!r}")

    first = orders.get(("CUSTOMER#7", "ORDER#000001"))
    pay(first)
    still_open = orders.query(Key(o.open_for) == "7").wait(lambda found: len(found) == 1)
    print(f"3. After paying the first, open are: {[order.number for order in still_open]}")

    latest = orders.query(Key(o.pk) == "CUSTOMER#7", Key(o.sk).begins_with("ORDER#"), ascending=False).first()
    assert latest is not None
    print(f"4. The latest order is number {latest.number}, {latest.status}.")

    assert products.scan(filter=Attr(p.kind) == "product").one().stock == 0
    print("5. A scan of one kind filters by the kind: one product, with nothing left of it.")


if __name__ == "__main__":
    with aws_in_process():
        main()
