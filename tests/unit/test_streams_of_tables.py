"""Streams of a `Table`: each image as its own model, in one route, and claims in none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import DynamoModel, ItemDecodeError, PartitionKey, SortKey, Table, Unique
from dynamorm_py.streams import (
    Change,
    StreamRouter,
    UnroutedRecord,
    on_record,
    read_change,
    read_changes,
    read_image,
)
from tests.support.shop import Customer, Line, Order

if TYPE_CHECKING:
    from collections.abc import Mapping

shop = Table(Customer, Order, Line)  # nothing is sent
CLAIM = {"pk": {"S": "UNIQUE#Customer#name#S#Al"}, "sk": {"S": "UNIQUE"}, "dynamorm_claim": {"S": "Customer.name"}}
STRAY = {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "NOTE#1"}}
ITEMS: list[DynamoModel] = [
    Customer(customer_id="7", name="Al"),
    Order(customer_id="7", number=2),
    Line(customer_id="7", number=2, line=1),
]


def record(image: Mapping[str, Any], *, only_keys: bool = False, table: str = "shop") -> dict[str, Any]:
    """Return the record of an insert."""
    keys = {name: image[name] for name in ("pk", "sk")}
    images = {} if only_keys else {"NewImage": dict(image)}
    return {
        "eventName": "INSERT",
        "eventSourceARN": f"arn:aws:dynamodb:eu-west-1:1:table/{table}/stream/2026",
        "dynamodb": {"Keys": keys, "SequenceNumber": "1", **images},
    }


def test_each_image_is_read_as_its_own_model() -> None:
    images = [item.to_item() for item in ITEMS]
    changes = read_changes(shop, {"Records": [record(image) for image in [*images, CLAIM]]})
    assert ([change.new for change in changes], changes.skipped) == (ITEMS, 0)
    assert [read_change(shop, record(image)).new for image in images] == ITEMS
    assert [read_image(shop, image) for image in images] == ITEMS


def test_a_record_of_keys_alone_tells_its_key() -> None:
    key = Order(customer_id="7", number=2).to_item()
    change = read_change(shop, record(key, only_keys=True))
    assert (change.new, change.key) == (None, ("CUSTOMER#7", "ORDER#000002"))


class Entry(DynamoModel, table="log"):
    day: str
    number: Annotated[int, SortKey()]
    pk = PartitionKey("LOG#{day}")


def test_a_record_of_keys_alone_tells_composed_keys_and_fields() -> None:
    keys = {"pk": {"S": "LOG#1"}, "number": {"N": "3"}}
    change = read_change(Entry, {"eventName": "REMOVE", "dynamodb": {"Keys": keys, "SequenceNumber": "1"}})
    assert change.keys == {"pk": "LOG#1", "number": 3}
    (deleted,) = read_changes(Order, [record(Order(customer_id="7", number=2).to_item(), only_keys=True)])
    assert deleted.keys == {"pk": "CUSTOMER#7", "sk": "ORDER#000002"}


def test_an_item_of_none_of_the_models_is_an_error_or_left_out_and_counted() -> None:
    event = {"Records": [record(STRAY), record(ITEMS[0].to_item())]}
    with pytest.raises(ItemDecodeError, match="none of these models"):
        read_changes(shop, event)
    changes = read_changes(shop, event, on_error="skip")
    assert ([change.new for change in changes], changes.skipped) == (ITEMS[:1], 1)


def test_a_route_of_a_table_takes_its_models_and_nothing_else() -> None:
    router, seen = StreamRouter(), list[Any]()

    @router.on(shop)
    def changed(change: Change[Customer | Order | Line]) -> None:
        seen.append(change.new)

    del changed
    for item in ITEMS:
        router(record(item.to_item()))
    router(record(CLAIM))
    assert seen == ITEMS
    for stray in (record(STRAY), record(ITEMS[0].to_item(), table="mall")):
        with pytest.raises(UnroutedRecord):
            router(stray)


def test_claims_are_handled_by_no_handler() -> None:
    seen: list[Any] = []

    @on_record(Customer)
    def changed(change: Change[Customer]) -> None:
        seen.append(change.new)

    changed(record(CLAIM))
    assert seen == []
    assert read_changes(Customer, [record(CLAIM), record(ITEMS[0].to_item())])[0].new == ITEMS[0]


class Account(DynamoModel, table="accounts"):
    account_id: Annotated[str, PartitionKey()]
    email: Annotated[str | None, Unique()] = None


def test_a_claim_is_told_by_its_key_alone_in_a_table_without_a_sort_key() -> None:
    keys = [{"account_id": {"S": text}} for text in ("UNIQUE#Account#email#S#a", "a")]
    records = [{"eventName": "REMOVE", "dynamodb": {"Keys": key, "SequenceNumber": "1"}} for key in keys]
    assert [change.key for change in read_changes(Account, records)] == ["a"]
