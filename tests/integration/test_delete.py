"""delete on a real table: what it gives back, and which version it deletes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dynamorm_py import ANY, Attr, ConditionFailed, InvalidExpression, InvalidKey, ItemDecodeError, Repo, fields
from dynamorm_py.testing import ScriptedClient
from tests.support.building import same
from tests.support.people import Order, User

if TYPE_CHECKING:
    from tests.integration.conftest import Past

u = fields(User)
KEY = ("A", "PROFILE")
WIRE_KEY = {"PK": {"S": "A"}, "SK": {"S": "PROFILE"}}


def test_delete_gives_the_old_item_and_takes_it_away(users: Repo[User], past: Past) -> None:
    stored = users.put(User(pk="A", tags={"a"}, avatar=b"\0"))
    assert same(users.delete(KEY), stored)
    assert past.user("A") is None


def test_deleting_a_missing_item_succeeds_and_gives_none(users: Repo[User], orders: Repo[Order]) -> None:
    assert users.delete(KEY) is None
    assert users.delete(User(pk="A")) is None
    assert orders.delete(1) is None


def test_an_instance_deletes_only_the_version_that_it_holds(users: Repo[User]) -> None:
    stale = users.put(User(pk="A"))
    newer = users.put(stale)
    with pytest.raises(ConditionFailed, match="the item may have changed since its version was read") as caught:
        users.delete(stale)
    assert same(caught.value.item, newer)
    assert (caught.value.raw_item, caught.value.key) == (newer.to_item(), WIRE_KEY)
    assert same(users.delete(newer), newer)


def test_any_version_is_deleted_and_a_named_one_is_checked(users: Repo[User]) -> None:
    stale = users.put(User(pk="A"))
    newer = users.put(stale)
    with pytest.raises(ConditionFailed):
        users.delete(KEY, expected_version=0)
    assert same(users.delete(stale, expected_version=ANY), newer)


def test_version_0_deletes_an_item_without_one(users: Repo[User], past: Past) -> None:
    past.put(WIRE_KEY)
    assert users.delete(User(pk="A", version=0)) == User(pk="A")


def test_a_failed_condition_deletes_nothing_and_carries_the_item(users: Repo[User], past: Past) -> None:
    stored = users.put(User(pk="A", age=3))
    with pytest.raises(ConditionFailed) as caught:
        users.delete(KEY, condition=Attr(u.age) > 3)
    assert same(caught.value.item, stored)
    assert past.user("A") == stored.to_item()
    with pytest.raises(ConditionFailed) as missing:
        users.delete(("B", "PROFILE"), condition=Attr(u.age) > 3)
    assert missing.value.item is None
    assert same(users.delete(KEY, condition=Attr(u.age) == 3), stored)


def test_an_old_item_that_does_not_fit_is_an_error_that_says_it_is_gone(users: Repo[User], past: Past) -> None:
    item = {**WIRE_KEY, "age": {"S": "old"}}
    past.put(item)
    with pytest.raises(ItemDecodeError, match="age: it is stored as S, the field as N") as caught:
        users.delete(KEY)
    assert caught.value.__notes__ == ["the item was deleted all the same; it is in .raw_item"]
    assert (caught.value.raw_item, past.user("A")) == (item, None)


def test_a_delete_that_cannot_be_meant_is_refused_and_nothing_is_sent() -> None:
    client = ScriptedClient(otherwise={})
    users = Repo(User, client=client)
    with pytest.raises(InvalidKey, match="the key is an Order: pass a User"):
        users.delete(Order(number=1))
    with pytest.raises(InvalidExpression, match=r"about Order, the call about User: build it from fields\(User\)"):
        users.delete(KEY, condition=Attr(fields(Order).total) > Decimal(1))
    with pytest.raises(InvalidExpression, match=r"condition= is a bool: a condition is built with Attr\(...\)"):
        users.delete(KEY, condition=True)  # pyright: ignore[reportArgumentType] -- what a checker refuses
    assert client.requests == []
