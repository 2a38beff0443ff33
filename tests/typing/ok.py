"""Right uses: clean under pyright strict and mypy --strict, as a user's code is checked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import boto3
from pydantic import BaseModel, Field, SecretStr
from typing_extensions import assert_type

from dynamorm_py import (
    ANY,
    Action,
    Attr,
    BatchIncomplete,
    CancellationReason,
    Check,
    Condition,
    Create,
    CreatedAt,
    Delete,
    DynamoModel,
    Encrypted,
    FoundItems,
    Get,
    Key,
    KeyCondition,
    OmitEmpty,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    TransactionCancelled,
    Update,
    Updated,
    Version,
    VersionConflict,
    Write,
    batch_write,
    dms,
    fields,
    some,
    transact_get,
    transact_write,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Shade(StrEnum):
    RED = "red"


class Address(BaseModel):
    city: str
    zip_code: str | None = None


class Line(BaseModel):
    sku: str
    price: Decimal


class User(DynamoModel, table="users", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    score: float = 0.0
    nickname: str | None = None
    balance: Decimal = Decimal(0)
    spent: Decimal | None = None
    either: int | Decimal = 0
    shade: Shade = Shade.RED
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    codes: frozenset[int] = frozenset()
    lines: list[Line] = []
    aliases: list[str] = []
    pair: tuple[int, ...] = ()
    scores: dict[str, int] = {}
    home: Address
    work: Address | None = None
    colour: Colour = Colour.RED
    status: Literal["new", "old"] = "new"
    seen: datetime | None = None
    ssn: Annotated[SecretStr | None, Encrypted()] = None
    avatar: bytes = b""
    token: UUID | None = None
    active: bool = True
    anything: Any = None
    created: Annotated[datetime | None, CreatedAt()] = None
    version: Annotated[int, Version()] = 0


class Order(DynamoModel, table="orders"):
    number: Annotated[int, PartitionKey()]


class Summary(BaseModel):
    nickname: str | None = None


def put(condition: Condition | None = None, *actions: Action) -> None: ...
def query(*keys: KeyCondition, filter: Condition | None = None) -> None: ...


u = fields(User)
NOW = datetime.now(UTC)

put(Attr(u.age) == 3)
put(Attr(u.age) != 3)
put((Attr(u.age) > 3) & (Attr(u.age) <= 9) | ~(Attr(u.nickname) == "Al"))
put(Attr(u.score) >= 1)
put(Attr(u.nickname) == None)  # noqa: E711 -- asks for a stored NULL
put(Attr(u.nickname) == "Al")
put(Attr(u.age) == Attr(u.scores["math"]))
put(Attr(u.balance) < Decimal("9.5"))
put((Attr(u.balance) >= 5) & (Attr(u.spent) > 5) & (Attr(u.balance) == 5) & (Attr(u.spent) != 5))
put(Attr(u.balance).between(1, 5) & Attr(u.spent).between(Decimal(1), 5) & Attr(u.balance).is_in([1, Decimal(2)]))
put(Attr(u.balance).is_in({1}) & Attr(u.balance).is_in([Decimal(1)]) & (Attr(u.balance) > Attr(u.age)))
put((Attr(u.balance) == Attr(u.spent)) & (Attr(u.either) >= 5))
put(Attr(u.status).begins_with("n") & Attr(u.shade).begins_with("r") & Attr(u.anything).begins_with("a"))
put(Attr(u.anything).contains(3) & Attr(u.anything).is_in([3]) & Attr(u.anything).between(1, 5))
put(Attr(u.age).between(1, 9))
put(Attr(u.age).is_in([1, 2]) & Attr(u.status).is_in({"new", "old"}))
put(Attr(u.nickname).begins_with("A") & Attr(u.avatar).begins_with(b"\x89"))
put(Attr(u.nickname).contains("l") & Attr(u.tags).contains("vip") & Attr(u.codes).contains(3))
put(Attr(u.aliases).contains("Al") & Attr(u.avatar).contains(b"x") & Attr(u.pair).contains(1))
put(Attr(u.nickname).exists() & Attr(u.ssn).not_exists())
put((Attr(u.tags).size() > 3) & (Attr(u.home).size() == 2) & Attr(u.scores).size().between(1, 3))
put((Attr(u.nickname).size() != 3) & Attr(u.lines).size().is_in([1, 2]))
put(Attr(u.age).attribute_type("N"))
put(Attr(u.home.city) == "Rome")
put(Attr(u.home.zip_code) == "1")
put(Attr(some(u.work).city) == "Oslo")
put(Attr(u.lines[0].price) > Decimal(1))
put(Attr(u.colour) == Colour.RED)
put(Attr(u.status) == "new")
put(Attr(u.seen) < NOW)
put(Attr(u.token) == UUID(int=0))
put(Attr(u.active) == True)  # noqa: E712 -- asks for a stored true
put(Attr(u.home) == Address(city="Rome"))
put(Attr(u.anything) == 3)
put(Attr(u.anything).size() > 3)
query(Key(u.pk) == "USER#1", Key(u.sk).begins_with("ORDER#"), filter=Attr(u.age) > 3)
query(Key(u.age).between(1, 3))
query(Key(u.balance) == 5, Key(u.balance) > 5, Key(u.spent).between(1, Decimal(5)), Key(u.anything).begins_with("a"))
query(Key(u.status).begins_with("n"), Key(u.shade).begins_with("r"))
query(Key(u.seen) >= NOW)
query(Key(u.nickname) == "Al")

put(None, Attr(u.nickname).set("Al"), Attr(u.nickname).set(None), Attr(u.home).set(Address(city="Rome")))
put(None, Attr(u.ssn).set(SecretStr("x")), Attr(u.seen).set(NOW), Attr(u.colour).set(Colour.BLUE))
put(None, Attr(u.status).set("old"), Attr(u.tags).set({"a"}), Attr(u.aliases).set(["a"]))
put(None, Attr(u.age).add(1), Attr(u.score).add(1), Attr(u.balance).add(Decimal(1)))
put(None, Attr(u.balance).add(1), Attr(u.spent).add(1), Attr(u.spent).set(5), Attr(u.balance).set(5))
put(None, Attr(u.balance).set(Attr(u.balance) + 1), Attr(u.balance).set(Attr(u.spent) - Decimal(1)))
put(None, Attr(u.balance).set(Attr(u.balance).if_not_exists(0) + 1), Attr(u.spent).set(Attr(u.spent).if_not_exists(0)))
put(None, Attr(u.either).add(1), Attr(u.either).set(1), Attr(u.either).set(Attr(u.either) + 1), Attr(u.score).add(1.5))
put(None, Attr(u.score).set(Attr(u.score) - 1.5), Attr(u.anything).add({1}), Attr(u.anything).set(Attr(u.anything) - 1))
put(None, Attr(u.tags).add({"a"}), Attr(u.tags).delete({"a"}), Attr(u.codes).add({1}))
put(None, Attr(u.age).set(Attr(u.age) + 1), Attr(u.age).set(Attr(u.age) - Attr(u.scores["math"])))
put(None, Attr(u.age).set(Attr(u.age).if_not_exists(0) + 1), Attr(u.age).if_not_exists(0))
put(None, Attr(u.aliases).list_append(["a"]), Attr(u.aliases).list_prepend(["a"]))
put(None, Attr(u.aliases).set(Attr(u.aliases).if_not_exists([]).list_append(["a"])))
put(None, Attr(u.aliases).if_not_exists([]).list_prepend(["a"]))
put(None, Attr(u.lines).list_append([Line(sku="a", price=Decimal(1))]))
put(None, Attr(u.nickname).set(Attr(u.pk)), Attr(u.nickname).remove(), Attr(u.lines[0]).remove())
put(None, Attr(u.home.city).set("Rome"), Attr(some(u.work).zip_code).set("1"), Attr(u.scores["math"]).set(3))

users = Repo(User)
orders = Repo(Order, table="orders-dev", client=boto3.client("dynamodb"), clock=lambda: NOW)
user = User(pk="a", sk="b", home=Address(city="Rome"))
KEY = ("a", "b")

assert_type(users, Repo[User])
assert_type(users.model, type[User])
assert_type(users.get(KEY), User)
assert_type(users.get(user, consistent=True), User)
assert_type(orders.get(1), Order)
assert_type(users.get(KEY, project=Summary), Summary)
assert_type(users.get_or_none(KEY), User | None)
assert_type(users.get_or_none(KEY, project=Summary), Summary | None)
assert_type(users.exists(KEY), bool)
assert_type(users.put(user), User)
assert_type(users.put(user, condition=Attr(u.age) > 3, expected_version=ANY), User)
assert_type(users.put(user, expected_version=3), User)
assert_type(users.create(user, condition=None), User)
assert_type(users.update(KEY, Attr(u.age).add(1), Attr(u.nickname).remove(), must_exist=True), User)
assert_type(users.update(user, fields={"nickname"}, expected_version=ANY), User)
assert_type(users.update(user, fields=["nickname", "age"], condition=Attr(u.age) == 3), User)
assert_type(users.delete(user), User | None)
assert_type(users.delete(KEY, condition=Attr(u.age) > 3, expected_version=3), User | None)
assert_type(users.table.describe(), dict[str, Any])


class Customer(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    age: int = 0


class Parcel(DynamoModel):
    pk: Annotated[str, PartitionKey()]


class Age(BaseModel):
    age: int


customers, parcels = Repo(Customer), Repo(Parcel)
c = fields(Customer)
customer = Customer(pk="a")
older = Attr(c.age) > 3

stored = transact_write(
    (
        Put(customers, customer, condition=older, expected_version=ANY),
        Create(parcels, Parcel(pk="a")),
        Update(customers, "a", Attr(c.age).add(1), must_exist=True),
        Delete(parcels, "a"),
        Check(customers, "a", older),
    ),
    token="mine",
)
assert_type(stored, tuple[Customer, Parcel, None, None, None])
assert_type(transact_write((Put(customers, customer),)), tuple[Customer])
writes: list[Write[Any]] = [Put(customers, customer), Delete(parcels, "a")]
assert_type(transact_write(writes), tuple[Any, ...])
assert_type(transact_write([Put(customers, customer), Delete(parcels, "a")]), tuple[Any, ...])
assert_type(transact_get([Get(customers, "a"), Get(parcels, "a")]), tuple[Any, ...])
assert_type(transact_get((Get(customers, "a"),)), tuple[Customer | None])
alice, parcel, age = transact_get((Get(customers, "a"), Get(parcels, "a"), Get(customers, "a", project=Age)))
assert_type(alice, Customer | None)
assert_type(parcel, Parcel | None)
assert_type(age, Age | None)
ten = transact_write(
    (
        *(Put(customers, customer), Delete(customers, "b"), Create(parcels, Parcel(pk="c"))),
        *(Delete(customers, "d"), Delete(customers, "e"), Delete(customers, "f"), Delete(customers, "g")),
        *(Delete(customers, "h"), Delete(customers, "i"), Put(parcels, Parcel(pk="j"))),
    )
)
assert_type(ten, tuple[Customer, None, Parcel, None, None, None, None, None, None, Parcel])
written: int = batch_write([Put(customers, customer), Delete(parcels, "a")])
written = customers.batch_write(put=[customer], delete=["a", customer], expected_version=ANY)
found: FoundItems[Customer] = customers.batch_get(["a"])
ages: FoundItems[Age] = customers.batch_get(["a"], project=Age)
first: Customer = found[0]
with customers.batch() as b:
    kept: Customer = b.put(customer)
    b.delete("a")
results: list[Updated[Customer]] = customers.update_many(["a"], Attr(c.age).add(1), condition=older)
changed: Customer | None = results[0].item

# an int stands beside a Decimal
put((Attr(u.balance) > 3) & (Attr(u.balance) == 3) & ~(Attr(u.balance) != 3) & Attr(u.balance).between(1, 2))
put(Attr(u.balance).is_in([1, Decimal(2)]))
put(None, Attr(u.balance).set(0), Attr(u.balance).add(1), Attr(u.balance).if_not_exists(0))
put(None, Attr(u.balance).set(Attr(u.balance) + 1), Attr(u.balance).set(Attr(u.balance).if_not_exists(0) - Decimal(1)))


def errors() -> None:
    try:
        users.put(user)
    except VersionConflict as error:
        assert_type(error.item, DynamoModel | None)
        if isinstance(error.item, User):
            assert_type(error.item.age, int)
    except TransactionCancelled as error:
        assert_type(error.reasons, tuple[CancellationReason, ...])
        reason = error.reasons[0]
        assert_type(reason.index, int)
        assert_type(reason.code, str | None)
        assert_type(reason.message, str | None)
        assert_type(reason.item, DynamoModel | None)
    except BatchIncomplete as error:
        assert_type(error.left, tuple[object, ...])
        assert_type(error.unknown, tuple[object, ...])
        assert_type(error.outcome, Literal["not applied", "unknown"] | None)
        batch_write(error.writes)
        customers.batch_get(error.left)


differences: list[dms.Difference] = dms.compare(User, dms.load("models.yml"))
