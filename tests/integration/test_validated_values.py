"""A value for the whole of a field is validated wherever it is passed: what is stored is what is returned and found."""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import AfterValidator, Field, StringConstraints, field_validator

from dynamorm_py import (
    Attr,
    DynamoModel,
    InvalidExpression,
    InvalidKey,
    InvalidValue,
    Key,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    fields,
)

if TYPE_CHECKING:
    from dynamorm_py.testing.plugin import MakeRepo

Lower = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True)]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _distinct(values: list[str]) -> list[str]:
    return sorted(set(values))


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Member(DynamoModel, table="members"):
    email: Annotated[Lower, PartitionKey()]
    team: Annotated[str, SortKey()]
    alias: Lower = ""
    balance: Annotated[Decimal, AfterValidator(_cents)] = Decimal(0)
    names: Annotated[list[str], AfterValidator(_distinct)] = Field(default_factory=list[str])
    tags: Annotated[set[Lower], OmitEmpty()] = Field(default_factory=set[str])
    level: Level = Level.LOW
    title: str
    manager: Annotated[Lower | None, PartitionKey(index="by-manager")] = None
    note: str | None = None

    @field_validator("team")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()


m = fields(Member)
ANN = ("ann@x.de", "A")


@pytest.fixture
def members(dynamorm_repo: MakeRepo) -> Repo[Member]:
    repo = dynamorm_repo(Member)
    repo.put(Member(email="ann@x.de", team="A", title="x", manager="bo@x.de"))
    return repo


@pytest.mark.parametrize("key", [("Ann@x.de", "a"), (" ann@x.de ", "A")])
def test_a_key_is_looked_up_as_it_was_stored(members: Repo[Member], key: tuple[str, str]) -> None:
    assert members.get(key).email == "ann@x.de"
    assert members.exists(key)
    members.update(key, Attr(m.note).set("here"), must_exist=True)
    assert members.batch_get([key])[0].note == "here"
    assert members.query(Key(m.email) == key[0], Key(m.team) == key[1]).one().note == "here"
    assert members.query(Key(m.manager) == " BO@x.de").count() == 1
    assert members.delete(key) is not None
    assert members.scan().all() == []


def test_what_an_update_stores_is_what_it_returns(members: Repo[Member]) -> None:
    updated = members.update(
        ANN,
        Attr(m.alias).set(" B@X "),
        Attr(m.balance).set(Decimal("1.005")),
        Attr(m.names).set(["b", "a", "b"]),
        Attr(m.tags).add({"NEW"}),
    )
    assert (updated.alias, updated.balance) == ("b@x", Decimal("1.00"))
    assert (updated.names, updated.tags) == (["a", "b"], {"new"})
    assert members.get(ANN) == updated
    assert members.scan(filter=Attr(m.alias) == "B@X").one() == updated
    assert members.scan(filter=Attr(m.alias).is_in(["B@X"])).one() == updated


def test_what_was_assigned_to_an_instance_is_validated_by_the_write(members: Repo[Member]) -> None:
    member = members.get(ANN)
    member.alias = "C@X"
    member.names = ["z", "z"]
    stored = members.put(member)
    assert (stored.alias, stored.names) == ("c@x", ["z"])
    assert members.scan(filter=Attr(m.alias) == "c@x").one() == stored == members.get(ANN)
    stored.alias = "D@X"
    assert members.update(stored, fields={"alias"}).alias == "d@x"


def test_bounds_and_prefixes_are_held_to_the_stored_type_only() -> None:
    class Narrow(DynamoModel, table="narrow"):
        pk: Annotated[str, PartitionKey()]
        code: Annotated[str, SortKey(), StringConstraints(pattern=r"^[A-Z]{3}$")]
        age: Annotated[int, AfterValidator(lambda value: max(value, 0))] = 0

    n = fields(Narrow)
    conditions = (Key(n.code).begins_with("A"), Key(n.code) > "AB", Attr(n.age) > -1)
    assert len(conditions) == 3
    with pytest.raises(InvalidValue, match="pattern"):
        Attr(n.code) == "abc"  # noqa: B015  # pyright: ignore[reportUnusedExpression] -- it raises
    with pytest.raises(InvalidValue, match="pattern"):
        Key(n.code) == "abc"  # noqa: B015  # pyright: ignore[reportUnusedExpression] -- it raises


def test_a_key_that_its_field_refuses_is_refused_before_sending(members: Repo[Member]) -> None:
    with pytest.raises(InvalidKey, match=r"Member\.email"):
        members.get((["ann"], "A"))


def test_what_the_model_needs_is_not_removed() -> None:
    with pytest.raises(InvalidExpression, match=r"Member\.title is required"):
        Attr(m.title).remove()
    assert Attr(m.note).remove() is not None


def test_an_enum_takes_no_sum() -> None:
    with pytest.raises(InvalidExpression, match=r"Member\.level holds an enum"):
        Attr(m.level).add(1)  # type: ignore[misc, arg-type] -- as a caller might
    with pytest.raises(InvalidExpression, match=r"Member\.level holds an enum"):
        Attr(m.level).set(Attr(m.level) + 1)  # type: ignore[misc, operator]


def test_none_is_absence(members: Repo[Member]) -> None:
    members.update(ANN, Attr(m.note).set("x"))
    assert members.scan(filter=Attr(m.note) != None).count() == 1  # noqa: E711
    cleared = members.update(ANN, Attr(m.note).set(None))
    assert cleared.note is None
    assert members.scan(filter=Attr(m.note) == None).one() == cleared  # noqa: E711
    assert members.scan(filter=Attr(m.note).exists()).count() == 0
