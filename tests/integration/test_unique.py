"""`Unique()`: no two items of a model have one value, held by claims in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    AlreadyTaken,
    Attr,
    ConditionFailed,
    Create,
    DynamoModel,
    InvalidBatch,
    InvalidTransaction,
    ItemAlreadyExists,
    PartitionKey,
    Repo,
    SortKey,
    TimeToLive,
    Unique,
    Version,
    fields,
    key_of,
    transact_write,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRepo = Callable[..., Repo[Any]]


class Member(DynamoModel, table="members"):
    member_id: str
    email: Annotated[str | None, Unique()] = None
    name: str = ""
    until: Annotated[int | None, TimeToLive()] = None
    version: Annotated[int, Version()] = 0
    pk = PartitionKey("MEMBER#{member_id}")
    sk = SortKey("MEMBER")


m = fields(Member)
A, B = key_of(Member, member_id="a"), key_of(Member, member_id="b")


@pytest.fixture
def members(dynamorm_repo: MakeRepo) -> Repo[Member]:
    members = dynamorm_repo(Member)
    members.create(Member(member_id="a", email="a@x"))
    return members


def test_a_value_that_is_taken_is_refused_naming_the_field(members: Repo[Member]) -> None:
    with pytest.raises(AlreadyTaken) as taken:
        members.create(Member(member_id="b", email="a@x"))
    assert taken.value.field == "email"
    assert "a@x" not in str(taken.value)
    assert not members.exists(B)
    with pytest.raises(ItemAlreadyExists):
        members.create(Member(member_id="a", email="other@x"))
    members.create(Member(member_id="b"))
    members.create(Member(member_id="c"))
    for change in (
        lambda: members.update(B, Attr(m.email).set("a@x")),
        lambda: members.patch(B, {"email": "a@x"}),
        lambda: members.put(Member(member_id="b", email="a@x", version=0)),
    ):
        with pytest.raises(AlreadyTaken):
            change()


def test_a_value_is_free_again_after_a_change_or_a_deletion(members: Repo[Member]) -> None:
    assert members.update(A, Attr(m.email).set("new@x")).email == "new@x"
    b = members.create(Member(member_id="b", email="a@x"))
    b.email = None
    members.put(b)
    members.create(Member(member_id="c", email="a@x"))
    deleted = members.delete(A)
    assert deleted is not None
    assert deleted.email == "new@x"
    members.create(Member(member_id="d", email="new@x"))


def test_other_changes_and_a_repeated_put_keep_the_claim(members: Repo[Member]) -> None:
    members.update(A, Attr(m.name).set("Al"))
    a = members.get(A)
    a.name = "Bo"
    a = members.put(a)
    assert (a.version, members.get(A).name) == (2, "Bo")
    assert members.patch(A, {"email": "a@x"}).version == 3
    with pytest.raises(AlreadyTaken):
        members.create(Member(member_id="b", email="a@x"))
    stale = a
    with pytest.raises(ConditionFailed):
        members.put(stale)


def test_claims_carry_the_time_to_live_and_are_in_no_scan(members: Repo[Member], dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    members.update(A, Attr(m.until).set(1_900_000_000))
    name = members.__dynamorm_context__.table.name
    items = dynamorm_client.scan(TableName=name)["Items"]
    claims = [item for item in items if "dynamorm_claim" in item]
    assert [claim["until"] for claim in claims] == [{"N": "1900000000"}]
    assert claims[0]["dynamorm_claim"] == {"S": "Member.email"}
    assert [each.member_id for each in members.scan()] == ["a"]
    assert members.scan().count() == 1


def test_batches_and_transactions_refuse_such_models(members: Repo[Member]) -> None:
    with pytest.raises(InvalidBatch):
        members.batch_write(put=[Member(member_id="b", email="b@x")])
    with pytest.raises(InvalidTransaction):
        transact_write([Create(members, Member(member_id="b", email="b@x"))])
