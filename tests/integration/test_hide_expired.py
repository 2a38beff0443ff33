"""`hide_expired=True`: reads leave out what has expired and DynamoDB has not deleted yet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    CallError,
    DynamoModel,
    Get,
    ItemAlreadyExists,
    ItemNotFound,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    TimeToLive,
    fields,
    transact_get,
)
from tests.support.shop import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRepo = Callable[..., Repo[Any]]

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Session(DynamoModel, table="sessions"):
    user: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    until: Annotated[dt.datetime | None, TimeToLive()] = None


class Number(BaseModel):
    number: int


s = fields(Session)


@pytest.fixture
def sessions(dynamorm_repo: MakeRepo, dynamorm_client: Any) -> Repo[Session]:  # noqa: ANN401 -- boto3's
    name = dynamorm_repo(Session).__dynamorm_context__.table.name
    repo = Repo(Session, table=name, client=dynamorm_client, hide_expired=True, clock=lambda: NOW)
    for number, seconds in ((1, -1), (2, 0), (3, 1)):
        repo.put(Session(user="a", number=number, until=NOW + dt.timedelta(seconds=seconds)))
    repo.put(Session(user="a", number=4))
    return repo


def test_reads_leave_out_what_has_expired(sessions: Repo[Session]) -> None:
    query = sessions.query(Key(s.user) == "a")
    assert ([each.number for each in query], query.count()) == ([3, 4], 2)
    assert "until" in str(query.explain().filter)
    assert sorted(each.number for each in sessions.scan(project=Number)) == [3, 4]
    for expired in (("a", 1), ("a", 2)):
        assert sessions.get_or_none(expired) is None
        assert sessions.get_or_none(expired, project=Number) is None
        assert not sessions.exists(expired)
        with pytest.raises(ItemNotFound):
            sessions.get(expired)
    assert sessions.exists(("a", 3))
    assert sessions.get(("a", 4), project=Number).number == 4
    found = sessions.batch_get([("a", 1), ("a", 3)])
    assert ([each.number for each in found], found.missing) == ([3], [("a", 1)])
    assert transact_get((Get(sessions, ("a", 1)), Get(sessions, ("a", 4))))[0] is None


def test_create_still_meets_the_expired_item_and_says_so(sessions: Repo[Session]) -> None:
    with pytest.raises(ItemAlreadyExists, match="expired"):
        sessions.create(Session(user="a", number=1))


def test_a_model_without_a_time_to_live_is_refused() -> None:
    with pytest.raises(CallError, match="TimeToLive"):
        Repo(Customer, hide_expired=True)
