"""put and create on a real table: what is stored, and that the caller gets back exactly that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dynamorm_py import ANY, Attr, ConditionFailed, ItemAlreadyExists, Repo, fields
from dynamorm_py.testing import ScriptedClient
from tests.support.building import same
from tests.support.people import Address, Line, User

if TYPE_CHECKING:
    from tests.integration.conftest import Past
    from tests.support.people import Clock

u = fields(User)


def full_user(pk: str = "A") -> User:
    """Return a user with a value in every field, and a cached one that is not stored."""
    return User(
        pk=pk,
        email_hash="hash",
        name="Ada \u2028 Ω",
        label="<b>'; DROP TABLE users; --</b>",
        nickname="Al",
        kind="b",
        age=36,
        limit=2**60 + 1,
        balance=Decimal("-0.1"),
        active=True,
        avatar=b"\0\xff",
        tags={"b", "a"},
        groups={"g"},
        lines=[Line(sku="x", price=Decimal("9.95")), Line(sku="y")],
        notes=["", "n"],
        scores={"a.b": 1, "c d": 0},
        by_year={2024: 7},
        home=Address(city="Rome", zip_code="1"),
        seen=datetime(2024, 5, 6, 7, 8, 9, 120000, tzinfo=timezone(timedelta(hours=2))),
        anything={"nested": [None, b"x", {1, 2}, Decimal("1.5")]},
        cached=99,
        ttl=4_000_000_000,
    )


@pytest.mark.parametrize("user", [User(pk="A"), full_user()], ids=["empty", "full"])
def test_what_put_and_create_return_is_what_is_stored(users: Repo[User], past: Past, user: User) -> None:
    for write in (users.put, users.create):
        users.delete(user)
        stored = write(user)
        assert past.user("A") == stored.to_item()
        assert same(stored, users.get("A PROFILE".partition(" ")[::2], consistent=True))


def test_a_put_item_differs_from_the_instance_only_in_what_the_library_sets(users: Repo[User], clock: Clock) -> None:
    user = full_user()
    stored = users.put(user)
    assert (stored.created, stored.updated, stored.version, stored.cached) == (clock.last, clock.last, 0, 0)
    assert same(
        stored.model_copy(update={"created": None, "updated": None, "cached": 99}).model_dump(), user.model_dump()
    )
    assert user.created is None


def test_the_attributes_are_stored_under_their_names_in_their_form(users: Repo[User], past: Past) -> None:
    users.put(full_user())
    assert past.user("A") == {
        "PK": {"S": "A"},
        "SK": {"S": "PROFILE"},
        "emailHash": {"S": "hash"},
        "fullName": {"S": "Ada \u2028 Ω"},
        "label": {"S": "<b>'; DROP TABLE users; --</b>"},
        "nickname": {"S": "Al"},
        "kind": {"S": "b"},
        "age": {"N": "36"},
        "limit": {"N": "1152921504606846977"},
        "balance": {"N": "-0.1"},
        "active": {"BOOL": True},
        "avatar": {"B": b"\0\xff"},
        "tags": {"SS": ["a", "b"]},
        "groups": {"SS": ["g"]},
        "lines": {
            "L": [
                {"M": {"sku": {"S": "x"}, "price": {"N": "9.95"}}},
                {"M": {"sku": {"S": "y"}, "price": {"N": "0"}}},
            ]
        },
        "notes": {"L": [{"S": ""}, {"S": "n"}]},
        "scores": {"M": {"a.b": {"N": "1"}, "c d": {"N": "0"}}},
        "byYear": {"M": {"2024": {"N": "7"}}},
        "home": {"M": {"city": {"S": "Rome"}, "zip_code": {"S": "1"}}},
        "seen": {"S": "2024-05-06T05:08:09.12Z"},
        "anything": {"M": {"nested": {"L": [{"NULL": True}, {"B": b"x"}, {"NS": ["1", "2"]}, {"N": "1.5"}]}}},
        "createdAt": {"S": "2024-01-01T00:00:01Z"},
        "updatedAt": {"S": "2024-01-01T00:00:01Z"},
        "version": {"N": "0"},
        "ttl": {"N": "4000000000"},
    }


def test_what_is_empty_is_omitted_where_asked_for_and_stored_as_null_elsewhere(users: Repo[User], past: Past) -> None:
    users.put(User(pk="A"))
    item = past.user("A") or {}
    left_out = {"fullName", "home", "seen", "anything", "ttl"}  # None, which absence reads back as
    assert not item.keys() & {"nickname", "tags", "emailHash", "cached", *left_out}
    assert {name for name, value in item.items() if value == {"NULL": True}} == {"groups"}


def test_put_replaces_the_whole_item(users: Repo[User], past: Past) -> None:
    users.put(full_user())
    past.put({**(past.user("A") or {}), "unknown": {"S": "x"}})
    replaced = users.put(User(pk="A"), expected_version=ANY)
    assert past.user("A") == replaced.to_item()


def test_create_refuses_an_item_that_exists_and_shows_it(users: Repo[User], past: Past) -> None:
    first = users.create(full_user())
    with pytest.raises(ItemAlreadyExists, match=r"put\(\) replaces it, update\(\) changes it") as caught:
        users.create(User(pk="A", nickname="second"))
    assert same(caught.value.item, first)
    assert caught.value.raw_item == past.user("A") == first.to_item()
    assert caught.value.key == {"PK": {"S": "A"}, "SK": {"S": "PROFILE"}}
    assert (caught.value.code, caught.value.operation) == ("ErrConditionFailed", "PutItem")
    assert caught.value.__cause__ is not None


def test_create_tells_that_an_item_exists_although_dynamodb_does_not_show_it() -> None:
    refused = ConditionFailed("the condition did not hold", operation="PutItem")
    with ScriptedClient(refused) as client, pytest.raises(ItemAlreadyExists) as caught:
        Repo(User, client=client).create(User(pk="A"))
    assert (caught.value.item, caught.value.operation) == (None, "PutItem")


def test_create_of_a_new_item_can_fail_by_its_further_condition(users: Repo[User], past: Past) -> None:
    with pytest.raises(ConditionFailed) as caught:
        users.create(User(pk="A"), condition=Attr(u.age) > 3)
    assert type(caught.value) is ConditionFailed
    assert caught.value.item is None
    assert past.user("A") is None


def test_a_read_modify_write_keeps_the_creation_and_counts_the_version(users: Repo[User], clock: Clock) -> None:
    first = users.create(User(pk="A"))
    user = users.get(first)
    user.nickname = "Al"
    second = users.put(user)
    assert (second.created, second.updated, second.version) == (first.created, clock.last, 1)
    assert second.created != second.updated


def test_a_lost_update_is_refused_and_shows_the_newer_item(users: Repo[User], past: Past) -> None:
    users.create(User(pk="A"))
    mine, theirs = users.get(("A", "PROFILE")), users.get(("A", "PROFILE"))
    newer = users.put(theirs.model_copy(update={"nickname": "theirs"}))
    with pytest.raises(ConditionFailed) as caught:
        users.put(mine.model_copy(update={"nickname": "mine"}))
    assert same(caught.value.item, newer)
    assert past.user("A") == newer.to_item()


def test_any_version_overwrites_and_a_named_one_is_checked(users: Repo[User]) -> None:
    users.create(User(pk="A"))
    assert users.put(User(pk="A", version=40), expected_version=ANY).version == 41
    assert users.put(User(pk="A"), expected_version=41).version == 42
    with pytest.raises(ConditionFailed):
        users.put(User(pk="A"), expected_version=41)
    assert users.put(User(pk="A"), expected_version=ANY).version == 0


def test_an_item_without_a_version_is_adopted_by_version_0_only(users: Repo[User], past: Past) -> None:
    past.put({"PK": {"S": "A"}, "SK": {"S": "PROFILE"}, "age": {"N": "3"}})
    with pytest.raises(ConditionFailed):
        users.put(User(pk="A", version=1))
    assert users.put(User(pk="A", version=0)).version == 1


def test_a_failed_condition_writes_nothing_and_carries_the_item_as_it_was(users: Repo[User], past: Past) -> None:
    before = users.put(full_user())
    with pytest.raises(ConditionFailed, match=r"PutItem on table .* the condition did not hold") as caught:
        users.put(User(pk="A"), condition=Attr(u.age) < 3)
    assert same(caught.value.item, before)
    assert caught.value.raw_item == past.user("A") == before.to_item()
    assert "DROP" not in str(caught.value)


def test_an_old_item_that_does_not_fit_the_model_stays_raw_on_a_failed_condition(users: Repo[User], past: Past) -> None:
    item = {"PK": {"S": "A"}, "SK": {"S": "PROFILE"}, "age": {"S": "old"}}
    past.put(item)
    with pytest.raises(ConditionFailed) as caught:
        users.put(User(pk="A"), condition=Attr(u.age) < 3)
    assert (caught.value.item, caught.value.raw_item) == (None, item)


def test_an_instance_changed_by_assignment_is_stored_as_it_is_now(users: Repo[User]) -> None:
    user = User(pk="A")
    user.home, user.seen = Address(city="Oslo"), datetime(2024, 1, 1, tzinfo=UTC)
    stored = users.put(user)
    assert (stored.home, stored.seen) == (user.home, user.seen)


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE users; --", "{{7*7}}", "<script>", "../../etc", "$where", "#n0", ":v0", "\0", "null"]
)
def test_text_is_stored_as_it_is_whatever_it_looks_like(users: Repo[User], text: str) -> None:
    stored = users.put(User(pk=text, nickname=text, tags={text}, scores={text: 1}))
    found = users.update(stored, Attr(u.label).set(text), condition=Attr(u.nickname) == text)
    assert (found.pk, found.nickname, found.tags, found.scores, found.label) == (text, text, {text}, {text: 1}, text)
