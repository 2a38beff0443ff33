"""Right uses: clean under pyright strict and mypy --strict, as a user's code is checked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, SecretStr

from dynamorm_py import (
    ANY,
    Check,
    Create,
    Delete,
    DynamoModel,
    FoundItems,
    Get,
    PartitionKey,
    Put,
    Repo,
    Update,
    Updated,
    batch_write,
    transact_get,
    transact_write,
)
from dynamorm_py._expressions import Action, Attr, Condition, Key, KeyCondition, fields, some


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    city: str
    zip_code: str | None = None


class Line(BaseModel):
    sku: str
    price: Decimal


class User(BaseModel):
    pk: Annotated[str, "partition key"]
    sk: str
    age: int = 0
    score: float = 0.0
    nickname: str | None = None
    balance: Decimal = Decimal(0)
    tags: set[str] = set()
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
    ssn: SecretStr | None = None
    avatar: bytes = b""
    token: UUID | None = None
    active: bool = True
    anything: Any = None


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
query(Key(u.seen) >= NOW)
query(Key(u.nickname) == "Al")

put(None, Attr(u.nickname).set("Al"), Attr(u.nickname).set(None), Attr(u.home).set(Address(city="Rome")))
put(None, Attr(u.ssn).set(SecretStr("x")), Attr(u.seen).set(NOW), Attr(u.colour).set(Colour.BLUE))
put(None, Attr(u.status).set("old"), Attr(u.tags).set({"a"}), Attr(u.aliases).set(["a"]))
put(None, Attr(u.age).add(1), Attr(u.score).add(1), Attr(u.balance).add(Decimal(1)))
put(None, Attr(u.tags).add({"a"}), Attr(u.tags).delete({"a"}), Attr(u.codes).add({1}))
put(None, Attr(u.age).set(Attr(u.age) + 1), Attr(u.age).set(Attr(u.age) - Attr(u.scores["math"])))
put(None, Attr(u.age).set(Attr(u.age).if_not_exists(0) + 1), Attr(u.age).if_not_exists(0))
put(None, Attr(u.aliases).list_append(["a"]), Attr(u.aliases).list_prepend(["a"]))
put(None, Attr(u.aliases).set(Attr(u.aliases).if_not_exists([]).list_append(["a"])))
put(None, Attr(u.aliases).if_not_exists([]).list_prepend(["a"]))
put(None, Attr(u.lines).list_append([Line(sku="a", price=Decimal(1))]))
put(None, Attr(u.nickname).set(Attr(u.pk)), Attr(u.nickname).remove(), Attr(u.lines[0]).remove())
put(None, Attr(u.home.city).set("Rome"), Attr(some(u.work).zip_code).set("1"), Attr(u.scores["math"]).set(3))


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

stored: list[DynamoModel | None] = transact_write(
    [
        Put(customers, customer, condition=older, expected_version=ANY),
        Create(parcels, Parcel(pk="a")),
        Update(customers, "a", Attr(c.age).add(1), must_exist=True),
        Delete(parcels, "a"),
        Check(customers, "a", older),
    ],
    token="mine",
)
one: list[Customer | None] = transact_get([Get(customers, "a")])
gets: list[Get[Customer | Parcel | Age]] = [Get(customers, "a"), Get(parcels, "a"), Get(customers, "a", project=Age)]
mixed: list[Customer | Parcel | Age | None] = transact_get(gets)
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
