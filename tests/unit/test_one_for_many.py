"""One value where many belong: refused, never taken apart into letters or fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from dynamorm_py import (
    Attr,
    CallError,
    DynamoModel,
    Get,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    batch_write,
    fields,
    transact_get,
    transact_write,
)
from tests.support.faulty import Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Callable


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    value: int = 0


class Part(DynamoModel, table="parts"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    value: int = 0


def unseen(value: object) -> Any:  # noqa: ANN401 -- what a user without a type checker passes
    return value


one = unseen(Thing(pk="abc"))
more = Attr(fields(Thing).value).add(1)


CALLS: list[tuple[str, Callable[[Repo[Thing]], object]]] = [
    ("batch_get takes many at once, not one str: put it into a list", lambda things: things.batch_get("abc")),
    ("batch_get takes many at once, not one Thing", lambda things: things.batch_get(one)),
    ("put= takes many at once, not one Thing", lambda things: things.batch_write(put=one)),
    ("delete= takes many at once, not one str", lambda things: things.batch_write(delete="abc")),
    ("delete= takes many at once, not one Thing", lambda things: things.batch_write(delete=one)),
    ("update_many takes many at once, not one str", lambda things: things.update_many("abc", more)),
    ("update_many takes many at once, not one Thing", lambda things: things.update_many(one, more)),
    ("reencrypt takes many at once, not one bytes", lambda things: things.reencrypt(b"abc")),
    ("batch_write takes many at once, not one Put", lambda things: batch_write(unseen(Put(things, one)))),
    (
        "transact_write takes many at once, not one Put",
        lambda things: transact_write(cast("list[Put[Any]]", Put(things, one))),
    ),
    (
        "transact_get takes many at once, not one Get",
        lambda things: transact_get(cast("list[Get[Any]]", Get(things, "abc"))),
    ),
]


@pytest.mark.parametrize(("repair", "call"), CALLS)
def test_one_where_many_belong_is_refused_and_never_taken_apart(
    repair: str, call: Callable[[Repo[Thing]], object]
) -> None:
    transport = Faulty(Truth())
    with pytest.raises(CallError, match=repair):
        call(Repo(Thing, client=transport))
    assert transport.asked == []


ONE_KEY = unseen(("abc", 1))
PARTS: list[tuple[str, Callable[[Repo[Part]], object]]] = [
    ("batch_get", lambda parts: parts.batch_get(ONE_KEY)),
    ("delete=", lambda parts: parts.batch_write(delete=ONE_KEY)),
    ("update_many", lambda parts: parts.update_many(ONE_KEY, Attr(fields(Part).value).add(1))),
    ("reencrypt", lambda parts: parts.reencrypt(ONE_KEY)),
]


@pytest.mark.parametrize(("word", "call"), PARTS)
def test_the_two_parts_of_one_key_are_not_taken_for_two_keys(word: str, call: Callable[[Repo[Part]], object]) -> None:
    transport = Faulty(Truth())
    with pytest.raises(CallError, match=f"{word} takes many at once, not one key: put it into a list"):
        call(Repo(Part, client=transport))
    assert transport.asked == []
