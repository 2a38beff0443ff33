"""Multi-attribute keys on moto, which has them; DynamoDB Local 2.6.1 takes no such table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from dynamorm_py import IndexNotFound, Key, Repo, decode_cursor
from tests.support.reading import Person, u

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = [
    Person(pk="A", sk=f"{number:03}", country="NO", region="Oslo", street="ab"[number % 2], house=number, flat=b"\xff")
    for number in range(20)
]


@pytest.fixture
def people() -> Iterator[Repo[Person]]:
    with mock_aws():
        repo = Repo(Person, client=boto3.client("dynamodb"))
        repo.table.create()
        for person in PEOPLE:
            repo.put(person)
        yield repo


PLACE = [Key(u.region) == "Oslo", Key(u.country) == "NO"]


def test_the_table_is_created_with_its_keys_from_left_to_right(people: Repo[Person]) -> None:
    indexes: list[Any] = people.table.describe()["GlobalSecondaryIndexes"]
    keys = next(index["KeySchema"] for index in indexes if index["IndexName"] == "by-place")
    assert [(key["AttributeName"], key["KeyType"]) for key in keys] == [
        ("country", "HASH"),
        ("region", "HASH"),
        ("street", "RANGE"),
        ("house", "RANGE"),
        ("flat", "RANGE"),
    ]


def test_the_whole_partition_key_selects(people: Repo[Person]) -> None:
    found = people.query(*PLACE).all()
    assert found == sorted(PEOPLE, key=lambda person: (person.street, person.house))


def test_equality_from_the_left_and_a_range_on_the_last(people: Repo[Person]) -> None:
    found = people.query(Key(u.house) > 11, Key(u.street) == "b", *PLACE).all()
    assert [person.house for person in found] == [13, 15, 17, 19]


def test_half_of_the_key_is_refused(people: Repo[Person]) -> None:
    with pytest.raises(IndexNotFound, match=r"'by-place' needs Key\(u.region\)"):
        people.query(Key(u.country) == "NO", index="by-place")


def test_pages_go_on_after_the_whole_key(people: Repo[Person]) -> None:
    query = people.query(*PLACE)
    found: list[Person] = []
    cursor: str | None = None
    while True:
        page = query.page(7, cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
        assert set(decode_cursor(cursor).last_key) == {"pk", "sk", "country", "region", "street", "house", "flat"}
    assert found == query.all()
