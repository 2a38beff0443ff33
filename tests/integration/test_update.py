"""update on a real table: by actions, from an instance, guarded, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import (
    ANY,
    Action,
    Attr,
    ConditionFailed,
    ItemDecodeError,
    ItemTooLarge,
    Repo,
    fields,
    some,
)
from dynamorm_py.errors import RequestRefused
from tests.support.building import same
from tests.support.people import Address, Line, User

if TYPE_CHECKING:
    from tests.integration.conftest import Past
    from tests.support.people import Clock

u = fields(User)
KEY = ("A", "PROFILE")
WIRE_KEY = {"PK": {"S": "A"}, "SK": {"S": "PROFILE"}}
START: dict[str, Any] = {
    "age": 3,
    "limit": 10,
    "nickname": "Al",
    "tags": {"a", "b"},
    "notes": ["x", "y"],
    "lines": [Line(sku="s", price=Decimal("1.5"))],
    "scores": {"math": 1, "a.b": 2, "c d": 3, "#n0": 4, "[0]": 5},
    "by_year": {2024: 1},
    "home": Address(city="Rome", zip_code="1"),
}

ACTIONS: list[tuple[list[Action], dict[str, Any]]] = [
    ([Attr(u.age).set(9)], {"age": 9}),
    ([Attr(u.age).set(Attr(u.limit))], {"age": 10}),
    ([Attr(u.age).set(Attr(u.age) + 4)], {"age": 7}),
    ([Attr(u.limit).set(Attr(u.limit) - Attr(u.age))], {"limit": 7}),
    ([Attr(u.age).add(5), Attr(u.limit).add(-3)], {"age": 8, "limit": 7}),
    ([Attr(u.balance).add(Decimal("0.1"))], {"balance": Decimal("0.1")}),
    ([Attr(u.age).if_not_exists(99)], {"age": 3}),
    ([Attr(u.name).set("Ada"), Attr(u.label).set(Attr(u.pk))], {"name": "Ada", "label": "A"}),
    ([Attr(u.nickname).remove()], {"nickname": ""}),
    ([Attr(u.nickname).set("")], {"nickname": ""}),
    ([Attr(u.ttl).set(Attr(u.ttl).if_not_exists(50))], {"ttl": 50}),
    ([Attr(u.tags).add({"c"})], {"tags": {"a", "b", "c"}}),
    ([Attr(u.tags).delete({"a", "z"})], {"tags": {"b"}}),
    ([Attr(u.tags).delete({"a", "b"})], {"tags": set()}),
    ([Attr(u.groups).set({"g"})], {"groups": {"g"}}),
    ([Attr(u.groups).set(set())], {"groups": set()}),
    ([Attr(u.notes).list_append(["z"])], {"notes": ["x", "y", "z"]}),
    ([Attr(u.notes).list_prepend(["w"])], {"notes": ["w", "x", "y"]}),
    ([Attr(u.notes).set(Attr(u.notes).if_not_exists([]).list_append(["z"]))], {"notes": ["x", "y", "z"]}),
    ([Attr(u.notes[0]).set("first"), Attr(u.notes[1]).remove()], {"notes": ["first"]}),
    ([Attr(u.notes[9]).set("end")], {"notes": ["x", "y", "end"]}),
    ([Attr(u.lines[0].price).set(Decimal(2))], {"lines": [Line(sku="s", price=Decimal(2))]}),
    ([Attr(u.lines).list_append([Line(sku="t")])], {"lines": [Line(sku="s", price=Decimal("1.5")), Line(sku="t")]}),
    (
        [Attr(u.scores["math"]).add(1), Attr(u.scores["new key"]).set(0), Attr(u.scores["a.b"]).remove()],
        {"scores": {"math": 2, "new key": 0, "c d": 3, "#n0": 4, "[0]": 5}},
    ),
    (
        [Attr(u.scores["c d"]).set(30), Attr(u.scores["#n0"]).set(40), Attr(u.scores["[0]"]).set(50)],
        {"scores": {"math": 1, "a.b": 2, "c d": 30, "#n0": 40, "[0]": 50}},
    ),
    ([Attr(u.by_year[2025]).set(2)], {"by_year": {2024: 1, 2025: 2}}),
    ([Attr(some(u.home).city).set("Oslo")], {"home": Address(city="Oslo", zip_code="1")}),
    ([Attr(u.home).set(Address(city="Oslo"))], {"home": Address(city="Oslo")}),
    ([Attr(u.home).set(None)], {"home": None}),
    ([Attr(u.seen).set(datetime(2024, 1, 1, tzinfo=UTC))], {"seen": datetime(2024, 1, 1, tzinfo=UTC)}),
    ([Attr(u.anything).set({"a": [1, b"x", None]})], {"anything": {"a": [1, b"x", None]}}),
    ([Attr(u.email_hash).set("h")], {"email_hash": "h"}),
]


@pytest.mark.parametrize(("actions", "changed"), ACTIONS)
def test_an_action_changes_what_it_names_and_the_item_comes_back_as_it_is_now(
    users: Repo[User], past: Past, actions: list[Action], changed: dict[str, Any]
) -> None:
    before = users.put(User(pk="A", **START))
    after = users.update(KEY, *actions)
    expected = before.model_copy(update={**changed, "updated": after.updated, "version": 1})
    assert same(after.model_dump(), expected.model_dump())
    assert User.from_item(past.user("A") or {}) == after


def test_an_update_keeps_attributes_that_the_model_does_not_know(users: Repo[User], past: Past) -> None:
    past.put({**WIRE_KEY, "unknown": {"S": "x"}})
    users.update(KEY, Attr(u.age).set(3))
    assert (past.user("A") or {})["unknown"] == {"S": "x"}


def test_an_update_of_a_missing_item_creates_it(users: Repo[User], past: Past, clock: Clock) -> None:
    made = users.update(KEY, Attr(u.age).add(3), Attr(u.tags).add({"a"}))
    assert (made.age, made.tags, made.created, made.updated, made.version) == (3, {"a"}, clock.last, clock.last, 1)
    assert (past.user("A") or {}).keys() == {"PK", "SK", "age", "tags", "createdAt", "updatedAt", "version"}


def test_must_exist_refuses_to_create_the_item(users: Repo[User], past: Past) -> None:
    with pytest.raises(ConditionFailed, match="there is no item with this key") as caught:
        users.update(KEY, Attr(u.age).add(3), must_exist=True)
    assert (caught.value.item, caught.value.raw_item, caught.value.key) == (None, None, WIRE_KEY)
    assert past.user("A") is None
    users.put(User(pk="A"))
    assert users.update(KEY, Attr(u.age).add(3), must_exist=True).age == 3


# --- from an instance ----------------------------------------------------------------------------


def test_an_instance_sets_the_named_fields_and_no_other(users: Repo[User], clock: Clock) -> None:
    user = users.put(User(pk="A", **START))
    changed = user.model_copy(update={"nickname": "Bo", "home": Address(city="Oslo"), "limit": 99})
    after = users.update(changed, fields={"nickname", "home"})
    assert same(
        after.model_dump(),
        changed.model_copy(update={"limit": 10, "version": 1, "updated": clock.last}).model_dump(),
    )


def test_an_empty_value_removes_the_attribute_where_it_is_omitted_and_stores_null_elsewhere(
    users: Repo[User], past: Past
) -> None:
    users.put(User(pk="A", name="Ada", email_hash="h", groups={"g"}, **START))
    after = users.update(
        User(pk="A"), fields=["nickname", "tags", "email_hash", "name", "groups", "home", "label", "notes"]
    )
    item = past.user("A") or {}
    assert not item.keys() & {"nickname", "tags", "emailHash", "fullName", "home"}
    assert item["groups"] == {"NULL": True}
    assert (item["label"], item["notes"]) == ({"S": ""}, {"L": []})
    assert (after.nickname, after.tags, after.email_hash, after.name) == ("", set(), None, None)


def test_an_instance_updates_only_the_version_that_it_holds(users: Repo[User], past: Past) -> None:
    user = users.put(User(pk="A", nickname="v0"))
    newer = users.update(user, Attr(u.nickname).set("v1"))
    with pytest.raises(ConditionFailed) as caught:
        users.update(user, fields={"nickname"})
    assert same(caught.value.item, newer)
    assert past.user("A") == newer.to_item()
    assert users.update(user, fields={"nickname"}, expected_version=ANY).version == 2
    assert users.update(user, fields={"nickname"}, expected_version=2).version == 3


def test_actions_and_fields_go_together(users: Repo[User]) -> None:
    after = users.update(User(pk="A", nickname="Al"), Attr(u.age).add(1), fields=["nickname", "nickname"])
    assert (after.age, after.nickname) == (1, "Al")


def test_version_0_adopts_an_item_without_one_and_makes_no_item(users: Repo[User], past: Past) -> None:
    user = User(pk="A", nickname="Al", version=0)
    with pytest.raises(ConditionFailed):
        users.update(user, fields={"nickname"})
    assert past.user("A") is None
    past.put(WIRE_KEY)
    assert users.update(user, fields={"nickname"}).version == 1


# --- conditions and faults -----------------------------------------------------------------------


def test_a_failed_condition_changes_nothing_and_carries_the_item_as_it_was(users: Repo[User], past: Past) -> None:
    before = users.put(User(pk="A", **START))
    with pytest.raises(ConditionFailed) as caught:
        users.update(KEY, Attr(u.age).add(1), condition=Attr(u.age) >= 4)
    assert same(caught.value.item, before)
    assert caught.value.raw_item == past.user("A") == before.to_item()
    assert caught.value.key == WIRE_KEY
    assert users.update(KEY, Attr(u.age).add(1), condition=Attr(u.age) >= 3).age == 4


def test_a_result_that_does_not_fit_the_model_is_an_error_that_says_the_update_was_done(
    users: Repo[User], past: Past
) -> None:
    users.put(User(pk="A", age=3))
    with pytest.raises(ItemDecodeError, match="age: ") as caught:
        users.update(KEY, Attr(u.age).add(-4))
    assert caught.value.__notes__ == ["the item was updated all the same; it is in .raw_item"]
    assert caught.value.raw_item == past.user("A")


def test_an_update_that_dynamodb_refuses_is_an_error_without_values(users: Repo[User]) -> None:
    users.put(User(pk="A"))
    with pytest.raises(RequestRefused, match=r"UpdateItem on table .* refused the request as invalid") as caught:
        users.update(KEY, Attr(some(u.home).city).set("secret-city"))
    assert "secret-city" not in str(caught.value)


@pytest.mark.parametrize(
    ("action", "repair"),
    [
        (Attr(u.groups).add({"a"}), r"marked OmitEmpty\(\)"),
        (Attr(u.notes).list_append(["x"]), r"begin with if_not_exists\(\)"),
        pytest.param(
            Attr(u.scores["math"]).add(1),
            "set the map or list around it first",
            marks=pytest.mark.differs("ministack", row=9),
        ),
    ],
)
def test_an_action_that_the_stored_item_does_not_take_tells_what_to_do(
    users: Repo[User], past: Past, action: Action, repair: str
) -> None:
    past.put({**WIRE_KEY, "groups": {"NULL": True}})
    with pytest.raises(RequestRefused, match=repair):
        users.update(KEY, action)


def test_an_item_that_an_update_makes_too_large_is_an_error(users: Repo[User]) -> None:
    users.put(User(pk="A", notes=["x" * 300_000]))
    with pytest.raises(ItemTooLarge, match="400 KB") as caught:
        users.update(KEY, Attr(u.label).set("x" * 200_000))
    assert caught.value.operation == "UpdateItem"
