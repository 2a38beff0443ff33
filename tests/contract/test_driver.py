"""The scenarios through a driver of any language (`--driver`), and what the suite says of a broken one."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import dms
from tests.contract import parity
from tests.contract.child import ChildDriver, DriverFailed, started
from tests.contract.python_driver import OPS, answers
from tests.contract.runner import StepFailed, run
from tests.contract.scenarios import FIXTURES, Scenario, Step, load
from tests.contract.tables import documented, table_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.child import Child

FILES = sorted((FIXTURES / "scenarios").rglob("*.yml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_runs_through_the_driver(file: Path, play: Callable[[Scenario], StepFailed | None]) -> None:
    failed = play(load(file))
    assert failed is None, str(failed)


def test_the_driver_reads_a_dms_version_of_the_scenarios(child: Child) -> None:
    assert "0.1" in child.hello.dms_versions


def test_the_matrix_of_features_shows_what_the_scenarios_did(
    child: Child, play: Callable[[Scenario], StepFailed | None]
) -> None:
    """To renew it, write what `parity.renewed` gives into the page."""
    if child.hello.language != "py":
        return  # the page's column is ours
    passed = {scenario.name: play(scenario) is None for scenario in map(load, FILES)}
    page = parity.PAGE.read_text()
    assert page == parity.renewed(page, passed)


def test_every_scenario_shows_a_feature() -> None:
    shown = [name for row in parity.rows() for name in row.get("scenarios", [])]
    assert sorted(shown) == sorted(load(file).name for file in FILES)


# --- drivers that are broken --------------------------------------------------------------------

PREFACE = """
import json, sys
from tests.contract.python_driver import answers

def good(line):
    return json.loads(next(answers([line])))

def reply(line, **answer):
    print(json.dumps({"id": json.loads(line)["id"], **answer}), flush=True)

hello = sys.stdin.readline()
print(json.dumps(good(hello)), flush=True)
for line in sys.stdin:
"""


def command(source: str) -> str:
    """Return the command line of a driver written in Python."""
    return shlex.join([sys.executable, "-c", source])


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param("reply(line)", "step 2 (create): AssertionError: error is None, not 'ErrCond", id="does nothing"),
        pytest.param(
            "answer = good(line); answer.pop('error', None); reply(line, **answer)",
            "step 2 (create): AssertionError: error is None, not 'ErrConditionFailed'",
            id="swallows errors",
        ),
        pytest.param(
            "answer = good(line); answer['error'] = 'ErrItemNotFound'; reply(line, **answer)",
            "step 1 (create): AssertionError: create failed with ErrItemNotFound",
            id="refuses everything",
        ),
        pytest.param(
            "answer = good(line); item = answer.get('item') or {}; item |= {'nickname': 'Bob'} if item else {}\n"
            "    reply(line, **answer)",
            "step 3 (get): AssertionError: nickname is 'Bob', not 'Al'",
            id="gives another value",
        ),
        pytest.param(
            "answer = good(line); (answer.get('item') or {}).pop('tags', None); reply(line, **answer)",
            "step 3 (get): AssertionError: tags is not in the item",
            id="loses an attribute",
        ),
        pytest.param("sys.exit(3)", "step 1 (create): DriverFailed: it ended with code 3", id="ends"),
        pytest.param("print('oops', flush=True)", "its answer is no JSON: 'oops'", id="talks"),
        pytest.param("print('{\"id\": 99}', flush=True)", "its answer is not to question 2", id="answers another"),
        pytest.param("reply(line, failure='no table')", "it failed: no table (at {", id="says that it failed"),
    ],
)  # fmt: skip
def test_a_broken_driver_fails_the_scenario_and_the_message_says_how(
    body: str,
    complaint: str,
    environment: dict[str, str],
    dynamodb: DynamoDBClient,
    unique_table_name: str,
) -> None:
    scenario = load(FIXTURES / "scenarios" / "p0" / "01-crud-basic.yml")
    table = unique_table_name
    with (
        table_of(documented(scenario.model), table, dynamodb),
        started(command(f"{PREFACE}    {body}\n"), environment) as broken,
        pytest.raises(StepFailed) as failed,
    ):
        run(scenario, ChildDriver(broken, scenario.model, table), dynamodb, table)
    assert str(failed.value).startswith("p0.crud.basic, ")
    assert complaint in str(failed.value)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "it ended with code 0 instead of answering"),
        ("input(); print('{}')", "not to question 1"),
        ("input(); print('{\"id\": 1}')", "its hello lacks 'language'"),
        ("input(); print('[]')", "not to question 1"),
    ],
)
def test_a_driver_that_does_not_say_hello_is_told_apart(source: str, complaint: str) -> None:
    with pytest.raises(DriverFailed, match=complaint), started(command(source), {}):
        raise AssertionError("it said hello")


def test_a_driver_that_hangs_is_given_up_and_ended() -> None:
    hanging = "import time; time.sleep(600)"
    with (
        pytest.raises(DriverFailed, match=r"no answer in 0.2 s to .*hello"),
        started(command(hanging), {}, seconds=0.2),
    ):
        raise AssertionError("it said hello")


def test_an_op_that_the_driver_lacks_is_named(child: Child) -> None:
    with pytest.raises(DriverFailed, match="has no op 'fly': it has create, delete"):
        ChildDriver(child, "User", "users").perform(Step("fly", {}, {}, {}))


# --- our driver ---------------------------------------------------------------------------------


def answer(**question: Any) -> dict[str, Any]:  # noqa: ANN401 -- any question
    return json.loads(next(answers([json.dumps({"id": 7, **question})])))


def test_our_driver_says_what_it_can() -> None:
    said = answer(op="hello", protocol=1)
    assert said == {"id": 7, "language": "py", "dms_versions": list(dms.SUPPORTED_VERSIONS), "ops": list(OPS)}


def test_our_driver_refuses_another_protocol() -> None:
    assert answer(op="hello", protocol=2) == {"id": 7, "failure": "this driver speaks protocol 1"}


def test_our_driver_tells_its_own_failures_from_refusals() -> None:
    assert answer(op="get", model="Nothing", table="users", arguments={})["failure"] == "KeyError: 'Nothing'"


@pytest.mark.parametrize("model", ["User", "Order", "Sample"])
def test_a_model_of_our_driver_equals_its_document(model: str) -> None:
    from tests.contract.models import MODELS

    assert dms.compare(MODELS[model], documented(model)) == []
