"""Instants are compared by time, though the text they are stored as has another order within a second."""

from __future__ import annotations

import datetime as dt
import operator
import secrets
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    Condition,
    ConditionFailed,
    CreatedAt,
    DynamoModel,
    InvalidExpression,
    PartitionKey,
    Repo,
    fields,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
INSTANTS = [
    NOON + dt.timedelta(seconds=second, microseconds=fraction)
    for second in (-1, 0, 1)
    for fraction in (0, 1, 100_000, 490_000, 500_000, 500_001, 510_000, 999_999)
]


class Event(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    at: dt.datetime
    created: Annotated[dt.datetime | None, CreatedAt()] = None


e = fields(Event)
compared = pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq])
each_bound = pytest.mark.parametrize("bound", INSTANTS[7:18], ids=dt.datetime.isoformat)


@pytest.fixture(scope="module")
def events(dynamodb: DynamoDBClient) -> Iterator[Repo[Event]]:
    repo = Repo(Event, table=f"events-{secrets.token_hex(4)}", client=dynamodb)
    repo.table.create()
    repo.batch_write(put=[Event(pk=f"E#{n}", at=instant, created=instant) for n, instant in enumerate(INSTANTS)])
    yield repo
    repo.table.delete()


def found(events: Repo[Event], condition: Condition) -> list[dt.datetime]:
    return sorted(event.at for event in events.scan(filter=condition))


@compared
@each_bound
def test_a_comparison_selects_what_python_selects(
    events: Repo[Event], bound: dt.datetime, compare: Callable[[object, object], Any]
) -> None:
    expected = [instant for instant in INSTANTS if compare(instant, bound)]
    assert found(events, compare(Attr(e.at), bound)) == expected
    assert found(events, ~compare(Attr(e.created), bound)) == [i for i in INSTANTS if i not in expected]


@pytest.mark.parametrize("high", INSTANTS[9:18:2], ids=dt.datetime.isoformat)
@each_bound
def test_between_selects_what_python_selects(events: Repo[Event], bound: dt.datetime, high: dt.datetime) -> None:
    if bound > high:
        with pytest.raises(InvalidExpression, match="first: exchange the two"):
            Attr(e.at).between(bound, high)
    else:
        assert found(events, Attr(e.at).between(bound, high)) == [i for i in INSTANTS if bound <= i <= high]


def test_a_write_is_guarded_by_time_too(events: Repo[Event]) -> None:
    later = NOON + dt.timedelta(microseconds=500_000)
    event = events.create(Event(pk="guarded", at=NOON))
    events.update(event.pk, Attr(e.at).set(later), condition=Attr(e.at) < later)
    with pytest.raises(ConditionFailed):
        events.update(event.pk, Attr(e.at).set(NOON), condition=Attr(e.at) < later)
    events.delete(event.pk)
