"""The plans that read a stream, step by step: order of shards, lost iterators, lost records."""

from __future__ import annotations

from typing import Any

import pytest

from dynamorm_py import DynamoDBError, TableNotFound
from dynamorm_py._kernel.plans import Request
from dynamorm_py.clients import Response
from dynamorm_py.streams import RecordsTrimmed, StreamNotFound
from dynamorm_py.streams._shards import Start, Stream, find_stream, poll

ARN = "arn:aws:dynamodb:us-east-1:1:table/users/stream/1"


def fault(code: str, kind: type[DynamoDBError] = DynamoDBError) -> DynamoDBError:
    return kind(code, aws_code=code)


EXPIRED, TRIMMED = fault("ExpiredIteratorException"), fault("TrimmedDataAccessException")
GONE = fault("ResourceNotFoundException", TableNotFound)


def stream(start: Start = "TRIM_HORIZON", **positions: str) -> Stream:
    return Stream(ARN, start, positions, 1000)


def shard(name: str, parent: str | None = None, *, closed: bool = False) -> dict[str, Any]:
    return {
        "ShardId": name,
        **({"ParentShardId": parent} if parent else {}),
        "SequenceNumberRange": {"StartingSequenceNumber": "1", **({"EndingSequenceNumber": "9"} if closed else {})},
    }


def listing(*shards: dict[str, Any], status: str = "ENABLED", more: str | None = None) -> dict[str, Any]:
    after = {"LastEvaluatedShardId": more} if more else {}
    return {"StreamDescription": {"Shards": list(shards), "StreamStatus": status, **after}}


def iterator(name: str) -> dict[str, Any]:
    return {"ShardIterator": name}


def page(*numbers: int, then: str | None = "next") -> dict[str, Any]:
    records = [{"dynamodb": {"SequenceNumber": str(number)}} for number in numbers]
    return {"Records": records, **({"NextShardIterator": then} if then else {})}


class Polled:
    """One poll: the answers it was given, what it asked, what it read."""

    def __init__(self, state: Stream, *answers: dict[str, Any] | Exception) -> None:
        self.asked: list[tuple[str, Any]] = []
        plan = poll(state)
        given = iter(answers)
        try:
            wanted = next(plan)
            while True:
                assert isinstance(wanted, Request)
                assert wanted.service == "dynamodbstreams"
                self.asked.append((wanted.operation, {**wanted.parameters}))
                answer = next(given)
                wanted = plan.throw(answer) if isinstance(answer, Exception) else plan.send(Response(document=answer))
        except StopIteration as done:
            pages = done.value
        assert next(given, None) is None
        self.numbers = [record["dynamodb"]["SequenceNumber"] for _, records in pages for record in records]

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]


def test_a_shard_is_read_from_the_horizon_and_then_on_by_its_iterator() -> None:
    state = stream()

    first = Polled(state, listing(shard("a")), iterator("i1"), page(1, 2, then="i2"))
    second = Polled(state, page(3))

    assert first.asked == [
        ("DescribeStream", {"StreamArn": ARN}),
        ("GetShardIterator", {"StreamArn": ARN, "ShardId": "a", "ShardIteratorType": "TRIM_HORIZON"}),
        ("GetRecords", {"ShardIterator": "i1", "Limit": 1000}),
    ]
    assert second.asked == [("GetRecords", {"ShardIterator": "i2", "Limit": 1000})]
    assert (first.numbers, second.numbers) == (["1", "2"], ["3"])


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_what_an_interrupted_poll_had_read_is_read_again(fault: type[BaseException]) -> None:
    state = stream()
    Polled(state, listing(shard("a"), shard("b")), iterator("a1"), page(1, then="a2"), iterator("b1"), page(then="b2"))

    interrupted = poll(state)
    next(interrupted)
    interrupted.send(Response(document=page(2, then="a3")))
    with pytest.raises(fault):
        interrupted.throw(fault())

    again = Polled(state, page(2, then="a3"), page(3, then="b3"))
    assert [asked["ShardIterator"] for _, asked in again.asked] == ["a2", "b2"]
    assert again.numbers == ["2", "3"]


def test_a_checkpoint_is_where_reading_goes_on() -> None:
    polled = Polled(stream(a="END", b="7"), listing(shard("a", closed=True), shard("b", "a")), iterator("i"), page(8))

    assert polled.asked[1][1]["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER"
    assert polled.asked[1][1]["SequenceNumber"] == "7"
    assert polled.numbers == ["8"]


def test_every_page_of_the_listing_is_read() -> None:
    polled = Polled(stream(), listing(more="a"), listing(shard("a")), iterator("i"), page())

    assert polled.asked[1] == ("DescribeStream", {"StreamArn": ARN, "ExclusiveStartShardId": "a"})


def test_children_wait_until_their_parent_is_read_to_its_end() -> None:
    state = stream()
    shards = listing(shard("a", closed=True), shard("b", "a"), shard("c", "a"))

    first = Polled(state, shards, iterator("i"), page(1))
    second = Polled(state, page(2, then=None))
    third = Polled(state, iterator("j"), page(3), iterator("k"), page(4))

    assert [polled.numbers for polled in (first, second, third)] == [["1"], ["2"], ["3", "4"]]


def test_a_shard_that_ends_while_it_is_read_is_followed_by_its_new_children() -> None:
    state = stream()
    Polled(state, listing(shard("a")), iterator("i"), page(1, then=None))

    not_yet = Polled(state, listing(shard("a", closed=True)))
    split = Polled(
        state,
        listing(shard("a", closed=True), shard("b", "a"), shard("c", "a")),
        iterator("j"),
        page(2),
        iterator("k"),
        page(3),
    )

    assert not_yet.operations == ["DescribeStream"]
    assert split.numbers == ["2", "3"]


def test_a_stream_that_was_switched_off_is_not_asked_for_new_shards() -> None:
    state = stream()
    Polled(state, listing(shard("a"), status="DISABLED"), iterator("i"), page(1, then=None))

    assert Polled(state).numbers == []


def test_an_orphan_whose_parent_was_trimmed_is_read() -> None:
    assert Polled(stream(), listing(shard("b", "a")), iterator("i"), page(1)).numbers == ["1"]


def test_latest_skips_what_is_there_and_reads_later_shards_whole() -> None:
    state = stream("LATEST")
    shards = [shard("a", closed=True), shard("b", "a")]

    first = Polled(state, listing(*shards), iterator("i"), page(then=None))
    later = Polled(state, listing(*shards, shard("c", "b")), iterator("j"), page(5))

    assert first.asked[1][1] == {"StreamArn": ARN, "ShardId": "b", "ShardIteratorType": "LATEST"}
    assert later.asked[1][1]["ShardIteratorType"] == "TRIM_HORIZON"
    assert later.numbers == ["5"]


def test_shards_of_a_stream_that_had_none_when_latest_was_asked_for_came_later_and_are_read_whole() -> None:
    state = stream("LATEST")
    Polled(state, listing())

    later = Polled(state, listing(shard("a")), iterator("i"), page(1))

    assert later.asked[1][1]["ShardIteratorType"] == "TRIM_HORIZON"


def test_an_expired_iterator_is_made_anew_behind_the_last_record() -> None:
    state = stream()
    Polled(state, listing(shard("a")), iterator("i"), page(1, 2))

    polled = Polled(state, EXPIRED, iterator("j"), page(3))

    assert polled.asked[1][1]["SequenceNumber"] == "2"
    assert polled.numbers == ["3"]


def test_an_expired_iterator_of_a_reader_at_the_latest_without_a_record_may_have_lost_some() -> None:
    state = stream("LATEST")
    Polled(state, listing(shard("a")), iterator("i"), page())

    with pytest.raises(RecordsTrimmed) as caught:
        Polled(state, EXPIRED)
    assert caught.value.shard == "a"
    assert Polled(state, iterator("j"), page(9)).numbers == ["9"]


@pytest.mark.parametrize("answers", [[TRIMMED], [iterator("i"), TRIMMED]])
def test_a_position_that_was_trimmed_is_an_error_once_and_reading_goes_on_at_the_horizon(answers: list[Any]) -> None:
    state = stream(a="7")

    with pytest.raises(RecordsTrimmed) as caught:
        Polled(state, listing(shard("a")), *answers)

    assert caught.value.shard == "a"
    polled = Polled(state, iterator("j"), page(20))
    assert polled.asked[0][1]["ShardIteratorType"] == "TRIM_HORIZON"
    assert polled.numbers == ["20"]


def test_a_trim_under_an_iterator_without_a_position_loses_nothing_unknown() -> None:
    assert Polled(stream(), listing(shard("a")), iterator("i"), TRIMMED, iterator("j"), page(5)).numbers == ["5"]


def test_a_shard_that_is_gone_before_its_end_was_read_is_an_error_once() -> None:
    state = stream(a="7")

    with pytest.raises(RecordsTrimmed) as caught:
        Polled(state, listing(shard("b", "a")))

    assert caught.value.shard == "a"
    assert Polled(state, iterator("i"), page(20)).numbers == ["20"]


def test_what_was_read_before_a_failure_is_handed_out_before_it_is_raised() -> None:
    state = stream()
    throttled = fault("ThrottlingException")

    polled = Polled(state, listing(shard("a"), shard("b")), iterator("i"), page(1), throttled)

    assert polled.numbers == ["1"]
    with pytest.raises(DynamoDBError) as caught:
        Polled(state)
    assert caught.value is throttled
    assert Polled(state, page(2), iterator("j"), page(3)).numbers == ["2", "3"]


def test_a_shard_that_goes_after_it_was_listed_is_missed_at_the_next_poll() -> None:
    state = stream()
    with pytest.raises(StreamNotFound):
        Polled(state, listing(shard("a"), shard("b", "a")), GONE)
    with pytest.raises(RecordsTrimmed) as caught:
        Polled(state, listing(shard("b", "a")))

    assert caught.value.shard == "a"
    assert Polled(state, iterator("i"), page(20)).numbers == ["20"]


def test_a_stream_that_is_gone_has_its_own_error() -> None:
    with pytest.raises(StreamNotFound, match="new StreamReader"):
        Polled(stream(), GONE)


def test_a_table_without_a_stream_says_how_to_switch_it_on() -> None:
    plan = find_stream("users")
    next(plan)
    with pytest.raises(StreamNotFound, match="view type"):
        plan.send(Response(document={"Table": {"TableName": "users"}}))


def test_records_carry_the_streams_arn_as_lambdas_do() -> None:
    plan = poll(stream())
    next(plan)
    plan.send(Response(document=listing(shard("a"))))
    plan.send(Response(document=iterator("i")))
    with pytest.raises(StopIteration) as done:
        plan.send(Response(document=page(1)))
    ((_, (record,)),) = done.value.value
    assert record["eventSourceARN"] == ARN
