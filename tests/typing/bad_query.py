"""Wrong uses of queries and scans: pyright strict flags every line marked `# E`, and no other."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    DynamoModel,
    Key,
    PartitionKey,
    Query,
    Repo,
    SortKey,
    decode_cursor,
    encode_cursor,
    fields,
)


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    age: int = 0
    balance: Decimal | None = None
    nickname: str | None = None


class Order(DynamoModel, table="orders"):
    number: Annotated[int, PartitionKey()]


class Summary(BaseModel):
    age: int


u = fields(User)
users = Repo(User)
query = users.query(Key(u.pk) == "USER#1")

users.query(Attr(u.pk) == "USER#1")  # E
users.query(Key(u.pk) == 3)  # E
users.query(Key(u.pk) != "USER#1")  # E
users.query("USER#1")  # E
users.query(u.pk)  # E
users.query(Key(u.pk))  # E
users.query((Key(u.pk) == "a") & (Key(u.sk) == "b"))  # E
users.query([Key(u.pk) == "a"])  # E
users.query(Key(u.pk) == "a", filter=Key(u.sk) == "b")  # E
users.query(Key(u.pk) == "a", filter=Attr(u.age).add(1))  # E
users.query(Key(u.pk) == "a", filter=Attr(u.age))  # E
users.query(Key(u.pk) == "a", limit="x")  # E
users.query(Key(u.pk) == "a", page_size=1.5)  # E
users.query(Key(u.pk) == "a", ascending="no")  # E
users.query(Key(u.pk) == "a", index=3)  # E
users.query(Key(u.pk) == "a", project=int)  # E
users.query(Key(u.pk) == "a", project=Summary(age=3))  # E
users.query(Key(u.pk) == "a", segments=4)  # E
users.query(Key(u.pk) == "a", cursor="x")  # E
users.scan(Key(u.pk) == "a")  # E
users.scan(filter=Key(u.pk) == "a")  # E
users.scan(segments="4")  # E
users.scan(ascending=False)  # E
query.first().age  # E
query.one().nmae  # E
query.page(size="25")  # E
query.page(cursor=3)  # E
query.page(25, "x", 3)  # E
query.page().items[0].nmae  # E
query.page().items.append(query.one())  # E
query.page().next  # E
len(query)  # E
query[0]  # E
query.count(3)  # E
query.wait(3)  # E
query.wait(lambda found: found.nmae)  # E
query.wait(bool, timeout="x")  # E
query.avg(u.nickname)  # E
query.sum(u.age).nmae  # E
users.query(Key(u.pk) == "a", project=Summary).one().nickname  # E
orders: Query[Order] = users.query(Key(u.pk) == "a")  # E
order: Order = query.one()  # E
total: str = query.sum(u.age)  # E
decode_cursor(3)  # E
encode_cursor("x")  # E
Repo(User, cursor_secret=3)  # E
query.name  # E
users.query(pk="a")  # E
users.scan(age=3)  # E
users.scan(Attr(u.age) > 3)  # E
