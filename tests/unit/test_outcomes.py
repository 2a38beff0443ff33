"""What the error of a write says of the write: not applied, or unknown; never what is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    ConditionFailed,
    ConnectionFailed,
    DeadlineExceeded,
    DynamoModel,
    DynamormError,
    ItemAlreadyExists,
    ItemDecodeError,
    ItemNotFound,
    PartitionKey,
    Repo,
    Throttled,
    Unique,
    fields,
)
from dynamorm_py.leases import Leases
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    number: int = 0


class Member(DynamoModel, table="members"):
    pk: Annotated[str, PartitionKey()]
    mail: Annotated[str, Unique()] = ""


T = fields(Thing)
M = fields(Member)
STORED: dict[str, Any] = {"pk": {"S": "a"}, "number": {"N": "1"}}
MEMBER: dict[str, Any] = {"pk": {"S": "a"}, "mail": {"S": "old"}}


class AwsFault(Exception):
    """An exception of botocore, so far as it is looked at."""

    def __init__(self, attempts: int) -> None:
        super().__init__()
        self.response = {"ResponseMetadata": {"RetryAttempts": attempts}}


def after_attempts(error: DynamormError, attempts: int = 1) -> DynamormError:
    """Return an error that the client got after this many earlier attempts."""
    error.__cause__ = AwsFault(attempts)
    return error


def throttled(operation: str) -> DynamormError:
    return after_attempts(Throttled("slow down", operation=operation))


def outcome_of(model: type[DynamoModel], call: Callable[[Repo[Any]], object], *answers: Any) -> DynamormError:  # noqa: ANN401 -- of any kind
    """Return the error of a call against these answers, all of which are asked for."""
    with ScriptedClient(*answers) as client, pytest.raises(DynamormError) as caught:
        call(Repo(model, client=client))
    return caught.value


def test_a_condition_that_failed_after_an_earlier_attempt_does_not_say_that_nothing_was_written() -> None:
    failed = after_attempts(ConditionFailed("PutItem: the condition did not hold, nothing was written"))
    error = outcome_of(Thing, lambda repo: repo.put(Thing(pk="a"), condition=Attr(T.number) > 3), failed)

    assert error.outcome == "unknown"
    assert str(error) == (
        "PutItem: the condition did not hold; there is no item with this key; an earlier attempt of this call "
        "may have been applied (.outcome): read the item before writing again"
    )


def test_an_item_that_exists_after_an_earlier_attempt_may_be_the_own_one_changed_by_others() -> None:
    failed = ConditionFailed("the condition did not hold, nothing was written")
    failed.raw_item = STORED
    error = outcome_of(Thing, lambda repo: repo.create(Thing(pk="a")), after_attempts(failed))

    assert isinstance(error, ItemAlreadyExists)
    assert error.outcome == "unknown"
    assert "an earlier attempt of this call may have been applied" in str(error)


def test_a_throttled_write_warns_of_its_earlier_attempt() -> None:
    add = Attr(T.number).add(1)
    error = outcome_of(Thing, lambda repo: repo.update("a", add), throttled("UpdateItem"))

    assert error.outcome == "unknown"
    assert "read the item before writing again" in str(error)


def test_a_read_before_the_write_that_fails_applied_nothing() -> None:
    add, change = Attr(T.number).add(1), Attr(M.mail).set("new")
    errors = [
        outcome_of(Thing, lambda repo: repo.update("a", add, read=True), throttled("GetItem")),
        outcome_of(Member, lambda repo: repo.update("a", change), throttled("GetItem")),
        outcome_of(Member, lambda repo: repo.put(Member(pk="a", mail="new")), throttled("GetItem")),
    ]

    assert {each.outcome for each in errors} == {"not applied"}
    assert "earlier attempt" not in "".join(map(str, errors))


def late(operation: str) -> DeadlineExceeded:
    return DeadlineExceeded("no time is left", operation=operation)


@pytest.mark.parametrize("fault", [lambda: throttled("GetItem"), lambda: late("GetItem")])
def test_a_read_after_the_write_that_fails_says_nothing_of_the_write(fault: Callable[[], DynamormError]) -> None:
    once = outcome_of(Thing, lambda repo: repo.update("a", Attr(T.number).add(1), once=True), {}, fault())
    claimed = outcome_of(Member, lambda repo: repo.update("a", Attr(M.mail).set("new")), {"Item": MEMBER}, {}, fault())

    assert (once.outcome, claimed.outcome) == ("unknown", "unknown")
    assert all(each.sent for each in (once, claimed) if isinstance(each, DeadlineExceeded))


def test_an_item_that_was_updated_and_cannot_be_read_is_no_write_that_was_not_applied() -> None:
    broken = {"Attributes": {"pk": {"S": "a"}, "number": {"S": "x"}}}
    add = Attr(T.number).add(1)
    updated = outcome_of(Thing, lambda repo: repo.update("a", add), broken)
    deleted = outcome_of(Thing, lambda repo: repo.delete("a"), broken)
    without = outcome_of(Thing, lambda repo: repo.update("a", add), {})
    cut = outcome_of(Thing, lambda repo: repo.update("a", add), b'{"Attributes": {')
    gone = outcome_of(Thing, lambda repo: repo.update("a", add, once=True), {}, {})

    assert [type(each) for each in (updated, deleted, without, cut, gone)] == [
        ItemDecodeError,
        ItemDecodeError,
        ConnectionFailed,
        ConnectionFailed,
        ItemNotFound,
    ]
    assert {each.outcome for each in (updated, deleted, without, cut, gone)} == {"unknown"}


def test_a_read_again_after_an_attempt_that_may_have_been_applied_leaves_it_in_doubt() -> None:
    failed = ConditionFailed("the condition did not hold")
    failed.raw_item = STORED
    change = Attr(T.number).set(Attr(T.number) + 1)
    error = outcome_of(
        Thing,
        lambda repo: repo.update("a", change, read=True, condition=None),
        {"Item": STORED},
        after_attempts(failed),
        throttled("GetItem"),
    )

    assert error.outcome == "unknown"


def test_errors_of_leases_tell_what_became_of_their_writes() -> None:
    class Lock(DynamoModel, table="locks"):
        pk: Annotated[str, PartitionKey()]

    client = ScriptedClient(Throttled("slow down"), throttled("PutItem"), ConditionFailed("held"))
    leases = Leases(Repo(Lock, client=client))
    outcomes: list[object] = []
    for _ in range(3):
        with pytest.raises(DynamormError) as caught:
            leases.acquire("a", seconds=30)
        outcomes.append(caught.value.outcome)

    assert outcomes == ["not applied", "unknown", "not applied"]
