"""Wrong uses of the asynchronous face: pyright strict flags every line marked `# E`, and no other."""

from __future__ import annotations

from typing import Annotated, Literal

from dynamorm_py import Attr, DynamoModel, Key, PartitionKey, SortKey, fields
from dynamorm_py.aio import Leases, Repo, batch_write


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    nickname: str | None = None


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    pk = PartitionKey("CUSTOMER#{customer_id}")


u = fields(User)
users = Repo(User)
key = ("USER#1", "PROFILE")


async def not_awaited(user: User) -> None:
    """Use what has to be awaited first."""
    users.get(key).age  # E
    users.put(user).age  # E
    users.query(Key(u.pk) == "a").first().age  # E
    len(users.query(Key(u.pk) == "a").all())  # E
    users.batch_get([key])[0]  # E
    users.get(key) + 1  # E
    users.exists(key) + 1  # E
    (await users.get_or_none(key)).age  # E
    users.query(Key(u.pk) == "a").count() + 1  # E
    users.query(Key(u.pk) == "a").page().cursor  # E
    batch_write([]) + 1  # E
    users.table.bulk_put("s3://bucket/users", "s3://bucket/report").arn  # E
    await users.put(users.get(key))  # E
    await users.delete(key, condition=users.exists(key))  # E
    await users.table.describe()["TableName"]  # E


async def read_wrongly() -> None:
    """Iterate and enter as the synchronous face would."""
    [user for user in users.query(Key(u.pk) == "a")]  # E
    list(users.scan())  # E
    with users.batch() as batch:  # E
        pass
    with users:  # E
        pass
    with Leases(users).hold(key, seconds=3):  # E
        pass
    async for _ in users.get(key):  # E
        pass


async def wrong_types(user: User, order: Order) -> None:
    """Pass what is of another type or model."""
    await users.put(order)  # E
    await users.create("user")  # E
    await users.update(key, Attr(u.age).set("old"))  # E
    await users.update(key, u.age)  # E
    await users.query(Key(u.age) == "x").all()  # E
    await users.query(Attr(u.pk) == "a").all()  # E
    await users.query(Key(u.pk) == "a", filter=Key(u.age) > 3).all()  # E
    await users.query(Key(u.pk) == "a", limit="3").all()  # E
    await users.batch_write(put=[order])  # E
    await users.get(key, consistent="yes")  # E
    await users.delete(key, condition="x")  # E
    await users.nothing(user)  # E
    async with users.batch() as batch:
        await batch.put(order)  # E
    (await users.get(key)).nothing  # E
    await users.scan(segments="4").all()  # E
