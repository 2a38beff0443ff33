"""`Unique()`: no two items of a model have one value, held by claims in the same transaction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    AlreadyTaken,
    Attr,
    ConditionFailed,
    Create,
    Delete,
    DynamoModel,
    InvalidBatch,
    InvalidExpression,
    InvalidTransaction,
    InvalidValue,
    ItemAlreadyExists,
    Key,
    ModelDefinitionError,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    TimeToLive,
    TransactionCancelled,
    Unique,
    Update,
    UpdatedAt,
    Version,
    fields,
    key_of,
    migrate,
    transact_write,
)
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py.clients import Request

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


def test_batches_refuse_such_models(members: Repo[Member]) -> None:
    with pytest.raises(InvalidBatch):
        members.batch_write(put=[Member(member_id="b", email="b@x")])


def claims(members: Repo[Member], client: Any) -> dict[str, str]:  # noqa: ANN401 -- boto3's
    """Return the member that holds each value."""
    name = members.__dynamorm_context__.table.name
    items = client.scan(TableName=name, ConsistentRead=True)["Items"]
    return {
        item["pk"]["S"].rpartition("#")[2]: item["dynamorm_owner"]["M"]["pk"]["S"].removeprefix("MEMBER#")
        for item in items
        if "dynamorm_claim" in item
    }


def test_a_transaction_writes_the_claims_along(members: Repo[Member], dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    stored, *_ = transact_write(
        (
            Create(members, Member(member_id="b", email="b@x")),
            Update(members, A, Attr(m.email).set("new@x")),
        )
    )
    assert stored == members.get(B)
    assert claims(members, dynamorm_client) == {"b@x": "b", "new@x": "a"}
    transact_write((Delete(members, A), Update(members, B, Attr(m.email).remove())))
    assert claims(members, dynamorm_client) == {}


def test_a_transaction_hands_values_over(members: Repo[Member], dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    members.create(Member(member_id="b", email="b@x"))
    transact_write([Update(members, A, Attr(m.email).set("b@x")), Update(members, B, Attr(m.email).set("a@x"))])
    assert claims(members, dynamorm_client) == {"b@x": "a", "a@x": "b"}
    transact_write([Delete(members, A), Create(members, Member(member_id="c", email="b@x"))])
    assert claims(members, dynamorm_client) == {"b@x": "c", "a@x": "b"}


def test_an_update_that_is_applied_once_writes_its_claims(members: Repo[Member], dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    assert members.update(A, Attr(m.email).set("new@x"), once=True).email == "new@x"
    assert claims(members, dynamorm_client) == {"new@x": "a"}


def test_a_taken_value_cancels_the_transaction_naming_the_field_and_the_action(members: Repo[Member]) -> None:
    members.create(Member(member_id="b"))
    with pytest.raises(AlreadyTaken) as taken:
        transact_write([Update(members, A, Attr(m.name).set("Al")), Update(members, B, Attr(m.email).set("a@x"))])
    error = taken.value
    assert isinstance(error, TransactionCancelled)
    assert (error.field, error.outcome) == ("email", "not applied")
    assert [(reason.index, reason.code) for reason in error.reasons] == [(0, None), (1, "ConditionalCheckFailed")]
    assert members.get(A).name == ""


def test_a_failed_condition_beside_claims_is_the_actions_own(members: Repo[Member]) -> None:
    with pytest.raises(TransactionCancelled) as failed:
        transact_write([Update(members, A, Attr(m.email).set("new@x"), condition=Attr(m.name) == "Zoe")])
    assert not isinstance(failed.value, AlreadyTaken)
    assert isinstance(failed.value, ConditionFailed)
    assert failed.value.item == members.get(A)


def test_two_actions_that_take_one_value_are_refused_before_anything_is_written(members: Repo[Member]) -> None:
    with pytest.raises(AlreadyTaken) as taken:
        transact_write([Create(members, Member(member_id=each, email="same@x")) for each in "xy"])
    assert taken.value.field == "email"
    assert members.scan().count() == 1


def test_claims_count_among_the_hundred_actions(members: Repo[Member]) -> None:
    many = [Create(members, Member(member_id=f"n{n}", email=f"n{n}@x")) for n in range(51)]
    with pytest.raises(InvalidTransaction, match="51 more"):
        transact_write(many)
    assert members.scan().count() == 1
    transact_write(many[:50])
    assert members.scan().count() == 51


def test_a_new_value_must_be_known(members: Repo[Member]) -> None:
    unknown = Attr(m.email).if_not_exists("b@x")
    for change in (lambda: members.update(A, unknown), lambda: transact_write([Update(members, A, unknown)])):
        with pytest.raises(InvalidExpression, match="must be known"):
            change()


def test_a_change_between_the_reading_and_the_writing_is_read_again(
    members: Repo[Member],
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    table, client = members.__dynamorm_context__.table.name, members.__dynamorm_context__.client

    def interfering(request: Request) -> ResponseLike:
        """Read the item, and change it at once."""
        assert request.operation == "GetItem"
        answer = client.call(request)
        members.update(A, Attr(m.email).set("between@x"))
        return answer

    def meanwhile() -> Repo[Member]:
        return Repo(Member, table=table, client=ScriptedClient(interfering, otherwise=client.call))

    for write in (
        lambda: meanwhile().update(A, Attr(m.email).set("last@x")),
        lambda: transact_write([Update(meanwhile(), A, Attr(m.email).set("end@x"))]),
        lambda: meanwhile().delete(A),
    ):
        write()
        assert "between@x" not in claims(members, dynamorm_client)
    assert claims(members, dynamorm_client) == {}


def test_a_value_that_was_stored_without_a_claim_does_not_free_anothers(
    members: Repo[Member],
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    name = members.__dynamorm_context__.table.name
    loaded = Member(member_id="b", email="a@x").to_item()
    dynamorm_client.put_item(TableName=name, Item=loaded)
    members.update(B, Attr(m.email).set("b@x"))
    assert claims(members, dynamorm_client) == {"a@x": "a", "b@x": "b"}


def test_explain_tells_what_claims_cost(members: Repo[Member]) -> None:
    new, long = Member(member_id="b", email="b@x"), Member(member_id="b", name="n" * 1500)
    cost = Create(members, new).explain()
    assert (cost.operation, cost.unique, cost.reads, cost.claims) == ("TransactWriteItems", ("email",), 0, 1)
    assert (cost.write_units, cost.condition) == (4, "attribute_not_exists(pk)")
    assert Put(members, long).explain().write_units == 2 * (2 + 1)
    change, deletion = Update(members, A, Attr(m.email).set("new@x")).explain(), Delete(members, A).explain()
    assert (change.reads, change.claims, change.write_units) == (1, 2, None)
    assert (deletion.reads, deletion.claims) == (1, 1)
    other = Update(members, A, Attr(m.name).set("Al")).explain()
    assert (other.operation, other.unique, other.reads, other.claims) == ("UpdateItem", (), 0, 0)
    assert "b@x" not in str(cost)


def test_a_migration_writes_the_claims_of_its_target(
    members: Repo[Member],
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
    dynamorm_repo: MakeRepo,
    tmp_path: Path,
) -> None:
    members.create(Member(member_id="b"))
    target: Repo[Member] = dynamorm_repo(Member)
    migrate(members, target, lambda member: member, checkpoint=tmp_path / "checkpoint.json")
    assert target.scan().count() == 2
    assert claims(target, dynamorm_client) == {"a@x": "a"}
    with pytest.raises(AlreadyTaken):
        target.create(Member(member_id="c", email="a@x"))


def test_a_value_too_long_for_a_key_is_refused_before_it_is_written(members: Repo[Member]) -> None:
    with pytest.raises(InvalidValue, match="too long"):
        members.create(Member(member_id="b", email="x" * 2040))
    with pytest.raises(InvalidValue, match="too long"):
        members.update(A, Attr(m.email).set("ä" * 700))


class Account(DynamoModel, table="accounts"):
    account_id: Annotated[str, PartitionKey()]
    limit: Annotated[Decimal | None, Unique()] = None
    note: str = ""


@pytest.fixture
def accounts(dynamorm_repo: MakeRepo) -> Repo[Account]:
    accounts = dynamorm_repo(Account)
    accounts.create(Account(account_id="a", limit=Decimal("1.50")))
    return accounts


@pytest.mark.parametrize("equal", ["1.5", "1.50", "1.500", "15E-1", "0.15E1"])
def test_equal_numbers_are_one_value_however_they_are_written(accounts: Repo[Account], equal: str) -> None:
    with pytest.raises(AlreadyTaken):
        accounts.create(Account(account_id="b", limit=Decimal(equal)))
    accounts.put(Account(account_id="a", limit=Decimal(equal)))  # the owner may write its own value again
    accounts.delete("a")
    assert accounts.create(Account(account_id="b", limit=Decimal(equal))).limit == Decimal(equal)


CLAIM = "UNIQUE#Account#limit#N#1.5"


def test_a_claim_is_no_item_of_a_model_with_a_plain_key(accounts: Repo[Account]) -> None:
    key = Key(fields(Account).account_id) == CLAIM
    assert not accounts.exists(CLAIM)
    assert accounts.get_or_none(CLAIM) is None
    assert accounts.query(key).all() == []
    assert accounts.query(key).count() == 0
    assert [each.account_id for each in accounts.scan()] == ["a"]
    assert [each.account_id for each in accounts.batch_get([CLAIM, "a"])] == ["a"]


def test_a_claim_is_written_over_by_no_item(accounts: Repo[Account]) -> None:
    for write in (
        lambda: accounts.put(Account(account_id=CLAIM)),
        lambda: accounts.update(CLAIM, Attr(fields(Account).note).set("mine")),
        lambda: accounts.update(CLAIM, Attr(fields(Account).limit).set(Decimal(2))),
        lambda: accounts.delete(CLAIM),
    ):
        with pytest.raises(ConditionFailed) as refused:
            write()
        assert refused.value.item is None
    with pytest.raises(AlreadyTaken):
        accounts.create(Account(account_id="b", limit=Decimal("1.5")))


def test_a_lifecycle_field_is_not_unique() -> None:
    with pytest.raises(ModelDefinitionError, match=r"(?s)version: a lifecycle field .* changed: a lifecycle field"):

        class Stamped(DynamoModel, table="stamped"):  # pyright: ignore[reportUnusedClass] -- never made
            pk: Annotated[str, PartitionKey()]
            version: Annotated[int, Version(), Unique()] = 0
            changed: Annotated[datetime | None, UpdatedAt(), Unique()] = None
