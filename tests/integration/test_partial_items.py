"""Items read through an index that does not carry every attribute: they know what they do not know."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import PrivateAttr, computed_field, field_validator, model_validator

from dynamorm_py import (
    ANY,
    Attr,
    Attribute,
    Create,
    DynamoModel,
    Encrypted,
    FieldNotCarried,
    GlobalIndex,
    ItemDecodeError,
    Key,
    LocalIndex,
    NotStored,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    StaticEncryption,
    Table,
    Update,
    Version,
    aio,
    fields,
    is_partial,
    key_of,
    transact_write,
)
from dynamorm_py._transport import default_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from mypy_boto3_dynamodb import DynamoDBClient


class Member(
    DynamoModel,
    table="members",
    indexes=[
        GlobalIndex("by-team", "KEYS_ONLY"),
        GlobalIndex("by-role", ["score"]),
        LocalIndex("by-rank", "KEYS_ONLY"),
    ],
):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    team: Annotated[str | None, PartitionKey(index="by-team"), Attribute("Team")] = None
    role: Annotated[str | None, PartitionKey(index="by-role")] = None
    rank: Annotated[int | None, SortKey(index="by-rank")] = None
    name: str
    score: int = 0
    note: str = "none"
    cached: Annotated[int, NotStored()] = 7
    _secret: int = PrivateAttr(default=3)

    def secret(self) -> int:
        return self._secret

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.name:
            message = "a member has a name"
            raise ValueError(message)
        return self

    @field_validator("score")
    @classmethod
    def _positive(cls, score: int) -> int:
        if score < 0:
            message = "a score is not negative"
            raise ValueError(message)
        return score

    @computed_field
    @property
    def loud(self) -> str:
        return self.name.upper()


class Versioned(DynamoModel, table="members", indexes=[GlobalIndex("by-team", "KEYS_ONLY")]):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()] = ""
    team: Annotated[str | None, PartitionKey(index="by-team"), Attribute("Team")] = None
    version: Annotated[int, Version()] = 0
    pin: Annotated[str, Encrypted()] = ""


class Order(DynamoModel, table="members", indexes=[GlobalIndex("by-status", "KEYS_ONLY")]):
    kind: Literal["order"] = "order"
    customer: str
    number: int
    status: Literal["open", "paid"] = "open"
    total: int
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("ORDER#{number:06}")
    gsi = PartitionKey("ORDERS#{status}", index="by-status", attribute="GSI")


class Visit(DynamoModel, table="members", indexes=[GlobalIndex("by-status", "KEYS_ONLY")]):
    kind: Literal["visit"] = "visit"
    customer: str
    day: str
    note: str = ""
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("VISIT#{day}")
    gsi = PartitionKey("ORDERS#{day}", index="by-status", attribute="GSI")


m = fields(Member)
ANA = Member(pk="A", sk="1", team="red", role="chief", rank=3, name="Ana", score=5, note="x")


@pytest.fixture(params=["bytes", "parsed"])
def client(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, dynamodb_endpoint: str) -> Any:  # noqa: ANN401
    return default_client("us-east-1", dynamodb_endpoint) if request.param == "bytes" else dynamodb


@pytest.fixture
def members(client: Any, unique_table_name: str) -> Iterator[Repo[Member]]:  # noqa: ANN401 -- either client
    members = Repo(Member, table=unique_table_name, client=client)
    members.table.create()
    members.put(ANA)
    yield members
    members.table.delete()


def by_team(members: Repo[Member]) -> Member:
    return members.query(Key(m.team) == "red").one()


def pickled(member: Member) -> Member:
    return pickle.loads(pickle.dumps(member))  # noqa: S301 -- our own


def test_it_shows_what_the_index_carried_and_has_nothing_else(members: Repo[Member]) -> None:
    seen = by_team(members)
    assert repr(seen) == "Member(pk='A', sk='1', team='red', cached=7)"
    assert (seen.pk, seen.team, seen.cached, seen.secret()) == ("A", "red", 7, 3)
    assert not hasattr(seen, "name")
    assert getattr(seen, "note", None) is None
    for name in ("name", "score", "note", "role", "rank"):
        with pytest.raises(FieldNotCarried, match=rf"Member.{name}: .*index 'by-team'.*complete\(\[item\]\)") as raised:
            getattr(seen, name)
        assert (raised.value.fields, raised.value.index) == ((name,), "by-team")
    with pytest.raises(AttributeError) as other:
        seen.nothing  # type: ignore[attr-defined]  # noqa: B018 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert not isinstance(other.value, FieldNotCarried)
    assert seen.model_dump(exclude={"loud"}) == {"pk": "A", "sk": "1", "team": "red", "cached": 7}
    with pytest.raises(FieldNotCarried):
        seen.model_dump()


def test_each_index_carries_its_own(members: Repo[Member]) -> None:
    by_role = members.query(Key(m.role) == "chief").one()
    assert (by_role.role, by_role.score, hasattr(by_role, "note")) == ("chief", 5, False)
    by_rank = members.query(Key(m.pk) == "A", Key(m.rank) == 3).one()
    assert (by_rank.rank, hasattr(by_rank, "score")) == (3, False)
    assert is_partial(members.scan(index="by-team").one())
    assert not is_partial(members.query(Key(m.pk) == "A").one())
    assert members.query(Key(m.role) == "chief").sum(m.score) == 5


WRITES: dict[str, Callable[[Repo[Member], Member], object]] = {
    "put": lambda members, seen: members.put(seen),
    "create": lambda members, seen: members.create(seen),
    "update": lambda members, seen: members.update(seen, fields={"note"}),
    "batch_write": lambda members, seen: members.batch_write(put=[seen]),
    "Put": lambda members, seen: transact_write([Put(members, seen)]),
    "Create": lambda members, seen: transact_write([Create(members, seen)]),
    "Update": lambda members, seen: transact_write([Update(members, seen, fields={"note"})]),
    "to_item": lambda _, seen: seen.to_item(),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_of_what_is_not_known_is_refused_and_nothing_is_lost(members: Repo[Member], name: str) -> None:
    seen = by_team(members)
    for each in (seen, copy.deepcopy(seen), seen.model_copy(update={"team": "blue"}), pickled(seen)):
        with pytest.raises(FieldNotCarried, match="note") as raised:
            WRITES[name](members, each)
        assert raised.value.outcome == "not applied"
    assert members.get(ANA) == ANA


def test_what_is_known_or_was_assigned_can_be_written(members: Repo[Member]) -> None:
    seen = members.query(Key(m.role) == "chief").one()
    seen.score = 6
    assert members.update(seen, fields={"score"}).score == 6
    seen.note = "mine"
    assert members.update(seen, fields={"note"}).note == "mine"
    seen.name, seen.team, seen.rank = "Ana", "blue", 1
    assert not is_partial(seen)
    assert members.put(seen).team == "blue"
    assert members.update(seen, Attr(m.score).add(1)).score == 7
    seen = members.query(Key(m.team) == "blue").one()
    assert members.delete(seen) is not None


def test_it_equals_only_one_with_the_same_fields(members: Repo[Member]) -> None:
    seen, again = by_team(members), by_team(members)
    assert seen == again
    assert seen == members.scan(index="by-team").one()
    assert seen == pickled(seen)
    whole = members.get(ANA)
    assert (seen == whole, whole == seen) == (False, False)
    assert seen != Member(pk="A", sk="1", team="red", name="Ana")
    assert seen != members.query(Key(m.role) == "chief").one()
    members.update(ANA, Attr(m.team).set("red"), Attr(m.note).set("y"))
    assert by_team(members) == seen


def test_validators_of_fields_run_and_those_of_the_whole_model_do_not(
    members: Repo[Member], dynamodb: DynamoDBClient
) -> None:
    item: Any = ANA.to_item() | {"sk": {"S": "2"}, "Team": {"S": "grey"}, "role": {"S": "guest"}, "name": {"S": ""}}
    dynamodb.put_item(TableName=members.__dynamorm_context__.table.name, Item=item | {"score": {"N": "-1"}})
    assert members.query(Key(m.team) == "grey").one().sk == "2"
    with pytest.raises(ItemDecodeError, match="score"):
        members.query(Key(m.role) == "guest").one()
    dynamodb.put_item(TableName=members.__dynamorm_context__.table.name, Item=item)
    assert members.query(Key(m.role) == "guest").one().score == 5
    with pytest.raises(ItemDecodeError):
        members.get(("A", "2"))


def test_complete_reads_the_whole_ones_in_order(members: Repo[Member]) -> None:
    members.batch_write(put=[Member(pk="B", sk=str(n), team="blue", name=f"n{n}") for n in range(120)])
    seen = members.query(Key(m.team) == "blue").all()[::-1]
    members.delete(("B", "7"))
    whole = members.complete([*seen, seen[0]])
    assert [item.sk for item in whole] == [item.sk for item in [*seen, seen[0]] if item.sk != "7"]
    assert all(item.name == f"n{item.sk}" and not is_partial(item) for item in whole)
    assert whole.missing == [item for item in seen if item.sk == "7"]
    assert members.complete([]) == []
    assert members.complete(iter([by_team(members)])) == [ANA]


def test_a_version_that_is_not_known_guards_no_write(members: Repo[Member], client: Any) -> None:  # noqa: ANN401
    table = members.__dynamorm_context__.table.name
    repo = Repo(Versioned, table=table, client=client, encryption=StaticEncryption(b"k" * 32))
    repo.put(Versioned(pk="V", sk="1", team="green", pin="1234"))
    seen = repo.query(Key(fields(Versioned).team) == "green").one()
    assert not hasattr(seen, "pin")
    with pytest.raises(FieldNotCarried, match="version"):
        repo.put(seen)
    seen.pin = "4321"
    with pytest.raises(FieldNotCarried, match="version"):
        repo.update(seen, fields={"pin"})
    assert repo.update(seen, fields={"pin"}, expected_version=ANY).pin == "4321"
    assert repo.complete([seen])[0].pin == "4321"


def test_parts_of_keys_are_known_and_kinds_told(client: Any, unique_table_name: str) -> None:  # noqa: ANN401
    table = Table(Order, Visit, name=unique_table_name, client=client)
    table.table.create()
    try:
        order = table[Order].create(Order(customer="7", number=1, total=9))
        visit = table[Visit].create(Visit(customer="7", day="open", note="x"))
        seen = table.query(Key(fields(Order).status) == "open").all()
        assert {type(item) for item in seen} == {Order, Visit}
        read = next(item for item in seen if isinstance(item, Order))
        assert (read.customer, read.number, read.status, read.pk, read.kind) == ("7", 1, "open", "CUSTOMER#7", "order")
        with pytest.raises(FieldNotCarried, match=r"Order.total: .*'by-status'"):
            read.total  # noqa: B018 -- what is refused
        with pytest.raises(FieldNotCarried):
            table[Order].put(read)
        whole = {Order: order, Visit: visit}
        assert table.complete(seen) == [whole[type(item)] for item in seen]
        (own,) = table[Order].query(Key(fields(Order).status) == "open")
        assert own == read
        assert table[Order].get(key_of(Order, customer="7", number=1)) == order
    finally:
        table.table.delete()


def test_the_asynchronous_face_completes_too(members: Repo[Member]) -> None:
    async def read() -> None:
        context = members.__dynamorm_context__
        repo = aio.Repo(Member, table=context.table.name, client=context.client)
        seen = await repo.query(Key(m.team) == "red").all()
        with pytest.raises(FieldNotCarried):
            await repo.put(seen[0])
        assert await repo.complete(seen) == [ANA]

    asyncio.run(read())
