"""Which key a query uses, and what is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from dynamorm_py import (
    Attr,
    CallError,
    DynamoModel,
    IndexNotFound,
    InvalidExpression,
    InvalidKey,
    InvalidProjection,
    InvalidValue,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    fields,
)
from tests.support.reading import Foreign, OfTeam, Person, Scripted, Summary, o, u

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from dynamorm_py import Explanation, KeyCondition

people = Repo(Person, client=Scripted())
"""Nothing is ever sent here: the script is empty."""

PK, SK = Key(u.pk) == "A", Key(u.sk) > "1"
SCORE = Key(u.score).between(1, 3)
PLACE = [Key(u.country) == "NO", Key(u.region) == "Oslo"]

SELECTED: list[tuple[list[KeyCondition], str | None, str]] = [
    ([PK], None, "#n0 = :v0"),
    ([PK, SK], None, "#n0 = :v0 AND #n1 > :v1"),
    ([PK, Key(u.sk).begins_with("1")], None, "#n0 = :v0 AND begins_with(#n1, :v1)"),
    ([PK, SCORE], "by-score", "#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2"),
    ([Key(u.email) == "a@b"], "by-email", "#n0 = :v0"),
    ([Key(u.city) == "Oslo"], "by-city", "#n0 = :v0"),
    ([Key(u.city) == "Oslo", Key(u.house) >= 3], "by-city", "#n0 = :v0 AND #n1 >= :v1"),
    (PLACE, "by-place", "#n0 = :v0 AND #n1 = :v1"),
    ([*PLACE, Key(u.street) < "B"], "by-place", "#n0 = :v0 AND #n1 = :v1 AND #n2 < :v2"),
    (
        [*PLACE, Key(u.street) == "B", Key(u.house) <= 3],
        "by-place",
        "#n0 = :v0 AND #n1 = :v1 AND #n2 = :v2 AND #n3 <= :v3",
    ),
    (
        [*PLACE, Key(u.street) == "B", Key(u.house) == 3, Key(u.flat).begins_with(b"1")],
        "by-place",
        "#n0 = :v0 AND #n1 = :v1 AND #n2 = :v2 AND #n3 = :v3 AND begins_with(#n4, :v4)",
    ),
    ([Key(u.country) == "NO", Key(u.state) > "A"], "by-country-a", "#n0 = :v0 AND #n1 > :v1"),
    ([Key(u.country) == "NO"], "by-country-a", "#n0 = :v0"),
]

each_selection = pytest.mark.parametrize(
    ("conditions", "index", "expression"), SELECTED, ids=["+".join(str(c.path[0]) for c in c) for c, _, _ in SELECTED]
)


def explained(*conditions: KeyCondition, index: str | None = None) -> Explanation:
    return people.query(*conditions, index=index).explain()


@each_selection
def test_the_key_follows_from_the_fields_named(
    conditions: list[KeyCondition], index: str | None, expression: str
) -> None:
    explanation = explained(*conditions)
    assert explanation.index == index
    assert explanation.request["KeyConditionExpression"] == expression
    assert explanation.request.get("IndexName") == index
    names = explanation.request["ExpressionAttributeNames"]
    assert list(names.values()) == [condition.path[0] for condition in conditions]


@each_selection
def test_the_order_of_the_fields_changes_nothing(
    conditions: list[KeyCondition], index: str | None, expression: str
) -> None:
    del index, expression
    assert explained(*reversed(conditions)).request == explained(*conditions).request


def test_an_index_can_be_named() -> None:
    assert explained(PK, index="by-score").request["IndexName"] == "by-score"
    assert "index= names it" in explained(PK, index="by-score").why


def test_two_indexes_that_fit_are_named_and_one_has_to_be_chosen() -> None:
    condition = Key(u.union) == "U"
    with pytest.raises(IndexNotFound, match=r"'by-union-b' and 'by-union-c': name one with index=") as caught:
        people.query(condition)
    assert caught.value.code == "ErrIndexNotFound"
    assert explained(condition, index="by-union-c").index == "by-union-c"


def test_no_key_that_fits_says_what_each_lacks_and_how_to_scan() -> None:
    with pytest.raises(IndexNotFound) as caught:
        people.query(Key(u.house) == 3)
    message = str(caught.value)
    assert "the table needs Key(u.pk) == ..." in message
    assert "by-email needs Key(u.email) == ..." in message
    assert "scan(filter=...)" in message


REFUSED: dict[str, tuple[list[KeyCondition], type[CallError], str]] = {
    "a partition key in a range": ([Key(u.pk) > "A"], IndexNotFound, r"the table needs Key\(u.pk\) == "),
    "a sort key alone": ([SK], IndexNotFound, r"the table needs Key\(u.pk\) == "),
    "half of a partition key": ([Key(u.region) == "Oslo"], IndexNotFound, r"by-place needs Key\(u.country\)"),
    "keys of two indexes": ([PK, SK, SCORE], IndexNotFound, r"the table has no Person.score in its key"),
    "a gap in the sort keys": ([*PLACE, Key(u.house) == 3], IndexNotFound, "from the left, without a gap"),
    "a range before the last": (
        [*PLACE, Key(u.street) > "B", Key(u.house) == 3],
        IndexNotFound,
        "a range on its last condition only",
    ),
    "two conditions on one key": ([PK, Key(u.sk) > "1", Key(u.sk) < "5"], InvalidExpression, r"use between\(\)"),
    "the same condition twice": ([PK, PK], InvalidExpression, "Person.pk has two key conditions"),
    "nothing": ([], InvalidExpression, r"needs Key\(u.pk\) == .*write scan\(\)"),
    "a field that is not a key": ([PK, Key(u.weight) == 1], IndexNotFound, "the table has no Person.weight in its key"),
    "another model's key": ([Key(o.pk) == "A"], InvalidExpression, r"about Other.*fields\(Person\)"),
    "a filter": (cast("list[KeyCondition]", [Attr(u.pk) == "A"]), InvalidExpression, "pass a condition of Attr"),
    "a bare value": (cast("list[KeyCondition]", ["A"]), InvalidExpression, r"not a str: write Key\(u.pk\) == value"),
    "a list of conditions": (cast("list[KeyCondition]", [[PK]]), InvalidExpression, r"not a list: write Key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_key_conditions_that_select_no_key_are_refused(name: str) -> None:
    conditions, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message) as caught:
        people.query(*conditions)
    assert type(caught.value) is kind


def test_a_key_condition_on_an_empty_value_is_refused() -> None:
    with pytest.raises(InvalidKey, match="may not be empty"):
        _ = Key(u.pk) == ""


CALLS: dict[str, tuple[Callable[[], object], type[CallError], str]] = {
    "an index that is not there": (lambda: people.query(PK, index="by-emial"), IndexNotFound, "its indexes are .*by-e"),
    "an index without its key": (lambda: people.query(PK, index="by-email"), IndexNotFound, r"needs Key\(u.email\)"),
    "a scan of no index": (lambda: people.scan(index="by-emial"), IndexNotFound, "has no index 'by-emial'"),
    "an index that is not a name": (lambda: people.scan(index=cast("str", ["x"])), IndexNotFound, "has no index"),
    "a consistent read of a global index": (
        lambda: people.query(Key(u.email) == "a", consistent=True),
        InvalidExpression,
        "leave consistent= out",
    ),
    "a consistent scan of one": (
        lambda: people.scan(index="by-email", consistent=True),
        InvalidExpression,
        "leave consistent= out",
    ),
    "a filter on the partition key": (
        lambda: people.query(PK, filter=Attr(u.pk) == "B"),
        InvalidExpression,
        r"use Key\(u.pk\) as a key condition",
    ),
    "a filter on the sort key, deep inside": (
        lambda: people.query(PK, filter=~((Attr(u.weight) > 1) | (Attr(u.sk) > "1"))),
        InvalidExpression,
        r"use Key\(u.sk\)",
    ),
    "a filter on the sort key of an index": (
        lambda: people.query(PK, SCORE, filter=Attr(u.score).exists()),
        InvalidExpression,
        r"use Key\(u.score\)",
    ),
    "a key condition as filter": (
        lambda: people.query(PK, filter=cast("Any", SK)),
        InvalidExpression,
        "filter= is a KeyCondition",
    ),
    "another model's filter": (lambda: people.scan(filter=Attr(o.weight) > 1), InvalidExpression, "about Other"),
    "a filter by what the index lacks": (
        lambda: people.query(Key(u.team) == "A", filter=Attr(u.weight) > 1, project=OfTeam),
        InvalidExpression,
        "'by-team' does not carry weight, which filter= asks about",
    ),
    "a projection that the index lacks": (
        lambda: people.query(Key(u.team) == "A", project=Summary),
        InvalidProjection,
        "'by-team' does not carry score, which Summary needs: pass project= ",
    ),
    "a projection of another field": (
        lambda: people.query(PK, project=Foreign),
        InvalidProjection,
        "Foreign has height, which Person does not store",
    ),
    "a projection that is not a model": (
        lambda: people.query(PK, project=cast("type[BaseModel]", dict)),
        InvalidProjection,
        "takes a pydantic model",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_dynamodb_would_refuse_is_refused_before_it_is_sent(name: str) -> None:
    call, kind, message = CALLS[name]
    with pytest.raises(kind, match=message):
        call()


NUMBERS: dict[str, Callable[[int], object]] = {
    "limit": lambda number: people.scan(limit=number),
    "page_size": lambda number: people.query(PK, page_size=number),
    "segments": lambda number: people.scan(segments=number),
    "size": lambda number: people.scan().page(number),
}


@pytest.mark.parametrize("value", [0, -1, 2**31, True, 1.5, "x", [1]], ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_none_is_refused(name: str, value: int) -> None:
    with pytest.raises(CallError, match=f"^{name}= must be an int from 1 to "):
        NUMBERS[name](value)


def test_a_page_of_a_scan_in_segments_is_refused() -> None:
    with pytest.raises(CallError, match="leave segments= out"):
        people.scan(segments=2).page(3)


class Shared(DynamoModel, table="shared"):
    pk: Annotated[str, PartitionKey(), PartitionKey(index="by-pk")]
    day: Annotated[str, SortKey(index="by-pk")]


def test_the_table_is_preferred_to_an_index_with_its_partition_key() -> None:
    s, shared = fields(Shared), Repo(Shared, client=Scripted())
    explanation = shared.query(Key(s.pk) == "A").explain()
    assert explanation.index is None
    assert "preferred to by-pk" in explanation.why
    assert "preferred to by-score" in explained(PK).why
    assert shared.query(Key(s.pk) == "A", Key(s.day) > "1").explain().index == "by-pk"
    assert shared.query(Key(s.pk) == "A", index="by-pk").explain().index == "by-pk"


def test_a_sort_key_of_an_index_is_held_to_the_length_of_one() -> None:
    with pytest.raises(InvalidValue, match="street: a key of an index has at most 1024 bytes, and this value 1025"):
        people.put(Person(pk="a", sk="b", street="x" * 1025))
