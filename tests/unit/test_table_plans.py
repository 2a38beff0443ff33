"""Creating and deleting a table, step by step: what is asked, and how long it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    DynamoModel,
    GlobalIndex,
    LocalIndex,
    PartitionKey,
    SortKey,
    TimeToLive,
)
from dynamorm_py._operations import create_table, delete_table
from dynamorm_py._plans import Request, Sleep
from dynamorm_py._run import run
from dynamorm_py._table import bind
from dynamorm_py.errors import TableNotFound, TableNotReady
from tests.people import Order, Recording

if TYPE_CHECKING:
    from dynamorm_py._plans import Plan


class Event(
    DynamoModel,
    table="events",
    indexes=[GlobalIndex("by-kind", projection=["note"]), LocalIndex("by-size", projection="KEYS_ONLY")],
):
    pk: Annotated[str, PartitionKey()]
    at: Annotated[int, SortKey(), SortKey(index="by-kind")]
    kind: Annotated[str | None, PartitionKey(index="by-kind")] = None
    size: Annotated[int, SortKey(index="by-size")] = 0
    tag: Annotated[bytes, PartitionKey(index="by-tag")] = b"-"
    note: str = ""
    expires: Annotated[int | None, TimeToLive()] = None


def status(name: str, *indexes: str) -> dict[str, Any]:
    return {"Table": {"TableStatus": name, "GlobalSecondaryIndexes": [{"IndexStatus": index} for index in indexes]}}


def steps(plan: Plan[object], *answers: object) -> list[object]:
    """Return what a plan wants, a request by its operation; the answers are sent, errors raised, in turn."""
    wanted: list[object] = []
    step = next(plan)
    try:
        for answer in answers:
            wanted.append(step.operation if isinstance(step, Request) else step)
            step = plan.throw(answer) if isinstance(answer, Exception) else plan.send(answer)
    except StopIteration:
        return wanted
    return [*wanted, "more"]


def test_a_table_is_created_with_the_keys_and_indexes_of_its_model() -> None:
    request = next(create_table(bind(Event, "events-dev")))
    assert request == Request(
        "CreateTable",
        {
            "TableName": "events-dev",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "N"},
                {"AttributeName": "kind", "AttributeType": "S"},
                {"AttributeName": "size", "AttributeType": "N"},
                {"AttributeName": "tag", "AttributeType": "B"},
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-kind",
                    "KeySchema": [
                        {"AttributeName": "kind", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
                },
                {
                    "IndexName": "by-tag",
                    "KeySchema": [{"AttributeName": "tag", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                },
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "by-size",
                    "KeySchema": [
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "size", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        },
    )


def test_create_waits_for_the_table_and_its_indexes_then_switches_the_time_to_live_on() -> None:
    plan = create_table(bind(Event, "events"))
    unseen = TableNotFound("DescribeTable may not see it yet")
    answers = [{}, unseen, None, status("CREATING"), None, status("ACTIVE", "CREATING"), None]
    assert steps(plan, *answers, status("ACTIVE", "ACTIVE"), {}) == [
        "CreateTable",
        *["DescribeTable", Sleep(0.5)] * 3,
        "DescribeTable",
        "UpdateTimeToLive",
    ]


def test_a_model_without_a_time_to_live_has_none_to_switch_on() -> None:
    assert steps(create_table(bind(Order, "orders")), {}, status("ACTIVE")) == ["CreateTable", "DescribeTable"]


def test_delete_waits_until_the_table_is_gone() -> None:
    plan = delete_table(bind(Order, "orders"))
    assert steps(plan, {}, status("DELETING"), None, TableNotFound("gone")) == [
        "DeleteTable",
        "DescribeTable",
        Sleep(0.5),
        "DescribeTable",
    ]


@pytest.mark.parametrize(
    ("plan", "state", "message"),
    [
        (create_table(bind(Order, "orders")), "CREATING", "table 'orders' is not active after 300 s"),
        (delete_table(bind(Order, "orders")), "DELETING", "table 'orders' is still being deleted after 300 s"),
    ],
)
def test_a_table_that_does_not_get_ready_is_an_error_after_five_minutes(
    plan: Plan[None], state: str, message: str
) -> None:
    slept: list[float] = []
    with pytest.raises(TableNotReady, match=message):
        run(Recording([status(state)] * 601), plan, sleep=slept.append)
    assert sum(slept) == 300
