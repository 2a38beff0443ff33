"""A state machine over random writes: after every step each index holds exactly the items that it should."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from dynamorm_py import (
    Attr,
    Delete,
    DynamoModel,
    InvalidExpression,
    InvalidValue,
    Key,
    PartitionKey,
    Put,
    SortKey,
    Table,
    TransactionCancelled,
    Update,
    fields,
    key_of,
    transact_write,
)
from tests.support.shop import Customer

if TYPE_CHECKING:
    from dynamorm_py import Repo

NUMBERS = st.integers(0, 3)
STATUS = st.sampled_from(["open", "paid"])
REGION = st.sampled_from([None, "eu", "us"])


class Parcel(DynamoModel, table="parcels"):
    customer_id: str
    number: int
    status: str = "open"
    region: str | None = None
    weight: int = 0
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PARCEL#{number:06}")
    by_status = PartitionKey("S#{status}", index="by-status")
    by_weight = SortKey("{weight:04}#{number:06}", index="by-status")
    by_region = PartitionKey("R#{region}#{status}", index="by-region")


p = fields(Parcel)


def _key(number: int) -> Any:  # noqa: ANN401 -- a key
    return key_of(Parcel, customer_id="7", number=number)


class Shop(RuleBasedStateMachine):
    """Writes at random, and keeps a dictionary of what should be there."""

    client: ClassVar[Any] = None

    def __init__(self) -> None:
        """Make a table of its own."""
        super().__init__()
        self.shop = Table(Customer, Parcel, name=f"machine-{secrets.token_hex(8)}", client=self.client)
        self.shop.table.create()
        self.parcels: Repo[Parcel] = self.shop[Parcel]
        self.expected: dict[int, Parcel] = {}

    def teardown(self) -> None:
        """Delete the table."""
        self.shop.table.delete()

    def _changed(self, number: int, **values: object) -> None:
        before = self.expected.get(number) or Parcel(customer_id="7", number=number)
        self.expected[number] = before.model_copy(update=values)

    @rule(number=NUMBERS, status=STATUS, region=REGION, weight=NUMBERS)
    def put(self, number: int, status: str, region: str | None, weight: int) -> None:
        """Write a whole item."""
        parcel = Parcel(customer_id="7", number=number, status=status, region=region, weight=weight)
        self.expected[number] = self.parcels.put(parcel)

    @rule(number=NUMBERS, status=STATUS, region=REGION)
    def update_both_parts(self, number: int, status: str, region: str | None) -> None:
        """Change every part of a key; this may create the item."""
        of_region = Attr(p.region).remove() if region is None else Attr(p.region).set(region)
        self.parcels.update(_key(number), Attr(p.status).set(status), of_region)
        self._changed(number, status=status, region=region)

    @rule(number=NUMBERS, status=STATUS)
    def update_one_part(self, number: int, status: str) -> None:
        """Change one part of two, which is refused, and again after reading."""
        with pytest.raises(InvalidExpression):
            self.parcels.update(_key(number), Attr(p.status).set(status))
        if number in self.expected:
            self.parcels.update(_key(number), Attr(p.status).set(status), read=True)
            self._changed(number, status=status)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), status=STATUS, weight=NUMBERS)
    def update_from_an_instance(self, data: st.DataObject, status: str, weight: int) -> None:
        """Change fields of an instance."""
        number = data.draw(st.sampled_from(sorted(self.expected)))
        parcel = self.parcels.get(_key(number), consistent=True)
        parcel.status, parcel.weight = status, weight
        self.parcels.update(parcel, fields={"status", "weight"})
        self._changed(number, status=status, weight=weight)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), weight=NUMBERS)
    def patch(self, data: st.DataObject, weight: int) -> None:
        """Change one field by a patch."""
        number = data.draw(st.sampled_from(sorted(self.expected)))
        self.parcels.patch(_key(number), {"weight": weight})
        self._changed(number, weight=weight)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), step=st.integers(-1, 2))
    def add_after_reading(self, data: st.DataObject, step: int) -> None:
        """Count a part up or down, which only reading makes known; below zero no key is composed."""
        number = data.draw(st.sampled_from(sorted(self.expected)))
        weight = self.expected[number].weight + step
        with pytest.raises(InvalidExpression):
            self.parcels.update(_key(number), Attr(p.weight).add(step))
        if weight < 0:
            with pytest.raises(InvalidValue):
                self.parcels.update(_key(number), Attr(p.weight).add(step), read=True)
        else:
            self.parcels.update(_key(number), Attr(p.weight).add(step), read=True)
            self._changed(number, weight=weight)

    @rule(numbers=st.lists(NUMBERS, unique=True, min_size=1), status=STATUS, region=REGION)
    def update_many(self, numbers: list[int], status: str, region: str | None) -> None:
        """Change several items by the same actions."""
        of_region = Attr(p.region).remove() if region is None else Attr(p.region).set(region)
        results = self.parcels.update_many(
            [_key(number) for number in numbers], Attr(p.status).set(status), of_region, must_exist=True
        )
        assert [result.error is None for result in results] == [number in self.expected for number in numbers]
        for number in filter(self.expected.__contains__, numbers):
            self._changed(number, status=status, region=region)

    @rule(numbers=st.lists(NUMBERS, unique=True, min_size=1), status=STATUS, region=REGION, weight=NUMBERS)
    def transact(self, numbers: list[int], status: str, region: str | None, weight: int) -> None:
        """Put, update and delete in one transaction, or do nothing at all."""
        first, *others = numbers
        parcel = Parcel(customer_id="7", number=first, status=status, region=region, weight=weight)
        writes = [Put(self.parcels, parcel)]
        changes = Attr(p.status).set(status), Attr(p.region).set(region)
        updates = [Update(self.parcels, _key(number), *changes, must_exist=True) for number in others[:1]]
        deletes = [Delete(self.parcels, _key(number)) for number in others[1:]]
        if others and others[0] not in self.expected:
            with pytest.raises(TransactionCancelled):
                transact_write([*writes, *updates, *deletes])
            return
        transact_write([*writes, *updates, *deletes])
        self.expected[first] = parcel
        for number in others[:1]:
            self._changed(number, status=status, region=region)
        for number in others[1:]:
            self.expected.pop(number, None)

    @rule(number=NUMBERS)
    def delete(self, number: int) -> None:
        """Delete an item, there or not."""
        self.parcels.delete(_key(number))
        self.expected.pop(number, None)

    @invariant()
    def each_index_holds_what_it_should(self) -> None:
        """Compare the table and both indexes with the dictionary."""
        items = list(self.expected.values())
        assert self.parcels.query(Key(p.customer_id) == "7", consistent=True).all() == sorted(
            items, key=lambda i: i.number
        )
        for status in ("open", "paid"):
            found = self.parcels.query(Key(p.status) == status).all()
            assert found == sorted((i for i in items if i.status == status), key=lambda i: (i.weight, i.number))
            for region in ("eu", "us"):
                there = self.parcels.query(Key(p.region) == region, Key(p.status) == status, index="by-region").all()
                here = [i for i in items if (i.region, i.status) == (region, status)]
                assert sorted(there, key=lambda i: i.number) == sorted(here, key=lambda i: i.number)


def test_after_every_step_each_index_holds_exactly_the_items_that_it_should(dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    Shop.client = dynamorm_client
    some = settings(
        max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=(HealthCheck.too_slow,)
    )
    run_state_machine_as_test(Shop, settings=some)
