"""Migrations on a local DynamoDB: whole, counted, killed and resumed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    CallError,
    DynamoModel,
    MigrationIncomplete,
    PartitionKey,
    Repo,
    SortKey,
    Throttled,
    Version,
    fields,
    migrate,
)
from dynamorm_py.migration import MigrationProgress, MigrationReport, ProgressBar
from dynamorm_py.testing import FaultyClient, FrozenClock, Leftovers, LostAnswer, Recorder, Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py.testing.plugin import MakeRepo

_ROOT = Path(__file__).parents[2]


class User(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    number: int = 0
    version: Annotated[int, Version()] = 0


class Person(DynamoModel):
    id: Annotated[str, PartitionKey()]
    part: Annotated[int, SortKey()] = 0
    name: str = ""
    version: Annotated[int, Version()] = 0


def to_person(user: User) -> Person:
    return Person(id=user.pk, name=f"user {user.number}", version=user.version)


def fill(dynamodb: DynamoDBClient, table: str, numbers: Sequence[int]) -> None:
    """Write so many users in the quickest way."""
    for start in range(0, len(numbers), 25):
        puts: list[Any] = [
            {"PutRequest": {"Item": {"pk": {"S": f"u{n}"}, "number": {"N": str(n)}, "version": {"N": "5"}}}}
            for n in numbers[start : start + 25]
        ]
        dynamodb.batch_write_item(RequestItems={table: puts})


def name_of(repo: Repo[Any]) -> str:
    return str(repo.table.describe()["TableName"])


@pytest.fixture
def users(dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient) -> Repo[User]:
    """Give a table of 120 users."""
    repo = dynamorm_repo(User)
    fill(dynamodb, name_of(repo), range(120))
    return repo


@pytest.fixture
def people(dynamorm_repo: MakeRepo) -> Repo[Person]:
    """Give an empty table."""
    return dynamorm_repo(Person)


def test_every_item_arrives_as_transform_gives_it(users: Repo[User], people: Repo[Person]) -> None:
    report = migrate(users, people, to_person)
    assert report == MigrationReport(read=120, written=120, skipped=0, verified=120)
    assert {each.id: each for each in people.scan()} == {each.pk: to_person(each) for each in users.scan()}


def test_the_same_migration_again_changes_nothing(users: Repo[User], people: Repo[Person]) -> None:
    migrate(users, people, to_person)
    before = people.scan().all()
    migrate(users, people, to_person)
    assert people.scan().all() == before


def test_transform_may_give_several_items_or_none(users: Repo[User], people: Repo[Person]) -> None:
    def split(user: User) -> list[Person] | None:
        return None if user.number % 2 else [Person(id=user.pk, part=part) for part in (1, 2)]

    assert migrate(users, people, split) == MigrationReport(read=120, written=120, skipped=60, verified=120)


def test_a_page_is_written_before_the_checkpoint_passes_it(
    users: Repo[User], people: Repo[Person], dynamodb: DynamoDBClient, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "migration.json"
    failing = Repo(Person, table=name_of(people), client=FaultyClient(dynamodb, [Throttle("BatchWriteItem", 99, 3)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dynamorm_py._operations.migrate._RETRIES", 1)
        with pytest.raises(Throttled):
            migrate(users, failing, to_person, checkpoint=checkpoint, segments=1, page_size=10)

    recorded = json.loads(checkpoint.read_text())["segments"][0]
    assert (recorded["read"], recorded["written"], recorded["done"]) == (30, 30, False)
    assert len(people.scan().all()) == 30

    recorder = Recorder(dynamodb)
    again = Repo(User, table=name_of(users), client=recorder)
    report = migrate(again, people, to_person, checkpoint=checkpoint, segments=1, page_size=10, verify=False)
    assert (report.read, report.written) == (120, 120)
    assert "ExclusiveStartKey" in recorder.parameters("Scan")[0]
    assert len(people.scan().all()) == 120


def test_throttles_leftovers_and_lost_answers_are_met(
    users: Repo[User], people: Repo[Person], dynamodb: DynamoDBClient
) -> None:
    faults = [Throttle("BatchWriteItem"), Leftovers(7, times=3), LostAnswer("BatchWriteItem"), Throttle("BatchGetItem")]
    faulty = FaultyClient(dynamodb, faults)
    report = migrate(users, Repo(Person, table=name_of(people), client=faulty), to_person, page_size=30)
    assert report.verified == 120
    assert faulty.exhausted


def test_two_items_with_one_key_are_told_and_not_counted_as_arrived(users: Repo[User], people: Repo[Person]) -> None:
    def clash(user: User) -> Person:
        return Person(id="same" if user.number < 2 else user.pk, name=user.pk)

    with pytest.raises((CallError, MigrationIncomplete), match="one key"):
        migrate(users, people, clash, page_size=1)


def test_what_another_changed_in_the_target_is_found(users: Repo[User], people: Repo[Person]) -> None:
    def meddle(progress: MigrationProgress) -> None:
        if progress.finished and progress.phase == "copying":
            people.delete(("u1", 0))
            people.update(("u2", 0), Attr(fields(Person).name).set("other"))

    with pytest.raises(MigrationIncomplete, match="2 of 120") as found:
        migrate(users, people, to_person, progress=meddle)
    assert sorted(key["id"]["S"] for key in found.value.keys) == ["u1", "u2"]
    assert found.value.report is not None
    assert found.value.report.verified == 118


def test_a_checkpoint_of_another_migration_is_refused(
    users: Repo[User], people: Repo[Person], dynamorm_repo: MakeRepo, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "migration.json"
    migrate(users, people, to_person, checkpoint=checkpoint, verify=False)
    with pytest.raises(CallError, match="of another migration"):
        migrate(users, dynamorm_repo(Person), to_person, checkpoint=checkpoint)
    whole = json.loads(checkpoint.read_text())
    checkpoint.write_text(json.dumps(whole | {"segments": []}))
    with pytest.raises(CallError, match="of another migration"):
        migrate(users, people, to_person, checkpoint=checkpoint)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("{", id="cut"),
        pytest.param("[]", id="a list"),
        pytest.param('{"format": 1, "about": [], "segments": []}', id="about nothing"),
        pytest.param('{"format": 1, "about": {}, "segments": [{"read": "many"}]}', id="no count"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused(
    users: Repo[User], people: Repo[Person], tmp_path: Path, damage: str
) -> None:
    checkpoint = tmp_path / "migration.json"
    checkpoint.write_text(damage)
    with pytest.raises(CallError, match="is not a checkpoint"):
        migrate(users, people, to_person, checkpoint=checkpoint)


def test_a_place_that_takes_no_checkpoint_is_refused_before_anything_is_written(
    users: Repo[User], people: Repo[Person], tmp_path: Path
) -> None:
    with pytest.raises(CallError, match="is not a directory for a checkpoint"):
        migrate(users, people, to_person, checkpoint=tmp_path / "none" / "migration.json")
    with pytest.raises(CallError, match="is not a checkpoint"):
        migrate(users, people, to_person, checkpoint=tmp_path)
    assert people.scan().first() is None


def test_within_one_table_a_filter_is_asked_for(users: Repo[User], dynamodb: DynamoDBClient) -> None:
    def renamed(user: User) -> User:
        return User(pk=f"new-{user.pk}", number=-1)

    for same in (users, Repo(User, table=name_of(users), client=dynamodb)):
        with pytest.raises(CallError, match="filter="):
            migrate(users, same, renamed)
    report = migrate(users, users, renamed, filter=Attr(fields(User).number) >= 0)
    assert (report.read, report.verified) == (120, 120)
    assert users.scan().count() == 240


def test_transform_has_to_give_items_of_the_target(users: Repo[User], people: Repo[Person]) -> None:
    def unchanged(user: User) -> User:
        return user

    wrong: Any = unchanged
    with pytest.raises(CallError, match="gives a User, not a Person"):
        migrate(users, people, wrong)


def test_the_rate_is_kept(users: Repo[User], people: Repo[Person]) -> None:
    began = time.monotonic()
    migrate(users, people, to_person, segments=1, writes_per_second=60, verify=False)
    assert time.monotonic() - began >= 0.5  # 60 units are free at the start, the rest have to wait


def test_the_progress_bar_counts_up_to_the_end(users: Repo[User], people: Repo[Person]) -> None:
    screen, clock = StringIO(), FrozenClock()
    migrate(users, people, to_person, page_size=40, progress=ProgressBar(screen, width=10, clock=clock.monotonic))
    lines = screen.getvalue().split("\n")
    assert lines[0].endswith("copying   [##########] 120 of about 120")
    assert lines[1].endswith("verifying [##########] 120 of about 120")


# --- killed ---------------------------------------------------------------------------------------

_MIGRATE = """
import sys
sys.path.insert(0, sys.argv[1])
import boto3
from test_migration_local import Person, Repo, User, migrate, to_person

endpoint, users, people, checkpoint = sys.argv[2:]
client = boto3.client("dynamodb", endpoint_url=endpoint)
report = migrate(
    Repo(User, table=users, client=client), Repo(Person, table=people, client=client), to_person,
    checkpoint=checkpoint, page_size=250, progress=lambda progress: print(progress.phase, progress.done, flush=True),
)
print(report)
"""
_ITEMS = 20_000


def test_a_migration_that_is_killed_three_times_ends_with_every_item_once(
    dynamorm_repo: MakeRepo, dynamodb: DynamoDBClient, dynamodb_endpoint: str, tmp_path: Path
) -> None:
    users, people = dynamorm_repo(User), dynamorm_repo(Person)
    fill(dynamodb, name_of(users), range(_ITEMS))
    command = [sys.executable, "-c", _MIGRATE, str(Path(__file__).parent), dynamodb_endpoint]
    command += [name_of(users), name_of(people), str(tmp_path / "checkpoint.json")]

    reached = [_kill_when(command, done) for done in (3_000, 8_000, 14_000)]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True, timeout=300)

    assert reached == sorted(reached)
    first = int(ended.stdout.split()[1])
    assert first >= reached[-1], "the last run went on, and did not begin anew"
    assert f"written={_ITEMS}, skipped=0, verified={_ITEMS}" in ended.stdout
    assert sorted(int(each.name.removeprefix("user ")) for each in people.scan(segments=2)) == list(range(_ITEMS))


def _kill_when(command: list[str], done: int) -> int:
    """Run the migration, kill it in the middle of its work, and return how far it said it was."""
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        reached = int(line.split()[1])
        if reached >= done:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            return reached
    raise AssertionError("it ended before it was killed")


def test_machines_share_a_migration_by_ranges_of_segments(
    users: Repo[User], people: Repo[Person], tmp_path: Path
) -> None:
    shares = [range(3), range(3, 4), range(4, 6)]
    for number, share in enumerate(shares):
        checkpoint = tmp_path / f"{number}.json"
        first = migrate(users, people, to_person, segments=share, total_segments=6, checkpoint=checkpoint)
        again = migrate(users, people, to_person, segments=share, total_segments=6, checkpoint=checkpoint, verify=False)
        assert (again.read, again.written) == (first.read, first.written)
        assert first.verified == first.written
    read = sum(
        sum(each["read"] for each in json.loads((tmp_path / f"{number}.json").read_text())["segments"])
        for number in range(len(shares))
    )
    assert read == 120
    assert {each.id for each in people.scan()} == {each.pk for each in users.scan()}
    with pytest.raises(CallError, match="another migration"):
        migrate(users, people, to_person, segments=range(1, 4), total_segments=6, checkpoint=tmp_path / "0.json")


@pytest.mark.parametrize(
    "share",
    [
        {"segments": range(2)},
        {"segments": 2, "total_segments": 4},
        {"segments": range(3, 5), "total_segments": 4},
        {"segments": range(-1, 2), "total_segments": 4},
        {"segments": range(0), "total_segments": 4},
        {"segments": range(1), "total_segments": 0},
    ],
)
def test_a_share_that_is_none_is_refused(users: Repo[User], people: Repo[Person], share: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="segments"):
        migrate(users, people, to_person, **share)
