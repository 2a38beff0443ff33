"""Wrong uses: pyright strict flags every line marked `# E`, and no other; so does mypy --strict."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, SecretStr

from dynamorm_py import (
    Action,
    Attr,
    BatchIncomplete,
    Check,
    Condition,
    ConditionFailed,
    Create,
    Delete,
    DynamoModel,
    Get,
    Key,
    KeyCondition,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    TransactionCancelled,
    Update,
    batch_write,
    dms,
    fields,
    some,
    transact_get,
    transact_write,
)
from dynamorm_py import Repoo  # E
from dynamorm_py.testing import FrozenClok  # E


class Colour(Enum):
    RED = "red"


class Address(BaseModel):
    city: str


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    nickname: str | None = None
    balance: Decimal = Decimal(0)
    tags: set[str] = set()
    codes: frozenset[int] = frozenset()
    aliases: list[str] = []
    home: Address
    work: Address | None = None
    scores: dict[str, int] = {}
    colour: Colour = Colour.RED
    kinds: list[Literal["new", "old"]] = []
    seen: datetime | None = None
    ssn: SecretStr | None = None
    avatar: bytes = b""


class Order(DynamoModel, table="orders"):
    number: Annotated[int, PartitionKey()]


class Summary(BaseModel):
    age: int


def put(condition: Condition | None = None, *actions: Action) -> None: ...
def query(*keys: KeyCondition, filter: Condition | None = None) -> None: ...


u = fields(User)
users = Repo(User)
user = User(pk="a", sk="b", home=Address(city="Rome"))
order = Order(number=1)
KEY = ("a", "b")
NOW = datetime.now(UTC)

# conditions
put(Attr(u.age) == "x")  # E
put(Attr(u.age) != "x")  # E
put(Attr(u.age) > "x")  # E
put(Attr(u.age) == Attr(u.nickname))  # E
put(Attr(u.nickname) == 3)  # E
put(Attr(u.balance) == "1")  # E
put(Attr(u.balance) > 1.5)  # E
put(Attr(u.balance) == 1.5)  # E
put(Attr(u.balance).is_in([1.5]))  # E
put(Attr(u.balance).between(1, "2"))  # E
put(Attr(u.balance) < Attr(u.nickname))  # E
put(Attr(u.seen) < "2024-01-01")  # E
put(Attr(u.colour) == "red")  # E
put(Attr(u.ssn) == "secret")  # E
put(Attr(u.home) == "Rome")  # E
put(Attr(u.tags) == ["a"])  # E
put(Attr(u.home.city) == 3)  # E
put(Attr(some(u.work).city) == 3)  # E
put(Attr(u.work.city) == "Oslo")  # E
put(Attr(u.scores["math"]) == "x")  # E
put(Attr(u.scores[3]) == 1)  # E
put(Attr(u.aliases["a"]) == "x")  # E
put(Attr(u.nmae) == "x")  # E
put(Attr(u.home.ctiy) == "x")  # E
put(u.age > 3)  # E
put(u.nickname == "Al")  # E
put(Attr(u.age))  # E
put(Attr(u.tags).size())  # E
put(Attr(u.age).begins_with("a"))  # E
put(Attr(u.nickname).begins_with(3))  # E
put(Attr(u.avatar).begins_with("a"))  # E
put(Attr(u.age).contains(1))  # E
put(Attr(u.tags).contains(1))  # E
put(Attr(u.codes).contains("x"))  # E
put(Attr(u.kinds).contains("odd"))  # E
put(Attr(u.age).between("a", "b"))  # E
put(Attr(u.age).between(1))  # E
put(Attr(u.age).is_in(["a"]))  # E
put(Attr(u.age).is_in(1))  # E
put(Attr(u.age).size() > 3)  # E
put(Attr(u.tags).size() > "3")  # E
put(Attr(u.age).attribute_type("X"))  # E
put((Attr(u.age) > 3) & 3)  # E
put((Attr(u.age) > 3) & (Key(u.pk) == "a"))  # E
put(not (Attr(u.age) > 3))  # E
put(Key(u.pk) == "USER#1")  # E
put(Attr(u.age) == 1 & Attr(u.age) == 2)  # E
put(Attr(u.age).set(3))  # E

# keys
query(Attr(u.pk) == "USER#1")  # E
query(Key(u.pk) == 3)  # E
query(Key(u.pk) != "USER#1")  # E
query(Key(u.age).begins_with("a"))  # E
query(Key(u.pk).contains("a"))  # E
query(Key(u.pk).between("a", 3))  # E
query(Key(u.pk) == "a", filter=Key(u.sk) == "b")  # E
query((Key(u.pk) == "a") & (Key(u.sk) == "b"))  # E
query(Key(u.seen) > "2024")  # E
query(Key(u.balance) == 1.5)  # E
query(Key(u.balance).between(1, "x"))  # E
query(Key(u.balance).begins_with("1"))  # E

# actions
put(None, Attr(u.age).set("x"))  # E
put(None, Attr(u.ssn).set("secret"))  # E
put(None, Attr(u.seen).set("now"))  # E
put(None, Attr(u.age).set(Attr(u.nickname)))  # E
put(None, Attr(u.tags).set(["a"]))  # E
put(None, Attr(u.tags).add(1))  # E
put(None, Attr(u.tags).add({1}))  # E
put(None, Attr(u.tags).add("vip"))  # E
put(None, Attr(u.nickname).add("x"))  # E
put(None, Attr(u.age).add("x"))  # E
put(None, Attr(u.age).add(1.5))  # E
put(None, Attr(u.age).add(Decimal(1)))  # E
put(None, Attr(u.age).set(Decimal(1)))  # E
put(None, Attr(u.age).set(Attr(u.balance) + 1))  # E
put(None, Attr(u.age).set(Attr(u.age) + Decimal(1)))  # E
put(None, Attr(u.balance).add(1.5))  # E
put(None, Attr(u.balance).add("1"))  # E
put(None, Attr(u.balance).set(1.5))  # E
put(None, Attr(u.balance).set("1"))  # E
put(None, Attr(u.balance).set(Attr(u.balance) + 1.5))  # E
put(None, Attr(u.balance).set(Attr(u.balance).if_not_exists("x")))  # E
put(None, Attr(u.aliases).delete({"a"}))  # E
put(None, Attr(u.tags).delete("a"))  # E
put(None, Attr(u.age).delete(1))  # E
put(None, Attr(u.aliases).list_append([1]))  # E
put(None, Attr(u.aliases).list_append(3))  # E
put(None, Attr(u.tags).list_append(["a"]))  # E
put(None, Attr(u.age).if_not_exists("x"))  # E
put(None, Attr(u.age) + 1)  # E
put(None, Attr(u.nickname).set(Attr(u.nickname) + "x"))  # E
put(None, Attr(u.age).set(Attr(u.age) + 1 + 1))  # E
put(None, Attr(u.age).set(Attr(u.age).if_not_exists(0) + "x"))  # E
put(None, Attr(u.age) > 3)  # E
put(None, Attr(u.age).remove)  # E

# repositories
fields(int)  # E
fields(Address)  # E
fields(user)  # E
Repo(Address)  # E
Repo(user)  # E
Repo(User, clock=NOW)  # E
Repo(User, table=3)  # E
users.put(order)  # E
users.create(order)  # E
users.put({"pk": "a"})  # E
users.put(user, Attr(u.age) > 3)  # E
users.put(user, condition=Key(u.pk) == "a")  # E
users.put(user, condition=Attr(u.age).add(1))  # E
users.put(user, condition=u.age == 3)  # E
users.put(user, expected_version="x")  # E
users.put(user, expected_version=1.0)  # E
users.put(user, version=3)  # E
users.create(user, expected_version=3)  # E
users.update(KEY, Attr(u.age) > 3)  # E
users.update(KEY, Attr(u.age))  # E
users.update(KEY, u.age)  # E
users.update(KEY, Attr(u.age) + 1)  # E
users.update(user, fields=3)  # E
users.update(user, fields={3})  # E
users.update(KEY, Attr(u.age).add(1), expected_version="x")  # E
users.update(KEY, Attr(u.age).add(1), must_exist=3)  # E
users.delete(KEY, condition=True)  # E
users.delete(KEY, expected_version="x")  # E
users.get(KEY, project=int)  # E
users.get(KEY, project=Summary(age=3))  # E
users.get(KEY, project=Summary).nickname  # E
users.get(KEY).nmae  # E
users.get_or_none(KEY).age  # E
users.get_or_none(KEY, project=Summary).age  # E
users.delete(KEY).age  # E
users.put(user).nmae  # E
users.update(KEY, Attr(u.age).add(1)).nmae  # E
other: Order = users.get(KEY)  # E


class Customer(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    age: int = 0


class Parcel(DynamoModel):
    pk: Annotated[str, PartitionKey()]


customers, parcels = Repo(Customer), Repo(Parcel)
c = fields(Customer)
older = Attr(c.age) > 3

# writes of many
Put(customers, Parcel(pk="a"))  # E
Create(customers, Parcel(pk="a"))  # E
Update(customers, "a", older)  # E
Check(customers, "a")  # E
batch_write([Update(customers, "a", Attr(c.age).add(1))])  # E
batch_write([Parcel(pk="a")])  # E
transact_write([Get(customers, "a")])  # E
transact_get([Delete(customers, "a")])  # E
transact_write((Put(customers, Parcel(pk="a")), Delete(parcels, "a")))  # E
transact_write((Put(customers, Customer(pk="a")), Get(parcels, "a")))  # E
transact_write((Put(customers, Customer(pk="a")),))[0].nmae  # E
transact_write((Delete(customers, "a"), Delete(customers, "b")))[2]  # E
transact_get((Get(customers, "a"), Delete(customers, "a")))  # E
transact_get((Get(customers, "a"), Get(parcels, "a")))[0].age  # E
wrong: Parcel | None = transact_get((Get(customers, "a"), Get(parcels, "a")))[0]  # E
dms.compare(int, dms.load("models.yml"))  # E
customers.batch_write(put=[Parcel(pk="a")])  # E
customers.update_many(["a"], older)  # E
customers.batch().put(Parcel(pk="a"))  # E
transact_write(Put(customers, Customer(pk="a")), Put(customers, Customer(pk="b")))  # E
transact_get(Get(customers, "a"), Get(customers, "b"))  # E
customers.batch_get("a", "b")  # E
customers.get("a", "b")  # E
customers.exists("a", "b")  # E
customers.delete("a", "b")  # E
customers.update("a", age=3)  # E
customers.put(Customer(pk="a"), Customer(pk="b"))  # E


def errors() -> None:
    try:
        customers.put(Customer(pk="a"))
    except ConditionFailed as error:
        error.item.age  # E
    except TransactionCancelled as error:
        error.reasons[0].item.age  # E
        error.reasons[0].number  # E
        error.reasons.append(1)  # E
    except BatchIncomplete as error:
        error.left[0].item  # E
        batch_write(error.left)  # E
