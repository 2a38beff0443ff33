"""Every word of a condition against a real item: it holds exactly when DynamoDB says so, and names need no care."""

from __future__ import annotations

import json
import operator
import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    ANY,
    Attr,
    Attribute,
    Condition,
    ConditionFailed,
    DynamoModel,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    fields,
    some,
)
from tests.support.building import define
from tests.support.people import Address, Line, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing.plugin import MakeRepo
    from tests.integration.conftest import Past

u = fields(User)
SEEN = datetime(2024, 5, 6, tzinfo=UTC)
USER = User(
    pk="A",
    name=None,
    nickname="Al; DROP TABLE",
    age=3,
    limit=10,
    balance=Decimal("1.50"),
    active=True,
    avatar=b"\x89PNG",
    tags={"a", "b"},
    lines=[Line(sku="s", price=Decimal(2))],
    notes=["x", "y", "3"],
    scores={"math": 1, "a.b": 2, "c d": 3, "#n0": 4, ":v0": 5},
    by_year={2024: 7},
    home=Address(city="Rome"),
    seen=SEEN,
    anything=[1, "x", b"y"],
)

HOLDING: list[Condition] = [
    Attr(u.age) == 3,
    Attr(u.age) != 4,
    Attr(u.age) < 4,
    Attr(u.age) <= 3,
    Attr(u.age) > 2,
    Attr(u.age) >= 3,
    Attr(u.age) < Attr(u.limit),
    Attr(u.age) != Attr(u.limit),
    Attr(u.age).between(3, 3),
    Attr(u.age).is_in([1, 2, 3]),
    Attr(u.age).is_in(range(100)),
    Attr(u.age).attribute_type("N"),
    Attr(u.balance) == Decimal("1.5"),
    Attr(u.balance) > Decimal(1),
    Attr(u.active) == True,  # noqa: E712 -- asks for a stored true
    Attr(u.name) == None,  # noqa: E711 -- absent, or a stored NULL
    Attr(u.name).not_exists(),
    Attr(u.nickname) == "Al; DROP TABLE",
    Attr(u.nickname).begins_with("Al"),
    Attr(u.nickname).contains("; DROP"),
    Attr(u.nickname).size() == 14,
    Attr(u.email_hash).not_exists(),
    Attr(u.email_hash) != "h",
    Attr(u.avatar) == b"\x89PNG",
    Attr(u.avatar).begins_with(b"\x89"),
    Attr(u.avatar) > b"\x00",
    Attr(u.tags) == {"b", "a"},
    Attr(u.tags).contains("a"),
    Attr(u.tags).size() == 2,
    Attr(u.tags).size().between(1, 2),
    Attr(u.tags).size().is_in([2]),
    Attr(u.tags).attribute_type("SS"),
    Attr(u.groups).attribute_type("NULL"),
    Attr(u.lines) == [Line(sku="s", price=Decimal(2))],
    Attr(u.lines[0].sku) == "s",
    Attr(u.lines[0].price) >= Decimal(2),
    Attr(u.lines).contains(Line(sku="s", price=Decimal(2))),
    Attr(u.notes).contains("3"),
    Attr(u.notes[1]) == "y",
    Attr(u.notes[7]).not_exists(),
    Attr(u.notes).size() == 3,
    Attr(u.scores["math"]) == 1,
    Attr(u.scores["a.b"]) == 2,
    Attr(u.scores["c d"]) == 3,
    Attr(u.scores["#n0"]) == 4,
    Attr(u.scores[":v0"]) == 5,
    Attr(u.scores["physics"]).not_exists(),
    Attr(u.scores).size() == 5,
    Attr(u.by_year[2024]) == 7,
    Attr(u.home) == Address(city="Rome"),
    Attr(some(u.home).city) == "Rome",
    Attr(some(u.home).zip_code).not_exists(),
    Attr(u.seen) == SEEN,
    Attr(u.seen) >= datetime(2024, 1, 1, tzinfo=UTC),
    Attr(u.anything) == [1, "x", b"y"],
    Attr(u.anything).contains("x"),
    Attr(u.kind) == "a",
    Attr(u.kind).is_in(["a", "b"]),
    Attr(u.pk) == "A",
    Attr(u.version) == 0,
    Attr(u.created).exists(),
    Attr(u.ttl).not_exists(),
    (Attr(u.age) == 3) & (Attr(u.limit) == 10),
    (Attr(u.age) == 4) | (Attr(u.limit) == 10),
    ((Attr(u.age) == 3) | (Attr(u.age) == 4)) & ~(Attr(u.limit) == 11),
    (Attr(u.age) == 3) | ((Attr(u.age) == 4) & (Attr(u.limit) == 11)),
]


@pytest.fixture(scope="module")
def stored(dynamodb: DynamoDBClient) -> Iterator[Repo[User]]:
    """Give a table with one user, which no test here changes."""
    users = Repo(User, table=f"test-{secrets.token_hex(8)}", client=dynamodb)
    users.table.create()
    users.put(USER, expected_version=ANY)
    yield users
    users.table.delete()


SECOND = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
TIMES = [
    SECOND + timedelta(microseconds=offset)
    for offset in (-1, 0, 1, 50_000, 499_999, 500_000, 500_001, 501_000, 510_000, 600_000, 1_000_000, 1_500_000)
]


@pytest.fixture(scope="module")
def seen(dynamodb: DynamoDBClient) -> Iterator[Repo[User]]:
    """Give a table with a user for each of these times, and one without."""
    users = Repo(User, table=f"test-{secrets.token_hex(8)}", client=dynamodb)
    users.table.create()
    users.batch_write(put=[User(pk=str(number), seen=time) for number, time in enumerate([*TIMES, None])])
    yield users
    users.table.delete()


@pytest.mark.parametrize("time", TIMES, ids=range(len(TIMES)))
@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_times_are_compared_by_time_although_their_text_does_not_sort_so(
    seen: Repo[User], compare: Callable[[Any, datetime], Any], time: datetime
) -> None:
    found = seen.scan(filter=compare(Attr(u.seen), time)).all()
    assert sorted(user.seen for user in found if user.seen) == [other for other in TIMES if compare(other, time)]


@pytest.mark.parametrize(("low", "high"), [(1, 1), (1, 5), (2, 9), (5, 8), (0, 11)])
def test_times_lie_between_two_by_time(seen: Repo[User], low: int, high: int) -> None:
    found = seen.scan(filter=Attr(u.seen).between(TIMES[low], TIMES[high])).all()
    assert sorted(user.seen for user in found if user.seen) == TIMES[low : high + 1]


class Trimmed(DynamoModel):
    """What a sister language keeps under times whose text does not sort by time."""

    pk: Annotated[str, PartitionKey()]
    at: Annotated[datetime, SortKey(), Attribute(format="rfc3339nano")]


def test_whole_seconds_divide_trimmed_keys_exactly(dynamorm_repo: MakeRepo) -> None:
    repo, t = dynamorm_repo(Trimmed), fields(Trimmed)
    repo.batch_write(put=[Trimmed(pk="a", at=time) for time in TIMES])
    for compare, low in ((Key(t.at) >= SECOND, True), (Key(t.at) < SECOND, False)):
        found = repo.query(Key(t.pk) == "a", compare).all()
        assert sorted(each.at for each in found) == [time for time in TIMES if (time >= SECOND) is low]
    found = repo.query(Key(t.pk) == "a", Key(t.at).between(SECOND, SECOND + timedelta(seconds=2))).all()
    assert sorted(each.at for each in found) == [time for time in TIMES if time >= SECOND]


@pytest.mark.parametrize(
    "condition",
    [*HOLDING, pytest.param(Attr(u.avatar).contains(b"PN"), marks=pytest.mark.differs("ministack", row=6))],
    ids=range(len(HOLDING) + 1),
)
def test_a_condition_holds_for_the_item_and_its_negation_does_not(stored: Repo[User], condition: Condition) -> None:
    stored.put(USER, expected_version=ANY, condition=condition)
    with pytest.raises(ConditionFailed) as caught:
        stored.put(USER, expected_version=ANY, condition=~condition)
    assert caught.value.item == stored.get(USER)


def test_a_condition_on_a_missing_item_holds_only_for_what_is_absent(users: Repo[User], past: Past) -> None:
    for condition in (Attr(u.pk).exists(), Attr(u.age) == 0, Attr(u.age) < 1):
        with pytest.raises(ConditionFailed):
            users.put(User(pk="A"), condition=condition)
    assert past.user("A") is None
    assert users.put(User(pk="A"), condition=Attr(u.pk).not_exists() & (Attr(u.age) != 3)).pk == "A"


def test_a_condition_with_300_operators_is_taken_by_dynamodb(stored: Repo[User]) -> None:
    stored.put(USER, expected_version=ANY, condition=reduce(Condition.__and__, [Attr(u.age) == 3] * 150))


# --- names ---------------------------------------------------------------------------------------

_GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
WORDS: list[str] = json.loads((_GOLDEN / "reserved_words.json").read_text())["words"]
BATCH = 100  # words in one expression: DynamoDB takes 4 KB of text and 300 operators


def field_of(word: str) -> str:
    return f"f_{word.lower()}"


RESERVED = {field_of(word): (Annotated[int, Attribute(word)], 0) for word in WORDS}
Reserved = define({"pk": Annotated[str, PartitionKey()]} | RESERVED)


@pytest.fixture(scope="module")
def reserved(dynamodb: DynamoDBClient) -> Iterator[Repo[Any]]:
    repo: Repo[Any] = Repo(Reserved, table=f"test-{secrets.token_hex(8)}", client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


def test_there_are_573_reserved_words() -> None:
    assert len(set(WORDS)) == 573


@pytest.mark.parametrize("start", range(0, 573, BATCH))
def test_a_reserved_word_may_name_an_attribute_of_an_action_a_condition_and_a_projection(
    reserved: Repo[Any], start: int
) -> None:
    words = WORDS[start : start + BATCH]
    r: Any = fields(Reserved)
    places = [Attr(getattr(r, field_of(word))) for word in words]
    reserved.put(Reserved(pk="A"), condition=Attr(r.pk).not_exists() | (Attr(r.pk) == "A"))
    updated = reserved.update(
        "A",
        *(place.set(number) for number, place in enumerate(places)),
        condition=reduce(Condition.__and__, (place == 0 for place in places)),
    )
    expected = {field_of(word): number for number, word in enumerate(words)}
    part = define(dict.fromkeys(expected, int), base=BaseModel)
    assert reserved.get("A", project=part).model_dump() == expected
    assert updated.model_dump(include=set(expected)) == expected


ODD_NAMES = ["a.b", "c d", "#n0", ":v0", "[0]", "é", "$ref", "x-y", "1st", "'", '"', "\\", "SET"]


def test_an_attribute_may_have_any_name(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    named: dict[str, Any] = {f"f{n}": (Annotated[int, Attribute(name)], n) for n, name in enumerate(ODD_NAMES)}
    odd = define({"pk": Annotated[str, PartitionKey(), Attribute("p.k #0")]} | named)
    repo: Repo[Any] = Repo(odd, table=unique_table_name, client=dynamodb)
    repo.table.create()
    places = [Attr(getattr(fields(odd), name)) for name in named]
    stored = repo.create(odd(pk="A"))
    after = repo.update(
        stored, *(place.add(1) for place in places), condition=reduce(Condition.__and__, (p >= 0 for p in places))
    )
    assert repo.get("A") == after
    assert [getattr(after, name) for name in named] == [n + 1 for n in range(len(ODD_NAMES))]
    repo.table.delete()
