"""A deadline or an interrupt that ends a batch or transaction: what was done by then is told all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import pytest

from dynamorm_py import (
    BatchIncomplete,
    DeadlineExceeded,
    DynamoModel,
    PartitionKey,
    Put,
    Repo,
    transact_write,
)
from dynamorm_py.aws_lambda import deadline
from dynamorm_py.testing import ScriptedClient
from tests.support.faulty import Fault, Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike

_SOON = 0.01  # seconds: less than the first wait of a retry


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]


def things(*faults: Fault) -> Repo[Thing]:
    return Repo(Thing, client=Faulty(Truth(), faults))


def names(writes: Iterable[object]) -> list[str]:
    return [cast("Put[Thing]", write).item.pk for write in writes]


def test_a_batch_of_writes_tells_what_is_done_and_left() -> None:
    with deadline(_SOON, reserve=0), pytest.raises(BatchIncomplete) as caught:
        things(2).batch_write(put=[Thing(pk=name) for name in "abcde"])
    assert isinstance(caught.value.__cause__, DeadlineExceeded)
    assert names(caught.value.done) == ["a", "b", "c"]
    assert (names(caught.value.left), caught.value.unknown) == (["d", "e"], ())


def test_a_batch_whose_answer_was_lost_before_is_unknown() -> None:
    with deadline(_SOON, reserve=0), pytest.raises(BatchIncomplete) as caught:
        things("lost after").batch_write(put=[Thing(pk="a")])
    assert (names(caught.value.unknown), caught.value.left) == (["a"], ())


def test_a_batch_of_which_nothing_was_written_is_the_deadline_itself() -> None:
    with deadline(_SOON, reserve=0), pytest.raises(DeadlineExceeded) as caught:
        things("throttled").batch_write(put=[Thing(pk="a")])
    assert caught.value.outcome == "not applied"


def test_a_batch_of_reads_gives_what_was_found() -> None:
    repo = things("none", 1)
    repo.batch_write(put=[Thing(pk="a"), Thing(pk="b")])
    with deadline(_SOON, reserve=0), pytest.raises(BatchIncomplete) as caught:
        repo.batch_get(["a", "b"])
    assert (caught.value.done, caught.value.left) == ((Thing(pk="a"),), ("b",))


def test_an_interrupted_batch_tells_how_many_writes_are_done() -> None:
    truth = Truth()

    def interrupted(request: Request) -> ResponseLike:
        if len(truth.items) == 25:
            raise KeyboardInterrupt
        return truth.call(request)

    client = ScriptedClient(otherwise=interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        Repo(Thing, client=client).batch_write(put=[Thing(pk=str(number)) for number in range(60)])
    assert caught.value.__notes__ == [
        "of the batch, 25 were written for sure, and 25 were under way, so they may be written or not"
    ]


@pytest.mark.parametrize(("fault", "sent"), [("throttled", False), ("lost after", True)])
def test_a_transaction_tells_whether_it_may_have_been_applied(fault: Fault, *, sent: bool) -> None:
    with deadline(_SOON, reserve=0), pytest.raises(DeadlineExceeded) as caught:
        transact_write([Put(things(fault), Thing(pk="a"))])
    assert caught.value.sent is sent
