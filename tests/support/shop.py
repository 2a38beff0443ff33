"""A shop in one table: kinds whose keys are composed from their fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from dynamorm_py import DynamoModel, PartitionKey, SortKey, Version


class Customer(DynamoModel, table="shop"):
    kind: Literal["customer"] = "customer"
    customer_id: str
    name: str = ""
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PROFILE")


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: int
    status: Literal["open", "paid"] = "open"
    note: str | None = None
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk: ClassVar = SortKey("ORDER#{number:06}")
    gsi1pk = PartitionKey("ORDERS#{status}", index="gsi1", attribute="GSI1PK")
    gsi1sk = SortKey("{number:06}", index="gsi1", attribute="GSI1SK")


class Line(DynamoModel, table="shop"):
    kind: Literal["line"] = "line"
    customer_id: str
    number: int
    line: int
    sku: str = ""
    version: Annotated[int, Version()] = 0
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}#LINE#{line:03}")
