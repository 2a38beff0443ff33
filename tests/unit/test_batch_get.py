"""Batches of reads: each key asked once, what is left over asked again, what is missing reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import pytest

from dynamorm_py import BatchIncomplete, DynamoModel, PartitionKey, Repo
from dynamorm_py._kernel.plans import Parallel, Request, Sleep
from dynamorm_py._kernel.response import Response
from dynamorm_py._operations import batch_get, prepare_batch_get
from dynamorm_py.testing import ScriptedClient
from tests.support.faulty import Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    value: int = 0


def things_of() -> Repo[Thing]:
    return Repo(Thing, client=Faulty(Truth()))


def some_things(count: int) -> list[Thing]:
    return [Thing(pk=f"k{number}", value=number) for number in range(count)]


def test_keys_are_asked_once_and_those_without_an_item_are_reported_as_they_were_given() -> None:
    transport = Faulty(Truth())
    things = Repo(Thing, client=transport)
    things.batch_write(put=some_things(3))
    asked = ["k2", "none", "k0", "k2", Thing(pk="nothing"), "none"]
    found = things.batch_get(asked)
    assert [item.pk for item in found] == ["k2", "k0"]
    assert found.missing == ["none", Thing(pk="nothing")]
    assert len(transport.asked[-1].parameters["RequestItems"]["things"]["Keys"]) == 4
    assert things.batch_get([]) == []


def test_an_answer_may_name_the_table_otherwise_than_the_request() -> None:
    arn = "arn:aws:dynamodb:us-east-1:111111111111:table/things"
    left = {"UnprocessedKeys": {"things": {"Keys": [{"pk": {"S": "b"}}]}}}
    first = {"Responses": {"things": [{"pk": {"S": "a"}}]}, **left}
    with ScriptedClient(first, {"Responses": {"things": [{"pk": {"S": "b"}}]}}) as client:
        found = Repo(Thing, table=arn, client=client).batch_get(["a", "b"])
    assert (found, found.missing) == ([Thing(pk="a"), Thing(pk="b")], [])


def test_after_an_answer_that_leaves_over_what_was_not_asked_all_that_did_not_come_is_asked_again() -> None:
    left = {"things": {"Keys": [{"pk": {"S": "z"}}]}}
    strange = {"Responses": {"things": [{"pk": {"S": "a"}}]}, "UnprocessedKeys": left}
    with ScriptedClient(strange, {"Responses": {"things": [{"pk": {"S": "b"}}]}}) as client:
        found = Repo(Thing, client=client).batch_get(["a", "b"])
    assert (found, found.missing) == ([Thing(pk="a"), Thing(pk="b")], [])
    assert client.requests[-1].parameters["RequestItems"]["things"]["Keys"] == [{"pk": {"S": "b"}}]


def test_progress_is_told_after_every_round() -> None:
    things, told = things_of(), list[tuple[int, int]]()
    things.batch_get(map(str, range(450)), concurrency=2, progress=lambda answered, of: told.append((answered, of)))
    assert told == [(200, 450), (400, 450), (450, 450)]


def test_keys_left_over_are_asked_again_and_in_the_end_reported_with_what_was_found() -> None:
    things = things_of()
    table = things.__dynamorm_context__.table
    batch = prepare_batch_get(table, ["a", "b"], table.codec, consistent=True)
    whole = batch_get(batch, retries=1, concurrency=1, progress=None)
    together = next(whole)
    assert isinstance(together, Parallel)
    (plan,) = together.plans
    request = next(plan)
    assert isinstance(request, Request)
    assert request.parameters["RequestItems"]["things"]["ConsistentRead"] is True
    left = {"things": {"Keys": [{"pk": {"S": "b"}}]}}
    wait = plan.send(Response(document={"Responses": {"things": [{"pk": {"S": "a"}}]}, "UnprocessedKeys": left}))
    assert wait == Sleep(0.05, jitter=0.5)
    again = plan.send(None)
    assert isinstance(again, Request)
    assert again.parameters["RequestItems"]["things"]["Keys"] == [{"pk": {"S": "b"}}]
    with pytest.raises(StopIteration) as ended:
        plan.send(Response(b'{"Responses": {}, "UnprocessedKeys": {"things": {"Keys": [{"pk": {"S": "b"}}]}}}'))
    with pytest.raises(BatchIncomplete) as caught:
        whole.send([ended.value.value])
    assert (caught.value.done, caught.value.left) == ((Thing(pk="a"),), ("b",))


def _things(*items: Mapping[str, object], left: tuple[str, ...] = ()) -> dict[str, object]:
    keys = [{"pk": {"S": pk}} for pk in left]
    return {"Responses": {"things": list(items)}, "UnprocessedKeys": {"things": {"Keys": keys}} if left else {}}


A, B = {"pk": {"S": "a"}, "value": {"N": "1"}}, {"pk": {"S": "b"}}
BAD = {"pk": {"S": "b"}, "value": {"S": "many"}}


@pytest.mark.parametrize("of_bytes", [True, False], ids=["a body", "a dictionary"])
@pytest.mark.parametrize(
    ("answers", "found", "skipped"),
    [
        ([_things(A, B)], ["a", "b"], 0),
        ([_things(B, A)], ["a", "b"], 0),
        ([_things(A)], ["a"], 0),
        ([_things(A, left=("b",)), _things(B)], ["a", "b"], 0),
        ([_things(A, BAD)], ["a"], 1),
        ([_things(A, B, {"pk": {"S": "c"}})], ["a", "b"], 0),  # what was not asked
        ([_things(A, {"pk": {"S": ""}}, B)], ["a", "b"], 0),
    ],
)
def test_a_body_is_read_as_a_dictionary_is(
    answers: list[dict[str, object]], found: list[str], skipped: int, *, of_bytes: bool
) -> None:
    client = ScriptedClient(*(json.dumps(answer).encode() if of_bytes else answer for answer in answers))
    items = Repo(Thing, client=client).batch_get(["a", "b"], on_error="skip")
    assert ([item.pk for item in items], items.skipped) == (found, skipped)
    assert items.missing == ["a", "b"][len(found) + skipped :]
