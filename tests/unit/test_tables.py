"""The table's operations by script: what is asked, in which order, and what is refused before anything is sent."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pytest

from dynamorm_py import (
    CallError,
    DynamoDBError,
    DynamoModel,
    PartitionKey,
    Repo,
    SortKey,
    TableInUse,
    TableNotFound,
    TableNotReady,
    TableSettings,
    TimeToLive,
)
from dynamorm_py._model.model_table import bind
from dynamorm_py._operations import Waiting, build_table, ensure_table
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import LimitExceeded, RequestRefused
from dynamorm_py.tables import Provisioned, TableProgress
from dynamorm_py.testing import ScriptedClient

_KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/0000"


class Order(DynamoModel, table="orders"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    score: Annotated[int, SortKey(index="by-score")] = 0
    until: Annotated[int, TimeToLive()] = 0


class Person(DynamoModel, table="people"):
    id: Annotated[str, PartitionKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None


class Mortal(Person, table="people"):
    until: Annotated[int, TimeToLive()] = 0


MISSING = TableNotFound("no table")
NO_TTL = {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}


def people(status: str = "ACTIVE", *, index: str | None = "ACTIVE", **more: object) -> dict[str, Any]:
    """Return a description of the table of Person."""
    definition = {
        "IndexName": "by-email",
        "IndexStatus": index,
        "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    return {
        "Table": {
            "TableName": "people",
            "TableArn": "arn:people",
            "TableStatus": status,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "GlobalSecondaryIndexes": [] if index is None else [definition],
            **more,
        }
    }


def ensure(
    client: ScriptedClient, waiting: Waiting | None = None, settings: TableSettings | None = None
) -> list[float]:
    """Ensure the table of Person, changing nothing, and return the waits."""
    slept: list[float] = []
    plan = ensure_table(bind(Person, "people"), settings or TableSettings(), waiting or Waiting())
    assert run(client, plan, sleep=slept.append) == []
    return slept


def create(client: ScriptedClient, waiting: Waiting, settings: TableSettings | None = None) -> list[float]:
    """Create the table of Person and return the waits."""
    slept: list[float] = []
    try:
        run(client, build_table(bind(Person, "people"), settings or TableSettings(), waiting), sleep=slept.append)
    except TableNotReady as error:
        assert "'people' is not active" in str(error)  # noqa: PT017 -- the waits are what is asked for
    return slept


# --- waiting --------------------------------------------------------------------------------------


def test_ensure_waits_for_a_table_that_another_creates() -> None:
    told: list[TableProgress] = []
    script = [people("CREATING"), MISSING, people("CREATING"), people(index="CREATING"), people(), NO_TTL]
    with ScriptedClient(*script) as client:
        slept = ensure(client, Waiting(progress=told.append))
    assert len(slept) == 3
    assert [(each.step, each.subject) for each in told] == [
        ("waiting", "table"),
        ("waiting", "index 'by-email'"),
        ("done", "table"),
    ]


def test_ensure_waits_for_a_deletion_and_creates_the_table_anew() -> None:
    script = [people("DELETING"), people("DELETING"), MISSING, MISSING, {}, people(), NO_TTL]
    with ScriptedClient(*script) as client:
        slept = ensure(client)
    assert "CreateTable" in client.operations
    assert len(slept) == 1


def test_ensure_goes_on_when_another_creates_the_table_first() -> None:
    with ScriptedClient(MISSING, TableInUse("it exists"), people(), NO_TTL) as client:
        assert ensure(client) == []


def test_waiting_grows_and_ends_with_the_timeout() -> None:
    slept = create(ScriptedClient({}, *[people("CREATING")] * 20), Waiting(timeout=2))
    assert sum(slept) == pytest.approx(2)
    assert slept[:-1] == sorted(slept[:-1])


def test_a_table_that_is_not_ready_in_time_is_told_with_the_repair() -> None:
    client = ScriptedClient({}, people("CREATING"))
    with pytest.raises(TableNotReady, match=r"'people' is not active after 0 s.*timeout="):
        Repo(Person, client=client).table.create(timeout=0)


def test_progress_tells_that_an_index_is_filled() -> None:
    told: list[TableProgress] = []
    filling = people(index="CREATING")
    filling["Table"]["GlobalSecondaryIndexes"][0] |= {"Backfilling": True, "ItemCount": 7}
    create(ScriptedClient({}, filling, people()), Waiting(progress=told.append))
    assert told[1] == TableProgress("people", "waiting", "index 'by-email'", "by-email", backfilling=True, items=7)


def test_backups_that_are_not_there_yet_are_asked_for_again() -> None:
    early = DynamoDBError("not yet", aws_code="ContinuousBackupsUnavailableException")
    with ScriptedClient({}, people(), early, early, {}) as client:
        slept = create(client, Waiting(), TableSettings(point_in_time_recovery=True))
    assert client.operations[-3:] == ["UpdateContinuousBackups"] * 3
    assert len(slept) == 2


# --- changes that fail ----------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [TableInUse("busy"), LimitExceeded("one at a time"), RequestRefused("it exists")])
def test_a_refused_change_is_no_fault_when_another_has_made_it(refusal: Exception) -> None:
    with ScriptedClient(people(index=None), people(index=None), NO_TTL, refusal, people(), people(), NO_TTL) as client:
        assert Repo(Person, client=client).table.ensure() == []
    assert client.operations.count("UpdateTable") == 1


def test_a_change_that_is_refused_again_and_again_raises_dynamodbs_error() -> None:
    refused = [people(index=None), people(index=None), NO_TTL, LimitExceeded("20 indexes are the limit")]
    with ScriptedClient(*refused * 5) as client, pytest.raises(LimitExceeded, match="20 indexes"):
        ensure(client)


def test_a_change_that_has_no_effect_is_not_asked_for_for_ever() -> None:
    same = [people(), people(), NO_TTL]
    client = ScriptedClient(*[*same, {}, people()] * 5, *same)
    with pytest.raises(TableNotReady, match="does not take on encryption, asked for 5 times"):
        ensure(client, settings=TableSettings(encryption="AWS_MANAGED"))


def test_before_a_change_is_asked_for_again_there_is_a_wait() -> None:
    again = [people(index=None), people(index=None), NO_TTL, LimitExceeded("busy")]
    with ScriptedClient(*again * 3, people(), people(), NO_TTL) as client:
        assert ensure(client) == [0.5, 1.0]


def test_a_time_to_live_that_another_switched_on_first_is_right() -> None:
    on = {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLING", "AttributeName": "until"}}
    active: dict[str, Any] = {"Table": {"TableStatus": "ACTIVE"}}
    with ScriptedClient({}, active, RequestRefused("already enabled"), on) as client:
        Repo(Order, client=client).table.create()


def test_a_time_to_live_on_another_attribute_is_a_conflict() -> None:
    other = {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "other"}}
    (difference,) = Repo(Mortal, client=ScriptedClient(people(), other)).table.compare()
    assert str(difference).startswith("time to live: the model has until, the table other: switch the other one off")


# --- what compare sees ----------------------------------------------------------------------------


def test_every_setting_that_differs_is_told_with_what_each_has() -> None:
    settings = TableSettings(
        billing=Provisioned(5, 6),
        stream="NEW_IMAGE",
        deletion_protection=True,
        point_in_time_recovery=True,
        encryption=_KMS_KEY,
        table_class="STANDARD_INFREQUENT_ACCESS",
        tags={"team": "blue"},
    )
    backups: dict[str, Any] = {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}
    tags = [{"Tags": [{"Key": "team", "Value": "red"}], "NextToken": "x"}, {"Tags": [{"Key": "own", "Value": "1"}]}]
    with ScriptedClient(people(), NO_TTL, backups, *tags) as client:
        found = Repo(Person, client=client).table.compare(settings)
    assert [(each.kind, each.subject, each.wanted, each.found) for each in found] == [
        ("change", "billing", Provisioned(5, 6), "PAY_PER_REQUEST"),
        ("change", "stream", "NEW_IMAGE", None),
        ("change", "encryption", _KMS_KEY, "AWS_OWNED"),
        ("change", "table class", "STANDARD_INFREQUENT_ACCESS", "STANDARD"),
        ("change", "point-in-time recovery", True, False),
        ("change", "tags", {"team": "blue"}, {"team": "red"}),
        ("extra", "tags", None, {"own": "1"}),
        ("change", "deletion protection", True, False),
    ]


def test_an_index_of_another_shape_is_a_conflict_with_its_repair() -> None:
    live = people()
    live["Table"]["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}
    (difference,) = Repo(Person, client=ScriptedClient(live, NO_TTL)).table.compare()
    assert (difference.kind, difference.found) == ("conflict", "email (HASH) carrying KEYS_ONLY")
    assert "drop_index('by-email'), then ensure()" in difference.repair


def test_a_key_of_another_type_is_a_conflict() -> None:
    live = people(AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}])
    (difference,) = Repo(Person, client=ScriptedClient(live, NO_TTL)).table.compare()
    assert (difference.kind, difference.subject, difference.wanted, difference.found) == (
        "conflict",
        "type of 'id'",
        "S",
        "N",
    )


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "repair"),
    [
        ({"billing": "PROVISIONED"}, "Provisioned(read=..., write=...)"),
        ({"billing": Provisioned(0, 1)}, "1 or more"),
        ({"stream": "ALL"}, "NEW_AND_OLD_IMAGES"),
        ({"table_class": "CHEAP"}, "STANDARD_INFREQUENT_ACCESS"),
        ({"deletion_protection": "yes"}, "True, False or None"),
        ({"encryption": "alias/mine"}, "the ARN of a KMS key"),
        ({"tags": {"aws:x": "1"}}, "leave them out"),
        ({"tags": {"team": 1}}, "mapping of str to str"),
        ({"tags": {1: "blue"}}, "mapping of str to str"),
        ({"tags": ["team"]}, "mapping of str to str"),
        ({"tags": {"": "blue"}}, "1 to 128 characters"),
        ({"tags": {"k" * 129: "blue"}}, "1 to 128 characters"),
        ({"tags": {"team": "v" * 257}}, "at most 256"),
        ({"billing": ["PAY_PER_REQUEST"]}, "billing is"),
        ({"encryption": ["AWS_OWNED"]}, "encryption is"),
        ({"tags": {str(n): "" for n in range(51)}}, "AWS allows 50"),
    ],
)
def test_settings_that_dynamodb_would_refuse_are_refused_when_made(settings: dict[str, Any], repair: str) -> None:
    with pytest.raises(CallError, match=re.escape(repair)):
        TableSettings(**settings)


@pytest.mark.parametrize("call", [{"timeout": -1}, {"timeout": "5"}, {"progress": 1}, {"settings": {"stream": "x"}}])
def test_a_wrong_argument_is_refused_before_anything_is_sent(call: dict[str, Any]) -> None:
    with ScriptedClient() as client, pytest.raises(CallError):
        Repo(Person, client=client).table.ensure(**call)


@pytest.mark.parametrize("name", ["arn:aws:dynamodb:us-east-1:123456789012:table/people", "a/b", "x" * 256])
def test_a_table_is_not_created_under_a_name_that_none_can_have(name: str) -> None:
    with ScriptedClient() as client, pytest.raises(CallError, match="3 to 255 characters"):
        Repo(Person, table=name, client=client).table.create()
