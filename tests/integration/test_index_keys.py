"""The public trouble list of single-table libraries, a test each: index keys after partial updates, sparse indexes,
composite order. The numbers are those of ElectroDB's issues where such a trouble was reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    Attribute,
    DynamoModel,
    InvalidExpression,
    Key,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    fields,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRepo = Callable[..., Repo[Any]]


class Task(DynamoModel, table="tasks"):
    project: str
    number: int
    status: Annotated[str, Attribute("task_status")] = "open"
    team: str | None = None
    label: Annotated[str, OmitEmpty()] = ""
    backup: str | None = None
    points: int = 0
    note: str = ""
    pk = PartitionKey("PROJECT#{project}")
    sk = SortKey("TASK#{number:06}")
    by_project = PartitionKey("P#{project}", index="by-project")
    by_points = SortKey("{points:04}#{number:06}", index="by-project")
    by_status = PartitionKey("S#{project}#{status}", index="by-status")
    by_team = PartitionKey("T#{team}#{status}", index="by-team")
    by_label = PartitionKey("L#{label}", index="by-label")


t = fields(Task)
ONE = key_of(Task, project="p", number=1)


@pytest.fixture
def tasks(dynamorm_repo: MakeRepo) -> Repo[Task]:
    tasks = dynamorm_repo(Task)
    tasks.create(Task(project="p", number=1, team="blue"))
    return tasks


def found(tasks: Repo[Task], *conditions: Any, index: str | None = None) -> list[int]:  # noqa: ANN401 -- key conditions
    return [task.number for task in tasks.query(*conditions, index=index)]


def test_an_update_that_creates_an_item_writes_index_keys_made_of_the_tables_key(tasks: Repo[Task]) -> None:
    """Issue 286."""
    tasks.update(key_of(Task, project="p", number=2), Attr(t.note).set("new"))
    assert found(tasks, Key(t.project) == "p", index="by-project") == [1, 2]
    assert found(tasks, Key(t.project) == "p", Key(t.status) == "open") == [1, 2]


def test_an_update_of_one_part_takes_the_others_from_the_tables_key(tasks: Repo[Task]) -> None:
    """Issue 406."""
    tasks.update(ONE, Attr(t.points).set(7))
    assert tasks.get(ONE).by_points == "0007#000001"


def test_half_a_key_is_never_written(tasks: Repo[Task]) -> None:
    """Issue 372."""
    with pytest.raises(InvalidExpression, match=r"Task\.status"):
        tasks.update(ONE, Attr(t.team).set("red"))
    with pytest.raises(InvalidExpression, match=r"Task\.team"):
        tasks.patch(ONE, {"status": "done"})
    assert found(tasks, Key(t.team) == "blue", Key(t.status) == "open") == [1]


def test_a_patch_that_touches_no_part_needs_none(tasks: Repo[Task]) -> None:
    """Issue 182."""
    assert tasks.patch(ONE, {"note": "n"}).note == "n"
    tasks.update(ONE, Attr(t.note).remove())
    assert found(tasks, Key(t.team) == "blue", Key(t.status) == "open") == [1]


def test_an_attribute_of_another_name_feeds_the_key(tasks: Repo[Task]) -> None:
    """Pull request 320."""
    tasks.update(ONE, Attr(t.status).set("done"), Attr(t.team).set("blue"))
    assert found(tasks, Key(t.team) == "blue", Key(t.status) == "done") == [1]
    assert found(tasks, Key(t.project) == "p", Key(t.status) == "open") == []


def test_the_new_value_counts_and_not_the_one_that_is_a_condition(tasks: Repo[Task]) -> None:
    """Issue 481."""
    task = tasks.get(ONE)
    tasks.update(task, Attr(t.status).set("done"))
    assert found(tasks, Key(t.team) == "blue", Key(t.status) == "done") == [1]


def test_a_part_that_is_none_leaves_the_item_out_and_a_value_brings_it_in(tasks: Repo[Task]) -> None:
    """Issues 366, 445."""
    stored = tasks.create(Task(project="p", number=2))
    assert stored.by_team is None
    assert "by_team" not in stored.to_item()
    tasks.update(stored, Attr(t.team).set("red"))
    assert found(tasks, Key(t.team) == "red", Key(t.status) == "open") == [2]
    tasks.update(stored, Attr(t.team).remove())
    assert found(tasks, Key(t.team) == "red", Key(t.status) == "open") == []


def test_a_sparse_index_is_left_by_every_kind_of_update(tasks: Repo[Task]) -> None:
    """Issue 479."""

    def leave(change: Callable[[], object]) -> None:
        tasks.update(ONE, Attr(t.team).set("blue"), Attr(t.status).set("open"))
        assert found(tasks, Key(t.team) == "blue", Key(t.status) == "open") == [1]
        change()
        assert found(tasks, Key(t.team) == "blue", Key(t.status) == "open") == []

    leave(lambda: tasks.update(ONE, Attr(t.team).remove()))
    leave(lambda: tasks.update(ONE, Attr(t.team).set(None)))
    leave(lambda: tasks.patch(ONE, {"team": None}))
    leave(lambda: tasks.update(tasks.get(ONE).model_copy(update={"team": None}), fields={"team"}))
    leave(lambda: tasks.put(Task(project="p", number=1)))
    leave(lambda: tasks.delete(ONE))


def test_an_empty_value_that_is_left_out_leaves_the_index_too(tasks: Repo[Task]) -> None:
    assert "by_label" not in tasks.get(ONE).to_item()
    assert tasks.update(ONE, Attr(t.label).set("x")).by_label == "L#x"
    assert found(tasks, Key(t.label) == "x") == [1]
    tasks.patch(ONE, {"label": ""})
    assert found(tasks, Key(t.label) == "x") == []
    tasks.update(ONE, Attr(t.label).set("x"))
    tasks.update(ONE, Attr(t.label).set(""))
    assert found(tasks, Key(t.label) == "x") == []


def test_numbers_of_a_composite_sort_as_numbers(tasks: Repo[Task]) -> None:
    for number, points in ((2, 9), (3, 10), (4, 100)):
        tasks.create(Task(project="p", number=number, points=points))
    assert found(tasks, Key(t.project) == "p", index="by-project") == [1, 2, 3, 4]
    assert found(tasks, Key(t.project) == "p", Key(t.points) >= 10) == [3, 4]
    assert found(tasks, Key(t.project) == "p", Key(t.points).between(9, 10)) == [2, 3]


def test_a_comparison_never_leaves_its_own_kind(dynamorm_repo: MakeRepo) -> None:
    """Pull request 533."""

    class Zebra(DynamoModel, table="tasks"):
        project: str
        number: int
        pk = PartitionKey("PROJECT#{project}")
        sk = SortKey("ZEBRA#{number:06}")

    zebras = dynamorm_repo(Zebra)
    tasks = Repo(Task, table=zebras.__dynamorm_context__.table.name, client=zebras.__dynamorm_context__.client)
    zebras.create(Zebra(project="p", number=5))
    zebras.create(Zebra(project="p", number=1))
    condition = Key(t.project) == "p"
    assert found(tasks, condition, Key(t.number) > 0) == []
    assert found(tasks, condition, Key(t.number) < 9) == []


def test_a_value_of_another_attribute_is_known_after_reading(tasks: Repo[Task]) -> None:
    tasks.update(ONE, Attr(t.backup).set("green"))
    with pytest.raises(InvalidExpression):
        tasks.update(ONE, Attr(t.team).set(Attr(t.backup)), Attr(t.status).set("open"))
    updated = tasks.update(ONE, Attr(t.team).set(Attr(t.backup)), read=True)
    assert (updated.team, updated.by_team) == ("green", "T#green#open")
