"""Batches of stream records: partial responses, routes, and Powertools' batch processor."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Annotated, Any

import aws_lambda_powertools.utilities.batch
import pytest

from dynamorm_py import CallError, DynamoModel, ItemDecodeError, PartitionKey, Repo, SortKey, TimeToLive
from dynamorm_py.streams import (
    Change,
    InvalidStreamRecord,
    StreamRouter,
    UnroutedRecord,
    on_record,
    partial_batch,
    read_change,
)
from tests.support.streaming import User, event, record

if TYPE_CHECKING:
    from collections.abc import Callable


class Order(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]


def noting(failing: str = "") -> tuple[list[str], Callable[[Change[User]], None]]:
    """Return the kinds that were handled, and a handler that fails on one kind."""
    handled: list[str] = []

    def handle(change: Change[User]) -> None:
        if change.kind == failing:
            raise ZeroDivisionError(change.key)
        handled.append(change.kind)

    return handled, handle


def by_powertools(handler: Callable[[object], object]) -> object:
    """Return what Powertools' batch processor reports."""
    batch: Any = aws_lambda_powertools.utilities.batch  # it leaves a part of its own types open
    processor = batch.BatchProcessor(event_type=batch.EventType.DynamoDBStreams)
    return batch.process_partial_response(event=event(), record_handler=handler, processor=processor)


def test_a_batch_that_is_all_done_reports_no_failure() -> None:
    handled, handle = noting()

    assert partial_batch(on_record(User)(handle))(event(), None) == {"batchItemFailures": []}
    assert handled == ["INSERT", "MODIFY", "REMOVE"]


def test_the_first_failure_is_reported_and_ends_the_batch() -> None:
    handled, handle = noting(failing="MODIFY")

    response = partial_batch(on_record(User)(handle))(event(), None)

    assert response == {"batchItemFailures": [{"itemIdentifier": "222"}]}
    assert handled == ["INSERT"]


def test_a_record_that_cannot_be_read_is_reported_like_one_that_was_not_handled() -> None:
    handled, handle = noting()
    broken = event()
    broken["Records"][1]["dynamodb"]["NewImage"]["score"] = {"S": "none"}

    response = partial_batch(on_record(User)(handle))(broken, None)

    assert response == {"batchItemFailures": [{"itemIdentifier": "222"}]}
    assert handled == ["INSERT"]


def test_the_last_call_of_a_tumbling_window_has_no_records() -> None:
    final: dict[str, object] = {"Records": [], "isFinalInvokeForWindow": True, "state": {}}
    assert partial_batch(StreamRouter())(final, None) == {"batchItemFailures": []}


@pytest.mark.parametrize("broken", [{}, {"Records": [{"body": "sqs"}]}])
def test_an_event_that_is_none_of_dynamodbs_is_raised_since_no_record_can_be_named(broken: object) -> None:
    with pytest.raises(InvalidStreamRecord):
        partial_batch(StreamRouter())(broken, None)


def test_the_log_of_a_failure_names_the_record_and_the_place_but_no_value(caplog: pytest.LogCaptureFixture) -> None:
    _, handle = noting(failing="MODIFY")
    with caplog.at_level(logging.INFO, "dynamorm_py"):
        partial_batch(on_record(User)(handle))(event(), None)

    (line,) = caplog.messages
    assert "222" in line
    assert "ZeroDivisionError" in line
    assert "test_stream_batches.py" in line
    assert "USER#1" not in caplog.text


def test_an_asynchronous_handler_is_refused_where_it_is_decorated() -> None:
    async def handle(change: object) -> None: ...

    for decorate in (on_record(User), partial_batch, StreamRouter().on(User), StreamRouter().otherwise):
        wrong: Any = decorate
        with pytest.raises(CallError, match="asynchronous"):
            wrong(handle)


def test_powertools_batch_processor_takes_the_same_handlers() -> None:
    handled, handle = noting(failing="MODIFY")

    response = by_powertools(on_record(User)(handle))

    assert response == {"batchItemFailures": [{"itemIdentifier": "222"}]}
    assert handled == ["INSERT", "REMOVE"]


# --- routes --------------------------------------------------------------------------------------


def routed(router: StreamRouter, *records: object) -> None:
    for one in records:
        router(one)


def test_a_record_goes_to_the_first_route_that_fits_its_key() -> None:
    router = StreamRouter()
    users: list[Change[User]] = []
    orders: list[Change[Order]] = []
    router.on(Repo(User), begins_with={"sk": "PROFILE"})(users.append)
    router.on(Repo(Order), begins_with={"pk": "USER#", "sk": "ORDER#"})(orders.append)

    order = record("INSERT", Keys={"pk": {"S": "USER#1"}, "sk": {"S": "ORDER#9"}})
    order["dynamodb"]["NewImage"] = order["dynamodb"]["Keys"]
    routed(router, record(), order)

    assert [change.key for change in users] == [("USER#1", "PROFILE")]
    assert [change.new for change in orders] == [Order(pk="USER#1", sk="ORDER#9")]


@pytest.mark.parametrize(("value", "stored"), [("user", {"S": "user"}), (7, {"N": "7"}), (True, {"BOOL": True})])
def test_a_discriminator_attribute_chooses_the_route(*, value: str | int | bool, stored: object) -> None:
    router = StreamRouter()
    seen: list[Change[User]] = []
    router.on(User, equals={"type": value})(seen.append)
    rest: list[object] = []
    router.otherwise(rest.append)

    told = record()
    told["dynamodb"]["NewImage"]["type"] = stored
    routed(router, told, record())

    assert len(seen) == 1
    assert rest == [record()]


def test_a_route_takes_records_of_its_own_table_only() -> None:
    router = StreamRouter()
    seen: list[Change[User]] = []
    router.on(Repo(User, table="arn:aws:dynamodb:us-east-1:123456789012:table/people"))(seen.append)
    rest: list[object] = []
    router.otherwise(rest.append)
    of_people = record()
    of_people["eventSourceARN"] = "arn:aws:dynamodb:us-east-1:123456789012:table/people/stream/2024"

    routed(router, record(), of_people)

    assert [change.table for change in seen] == ["people"]
    assert rest == [record()]


@pytest.mark.parametrize("value", [None, "PROFILE", {"N": "1"}, {}])
def test_a_key_that_is_no_text_begins_with_nothing(value: object) -> None:
    router = StreamRouter()
    router.on(User, begins_with={"sk": "PROFILE"})(lambda change: pytest.fail(repr(change)))

    with pytest.raises(UnroutedRecord):
        router(record(Keys={"pk": {"S": "USER#1"}, "sk": value}))


def test_a_route_of_a_model_takes_its_items_of_whatever_table_the_records_name() -> None:
    router = StreamRouter()
    seen: list[Change[User]] = []
    router.on(User)(seen.append)
    deployed = record()
    deployed["eventSourceARN"] = "arn:aws:dynamodb:eu-west-1:123456789012:table/users-prod-7F3A/stream/2026"

    routed(router, record(), deployed)

    assert [change.table for change in seen] == ["users", "users-prod-7F3A"]


def test_a_route_of_a_model_leaves_items_with_other_keys() -> None:
    router = StreamRouter()
    router.on(User)(lambda change: pytest.fail(repr(change)))
    with pytest.raises(UnroutedRecord, match=r"222 \(MODIFY, table 'users', key id\)"):
        router(record(Keys={"id": {"S": "1"}}))


def test_a_record_that_no_route_fits_is_an_error_that_names_its_kind_and_table(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = r"222 \(MODIFY, table 'users', key pk, sk\): add one with on\(\), or otherwise\(\)"
    with pytest.raises(UnroutedRecord, match=text):
        StreamRouter()(record("MODIFY"))
    assert partial_batch(StreamRouter())(event(), None)["batchItemFailures"]
    assert "UnroutedRecord: no route fits stream record" in caplog.text
    assert "table 'users'" in caplog.text


def test_a_time_to_live_in_milliseconds_is_called_so() -> None:
    changed = record()
    changed["dynamodb"]["NewImage"]["ends"] = {"N": "1767225600000"}
    with pytest.raises(ItemDecodeError, match="ends: epoch seconds are expected, and this looks like milliseconds"):
        read_change(Ending, changed)


class Ending(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    ends: Annotated[dt.datetime | None, TimeToLive()] = None


def test_a_router_is_a_handler_for_partial_batches_and_for_powertools() -> None:
    router = StreamRouter()
    handled, handle = noting()
    router.on(User)(handle)

    assert partial_batch(router)(event(), None) == {"batchItemFailures": []}
    assert by_powertools(router) == {"batchItemFailures": []}
    assert handled == ["INSERT", "MODIFY", "REMOVE"] * 2


def test_a_prefix_of_what_is_no_key_is_refused_when_the_route_is_added() -> None:
    with pytest.raises(CallError, match="key attributes are pk, sk"):
        StreamRouter().on(User, begins_with={"name": "A"})
