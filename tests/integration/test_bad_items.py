"""One item that does not fit stops no read of many: `on_error=`, on DynamoDB."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel, field_validator

from dynamorm_py import (
    Attr,
    BadItem,
    CallError,
    DynamoModel,
    Encrypted,
    InvalidEncryptedEnvelope,
    ItemDecodeError,
    Key,
    PartitionKey,
    Query,
    Repo,
    SortKey,
    StaticEncryption,
    Table,
    aio,
    fields,
)
from dynamorm_py._transport import default_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


class Reading(DynamoModel, table="readings"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    value: int = 0
    blob: bytes = b""

    @field_validator("value")
    @classmethod
    def _odd(cls, value: int) -> int:
        return value if value != 13 else value // 0


class Value(BaseModel):
    value: int


class Secret(DynamoModel, table="readings"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    pin: Annotated[str, Encrypted()] = ""


class Apple(DynamoModel, table="readings"):
    kind: Literal["apple"] = "apple"
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    weight: int = 0


class Pear(DynamoModel, table="readings"):
    kind: Literal["pear"] = "pear"
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]


r = fields(Reading)
IN_A = Key(r.pk) == "A"
ENCRYPTION = StaticEncryption(b"k" * 32)
BAD = (2, 5, 6, 9)


@pytest.fixture(params=["bytes", "parsed"])
def readings(
    request: pytest.FixtureRequest, dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str
) -> Iterator[Repo[Reading]]:
    """Give ten items, of which those numbered in BAD do not fit."""
    client = default_client("us-east-1", dynamodb_endpoint) if request.param == "bytes" else dynamodb
    readings = Repo(Reading, table=unique_table_name, client=client)
    readings.table.create()
    readings.batch_write(put=[Reading(pk="A", sk=n, value=n) for n in range(10)])
    for number in BAD:
        wrong = {"N": "13"} if number == 9 else {"S": "text"}  # a validator that fails by itself, and a wrong type
        dynamodb.put_item(
            TableName=unique_table_name,
            Item={"pk": {"S": "A"}, "sk": {"N": str(number)}, "value": wrong, "blob": {"B": b"\xff\xfe"}},
        )
    yield readings
    readings.table.delete()


def numbers(query: Query[Reading]) -> list[int]:
    return [item.sk for item in query]


GOOD = [n for n in range(10) if n not in BAD]


def test_it_is_an_error_unless_something_else_is_asked(readings: Repo[Reading]) -> None:
    with pytest.raises(ItemDecodeError):
        readings.query(IN_A).all()
    with pytest.raises(ItemDecodeError):
        readings.scan(on_error="raise").all()


def test_skipped_items_are_left_out_and_counted(readings: Repo[Reading]) -> None:
    query = readings.query(IN_A, on_error="skip")
    assert numbers(query) == GOOD
    assert query.skipped == query.explain().skipped == len(BAD)
    scan = readings.scan(on_error="skip", segments=3)
    assert sorted(numbers(scan)) == GOOD
    assert scan.skipped == len(BAD)
    assert numbers(readings.query(IN_A, on_error="skip", ascending=False)) == GOOD[::-1]


def test_a_function_gets_each_bad_item_raw_with_key_and_problems(readings: Repo[Reading]) -> None:
    seen: list[BadItem] = []
    assert numbers(readings.query(IN_A, on_error=seen.append)) == GOOD
    assert [bad.key for bad in seen] == [{"pk": {"S": "A"}, "sk": {"N": str(n)}} for n in BAD]
    assert seen[0].raw_item == {**seen[0].key, "value": {"S": "text"}, "blob": {"B": b"\xff\xfe"}}
    assert seen[0].problems == (("value", "it is stored as S, the field as N"),)
    assert isinstance(seen[3].error, ItemDecodeError)
    assert isinstance(seen[3].error.__cause__, ZeroDivisionError)


def test_an_error_of_the_function_ends_the_read(readings: Repo[Reading]) -> None:
    def refuse(bad: BadItem) -> None:
        raise LookupError(str(bad.key["sk"]))

    with pytest.raises(LookupError, match="2"):
        readings.scan(on_error=refuse).all()


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("page_size", [None, 1, 2, 3])
def test_limits_count_what_is_read(readings: Repo[Reading], limit: int, page_size: int | None) -> None:
    query = readings.query(IN_A, on_error="skip", limit=limit, page_size=page_size)
    assert numbers(query) == GOOD[:limit]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("filtered", [False, True])
def test_a_cursor_goes_on_exactly_after_what_was_given(readings: Repo[Reading], size: int, *, filtered: bool) -> None:
    filter = Attr(r.blob).exists() if filtered else None
    query = readings.query(IN_A, filter=filter, on_error="skip")
    pages: list[list[int]] = []
    cursor, skipped = None, 0
    while True:
        page = query.page(size=size, cursor=cursor)
        pages.append([item.sk for item in page])
        cursor, skipped = page.cursor, skipped + page.skipped
        if cursor is None:
            break
    assert [n for page in pages for n in page] == GOOD
    assert all(len(page) == size for page in pages[:-1])
    assert skipped == len(BAD)


def test_the_first_and_the_only_one_are_those_that_fit(readings: Repo[Reading]) -> None:
    first = readings.query(IN_A, Key(r.sk) > 4, on_error="skip").first()
    assert first is not None
    assert first.sk == 7
    assert readings.query(IN_A, Key(r.sk).between(5, 7), on_error="skip").one().sk == 7
    assert readings.query(IN_A, on_error="skip").sum(r.value) == sum(GOOD)


def test_a_smaller_model_leaves_out_what_it_cannot_read(readings: Repo[Reading]) -> None:
    values = readings.query(IN_A, on_error="skip", project=Value).all()
    assert [each.value for each in values] == [0, 1, 3, 4, 7, 8, 13]


def test_a_batch_get_gives_the_others_and_does_not_call_a_bad_one_missing(readings: Repo[Reading]) -> None:
    seen: list[BadItem] = []
    keys = [("A", n) for n in (5, 1, 42, 2, 0)]
    with pytest.raises(ItemDecodeError):
        readings.batch_get(keys)
    found = readings.batch_get(keys, on_error=seen.append)
    assert ([item.sk for item in found], found.missing, found.skipped) == ([1, 0], [("A", 42)], 2)
    assert sorted(bad.key["sk"]["N"] for bad in seen) == ["2", "5"]
    assert readings.batch_get([("A", 1)], on_error="skip").skipped == 0


def test_another_word_is_refused_before_anything_is_sent(readings: Repo[Reading]) -> None:
    async def late(bad: BadItem) -> None:
        del bad

    untyped: Any = readings
    wrong_words: tuple[Any, ...] = ("ignore", None, 1, [], late)
    for wrong in wrong_words:
        with pytest.raises(CallError, match="on_error="):
            untyped.query(IN_A, on_error=wrong)
        with pytest.raises(CallError, match="on_error="):
            untyped.scan(on_error=wrong)
        with pytest.raises(CallError, match="on_error="):
            untyped.batch_get([("A", 1)], on_error=wrong)


def test_an_envelope_that_cannot_be_opened_is_a_bad_item_too(readings: Repo[Reading], dynamodb: DynamoDBClient) -> None:
    table = readings.__dynamorm_context__.table.name
    secret = Repo(Secret, table=table, client=dynamodb, encryption=ENCRYPTION)
    secret.batch_write(put=[Secret(pk="S", sk=n, pin=f"pin-{n}") for n in range(3)])
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "S"}, "sk": {"N": "3"}, "pin": {"S": "plain"}})
    other = Repo(Secret, table=table, client=dynamodb, encryption=StaticEncryption(b"o" * 32))
    other.put(Secret(pk="S", sk=4, pin="pin-4"))
    answer: Any = dynamodb.get_item(TableName=table, Key={"pk": {"S": "S"}, "sk": {"N": "1"}})
    stored = answer["Item"]
    stored["pin"]["M"]["ct"]["B"] = stored["pin"]["M"]["ct"]["B"][::-1]
    dynamodb.put_item(TableName=table, Item=stored)
    seen: list[BadItem] = []
    assert [item.pin for item in secret.query(Key(fields(Secret).pk) == "S", on_error=seen.append)] == [
        "pin-0",
        "pin-2",
    ]
    assert [bad.key["sk"]["N"] for bad in seen] == ["1", "3", "4"]
    assert all(isinstance(bad.error, InvalidEncryptedEnvelope) for bad in seen)
    assert seen[0].raw_item == stored
    assert "pin-" not in repr(seen)
    found = secret.batch_get([("S", n) for n in range(6)], on_error="skip")
    assert ([item.sk for item in found], found.missing, found.skipped) == ([0, 2], [("S", 5)], 3)


def test_a_table_of_several_models_leaves_out_bad_ones_of_each(
    readings: Repo[Reading], dynamodb: DynamoDBClient
) -> None:
    name = readings.__dynamorm_context__.table.name
    table = Table(Apple, Pear, name=name, client=readings.__dynamorm_context__.client)
    table[Apple].put(Apple(pk="T", sk=1))
    table[Pear].put(Pear(pk="T", sk=2))
    wrong = {"pk": {"S": "T"}, "sk": {"N": "3"}, "kind": {"S": "apple"}, "weight": {"S": "x"}}
    stray = {"pk": {"S": "T"}, "sk": {"N": "4"}, "kind": {"S": "plum"}}
    for item in (wrong, stray):
        dynamodb.put_item(TableName=name, Item=item)
    condition = Key(fields(Apple).pk) == "T"
    bad: list[BadItem] = []
    strays: list[Any] = []
    query = table.query(condition, on_error=bad.append, unknown=strays.append)
    assert [item.sk for item in query] == [1, 2]
    assert ([each.raw_item for each in bad], strays, query.skipped) == ([wrong], [stray], 2)
    bad.clear()
    assert [item.sk for item in table.query(condition, on_error=bad.append)] == [1, 2]
    assert [each.raw_item for each in bad] == [wrong, stray]
    with pytest.raises(ItemDecodeError):
        table.query(condition, unknown="skip").all()
    found = table.batch_get([("T", n) for n in (4, 3, 2, 9)], on_error="skip")
    assert ([item.sk for item in found], found.missing, found.skipped) == ([2], [("T", 9)], 2)
    own = table[Apple].query(condition, on_error="skip")
    assert ([item.sk for item in own], own.skipped) == ([1], 1)
    assert len(table.scan(of=Pear, on_error="skip").all()) == 1


def test_the_asynchronous_face_does_the_same(readings: Repo[Reading]) -> None:
    async def read() -> None:
        context = readings.__dynamorm_context__
        repo = aio.Repo(Reading, table=context.table.name, client=context.client)
        seen: list[BadItem] = []
        assert [item.sk async for item in repo.query(IN_A, on_error=seen.append)] == GOOD
        assert len(seen) == len(BAD)
        scan = repo.scan(segments=2, on_error="skip")
        assert sorted(item.sk for item in await scan.all()) == GOOD
        assert scan.skipped == len(BAD)
        page = await repo.query(IN_A, on_error="skip").page(size=3)
        assert ([item.sk for item in page], page.skipped) == ([0, 1, 3], 1)
        found = await repo.batch_get([("A", 1), ("A", 2)], on_error="skip")
        assert ([item.sk for item in found], found.skipped, found.missing) == ([1], 1, [])

    asyncio.run(read())
