"""Input that cannot be meant: each a typed error whose message tells the repair, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import pytest
from pydantic import create_model, field_validator, model_validator

from dynamorm_py import (
    Attr,
    DynamoModel,
    DynamormError,
    InvalidExpression,
    InvalidKey,
    InvalidValue,
    ItemTooLarge,
    Key,
    PartitionKey,
    Repo,
    Update,
    fields,
    some,
    transact_write,
)
from dynamorm_py.testing import ScriptedClient
from tests.support.people import Address, Order, User

if TYPE_CHECKING:
    from typing import Self

Call: TypeAlias = Callable[[Repo[User]], object]
u = fields(User)
loose: Any = u  # what a user without a type checker writes
loose_number: Any = 3
KEY = ("A", "PROFILE")
NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 -- what is refused


def assert_refused(error: type[DynamormError], repair: str, call: Callable[[ScriptedClient], object]) -> None:
    client = ScriptedClient(otherwise={})
    with pytest.raises(error, match=repair) as caught:
        call(client)
    assert client.requests == []
    assert "secret" not in str(caught.value)


def unchecked(**values: object) -> User:
    """Return a user with values that no validator has seen."""
    return User(pk="A").model_copy(update=values)


BAD_KEYS: list[tuple[Any, str]] = [
    (("", "PROFILE"), "User.pk, a part of the key, is empty: give it a value"),
    (("A", ""), "User.sk, a part of the key, is empty"),
    (User(pk=""), "User.pk, a part of the key, is empty"),
    ("A", r"User has a sort key: pass the tuple \(pk, sk\)"),
    (None, r"pass the tuple \(pk, sk\)"),
    (("A",), r"pass the tuple \(pk, sk\)"),
    (("A", "B", "C"), r"pass the tuple \(pk, sk\)"),
    (["A", "B"], r"pass the tuple \(pk, sk\)"),
    ({"pk": "A", "sk": "B"}, r"pass the tuple \(pk, sk\)"),
    (("A", None), "User.sk: Input should be a valid string"),
    (("A", 3), "User.sk: Input should be a valid string"),
    ((["secret"], "B"), "User.pk: Input should be a valid string"),
    (("A" * 2049, "B"), "User.pk, a part of the key, has 2049 bytes, DynamoDB allows 2048: shorten it"),
    (("A", "é" * 513), "User.sk, a part of the key, has 1026 bytes, DynamoDB allows 1024"),
    (("A", "secret\ud800"), "User.sk: the text has a lone surrogate"),
    (Order(number=1), "the key is an Order: pass a User, or its key's values"),
    (unchecked(sk=3), "User.sk: Input should be a valid string"),
]


@pytest.mark.parametrize(("key", "repair"), BAD_KEYS)
def test_a_key_that_is_not_the_models_is_refused_by_every_operation(key: Any, repair: str) -> None:  # noqa: ANN401 -- wrong on purpose
    calls: list[Call] = [
        lambda users: users.get(key),
        lambda users: users.get_or_none(key),
        lambda users: users.exists(key),
        lambda users: users.update(key, Attr(u.age).add(1)),
        lambda users: users.delete(key),
    ]
    for call in calls:
        assert_refused(InvalidKey, repair, lambda client, call=call: call(Repo(User, client=client)))


@pytest.mark.parametrize(
    ("key", "repair"),
    [
        ((1,), "Order has no sort key: pass the value of number alone"),
        ((1, "B"), "Order has no sort key"),
        ({"number": 1}, "Order has no sort key"),
        ("x", "Order.number: Input should be a valid integer"),
        (1.5, "Order.number: Input should be a valid integer"),
        (None, "Order.number: Input should be a valid integer"),
        (10**38 + 1, "Order.number: the number has 39 significant digits, DynamoDB keeps 38"),
    ],
)
def test_a_key_of_a_model_without_sort_key_is_one_value(key: object, repair: str) -> None:
    assert_refused(InvalidKey, repair, lambda client: Repo(Order, client=client).get(key))


# --- values --------------------------------------------------------------------------------------


class Even(DynamoModel, table="evens"):
    pk: Annotated[str, PartitionKey()] = "A"
    low: int = 0
    high: int = 0

    @field_validator("low")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            message = f"{value} is odd, and secret"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            message = f"{self.low} > {self.high}, which is secret"
            raise ValueError(message)
        return self


class LongAddress(Address):
    street: str = ""


class Member(User):
    since: int = 0


BAD_VALUES: list[tuple[str, DynamoModel]] = [
    ("User.balance: NaN is not a number that DynamoDB stores", unchecked(balance=Decimal("NaN"))),
    ("User.balance: -Infinity is not a number", unchecked(balance=Decimal("-Infinity"))),
    ("User.balance: the number has 39 significant digits", unchecked(balance=Decimal("1." + "1" * 38))),
    ("User.balance: the number is beyond DynamoDB's range", unchecked(balance=Decimal("1e126"))),
    ("User.limit: the number has 39 significant digits", unchecked(limit=10**38 + 1)),
    ("User.anything.a: NaN is not a number", unchecked(anything={"a": Decimal("NaN")})),
    ("User.seen: a naive datetime has no instant: give it a timezone", unchecked(seen=NAIVE)),
    ("User.created: a naive datetime has no instant", unchecked(created=NAIVE)),
    ("User.ttl: .* looks like milliseconds: divide it by 1000", unchecked(ttl=1_700_000_000_000)),
    ("User.email_hash: an index key cannot be empty", unchecked(email_hash="")),
    ("User.email_hash: a key of an index has at most 2048 bytes", unchecked(email_hash="x" * 2049)),
    ("User.age: .* could not be read back", unchecked(age=-1)),
    ("User.kind: ", unchecked(kind="secret")),
    ("User.label: expected str, got NoneType", unchecked(label=None)),
    ("User.nickname: expected str, got int", unchecked(nickname=3)),
    ("User.version: expected int, got str", unchecked(version="secret")),
    ("User.home: .*LongAddress would come back as Address", unchecked(home=LongAddress(city="secret"))),
    ("User.home: expected Address, got dict", unchecked(home={"city": "secret"})),
    ("User.scores: ", unchecked(scores={3: 1})),
    ("User.pk: the field has no value: build the instance with all its fields", User.model_construct()),
    ("Member would come back as User: .* use a repository of the subclass", Member(pk="A")),
    ("a User is stored here, not an Order: make one with User", Order(number=1)),
    (
        "Even.low: refused by a validator of the model: stored so, it could not be read back",
        Even.model_construct(low=1),
    ),
    ("Even: refused by a validator of the model", Even.model_construct(low=2)),
]


@pytest.mark.parametrize(("repair", "instance"), BAD_VALUES)
def test_an_instance_that_could_not_be_read_back_is_refused_before_anything_is_sent(
    repair: str, instance: DynamoModel
) -> None:
    model: type[DynamoModel] = Even if isinstance(instance, Even) else User
    for write in ("put", "create"):
        assert_refused(
            InvalidValue,
            repair,
            lambda client, write=write: getattr(Repo(model, client=client), write)(instance),
        )


@pytest.mark.parametrize("instance", [None, {"pk": "A"}, "A", User])
def test_what_is_no_instance_is_not_stored(instance: Any) -> None:  # noqa: ANN401 -- wrong on purpose
    repair = r"a User is stored here, not (an? \w+|None): make one with User\(\.\.\.\)"
    assert_refused(InvalidValue, repair, lambda client: Repo(User, client=client).put(instance))


BAD_ACTIONS: list[tuple[str, Call]] = [
    (
        r"balance: .* a finite number",
        lambda users: users.update(KEY, Attr(u.balance).set(Decimal("NaN"))),
    ),
    (r"a naive datetime has no instant", lambda users: users.update(KEY, Attr(loose.seen).set(NAIVE.date()))),
    (r"User\.limit: the number has 39", lambda users: users.update(KEY, Attr(u.limit).add(10**38 + 1))),
    (r"User\.seen: a naive datetime", lambda users: users.update(KEY, Attr(u.seen).set(NAIVE))),
    (r"User\.seen: a naive datetime", lambda users: users.delete(KEY, condition=Attr(u.seen) < NAIVE)),
    (r"User\.age: Input should be greater than or equal to 0", lambda users: users.update(KEY, Attr(u.age).set(-1))),
    (r"User\.age: Input should be greater", lambda users: users.update(unchecked(age=-1), fields=["age"])),
    (r"User\.seen: a naive datetime", lambda users: users.update(unchecked(seen=NAIVE), fields=["seen"])),
    (
        r"User\.label: Input should be a valid string",
        lambda users: users.update(unchecked(label=None), fields=["label"]),
    ),
    (
        r"User\.home\.city: Input should be a valid string",
        lambda users: users.update(KEY, Attr(loose.home.city).set(3)),
    ),
]


@pytest.mark.parametrize(("repair", "call"), BAD_ACTIONS)
def test_a_value_that_its_field_does_not_hold_is_refused_in_an_update(repair: str, call: Call) -> None:
    assert_refused(InvalidValue, repair, lambda client: call(Repo(User, client=client)))


def test_an_item_over_400_kb_is_refused_with_its_size() -> None:
    user = User(pk="A", notes=["secret" * 100_000])
    for write in ("put", "create"):
        assert_refused(
            ItemTooLarge,
            r"User: the item has 6\d{5} bytes, DynamoDB stores 409600: split it, or keep the large part in S3",
            lambda client, write=write: getattr(Repo(User, client=client), write)(user),
        )


def test_an_update_that_sets_over_400_kb_is_refused_with_the_size_of_what_it_sets() -> None:
    user = User(pk="A", notes=["secret" * 100_000])
    updates: list[Call] = [
        lambda users: users.update(KEY, Attr(u.notes).set(user.notes)),
        lambda users: users.update(user, fields=["notes"]),
        lambda users: users.patch(KEY, {"notes": user.notes}),
        lambda users: transact_write([Update(users, KEY, Attr(u.name).set("x" * 410_000))]),
    ]
    for write in updates:
        assert_refused(
            ItemTooLarge,
            r"User: the item has \d{6} bytes, DynamoDB stores 409600",
            lambda client, write=write: write(Repo(User, client=client)),
        )


def test_an_update_of_many_short_texts_is_measured_in_bytes() -> None:
    names = [f"text{number}" for number in range(150)]
    texts: Any = dict.fromkeys(names, (str, ...))
    key: Any = Annotated[str, PartitionKey()]
    wide: Any = create_model("Wide", __base__=DynamoModel, __cls_kwargs__={"table": "wide"}, pk=(key, ...), **texts)
    item = wide(pk="A", **{name: name + "\U0001f600" * 700 for name in names})
    assert_refused(
        ItemTooLarge,
        r"Wide: the item has 42\d{4} bytes",
        lambda client: Repo(wide, client=client).update(item, fields=names),
    )


# --- calls ---------------------------------------------------------------------------------------

BAD_CALLS: list[tuple[type[DynamormError], str, Call]] = [
    (InvalidExpression, "the update changes nothing: pass actions", lambda users: users.update(KEY)),
    (InvalidExpression, "the update changes nothing", lambda users: users.update(User(pk="A"), fields=[])),
    (InvalidExpression, "User stores no field 'nick'", lambda users: users.update(User(pk="A"), fields=["nick"])),
    (InvalidExpression, "User stores no field 'cached'", lambda users: users.update(User(pk="A"), fields=["cached"])),
    (InvalidExpression, "a collection of names", lambda users: users.update(User(pk="A"), fields="age")),
    (InvalidExpression, "a collection of names", lambda users: users.update(User(pk="A"), fields=loose_number)),
    (InvalidExpression, "wrap it in Attr", lambda users: users.update(User(pk="A"), fields=loose.age)),
    (InvalidExpression, r"User\.pk is a part of the key", lambda users: users.update(User(pk="A"), fields=["pk"])),
    (InvalidExpression, r"User\.sk is a part of the key", lambda users: users.update(User(pk="A"), fields=["sk"])),
    (InvalidKey, "pass the instance instead of its key", lambda users: users.update(KEY, fields=["age"])),
    (
        InvalidExpression,
        r"two actions overlap \(age and age\): change each part of an item once",
        lambda users: users.update(User(pk="A"), Attr(u.age).set(3), fields=["age"]),
    ),
    (
        InvalidExpression,
        r"overlap \(home and home\.city\)",
        lambda users: users.update(KEY, Attr(u.home).set(None), Attr(some(u.home).city).set("x")),
    ),
    (
        InvalidExpression,
        r"overlap \(lines\[0\] and lines\[0\]\.sku\)",
        lambda users: users.update(KEY, Attr(u.lines[0].sku).set("x"), Attr(u.lines[0]).remove()),
    ),
    (
        InvalidExpression,
        "an update takes actions, not a Condition",
        lambda users: users.update(KEY, Attr(loose.age) == 3),  # pyright: ignore[reportArgumentType] -- on purpose
    ),
    (
        InvalidExpression,
        "an update takes actions, not a field reference",
        lambda users: users.update(KEY, loose.age),
    ),
    (
        InvalidExpression,
        r"about Order, the call about User: build it from fields\(User\)",
        lambda users: users.update(KEY, Attr(fields(Order).total).add(Decimal(1))),
    ),
    (
        InvalidExpression,
        r"about Order, the call about User: build it from fields\(User\)",
        lambda users: users.put(User(pk="A"), condition=Attr(fields(Order).total) > Decimal(1)),
    ),
    (
        InvalidExpression,
        r"about Member, the call about User",
        lambda users: users.create(User(pk="A"), condition=Attr(fields(Member).since) > 1),
    ),
    (
        InvalidExpression,
        r"condition= is a bool: a condition is built with Attr\(\.\.\.\)",
        lambda users: users.put(User(pk="A"), condition=True),  # pyright: ignore[reportArgumentType] -- on purpose
    ),
    (
        InvalidExpression,
        "condition= is a KeyCondition",
        lambda users: users.delete(KEY, condition=Key(loose.pk) == "A"),  # pyright: ignore[reportArgumentType] -- on purpose
    ),
]


@pytest.mark.parametrize(("error", "repair", "call"), BAD_CALLS)
def test_a_call_that_cannot_be_meant_is_refused_with_the_repair(
    error: type[DynamormError], repair: str, call: Call
) -> None:
    assert_refused(error, repair, lambda client: call(Repo(User, client=client)))


def test_a_condition_of_a_base_class_is_refused_since_its_attributes_may_differ() -> None:
    condition = Attr(u.age) > 3
    repair = r"about User, the call about Member: build it from fields\(Member\)"
    assert_refused(
        InvalidExpression, repair, lambda client: Repo(Member, client=client).delete(KEY, condition=condition)
    )
