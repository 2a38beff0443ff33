"""Updates on DynamoDB renew the keys and computed fields that follow from what they change, or are refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field, computed_field

from dynamorm_py import (
    Attr,
    Attribute,
    ConditionFailed,
    CreatedAt,
    DynamoModel,
    InvalidExpression,
    InvalidTransaction,
    InvalidValue,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    Update,
    UpdatedAt,
    Version,
    fields,
    key_of,
    transact_write,
)
from tests.support.shop import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRepo = Callable[..., Repo[Any]]


class Ticket(DynamoModel, table="tickets"):
    project: str
    number: int
    status: str = "open"
    assignee: str | None = None
    priority: int = 0
    created: Annotated[dt.datetime | None, CreatedAt()] = None
    updated: Annotated[dt.datetime | None, UpdatedAt()] = None
    pk = PartitionKey("PROJECT#{project}")
    sk = SortKey("TICKET#{number:06}")
    by_status_pk = PartitionKey("S#{project}#{status}", index="by-status")
    by_status_sk = SortKey("{priority:03}#{number:06}", index="by-status")
    by_assignee = PartitionKey("A#{assignee}#{status}", index="by-assignee")


class Guarded(DynamoModel, table="guarded"):
    name: str
    area: str
    level: str
    version: Annotated[int, Version()] = 0
    pk = PartitionKey("G#{name}")
    by_area = PartitionKey("{area}#{level}", index="by-area")


class Labelled(DynamoModel, table="labelled"):
    pk: Annotated[str, PartitionKey()]
    first: str = "a"
    last: str = "b"
    note: str = ""

    @computed_field
    @property
    def label(self) -> Annotated[str, Attribute(reads=("first", "last"))]:
        return f"{self.first} {self.last}"

    by_label = PartitionKey("L#{label}", index="by-label")


class Unsaid(DynamoModel, table="unsaid"):
    pk: Annotated[str, PartitionKey()]
    first: str = "a"
    note: str = ""

    @computed_field
    @property
    def shout(self) -> Annotated[str, Attribute()]:
        return self.first.upper() + self.note


t, g, lab = fields(Ticket), fields(Guarded), fields(Labelled)
KEY = key_of(Ticket, project="p", number=1)


@pytest.fixture
def tickets(dynamorm_repo: MakeRepo) -> Repo[Ticket]:
    return dynamorm_repo(Ticket)


def in_index(repo: Repo[Any], *conditions: Any) -> list[Any]:  # noqa: ANN401 -- of any model
    return repo.query(*conditions).all()


def test_an_update_of_a_part_moves_the_item_in_its_index(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1))
    tickets.update(KEY, Attr(t.status).set("done"), Attr(t.priority).set(2), Attr(t.assignee).set("ann"))
    assert in_index(tickets, Key(t.by_status_pk) == "S#p#open") == []
    assert [each.number for each in in_index(tickets, Key(t.by_status_pk) == "S#p#done")] == [1]
    with pytest.raises(InvalidExpression, match="assignee"):
        tickets.update(
            KEY,
            Attr(t.status).set("open"),
            Attr(t.assignee).set(Attr(t.assignee).if_not_exists("x")),
        )


def test_the_parts_of_the_key_are_known_from_a_raw_key(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1, assignee="ann"))
    with pytest.raises(InvalidExpression, match="status"):
        tickets.update(("PROJECT#p", "TICKET#000001"), Attr(t.assignee).set("bob"))
    tickets.update(("PROJECT#p", "TICKET#000001"), Attr(t.priority).set(7))


def test_what_is_not_known_is_refused_naming_the_fields_and_read_reads_it(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1, assignee="ann"))
    with pytest.raises(InvalidExpression, match=r"Ticket\.assignee") as refused:
        tickets.update(KEY, Attr(t.status).set("done"))
    assert "read=True" in str(refused.value)
    with pytest.raises(InvalidExpression, match="priority"):
        tickets.update(KEY, Attr(t.priority).add(1))
    changed = tickets.update(KEY, Attr(t.status).set("done"), Attr(t.priority).add(4), read=True)
    assert (changed.status, changed.priority) == ("done", 4)
    assert [each.number for each in in_index(tickets, Key(t.by_assignee) == "A#ann#done")] == [1]


def test_removing_a_part_takes_the_item_out_of_a_sparse_index(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1, assignee="ann"))
    tickets.update(KEY, Attr(t.assignee).remove())
    assert in_index(tickets, Key(t.by_assignee) == "A#ann#open") == []
    tickets.update(KEY, Attr(t.assignee).set("bob"), Attr(t.status).set("open"))
    assert len(in_index(tickets, Key(t.by_assignee) == "A#bob#open")) == 1


def test_what_an_instance_gives_is_a_condition_unless_its_version_guards_it(
    tickets: Repo[Ticket], dynamorm_repo: MakeRepo
) -> None:
    ticket = tickets.create(Ticket(project="p", number=1, assignee="ann"))
    tickets.update(KEY, Attr(t.assignee).set("bob"), Attr(t.status).set("open"))
    ticket.status = "done"
    with pytest.raises(ConditionFailed):
        tickets.update(ticket, fields={"status"})
    guarded = dynamorm_repo(Guarded)
    item = guarded.create(Guarded(name="n", area="x", level="1"))
    item.level = "2"
    assert guarded.update(item, fields={"level"}).by_area == "x#2"
    item.level = "3"
    with pytest.raises(ConditionFailed):
        guarded.update(item, fields={"level"})


def test_a_transaction_renews_keys_and_reads_nothing_first(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1))
    changes = (Attr(t.status).set("done"), Attr(t.assignee).set("ann"))
    transact_write([Update(tickets, KEY, *changes)])
    assert len(in_index(tickets, Key(t.by_assignee) == "A#ann#done")) == 1
    with pytest.raises(InvalidTransaction):
        transact_write([Update(tickets, KEY, *changes, read=True)])


def test_update_many_renews_keys(tickets: Repo[Ticket]) -> None:
    keys = [key_of(Ticket, project="p", number=n) for n in range(3)]
    for n in range(3):
        tickets.create(Ticket(project="p", number=n, assignee=f"a{n}"))
    results = tickets.update_many(keys, Attr(t.status).set("done"), read=True)
    assert [each.error for each in results] == [None] * 3
    assert len(in_index(tickets, Key(t.by_assignee) == "A#a2#done")) == 1


@pytest.mark.parametrize("action", [Attr(t.project).set("q"), Attr(t.number).add(1), Attr(t.by_assignee).set("A#x")])
def test_parts_of_the_tables_key_and_derived_keys_themselves_cannot_be_updated(
    tickets: Repo[Ticket],
    action: Any,  # noqa: ANN401 -- an action
) -> None:
    with pytest.raises(InvalidExpression):
        tickets.update(KEY, action)


def test_a_stored_computed_field_is_renewed_by_what_it_reads(dynamorm_repo: MakeRepo) -> None:
    labelled = dynamorm_repo(Labelled)
    labelled.put(Labelled(pk="1"))
    labelled.update("1", Attr(lab.note).set("n"))
    with pytest.raises(InvalidExpression, match=r"Labelled\.last"):
        labelled.update("1", Attr(lab.first).set("x"))
    labelled.update("1", Attr(lab.first).set("x"), Attr(lab.last).set("y"))
    assert len(in_index(labelled, Key(lab.by_label) == "L#x y")) == 1
    labelled.update("1", Attr(lab.first).set("z"), read=True)
    assert len(in_index(labelled, Key(lab.by_label) == "L#z y")) == 1


def test_a_computed_field_that_says_nothing_refuses_updates(dynamorm_repo: MakeRepo) -> None:
    unsaid, u = dynamorm_repo(Unsaid), fields(Unsaid)
    unsaid.put(Unsaid(pk="1"))
    with pytest.raises(InvalidExpression, match="reads="):
        unsaid.update("1", Attr(u.first).set("x"))
    with pytest.raises(InvalidExpression, match="reads="):
        unsaid.patch("1", {"first": "x"})
    assert unsaid.update("1", Attr(u.first).set("x"), read=True).shout == "X"
    assert unsaid.patch("1", {"note": "y"}, read=True).shout == "Xy"


# --- upserts --------------------------------------------------------------------------------------


def test_an_update_creates_an_item_only_where_its_model_can_read_it(tickets: Repo[Ticket]) -> None:
    created = tickets.update(KEY, Attr(t.priority).set(3))
    assert (created.project, created.number, created.status, created.created is not None) == ("p", 1, "open", True)
    assert [each.number for each in in_index(tickets, Key(t.by_status_pk) == "S#p#open")] == [1]


def test_an_update_that_leaves_a_required_field_out_makes_no_item(dynamorm_repo: MakeRepo) -> None:
    guarded = dynamorm_repo(Guarded)
    key = key_of(Guarded, name="n")
    with pytest.raises(InvalidExpression):  # and its index key could not be composed either
        guarded.update(key, Attr(g.area).set("x"))
    assert not guarded.exists(key)
    assert guarded.update(key, Attr(g.area).set("x"), Attr(g.level).set("2")).by_area == "x#2"


def test_an_upsert_sets_the_literal_that_tells_models_apart(dynamorm_repo: MakeRepo) -> None:
    orders, o = dynamorm_repo(Order), fields(Order)
    orders.update(key_of(Order, customer_id="7", number=2), Attr(o.note).set("x"))
    order = orders.get(customer_id="7", number=2)
    assert order.model_fields_set >= {"kind", "customer_id", "number", "status"}


# --- patch ----------------------------------------------------------------------------------------


class TicketPatch(BaseModel):
    status: str | None = None
    assignee: str | None = None
    priority: int | None = None


class Account(DynamoModel, table="accounts"):
    pk: Annotated[str, PartitionKey()]
    full_name: Annotated[str, Field(alias="fullName", min_length=2)] = "unnamed"
    day: dt.date | None = None
    version: Annotated[int, Version()] = 0


def test_patch_takes_the_fields_that_are_set(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1, assignee="ann"))
    patched = tickets.patch(KEY, TicketPatch(status="done", assignee=None))
    assert (patched.status, patched.assignee, patched.priority, patched.by_assignee) == ("done", None, 0, None)
    with pytest.raises(InvalidExpression, match="nothing"):
        tickets.patch(KEY, TicketPatch())


def test_patch_takes_a_mapping_validates_it_and_checks_the_version(dynamorm_repo: MakeRepo) -> None:
    accounts = dynamorm_repo(Account)
    accounts.create(Account(pk="1"))
    patched = accounts.patch("1", {"fullName": "Al", "day": "2026-01-02"}, expected_version=0)
    assert (patched.full_name, patched.day, patched.version) == ("Al", dt.date(2026, 1, 2), 1)
    with pytest.raises(ConditionFailed):
        accounts.patch("1", {"full_name": "Bo"}, expected_version=0)
    with pytest.raises(InvalidValue, match="full_name"):
        accounts.patch("1", {"full_name": "B"})
    for wrong in ({"pk": "2"}, {"version": 3}, {"nope": 1}):
        with pytest.raises(InvalidExpression):
            accounts.patch("1", wrong)
    with pytest.raises(ConditionFailed):
        accounts.patch("2", {"full_name": "Al"})
    assert not accounts.exists("2")


def test_everything_that_is_needed_is_named_at_once(tickets: Repo[Ticket]) -> None:
    tickets.create(Ticket(project="p", number=1))
    with pytest.raises(InvalidExpression, match=r"by_status_sk and .*by_assignee follow from") as error:
        tickets.update(KEY, Attr(t.priority).add(1), Attr(t.status).set("done"))
    assert "they also need Ticket.assignee, and Ticket.priority must be set" in str(error.value)


def test_an_item_that_was_looked_for_and_is_not_there_is_named_as_the_reason(dynamorm_repo: MakeRepo) -> None:
    guarded = dynamorm_repo(Guarded)
    with pytest.raises(InvalidExpression, match=r"also needs Guarded\.level: there is no item with this key to read"):
        guarded.update(key_of(Guarded, name="n"), Attr(g.area).set("x"), read=True)


def test_an_update_that_creates_an_item_stores_its_computed_fields_and_their_index_keys(
    dynamorm_repo: MakeRepo,
) -> None:
    labelled = dynamorm_repo(Labelled)
    labelled.update("1", Attr(lab.note).set("n"))
    assert [each.pk for each in in_index(labelled, Key(lab.by_label) == "L#a b")] == ["1"]
    assert labelled.query(Key(lab.pk) == "1", filter=Attr(lab.label) == "a b").count() == 1
