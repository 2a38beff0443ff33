"""A repository reads and writes the items of its own model only, where something tells models apart."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    ConditionFailed,
    Delete,
    DynamoModel,
    Get,
    GlobalIndex,
    ItemAlreadyExists,
    ItemNotFound,
    Key,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    TransactionCancelled,
    Version,
    fields,
    key_of,
    transact_get,
    transact_write,
)
from tests.support.shop import Customer, Line, Order

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRepo = Callable[..., Repo[Any]]

o = fields(Order)


class Status(BaseModel):
    status: str = "none"


@pytest.fixture
def orders(dynamorm_repo: MakeRepo, dynamorm_client: Any) -> Repo[Order]:  # noqa: ANN401 -- boto3's
    orders = dynamorm_repo(Order)
    name = orders.__dynamorm_context__.table.name
    customers = Repo(Customer, table=name, client=dynamorm_client)
    lines = Repo(Line, table=name, client=dynamorm_client)
    customers.create(Customer(customer_id="7"))
    for number in (1, 2):
        orders.create(Order(customer_id="7", number=number))
        lines.create(Line(customer_id="7", number=number, line=1))
    stray = {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "ORDER#000009"}, "kind": {"S": "line"}}
    dynamorm_client.put_item(TableName=name, Item=stray)
    return orders


OTHER = ("CUSTOMER#7", "ORDER#000009")


def test_queries_and_scans_read_the_own_kind(orders: Repo[Order]) -> None:
    query = orders.query(Key(o.customer_id) == "7")
    assert [each.number for each in query] == [1, 2]
    assert (query.count(), len(query.page(size=1).items)) == (2, 1)
    assert query.explain().filter == "kind = :v2"
    assert sorted(each.number for each in orders.scan()) == [1, 2]
    assert [each.number for each in orders.query(Key(o.customer_id) == "7", Key(o.number) > 1)] == [2]


def test_another_kinds_item_is_as_if_missing(orders: Repo[Order]) -> None:
    with pytest.raises(ItemNotFound):
        orders.get(OTHER)
    assert orders.get_or_none(OTHER) is None
    assert orders.get_or_none(OTHER, project=Status) is None
    assert not orders.exists(OTHER)
    assert not orders.exists(("CUSTOMER#7", "PROFILE"))
    assert orders.exists(customer_id="7", number=1)
    found = orders.batch_get([OTHER, key_of(Order, customer_id="7", number=2)])
    assert ([each.number for each in found], found.missing) == ([2], [OTHER])
    assert transact_get([Get(orders, OTHER), Get(orders, key_of(Order, customer_id="7", number=1))])[0] is None


def test_writes_over_another_kinds_item_are_refused(orders: Repo[Order]) -> None:
    stray = Order(customer_id="7", number=9)
    for write in (
        lambda: orders.put(stray),
        lambda: orders.update(OTHER, Attr(o.note).set("x")),
        lambda: orders.delete(OTHER),
    ):
        with pytest.raises(ConditionFailed, match=r"of another model \(it is in \.raw_item\)") as refused:
            write()
        assert refused.value.item is None
        assert refused.value.raw_item is not None
    with pytest.raises(ItemAlreadyExists, match=r"of another model, so use another key \(it is in \.raw_item\)"):
        orders.create(stray)
    actions: list[Put[Any] | Delete[Any]] = [Put(orders, stray), Delete(orders, OTHER)]
    for action in actions:
        with pytest.raises(TransactionCancelled):
            transact_write([action])
    orders.put(Order(customer_id="7", number=1, status="paid"))
    assert orders.delete(customer_id="7", number=1) is not None
    assert orders.delete(customer_id="7", number=1) is None


class Counted(DynamoModel, table="counted"):
    kind: Literal["counted"] = "counted"
    key: Annotated[str, PartitionKey()]
    version: Annotated[int | None, Version()] = None


def test_another_kinds_item_is_no_other_version(
    dynamorm_repo: MakeRepo,
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    counted = dynamorm_repo(Counted)
    stranger = {"key": {"S": "a"}, "kind": {"S": "other"}, "version": {"N": "4"}}
    dynamorm_client.put_item(TableName=counted.__dynamorm_context__.table.name, Item=stranger)
    for item in (Counted(key="a"), Counted(key="a", version=0)):
        with pytest.raises(ConditionFailed, match="of another model") as refused:
            counted.put(item)
        assert type(refused.value) is ConditionFailed


class Recorded(DynamoModel, table="records", write_policy="write_once"):
    key: Annotated[str, PartitionKey()]


def test_an_item_that_is_written_once_is_not_to_be_put(dynamorm_repo: MakeRepo) -> None:
    records = dynamorm_repo(Recorded)
    first = records.create(Recorded(key="a"))
    with pytest.raises(ItemAlreadyExists, match="it is written once, so use another key") as refused:
        records.create(Recorded(key="a"))
    assert refused.value.item == first


class Visit(DynamoModel, table="visits", indexes=[GlobalIndex("by-day", projection="KEYS_ONLY")]):
    visitor: str
    number: int
    day: dt.date
    raw: bytes
    note: str = ""
    pk = PartitionKey("V#{visitor}")
    sk = SortKey("{number:04}")
    by_day = PartitionKey("{day}", index="by-day")
    by_raw = SortKey("{raw:hex}#{number:04}", index="by-day")


def test_parts_that_an_index_does_not_carry_are_read_out_of_its_keys(dynamorm_repo: MakeRepo) -> None:
    visits, v = dynamorm_repo(Visit), fields(Visit)
    stored = visits.create(Visit(visitor="a", number=3, day=dt.date(2026, 1, 2), raw=b"\0\xff"))
    (read,) = visits.query(Key(v.day) == dt.date(2026, 1, 2))
    assert (read.visitor, read.number, read.day, read.raw) == ("a", 3, dt.date(2026, 1, 2), b"\0\xff")
    assert visits.complete([read]) == [stored]
    page = visits.query(Key(v.day) == dt.date(2026, 1, 2), Key(v.raw) == b"\0\xff").page(size=1)
    assert page.items == [read]
