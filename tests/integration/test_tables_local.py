"""The table's operations against a local DynamoDB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    DynamoModel,
    GlobalIndex,
    IndexNotFound,
    PartitionKey,
    Repo,
    SortKey,
    TableInUse,
    TableMismatch,
    TableNotFound,
    TableProtected,
    TableSettings,
    TimeToLive,
)
from dynamorm_py.tables import Provisioned, TableProgress
from dynamorm_py.testing import FaultyClient, LostAnswer, Recorder

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing.plugin import MakeRepo

_ROOT = Path(__file__).parents[2]


class Plain(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]


class Grown(DynamoModel, indexes=[GlobalIndex("by-age", projection=["email"])]):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    age: Annotated[int, PartitionKey(index="by-age")] = 0
    until: Annotated[int, TimeToLive()] = 0


class Local(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    score: Annotated[int, SortKey(index="by-score")] = 0


class Numbered(DynamoModel):
    pk: Annotated[int, PartitionKey()]


def subjects(differences: list[Any]) -> list[tuple[str, str]]:
    return [(each.kind, each.subject) for each in differences]


@pytest.mark.parametrize("model", [Plain, Grown, Local, Numbered])
def test_a_created_table_is_what_its_model_needs(dynamorm_repo: MakeRepo, model: type[DynamoModel]) -> None:
    assert dynamorm_repo(model).table.compare() == []


def test_creating_a_table_that_exists_is_refused(dynamorm_repo: MakeRepo) -> None:
    with pytest.raises(TableInUse, match="exists already"):
        dynamorm_repo(Plain).table.create()


def test_compare_of_a_missing_table_says_so(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    with pytest.raises(TableNotFound):
        Repo(Plain, table=unique_table_name, client=dynamodb).table.compare()


def test_ensure_creates_a_missing_table(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    grown = Repo(Grown, table=unique_table_name, client=dynamodb)
    grown.table.ensure()
    assert grown.table.compare() == []
    grown.table.delete()
    with pytest.raises(TableNotFound):
        grown.table.describe()


def test_ensure_creates_a_missing_table_whole_in_one_request(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    recorder = Recorder(dynamodb)
    grown = Repo(Grown, table=unique_table_name, client=recorder)

    grown.table.ensure(TableSettings(stream="KEYS_ONLY"))

    (created,) = recorder.parameters("CreateTable")
    assert {each["IndexName"] for each in created["GlobalSecondaryIndexes"]} == {"by-email", "by-age"}
    assert created["StreamSpecification"]["StreamEnabled"] is True
    # CreateTable takes no time to live: API Reference.
    changes = [each for each in recorder.operations if each.startswith("Update")]
    assert changes == ["UpdateTimeToLive"]
    grown.table.delete()


def test_ensure_builds_what_is_missing_one_index_at_a_time(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    name = dynamorm_repo(Plain).table.describe()["TableName"]
    recorder, told = Recorder(dynamodb), list[TableProgress]()
    grown = Repo(Grown, table=name, client=recorder)

    made = grown.table.ensure(progress=told.append)

    expected = [("change", "index 'by-email'"), ("change", "index 'by-age'"), ("change", "time to live")]
    assert subjects(made) == expected
    assert [len(each["GlobalSecondaryIndexUpdates"]) for each in recorder.parameters("UpdateTable")] == [1, 1]
    assert [each.subject for each in told if each.step == "changing"] == [subject for _, subject in expected]
    assert told[-1].step == "done"
    assert grown.table.compare() == []
    assert grown.table.ensure() == []


def test_what_the_table_has_besides_is_told_and_left_alone(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> None:
    name = dynamorm_repo(Grown).table.describe()["TableName"]
    plain = Repo(Plain, table=name, client=dynamodb)
    before = plain.table.describe()

    assert plain.table.ensure() == []

    extra = [("extra", "index 'by-age'"), ("extra", "index 'by-email'"), ("extra", "time to live")]
    assert sorted(subjects(plain.table.compare())) == extra
    assert plain.table.describe() == before


def test_an_index_goes_only_by_its_name(dynamorm_repo: MakeRepo) -> None:
    grown = dynamorm_repo(Grown)
    grown.table.drop_index("by-age")
    assert subjects(grown.table.compare()) == [("change", "index 'by-age'")]
    with pytest.raises(IndexNotFound, match=r"'by-age'.*is not there"):
        grown.table.drop_index("by-age")


def test_a_local_index_cannot_be_dropped(dynamorm_repo: MakeRepo) -> None:
    with pytest.raises(IndexNotFound, match="goes with the table only"):
        dynamorm_repo(Local).table.drop_index("by-score")


@pytest.mark.parametrize(
    ("there", "model", "subject"),
    [
        pytest.param(Numbered, Plain, "key", id="another key"),
        pytest.param(Plain, Local, "local index 'by-score'", id="a local index is missing"),
    ],
)
def test_a_table_that_cannot_become_right_is_refused_before_any_change(
    dynamorm_repo: MakeRepo,
    dynamodb: DynamoDBClient,
    there: type[DynamoModel],
    model: type[DynamoModel],
    subject: str,
) -> None:
    name = dynamorm_repo(there).table.describe()["TableName"]
    recorder = Recorder(dynamodb)

    with pytest.raises(TableMismatch, match=r"migrate\(\) into it") as refused:
        Repo(model, table=name, client=recorder).table.ensure()

    assert ("conflict", subject) in subjects(list(refused.value.differences))
    assert set(recorder.operations) == {"DescribeTable", "DescribeTimeToLive"}


@pytest.mark.differs("dynoxide", row=43)
def test_settings_are_changed_and_compared(dynamorm_repo: MakeRepo) -> None:
    grown = dynamorm_repo(Grown)
    settings = TableSettings(billing=Provisioned(3, 2), stream="NEW_IMAGE", deletion_protection=True)

    assert subjects(grown.table.ensure(settings)) == [
        ("change", "billing"),
        ("change", "stream"),
        ("change", "deletion protection"),
    ]
    assert grown.table.compare(settings) == []
    assert subjects(grown.table.compare(TableSettings(stream="OLD_IMAGE"))) == [("conflict", "stream")]


@pytest.mark.differs("dynoxide", row=43)
def test_a_table_of_provisioned_capacity_grows_an_index_of_the_same(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient
) -> None:
    name = dynamorm_repo(Plain, TableSettings(billing=Provisioned(3, 2))).table.describe()["TableName"]
    grown = Repo(Grown, table=name, client=dynamodb)
    grown.table.ensure()
    assert grown.table.compare(TableSettings(billing=Provisioned(3, 2))) == []


def test_a_protected_table_is_not_deleted(dynamorm_repo: MakeRepo) -> None:
    plain = dynamorm_repo(Plain, TableSettings(deletion_protection=True))
    with pytest.raises(TableProtected, match="deletion_protection=False"):
        plain.table.delete()


@pytest.mark.parametrize("operation", ["CreateTable", "UpdateTable", "UpdateTimeToLive"])
def test_ensure_ends_right_when_an_answer_is_lost_and_it_is_called_again(
    dynamodb: DynamoDBClient, unique_table_name: str, operation: str
) -> None:
    Repo(Plain, table=unique_table_name, client=dynamodb).table.create() if operation != "CreateTable" else None
    faulty = FaultyClient(dynamodb, [LostAnswer(operation)])
    grown = Repo(Grown, table=unique_table_name, client=faulty)

    with pytest.raises(Exception, match="lost the answer"):
        grown.table.ensure()
    grown.table.ensure()

    assert faulty.exhausted
    assert grown.table.compare() == []
    grown.table.delete()


# Forked after the imports, which would take most of the time; each makes a client of its own.
_ENSURE = """
import os, sys
from typing import Annotated
import boto3
from dynamorm_py import *

class Grown(DynamoModel, indexes=[GlobalIndex("by-age", projection=["email"])]):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    age: Annotated[int, PartitionKey(index="by-age")] = 0
    until: Annotated[int, TimeToLive()] = 0

waiting, start = os.pipe()
children = []
for _ in range(10):
    if not (child := os.fork()):
        os.close(start)
        users = Repo(Grown, table=sys.argv[2], client=boto3.client("dynamodb", endpoint_url=sys.argv[1]))
        os.read(waiting, 1)  # returns for all at once, when the parent closes the pipe
        users.table.ensure()
        os._exit(0)
    children.append(child)
os.close(start)
print([os.waitpid(child, 0)[1] for child in children])
"""


@pytest.mark.parametrize("existing", [False, True], ids=["no table", "a table without indexes"])
def test_ten_processes_that_ensure_a_table_end_with_one_right_table(
    dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str, *, existing: bool
) -> None:
    if existing:
        Repo(Plain, table=unique_table_name, client=dynamodb).table.create()

    ten = [sys.executable, "-c", _ENSURE, dynamodb_endpoint, unique_table_name]
    ended = subprocess.run(ten, capture_output=True, text=True, timeout=120, cwd=_ROOT, check=False)

    assert (ended.stdout, ended.stderr) == (f"{[0] * 10}\n", "")
    grown = Repo(Grown, table=unique_table_name, client=dynamodb)
    assert grown.table.compare() == []
    grown.table.delete()
