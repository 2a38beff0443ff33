"""Right uses of queries and scans: clean under pyright strict and mypy --strict, as a user's code is checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, assert_type

from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    Cursor,
    DynamoModel,
    Explanation,
    Key,
    Page,
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
    weight: float = 0.0
    balance: Decimal | None = None
    nickname: str | None = None


class Summary(BaseModel):
    age: int


u = fields(User)
users = Repo(User)

query = users.query(
    Key(u.pk) == "USER#1",
    Key(u.sk).begins_with("ORDER#"),
    filter=Attr(u.age) > 3,
    index=None,
    ascending=False,
    limit=50,
    page_size=10,
    consistent=True,
)
assert_type(query, Query[User])
assert_type(iter(query), Iterator[User])
for user in query:
    assert_type(user, User)
assert_type(query.all(), list[User])
assert_type(query.first(), User | None)
assert_type(query.one(), User)
assert_type(query.count(), int)
assert_type(query.explain(), Explanation)
assert_type(query.wait(lambda found: len(found) == 3, timeout=1), list[User])

page = query.page(size=25, cursor=None)
assert_type(page, Page[User])
assert_type(page.items, Sequence[User])
assert_type(page.cursor, str | None)
assert_type([user.age for user in page], list[int])
query.page(25, page.cursor)

small = users.query(Key(u.pk) == "USER#1", project=Summary)
assert_type(small, Query[Summary])
assert_type(small.all(), list[Summary])
assert_type(small.page().items, Sequence[Summary])
assert_type(small.sum(u.age), int)

assert_type(users.scan(), Query[User])
assert_type(users.scan(filter=Attr(u.age) > 3, segments=4, limit=3, index="by-age"), Query[User])
assert_type(users.scan(project=Summary).first(), Summary | None)

assert_type(query.sum(u.age), int)
assert_type(query.sum(u.balance), Decimal)
assert_type(query.avg(u.balance), Decimal | float | None)
assert_type(query.min(u.nickname), str | None)
assert_type(query.max(u.weight), float | None)
assert_type(query.count_distinct(u.nickname), int)
assert_type(query.group_by(u.nickname), dict[str | None, list[User]])

assert_type(decode_cursor("x"), Cursor)
assert_type(encode_cursor({"pk": {"S": "USER#1"}}, index="by-age", sort="ASC"), str)
Repo(User, cursor_secret="secret")
Repo(User, cursor_secret=b"secret")
