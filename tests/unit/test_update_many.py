"""The same update of many items: a result for each, and an account when it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    BatchIncomplete,
    ConditionFailed,
    DynamoModel,
    InvalidExpression,
    InvalidKey,
    PartitionKey,
    Repo,
    RequestTimeout,
    TableNotFound,
    Updated,
    fields,
)
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._kernel.plans import Request


class Thing(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()]
    score: int = 0


def failing(**faults: Exception) -> ScriptedClient:
    """Return a client that answers an update with the item, or with the fault of its key."""

    def answer(request: Request) -> dict[str, Any]:
        key = request.parameters["Key"]
        if key["pk"]["S"] in faults:
            raise faults[key["pk"]["S"]]
        return {"Attributes": {**key, "score": {"N": "1"}}}

    return ScriptedClient(otherwise=answer)


def keys_of(client: ScriptedClient) -> list[str]:
    return [request.parameters["Key"]["pk"]["S"] for request in client.requests]


PLUS_ONE = Attr(fields(Thing).score).add(1)


@pytest.mark.parametrize("concurrency", [1, 3, 10])
def test_every_key_has_a_result_in_its_order_and_an_error_of_one_stops_nothing(concurrency: int) -> None:
    failed, lost = ConditionFailed("no"), RequestTimeout("no answer")
    things = Repo(Thing, client=failing(b=failed, c=lost))
    results = things.update_many(["a", "b", "c", "", Thing(pk="d")], PLUS_ONE, concurrency=concurrency)
    assert [result.item for result in results] == [Thing(pk="a", score=1), None, None, None, Thing(pk="d", score=1)]
    assert [result.error for result in results[:3]] == [None, failed, lost]
    assert isinstance(results[3].error, InvalidKey)
    assert results[4].key == Thing(pk="d")


def test_a_lost_answer_is_not_sent_again() -> None:
    client = failing(a=RequestTimeout("no answer"))
    Repo(Thing, client=client).update_many(["a"], PLUS_ONE)
    assert keys_of(client) == ["a"]


def test_an_error_that_concerns_all_stops_with_the_results_and_the_keys_not_tried() -> None:
    client = failing(c=TableNotFound("gone"))
    with pytest.raises(BatchIncomplete) as caught:
        Repo(Thing, client=client).update_many(["a", "b", "c", "d", "e"], PLUS_ONE)
    assert [result.key for result in caught.value.done if isinstance(result, Updated)] == ["a", "b"]
    assert caught.value.left == ("c", "d", "e")
    assert keys_of(client) == ["a", "b", "c"]


def test_the_account_of_one_that_stopped_counts_what_was_updated_and_names_what_may_be() -> None:
    client = failing(b=ConditionFailed("no"), c=RequestTimeout("no answer"), d=TableNotFound("gone"))
    with pytest.raises(BatchIncomplete, match=r"1 done, 2 are in \.left, 1 that may be done") as caught:
        Repo(Thing, client=client).update_many(["a", "b", "c", "d", "e"], PLUS_ONE)

    assert [result.key for result in caught.value.done if isinstance(result, Updated)] == ["a", "b", "c"]
    assert (caught.value.done_count, caught.value.left, caught.value.unknown) == (1, ("d", "e"), ("c",))


def test_an_error_that_concerns_all_is_raised_itself_when_nothing_was_updated() -> None:
    with pytest.raises(TableNotFound):
        Repo(Thing, client=failing(a=TableNotFound("gone"))).update_many(["a", "b"], PLUS_ONE)
    with pytest.raises(InvalidExpression):
        Repo(Thing, client=failing()).update_many(["a", "b"])


def test_keys_that_stop_coming_end_it_with_the_results_so_far() -> None:
    def keys() -> Iterator[str]:
        yield from ("a", "b", "c")
        raise LookupError

    with pytest.raises(BatchIncomplete) as caught:
        Repo(Thing, client=failing()).update_many(keys(), PLUS_ONE, concurrency=2)
    assert isinstance(caught.value.__cause__, LookupError)
    assert caught.value.done == (Updated("a", Thing(pk="a", score=1)), Updated("b", Thing(pk="b", score=1)))
    assert caught.value.left == ("c",)
