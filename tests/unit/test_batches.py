"""Batches of writes: what is sent, what is sent again, and what an error accounts for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from dynamorm_py import (
    ANY,
    Attr,
    BatchIncomplete,
    Check,
    Create,
    Delete,
    DynamoModel,
    InvalidBatch,
    InvalidKey,
    InvalidValue,
    ItemTooLarge,
    PartitionKey,
    Put,
    Repo,
    RequestTimeout,
    TableNotFound,
    Throttled,
    Update,
    UpdatedAt,
    Version,
    batch_write,
    fields,
)
from dynamorm_py._kernel.plans import Parallel, Request, Sleep
from dynamorm_py._kernel.response import Response
from dynamorm_py._operations import WriteBatch
from dynamorm_py._operations import batch_write as plan_batch_write
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py.errors import CallError
from dynamorm_py.testing import ScriptedClient
from tests.support.faulty import Faulty, Truth
from tests.support.wire import always, answer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py._kernel.plans import Plan

_NOW = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    value: int = 0
    seen: Annotated[dt.datetime | None, UpdatedAt()] = None


class Versioned(DynamoModel, table="versioned"):
    pk: Annotated[str, PartitionKey()]
    version: Annotated[int, Version()] = 0


class Counting:
    """A clock that counts how often it is read."""

    def __init__(self) -> None:
        self.readings = 0

    def __call__(self) -> dt.datetime:
        self.readings += 1
        return _NOW


def repo(script: tuple[Any, ...] = ()) -> tuple[Repo[Thing], Faulty]:
    transport = Faulty(Truth(), script)
    return Repo(Thing, client=transport), transport


def some_things(count: int) -> list[Thing]:
    return [Thing(pk=f"k{number}", value=number) for number in range(count)]


def only(together: object) -> Plan[Any]:
    """Return the one plan that is to be performed."""
    assert isinstance(together, Parallel)
    (plan,) = together.plans
    return plan


def writing(things: Repo[Thing], items: list[Thing], retries: int = 5) -> Plan[Any]:
    """Return the plan that sends the one request of a batch."""
    batch = WriteBatch(_NOW, retries=retries, keep_done=True)
    return only(next(plan_batch_write(batch, [Put(things, item) for item in items], whole=True)))


def left_over(request: object) -> dict[str, Any]:
    return {"UnprocessedItems": cast("Request", request).parameters["RequestItems"]}


def test_writes_go_out_25_in_a_request_and_the_reads_100() -> None:
    things, transport = repo()
    assert things.batch_write(put=some_things(60)) == 60
    found = things.batch_get(item.pk for item in some_things(230))
    sizes = [len(asked.parameters["RequestItems"]["things"]) for asked in transport.asked[:3]]
    keys = [len(asked.parameters["RequestItems"]["things"]["Keys"]) for asked in transport.asked[3:]]
    assert (sizes, keys) == ([25, 25, 10], [100, 100, 30])
    assert [item.value for item in found] == list(range(60))


def test_left_over_writes_are_sent_again_after_growing_waits_until_the_retries_are_spent() -> None:
    plan = writing(repo()[0], some_things(2))
    first = request = next(plan)
    waits: list[Sleep] = []
    for _ in range(5):
        wait = plan.send(Response(document=left_over(request)))
        waits.append(cast("Sleep", wait))
        request = plan.send(None)
        assert request == first
    with pytest.raises(StopIteration) as ended:
        plan.send(Response(document=left_over(request)))

    assert [wait.seconds for wait in waits] == [0.05, 0.1, 0.2, 0.4, 0.8]
    assert {wait.jitter for wait in waits} == {0.5}
    assert (len(ended.value.value.left), ended.value.value.error) == (2, None)


def test_only_what_was_left_over_is_sent_again() -> None:
    things, transport = repo((2, 1))
    batch = WriteBatch(_NOW, retries=2)
    _perform(transport, plan_batch_write(batch, (Put(things, item) for item in some_things(3)), whole=False))
    values = [
        [put["PutRequest"]["Item"]["value"]["N"] for put in asked.parameters["RequestItems"]["things"]]
        for asked in transport.asked
    ]
    assert values == [["0", "1", "2"], ["1", "2"], ["2"]]


def _perform(transport: Faulty, plan: Plan[Any]) -> Any:  # noqa: ANN401 -- any plan's result
    from dynamorm_py._runtime.run import run

    return run(transport, plan, sleep=lambda _: None)


def test_an_answer_that_names_what_was_not_asked_has_everything_sent_again() -> None:
    plan = writing(repo()[0], some_things(2))
    request = next(plan)
    plan.send(Response(document={"UnprocessedItems": {"other": [{"DeleteRequest": {"Key": {"pk": {"S": "x"}}}}]}}))
    assert plan.send(None) == request


def test_a_write_whose_answer_was_lost_stays_unknown_when_a_later_attempt_is_throttled() -> None:
    plan = writing(repo()[0], some_things(1), retries=1)
    next(plan)
    plan.throw(RequestTimeout("no answer"))
    plan.send(None)
    with pytest.raises(StopIteration) as ended:
        plan.throw(Throttled("slow down"))
    sent = ended.value.value
    assert (len(sent.done), len(sent.left), len(sent.unknown)) == (0, 0, 1)


def test_the_error_says_what_is_done_left_and_unknown_and_they_can_be_passed_in_again() -> None:
    things, transport = repo(("none", "lost after"))
    writes = [Put(things, item) for item in some_things(80)]
    with pytest.raises(BatchIncomplete) as caught:
        batch_write(writes, retries=0)
    error = caught.value
    assert (error.done, error.unknown, error.left) == (tuple(writes[:25]), tuple(writes[25:50]), tuple(writes[50:]))
    assert isinstance(error.__cause__, RequestTimeout)
    assert "25 done, 30 are in .left, 25 that may be done are in .unknown" in str(error)
    assert error.writes == (*error.unknown, *error.left)
    assert batch_write(error.writes) == 55
    assert len(cast("Truth", transport.inner).items) == 80


def test_an_error_that_cannot_pass_is_raised_itself_when_nothing_was_written() -> None:
    things = Repo(Thing, client=ScriptedClient(otherwise=TableNotFound("no table")))
    with pytest.raises(TableNotFound):
        things.batch_write(put=some_things(1))
    with pytest.raises(TableNotFound):
        things.batch_get(["a"])


def test_an_error_in_the_middle_comes_with_the_account() -> None:
    transport = ScriptedClient(Truth().call, otherwise=OSError("not ours"))
    with pytest.raises(BatchIncomplete) as caught:
        Repo(Thing, client=transport).batch_write(put=some_things(30))
    assert (len(caught.value.done), len(caught.value.unknown)) == (25, 5)
    assert isinstance(caught.value.__cause__, OSError)


def test_the_last_write_of_an_item_wins_and_a_whole_call_reads_the_clock_once() -> None:
    clock, transport = Counting(), Faulty(Truth())
    things = Repo(Thing, client=transport, clock=clock)
    written = things.batch_write(
        put=[Thing(pk="a", value=1), Thing(pk="b", value=1), Thing(pk="a", value=2)], delete=["b"]
    )
    assert (written, clock.readings) == (2, 1)
    assert things.batch_get(["a", "b"]) == [Thing(pk="a", value=2, seen=_NOW)]


def test_what_a_batch_cannot_do_is_refused_with_the_repair_before_anything_is_sent() -> None:
    things, transport = repo()
    u, item = fields(Thing), Thing(pk="a")
    high = Attr(u.value) > 3
    for write, repair in [
        (Put(things, item, condition=high), "transact_write"),
        (Delete(things, "a", condition=high), "transact_write"),
        (Create(things, item), "transact_write"),
        (Check(things, "a", high), "transact_write"),
        (Update(things, "a", Attr(u.value).add(1)), "update_many"),
        (item, "Put and Delete"),
    ]:
        with pytest.raises(InvalidBatch, match=repair):
            batch_write([Put(things, item), cast("Any", write)])
    assert transport.asked == []


def test_an_instance_that_holds_a_version_is_refused_unless_any_version_may_go() -> None:
    transport = Faulty(Truth())
    users = Repo(Versioned, client=transport)
    held = Versioned(pk="a", version=3)
    with pytest.raises(InvalidBatch, match="expected_version=ANY"):
        users.batch_write(put=[held])
    with pytest.raises(InvalidBatch, match="expected_version=ANY"):
        users.batch_write(delete=[held])
    users.batch_write(put=[held], expected_version=ANY)
    assert users.batch_get(["a"]) == [Versioned(pk="a", version=4)]


def test_repositories_of_different_clients_are_refused() -> None:
    ours, theirs = repo()[0], repo()[0]
    with pytest.raises(InvalidBatch, match="different clients"):
        batch_write([Put(ours, Thing(pk="a")), Put(theirs, Thing(pk="b"))])


def test_a_collection_is_checked_as_a_whole_before_anything_is_sent() -> None:
    things, transport = repo()
    items = some_things(40)
    items[33] = Thing.model_construct(pk="x" * 3000)
    with pytest.raises(InvalidKey):
        things.batch_write(put=items)
    assert transport.asked == []


class Large(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    text: str


def test_an_over_size_item_in_the_middle_of_a_stream_ends_it_with_the_account() -> None:
    things = Repo(Large, client=Faulty(Truth()))
    items = (Large(pk=f"k{number}", text="x" * (500_000 if number == 30 else 1)) for number in range(40))
    with pytest.raises(BatchIncomplete) as caught:
        things.batch_write(put=items)
    error = caught.value
    assert isinstance(error.__cause__, ItemTooLarge)
    assert (error.done_count, [put.item.pk for put in error.writes if isinstance(put, Put)]) == (
        25,
        [f"k{n}" for n in range(25, 31)],
    )
    assert next(items).pk == "k31"
    assert "xxx" not in str(error)


@pytest.mark.parametrize(("before", "expected"), [(30, BatchIncomplete), (10, ZeroDivisionError)])
def test_a_generator_that_raises_half_way_loses_no_account(before: int, expected: type[Exception]) -> None:
    def items() -> Iterator[Thing]:
        yield from some_things(before)
        raise ZeroDivisionError

    things, transport = repo()
    with pytest.raises(expected) as caught:
        things.batch_write(put=items())
    written = len(cast("Truth", transport.inner).items)
    assert written == (25 if before == 30 else 0)
    if isinstance(caught.value, BatchIncomplete):
        assert (caught.value.done_count, len(caught.value.left)) == (25, 5)


def test_a_stream_is_read_only_as_it_is_written() -> None:
    things, transport = repo()
    ahead: list[int] = []

    def items() -> Iterator[Thing]:
        for number, item in enumerate(some_things(200)):
            ahead.append(number - len(cast("Truth", transport.inner).items))
            yield item

    assert things.batch_write(put=items(), concurrency=2) == 200
    assert max(ahead) <= 50


def test_a_block_writes_as_it_fills_and_the_rest_at_its_clean_end() -> None:
    things, transport = repo()
    truth = cast("Truth", transport.inner)
    with things.batch() as b:
        stored = [b.put(item) for item in some_things(30)]
        assert (b.written, len(truth.items)) == (25, 25)
        b.delete("k0")
    assert len(truth.items) == 29
    assert things.batch_get(["k1"]) == [stored[1]]
    with pytest.raises(CallError, match=r"users\.batch\(\)"):
        b.put(Thing(pk="late"))


def test_a_block_that_raises_sends_nothing_more_and_says_what_was_written() -> None:
    things, transport = repo()

    def fill() -> None:
        with things.batch() as b:
            for item in some_things(30):
                b.put(item)
            raise KeyError

    with pytest.raises(KeyError) as caught:
        fill()
    assert len(cast("Truth", transport.inner).items) == 25
    assert caught.value.__notes__ == ["of the batch, 25 were written and 5 dropped unsent"]


_WRONG_NUMBERS: list[Callable[[Any], object]] = [
    lambda things: things.batch_get(["a"], concurrency=0),
    lambda things: things.batch_get(["a"], retries=-1),
    lambda things: things.batch_write(put=[], concurrency=True),
    lambda things: things.batch(retries="5"),
    lambda things: things.update_many(["a"], concurrency=1.5),
]


@pytest.mark.parametrize("call", _WRONG_NUMBERS)
def test_numbers_that_make_no_sense_are_refused(call: Callable[[Any], object]) -> None:
    with pytest.raises(CallError, match="must be an int"):
        call(repo()[0])


@pytest.mark.parametrize("word", [Put, Delete, Create, Update])
def test_a_write_without_a_repository_is_refused_at_once(word: Any) -> None:  # noqa: ANN401 -- a class
    with pytest.raises(CallError, match="takes a repository first"):
        word("users", Thing(pk="a"))


def test_an_item_of_another_model_is_refused() -> None:
    with pytest.raises(InvalidValue):
        batch_write([Put(repo()[0], cast("Any", "text"))])


@pytest.mark.parametrize("lane", ["direct", "botocore"])
def test_what_an_answer_leaves_over_may_have_been_written_by_an_attempt_before(
    lane: str, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.setenv("DYNAMORM_TRANSPORT", lane)
    aws_environment.setenv("AWS_MAX_ATTEMPTS", "2")
    left = b'{"UnprocessedItems":{"things":[{"PutRequest":{"Item":{"pk":{"S":"b"},"value":{"N":"0"}}}}]}}'
    with serving(always(answer(b"{}", "500 Internal Server Error"), answer(left))) as server:
        things = Repo(Thing, client=Client(OwnClients("us-east-1", server.url, None)))
        with pytest.raises(BatchIncomplete) as caught:
            things.batch_write(put=[Thing(pk="a"), Thing(pk="b")], retries=0)
        things.close()
    error: Any = caught.value
    account = [[write.item.pk for write in part] for part in (error.done, error.left, error.unknown)]
    assert account == [["a"], [], ["b"]]
