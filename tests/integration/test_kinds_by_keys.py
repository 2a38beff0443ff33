"""Kinds that only their keys tell apart, and indexes that lack what tells them: counts, projections, filters."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    DynamoModel,
    GlobalIndex,
    InvalidExpression,
    ItemDecodeError,
    Key,
    PartitionKey,
    Query,
    Repo,
    SortKey,
    Table,
    TimeToLive,
    Unique,
    fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_STATUS = GlobalIndex("by-status", projection="KEYS_ONLY")


class Customer(DynamoModel, table="keyed"):
    customer_id: str
    email: Annotated[str | None, Unique()] = None
    pk = PartitionKey("C#{customer_id}")
    sk = SortKey("A")


class Order(DynamoModel, table="keyed", indexes=[BY_STATUS]):
    customer_id: str
    number: int
    status: str = "open"
    ends: Annotated[dt.datetime | None, TimeToLive()] = None
    pk = PartitionKey("C#{customer_id}")
    sk = SortKey("ORDER#{number:04}")
    by_status = PartitionKey("S#{status}", index="by-status")


class Line(DynamoModel, table="keyed", indexes=[BY_STATUS]):
    customer_id: str
    number: int
    line: int
    status: str = "open"
    pk = PartitionKey("C#{customer_id}")
    sk = SortKey("ORDER#{number:04}#LINE#{line:02}")
    by_status = PartitionKey("S#{status}", index="by-status")


class Parcel(DynamoModel, table="keyed", indexes=[BY_STATUS]):
    kind: Literal["parcel"] = "parcel"
    customer_id: str
    parcel: str
    status: str = "open"
    pk = PartitionKey("C#{customer_id}")
    sk = SortKey("PARCEL#{parcel}")
    by_status = PartitionKey("S#{status}", index="by-status")


class Owner(BaseModel):
    customer_id: str


o, ln, p, c = fields(Order), fields(Line), fields(Parcel), fields(Customer)
Shop = Table[Customer | Order | Line | Parcel]


@pytest.fixture
def shop(dynamorm_client: Any) -> Iterator[Shop]:  # noqa: ANN401 -- boto3's
    shop = Table(Customer, Order, Line, Parcel, name=f"shop-{secrets.token_hex(8)}", client=dynamorm_client)
    shop.table.create()
    shop[Customer].create(Customer(customer_id="7", email="a@x"))
    for number in (1, 2, 3):
        shop[Order].create(Order(customer_id="7", number=number))
        shop[Line].create(Line(customer_id="7", number=number, line=1))
    shop[Parcel].create(Parcel(customer_id="7", parcel="p"))
    yield shop
    shop.table.delete()


def read_of(repo: Repo[Any], own: Any, way: str, project: type[Owner] | None = None) -> Query[Any]:  # noqa: ANN401 -- fields
    """Return a read of a customer's items, of some, of all, or of those of an index."""
    if way == "scan":
        return repo.scan(project=project)
    part = own.status if way == "index" else own.customer_id
    conditions = [Key(part) == ("open" if way == "index" else "7"), *([Key(own.number) >= 1] if way == "range" else [])]
    return repo.query(*conditions, project=project)


@pytest.mark.parametrize("way", ["key", "range", "scan", "index"])
def test_a_count_and_a_projection_are_of_the_own_kind(shop: Shop, way: str) -> None:
    for repo, own in ((shop[Order], o), (shop[Line], ln)):
        assert len(read_of(repo, own, way).all()) == 3
        assert read_of(repo, own, way).count() == 3
        assert read_of(repo, own, way, Owner).all() == [Owner(customer_id="7")] * 3
        assert read_of(repo, own, way, Owner).count() == 3
        assert len(read_of(repo, own, way, Owner).page(size=2).items) == 2


def test_a_literal_that_an_index_does_not_carry_is_told_by_the_key(shop: Shop) -> None:
    open_ones = Key(p.status) == "open"
    parcels = shop[Parcel].query(open_ones)
    assert ([each.parcel for each in parcels], parcels.count()) == (["p"], 1)
    assert [each.parcel for each in shop.query(open_ones, of=Parcel)] == ["p"]
    assert shop.query(open_ones, of=Parcel).count() == 1
    assert shop[Parcel].query(open_ones, project=Owner).all() == [Owner(customer_id="7")]


def test_a_projection_of_a_table_narrows_and_meets_strays_as_whole_items_do(
    shop: Shop,
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    of_customer = Key(o.customer_id) == "7"
    assert len(shop.query(of_customer, project=Owner).all()) == 8
    assert len(shop.query(of_customer, of=(Order, Customer), project=Owner).all()) == 4
    assert len(shop.query(Key(o.status) == "open", of=Line, project=Owner).all()) == 3
    stray = {"pk": {"S": "C#7"}, "sk": {"S": "ZZZ"}, "customer_id": {"S": "7"}}
    dynamorm_client.put_item(TableName=shop[Order].__dynamorm_context__.table.name, Item=stray)
    with pytest.raises(ItemDecodeError):
        shop.query(of_customer, project=Owner).all()
    assert len(shop.query(of_customer, project=Owner, unknown="skip").all()) == 8


@pytest.mark.parametrize("project", [None, Owner])
def test_no_attribute_is_asked_for_that_the_index_does_not_carry(shop: Shop, project: Any) -> None:  # noqa: ANN401
    reads: list[Query[Any]] = [
        read_of(shop[Order], o, "index", project),
        read_of(shop[Parcel], p, "index", project),
        shop.query(Key(o.status) == "open", project=project),
    ]
    for read in reads:
        request = read.explain().request
        assert set(request["ExpressionAttributeNames"].values()) <= {"pk", "sk", "by_status"}


def test_numbers_told_by_keys_are_added_up(shop: Shop) -> None:
    assert shop[Order].query(Key(o.status) == "open").sum(o.number) == 6


def test_hidden_items_are_not_read_through_an_index_that_cannot_tell(shop: Shop, dynamorm_client: Any) -> None:  # noqa: ANN401
    name = shop[Order].__dynamorm_context__.table.name
    hiding = Table(Customer, Order, Line, Parcel, name=name, client=dynamorm_client, hide_expired=True)
    for read in (lambda: hiding[Order].query(Key(o.status) == "open"), lambda: hiding.query(Key(o.status) == "open")):
        with pytest.raises(InvalidExpression, match=r"'by-status' does not carry ends, by which hide_expired="):
            read()
    assert hiding[Line].query(Key(ln.status) == "open").count() == 3
    assert hiding.query(Key(ln.status) == "open", of=Line).count() == 3
