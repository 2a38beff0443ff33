"""`dynamorm table` against a local DynamoDB, and the command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.commands import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def local(dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str) -> Iterator[str]:
    """Give the options that name a table of this test in the local DynamoDB."""
    yield f"--table {unique_table_name} --endpoint-url {dynamodb_endpoint} --region us-east-1"
    if unique_table_name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=unique_table_name)


def test_a_table_is_created_and_described(run: Run, local: str, unique_table_name: str) -> None:
    assert run(f"table create shop:Item {local}") == (0, f"created {unique_table_name}\n", "")
    rows = [row.split("\t") for row in run(f"table describe shop:Item {local}")[1].splitlines()]
    assert [row[:4] for row in rows] == [
        ["table", unique_table_name, "pk (S)", "ACTIVE"],
        ["global index", "by-owner", "owner (S)", "ACTIVE"],
    ]
    assert json.loads(run(f"table describe shop:Item {local} --json")[1])["TableName"] == unique_table_name
    code, _, err = run(f"table create shop:Item {local}")
    assert code == 3
    assert unique_table_name in err


def test_a_table_is_created_without_the_key_of_its_encryption(run: Run, local: str, unique_table_name: str) -> None:
    code, out, _ = run(f"table create safe:Secret {local} --json")
    assert (code, json.loads(out)["TableName"]) == (0, unique_table_name)
    assert run(f"table compare safe:Secret {local}") == (0, "", "")


def test_a_table_that_lacks_something_exits_1_with_the_repair(run: Run, local: str) -> None:
    run(f"table create safe:Nameless {local}")
    code, out, _ = run(f"table compare shop:Item {local}")
    assert code == 1
    ((kind, subject, _, _, repair),) = (line.split("\t") for line in out.splitlines())
    assert (kind, subject) == ("change", "index 'by-owner'")
    assert "ensure()" in repair
    (found,) = json.loads(run(f"table compare shop:Item {local} --json")[1])
    assert found["kind"] == "change"


def test_a_table_is_ensured_after_asking(run: Run, local: str, unique_table_name: str) -> None:
    code, _, err = run(f"table ensure shop:Item {local}")
    assert (code, f"create table '{unique_table_name}': add --yes" in err) == (2, True)
    assert run(f"table ensure shop:Item --yes {local}") == (0, f"created {unique_table_name}\n", "")
    assert run(f"table ensure shop:Item {local}") == (0, f"{unique_table_name} is as its models need it\n", "")
    assert run(f"table ensure shop:Item --json {local}") == (0, "[]\n", "")


def test_what_a_table_lacks_is_listed_and_built(run: Run, local: str, unique_table_name: str) -> None:
    run(f"table create safe:Nameless {local}")
    code, out, err = run(f"table ensure shop:Item {local}")
    assert (code, out.split("\t")[1]) == (2, "index 'by-owner'")
    assert f"change table '{unique_table_name}'" in err
    assert run(f"table compare shop:Item {local}")[0] == 1
    code, out, _ = run(f"table ensure shop:Item --yes {local}")
    assert (code, out.splitlines()[-1]) == (0, f"changed {unique_table_name}: index 'by-owner'")
    assert run(f"table compare shop:Item {local}") == (0, "", "")


def test_a_table_is_deleted_after_asking(run: Run, local: str, unique_table_name: str) -> None:
    run(f"table create shop:Item {local}")
    code, out, err = run(f"table delete shop:Item {local}")
    assert (code, out, "with every item in it: add --yes" in err) == (2, "", True)
    assert run(f"table describe shop:Item {local}")[0] == 0
    assert run(f"table delete shop:Item --yes {local}") == (0, f"deleted {unique_table_name}\n", "")
    code, _, err = run(f"table delete shop:Item --yes {local}")
    assert (code, "does not exist" in err) == (3, True)


def test_a_module_names_all_its_models_of_one_table(run: Run, local: str) -> None:
    run(f"table create mall {local}")
    assert run(f"table compare mall {local}") == (0, "", "")
    assert [row.split("\t")[1] for row in run(f"table describe mall {local}")[1].splitlines()][1:] == ["by-status"]
    code, out, _ = run(f"table compare mall:Customer {local}")
    assert (code, out.startswith("extra\t")) == (0, True)


def test_what_a_table_has_besides_is_told_and_no_fault(run: Run, local: str) -> None:
    run(f"table create shop:Item {local}")
    assert run(f"table compare shop:Item {local} --json") == (0, "[]\n", "")
    code, out, _ = run(f"table compare safe:Nameless {local}")
    assert code == 0
    assert out.startswith("extra\tindex 'by-owner'")


def test_a_table_that_is_not_there_exits_3(run: Run, local: str) -> None:
    for verb in ("describe", "compare"):
        code, out, err = run(f"table {verb} shop:Item {local}")
        assert (code, out) == (3, "")
        assert "does not exist" in err


def test_the_command_of_another_process_neither_wraps_nor_colours_in_a_pipe(local: str, run: Run) -> None:
    assert run(f"table create shop:Item {local}")[0] == 0
    command = [sys.executable, "-m", "dynamorm_py", "table", "describe", "shop:Item", *local.split()]
    environment = {**os.environ, "COLUMNS": "20", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.count("\t") for line in done.stdout.splitlines()] == [5, 5]
    assert "\x1b" not in done.stdout


def test_the_package_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dynamorm_py", "--version"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.startswith("dynamorm-py 0.")


def test_the_shell_completes_the_verbs() -> None:
    asked = {"_DYNAMORM_COMPLETE": "complete_bash", "COMP_WORDS": "dynamorm table ", "COMP_CWORD": "2"}
    source = "import sys; sys.argv = ['dynamorm']; from dynamorm_py.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | asked
    )
    assert done.stdout.split() == ["create", "ensure", "delete", "describe", "compare", "export", "diagram"]
