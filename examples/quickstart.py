"""A tour of dynamorm_py on moto, a DynamoDB inside this process: no network, no account.

Run it with `make demo`. It fails when anything is not as it says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import boto3
from in_process import aws_in_process
from pydantic import BaseModel, Field, ValidationError

from dynamorm_py import Attr, DynamoModel, Repo, errors, fields
from dynamorm_py.markers import CreatedAt, OmitEmpty, PartitionKey, SortKey, UpdatedAt, Version

E = TypeVar("E", bound=Exception)


class Line(BaseModel):
    sku: str
    price: Decimal = Field(gt=0)


class Order(DynamoModel, table="shop", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    status: Literal["open", "paid"] = "open"
    lines: list[Line]
    coupon: str | None = None
    gift_tags: Annotated[set[str], OmitEmpty()] = set()
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0


class Summary(BaseModel):
    sk: str
    status: str


KEY = ("CUSTOMER#7", "ORDER#1")
PAYLOAD = {"pk": KEY[0], "sk": KEY[1], "lines": [{"sku": "TEA", "price": "12.95"}], "gift_tags": ["red", "paper"]}
MINUTES = (datetime(2026, 1, 1, 12, n, tzinfo=UTC) for n in range(60))  # a clock that runs the same every day


def refused(kind: type[E], call: Callable[[], object]) -> E:
    """Print how a call is refused and return the error. Fails when it is not."""
    try:
        call()
    except kind as error:
        message = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        print(f"   {kind.__name__}: {message}")
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def main() -> None:
    """Walk through the life of one order."""
    orders, o = Repo(Order, clock=lambda: next(MINUTES)), fields(Order)

    print("1. The model validates a payload: a negative price is refused, a valid order passes.")
    refused(ValidationError, lambda: Order.model_validate(PAYLOAD | {"lines": [{"sku": "TEA", "price": -1}]}))
    order = Order.model_validate(PAYLOAD)

    print("\n2. create() writes an item that does not exist yet. DynamoDB now holds:")
    orders.table.create()
    created = orders.create(order)
    assert orders.get(KEY) == created
    key = {"PK": {"S": KEY[0]}, "SK": {"S": KEY[1]}}
    for name, value in boto3.client("dynamodb").get_item(TableName="shop", Key=key)["Item"].items():
        print(f"   {name}: {value}")
    refused(errors.ItemAlreadyExists, lambda: orders.create(order))

    print("\n3. update() changes it under a condition, and returns it as it is now.")
    actions = Attr(o.status).set("paid"), Attr(o.lines).list_append([Line(sku="GIFT WRAP", price=Decimal(2))])
    paid = orders.update(KEY, *actions, condition=Attr(o.status) == "open")
    assert [line.price for line in paid.lines] == [Decimal("12.95"), Decimal(2)]
    print(f"   now {paid.status}, with {len(paid.lines)} lines, version {paid.version}, updated {paid.updated_at}")
    failed = refused(errors.ConditionFailed, lambda: orders.update(KEY, *actions, condition=Attr(o.status) == "open"))
    assert isinstance(failed.item, Order)
    assert failed.item == paid
    print(f"   the error carries the order that was in the way: {failed.item.status}, version {failed.item.version}")

    print("\n4. Two clerks change the same order: its version keeps the second from undoing the first.")
    first, second = orders.get(KEY), orders.get(KEY)
    first.coupon, second.coupon = "SPRING", "SUMMER"
    assert orders.put(first).version == 2
    stored = refused(errors.ConditionFailed, lambda: orders.put(second)).item
    assert isinstance(stored, Order)
    assert stored.coupon == "SPRING"
    print(f"   stored is version {stored.version} with coupon {stored.coupon}; the second clerk held {second.version}")

    print("\n5. get() reads through a smaller model, and only its attributes are transferred.")
    assert orders.get(KEY, project=Summary) == Summary(sk="ORDER#1", status="paid")
    print(f"   {orders.get(KEY, project=Summary)!r}")

    print("\n6. delete() returns the item that it deleted; get() raises an error when there is none.")
    deleted = orders.delete(KEY)
    assert deleted is not None
    print(f"   deleted {deleted.sk} with coupon {deleted.coupon}")
    refused(errors.ItemNotFound, lambda: orders.get(KEY))


if __name__ == "__main__":
    with aws_in_process():
        main()
