"""What a version protects, which items an update makes, and what an error says became of the write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from dynamorm_py import (
    ANY,
    Attr,
    BatchIncomplete,
    ConditionFailed,
    CreatedAt,
    DynamoModel,
    ItemAlreadyExists,
    PartitionKey,
    Put,
    Repo,
    Throttled,
    Version,
    VersionConflict,
    fields,
    transact_write,
)
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py.testing.plugin import MakeRepo


class Page(DynamoModel, table="pages"):
    name: Annotated[str, PartitionKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Account(DynamoModel, table="accounts"):
    name: Annotated[str, PartitionKey()]
    owner: str
    balance: int
    kind: Literal["account"] = "account"
    made: Annotated[datetime | None, CreatedAt()] = None


p, a = fields(Page), fields(Account)


@pytest.fixture
def pages(dynamorm_repo: MakeRepo) -> Repo[Page]:
    return dynamorm_repo(Page)


@pytest.fixture
def accounts(dynamorm_repo: MakeRepo) -> Repo[Account]:
    return dynamorm_repo(Account)


# --- versions ------------------------------------------------------------------------------------


def test_a_put_without_a_version_does_not_start_the_counter_of_an_item_again(pages: Repo[Page]) -> None:
    stale = pages.put(Page(name="start"))
    current = pages.put(stale)
    with pytest.raises(VersionConflict, match=r"read it first.*or pass expected_version=ANY") as caught:
        pages.put(Page(name="start", text="mine"))
    assert (caught.value.item, caught.value.outcome, caught.value.code) == (
        current,
        "not applied",
        "ErrVersionConflict",
    )
    assert pages.put(Page(name="start", text="mine"), expected_version=ANY).version == 0


def test_a_put_of_version_0_does_not_revive_a_deleted_item(pages: Repo[Page]) -> None:
    page = pages.put(Page(name="start"))
    pages.delete(page)
    with pytest.raises(VersionConflict) as caught:
        pages.put(page)
    assert caught.value.item is None
    assert pages.get_or_none("start") is None


@pytest.mark.parametrize("write", ["put", "update", "delete"])
def test_a_stale_writer_gets_a_version_conflict_with_the_item_as_it_is(pages: Repo[Page], write: str) -> None:
    stale = pages.put(Page(name="start"))
    current = pages.put(stale)
    calls: dict[str, Any] = {
        "put": lambda: pages.put(stale),
        "update": lambda: pages.update(stale, Attr(p.text).set("x")),
        "delete": lambda: pages.delete(stale),
    }
    with pytest.raises(VersionConflict) as caught:
        calls[write]()
    assert caught.value.item == current


def test_beside_a_condition_of_the_caller_the_stored_version_tells_which_failed(pages: Repo[Page]) -> None:
    page = pages.put(Page(name="start", text="a"))
    with pytest.raises(ConditionFailed) as caught:
        pages.update(page, Attr(p.text).set("x"), condition=Attr(p.text) == "b")
    assert not isinstance(caught.value, VersionConflict)
    pages.put(page)
    with pytest.raises(VersionConflict):
        pages.update(page, Attr(p.text).set("x"), condition=Attr(p.text) == "b")


def test_a_batch_writes_an_instance_without_a_version_as_it_is(pages: Repo[Page]) -> None:
    pages.batch_write(put=[Page(name="start", text="batch")])
    assert pages.get("start").version == 0


# --- ghosts --------------------------------------------------------------------------------------


def test_an_update_that_would_leave_a_half_item_is_refused_where_none_is(accounts: Repo[Account]) -> None:
    with pytest.raises(ConditionFailed, match="there is no item with this key"):
        accounts.update("7", Attr(a.owner).set("ada"))
    assert accounts.get_or_none("7") is None
    assert accounts.scan().all() == []


def test_an_update_that_sets_every_required_field_makes_a_whole_item(accounts: Repo[Account]) -> None:
    made = accounts.update("7", Attr(a.owner).set("ada"), Attr(a.balance).add(5))
    assert accounts.get("7") == made
    assert (made.owner, made.balance, made.kind) == ("ada", 5, "account")
    assert made.made is not None
    again = accounts.update("7", Attr(a.owner).set("bo"), Attr(a.balance).add(5))
    assert (again.made, again.balance) == (made.made, 10)


def test_an_update_from_an_instance_makes_no_half_item_either(accounts: Repo[Account]) -> None:
    with pytest.raises(ConditionFailed):
        accounts.update(Account(name="7", owner="ada", balance=1), fields={"owner"})
    assert accounts.get_or_none("7") is None


# --- outcomes ------------------------------------------------------------------------------------


def lost_then_throttled(repo: Repo[Any], attempts: int = 1) -> ScriptedClient:
    """Return a client that applies a write and loses its answer inside, tries again and is throttled."""
    client = repo.__dynamorm_context__.client

    def answer(request: Request) -> ResponseLike:
        response = client.call(request)
        if request.operation not in {"PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"}:
            return response
        from botocore.exceptions import ClientError

        error = Throttled("capacity was exceeded", operation=request.operation)
        error.__cause__ = ClientError(
            {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"RetryAttempts": attempts}},  # pyright: ignore[reportArgumentType] -- the parts that count
            request.operation,
        )
        raise error

    return ScriptedClient(otherwise=answer)


@pytest.mark.parametrize(("attempts", "outcome"), [(0, "not applied"), (1, "unknown")])
def test_a_throttled_write_says_whether_an_earlier_attempt_may_have_been_applied(
    pages: Repo[Page], attempts: int, outcome: str
) -> None:
    writer = Repo(Page, table=pages.__dynamorm_context__.table.name, client=lost_then_throttled(pages, attempts))
    for write in (
        lambda: writer.put(Page(name="a")),
        lambda: writer.update("b", Attr(p.text).set("x")),
        lambda: transact_write([Put(writer, Page(name="c"))], retries=0),
    ):
        with pytest.raises(Throttled) as caught:
            write()
        assert caught.value.outcome == outcome


def test_a_batch_lists_what_may_be_written_as_unknown(pages: Repo[Page]) -> None:
    writer = Repo(Page, table=pages.__dynamorm_context__.table.name, client=lost_then_throttled(pages))
    with pytest.raises(BatchIncomplete) as caught:
        writer.batch_write(put=[Page(name="a"), Page(name="b")], retries=0)
    assert (len(caught.value.unknown), caught.value.left, caught.value.outcome) == (2, (), "unknown")


def test_what_is_refused_before_sending_was_not_applied(pages: Repo[Page]) -> None:
    with pytest.raises(Exception, match="empty") as caught:
        pages.put(Page(name=""))
    assert getattr(caught.value, "outcome", None) == "not applied"


def repeating(repo: Repo[Any]) -> ScriptedClient:
    """Return a client that applies a write, loses the answer and sends it again, as botocore does."""
    client = repo.__dynamorm_context__.client

    def answer(request: Request) -> ResponseLike:
        if request.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
            client.call(request)
            try:
                return client.call(request)
            except ConditionFailed as error:
                error.__cause__.response["ResponseMetadata"]["RetryAttempts"] = 1  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess, reportUnknownMemberType]
                raise
        return client.call(request)

    return ScriptedClient(otherwise=answer)


def test_a_put_or_create_that_meets_its_own_item_has_succeeded(pages: Repo[Page]) -> None:
    writer = Repo(Page, table=pages.__dynamorm_context__.table.name, client=repeating(pages), clock=_now)
    created = writer.create(Page(name="a"))
    assert writer.put(created) == pages.get("a")
    assert pages.get("a").version == 1


def test_another_write_that_meets_its_own_effect_says_that_the_outcome_is_unknown(pages: Repo[Page]) -> None:
    page = pages.put(Page(name="a"))
    writer = Repo(Page, table=pages.__dynamorm_context__.table.name, client=repeating(pages))
    with pytest.raises(VersionConflict, match="may have been applied") as caught:
        writer.update(page, Attr(p.text).set("x"))
    assert caught.value.outcome == "unknown"


def test_a_create_that_meets_the_item_of_another_is_refused_as_ever(pages: Repo[Page]) -> None:
    pages.create(Page(name="a", text="theirs"))
    writer = Repo(Page, table=pages.__dynamorm_context__.table.name, client=repeating(pages))
    with pytest.raises(ItemAlreadyExists):
        writer.create(Page(name="a", text="mine"))


def test_a_repeated_key_of_a_batch_is_written_and_counted_once(pages: Repo[Page]) -> None:
    repeated = [Page(name=str(number % 3), text=str(number)) for number in range(60)]
    assert pages.batch_write(put=repeated) == 3
    assert sorted(page.text for page in pages.scan()) == ["57", "58", "59"]


def _now() -> datetime:
    return datetime(2026, 1, 2, tzinfo=UTC)
