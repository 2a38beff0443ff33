"""What the suite says of a driver that is broken: which step of which scenario, and how it differs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.child import ChildDriver, DriverFailed, started
from tests.contract.runner import StepFailed, Tally, run
from tests.contract.scenarios import FIXTURES, Step, load

if TYPE_CHECKING:
    from tests.contract.child import Child
    from tests.contract.conftest import Stages

PREFACE = """
import json, sys
from tests.contract.python_driver import PythonDriver

driver = PythonDriver()

def reply(**answer):
    print(json.dumps({"id": question["id"], **answer}), flush=True)

question = json.loads(sys.stdin.readline())
reply(**driver.answer(question))
for line in sys.stdin:
    question = json.loads(line)
    answer = driver.answer(question)
"""


def command(source: str) -> str:
    """Return the command line of a driver written in Python."""
    return shlex.join([sys.executable, "-c", source])


def broken(tier: str, scenario: str, body: str, complaint: str, name: str) -> Any:  # noqa: ANN401 -- a case
    """Return a case: ours answers each question as `answer`, and `body` spoils it."""
    source = PREFACE + "\n".join(f"    {line}" for line in body.splitlines())
    return pytest.param(f"{tier}/{scenario}.yml", source, complaint, id=f"{tier} {name}")


@pytest.mark.parametrize(
    ("file", "source", "complaint"),
    [
        broken("p0", "01-crud-basic", "reply()", "step 2 (create): AssertionError: error is None, not", "says nothing"),
        broken(
            "p0",
            "01-crud-basic",
            "answer.pop('error', None); reply(**answer)",
            "step 2 (create): AssertionError: error is None, not 'ErrConditionFailed'",
            "swallows errors",
        ),
        broken(
            "p0",
            "01-crud-basic",
            "reply(error='ErrItemNotFound')",
            "step 1 (create): AssertionError: create failed with ErrItemNotFound",
            "refuses everything",
        ),
        broken(
            "p0",
            "01-crud-basic",
            "answer['item'] = answer.get('item') and answer['item'] | {'nickname': 'Bob'}; reply(**answer)",
            "step 3 (get): AssertionError: nickname is 'Bob', not 'Al'",
            "gives another value",
        ),
        broken(
            "p0",
            "01-crud-basic",
            "(answer.get('item') or {}).pop('tags', None); reply(**answer)",
            "step 3 (get): AssertionError: tags is not in the item",
            "loses an attribute",
        ),
        broken("p0", "01-crud-basic", "sys.exit(3)", "step 1 (create): DriverFailed: it ended with code 3", "ends"),
        broken("p0", "01-crud-basic", "print('oops', flush=True)", "its answer is not JSON: 'oops'", "talks"),
        broken("p0", "01-crud-basic", "print('{\"id\": 99}', flush=True)", "is not to question 2", "answers another"),
        broken("p0", "01-crud-basic", "reply(failure='no table')", "it failed: no table (at {", "says that it failed"),
        broken(
            "p1",
            "01-key-operators",
            "answer.get('items', []).reverse(); reply(**answer)",
            "step 6 (query): AssertionError: items differ (- expected, + found):\n"
            '+ {"PK": "T", "SK": "C"}\n+ {"PK": "T", "SK": "B#1"}\n+ {"PK": "T", "SK": "A#2"}\n'
            '  {"PK": "T", "SK": "A#1"}\n- {"PK": "T", "SK": "A#2"}\n',
            "reads in another order",
        ),
        broken(
            "p1",
            "07-filters",
            "if 'filter' in question['arguments']:\n"
            "    del question['arguments']['filter']; answer = driver.answer(question)\n"
            "reply(**answer)",
            'step 4 (query): AssertionError: items differ (- expected, + found):\n'
            '+ {"SK": "1"}\n+ {"SK": "2"}\n  {"SK": "3"}',
            "leaves the filter out",
        ),
        broken(
            "p1",
            "02-index-selection",
            "if answer.get('error') == 'ErrIndexNotFound':\n"
            "    answer = driver.answer({**question, 'op': 'scan', 'arguments': {}}) | {'error': 'ErrIndexNotFound'}\n"
            "reply(**answer)",
            "step 7 (query): AssertionError: requests differ (- expected, + found):\n+ Scan",
            "scans in silence",
        ),
        broken(
            "p1",
            "04-pages-and-cursors",
            "answer['cursor'] = answer.get('cursor') and answer['cursor'].rstrip('='); reply(**answer)",
            "cursor is 'eyJsYXN0S2V5Ijp7IlBLIjp7IlMiOiJQIn0sIlNLIjp7IlMiOiIyIn19LCJzb3J0IjoiQVNDIn0', not 'eyJ",
            "writes another token",
        ),
        broken(
            "p2",
            "01-batch-get",
            "answer.pop('missing', None); reply(**answer)",
            "step 4 (batch_get): AssertionError: the step gave no missing",
            "forgets what is missing",
        ),
        broken(
            "p2",
            "02-batch-get-leftovers",
            "reply(**driver.answer(question) if question['op'] == 'batch_get' else answer)",
            "step 4 (batch_get): AssertionError: requests differ (- expected, + found):\n",
            "asks too often",
        ),
        broken(
            "p2",
            "05-transact-write",
            "for reason in answer.get('reasons', []): reason['code'] = None\nreply(**answer)",
            '- {"code": "ConditionalCheckFailed", "item": {"SK": "2", "nickname": "made"}}\n',
            "gives no reasons",
        ),
        broken(
            "p3",
            "02-expired",
            "answer['change']['expired'] = False; reply(**answer)",
            "step 1 (unmarshal_stream): AssertionError: expired is False, not True",
            "sees nothing expire",
        ),
        broken(
            "p3",
            "01-view-types",
            "answer['change']['new'] = answer['change']['old']; reply(**answer)",
            "step 1 (unmarshal_stream): AssertionError: new.nickname is 'Al', not 'Ada'",
            "takes one image for the other",
        ),
        broken(
            "p4",
            "01-written",
            "import boto3\n"
            "if question['op'] == 'put':\n"
            "    item = {name: {'S': question['arguments']['item'][name]} for name in ('PK', 'SK', 'name', 'secret')}\n"
            "    boto3.client('dynamodb').put_item(TableName=question['tables']['Vault'], Item=item)\n"
            "reply(**answer)",
            "secret is stored as {}, not as an envelope {'v': 'N', 'edk': 'B', 'nonce': 'B', 'ct': 'B'}",
            "stores in clear",
        ),
        broken(
            "p4",
            "05-fail-closed",
            "question['encryption'] = 'kms'; reply(**driver.answer(question))",
            "step 1 (put): AssertionError: error is None, not 'ErrEncryptionNotConfigured'",
            "stays open",
        ),
    ],
)  # fmt: skip
def test_a_broken_driver_fails_the_scenario_and_the_message_says_how(
    file: str, source: str, complaint: str, environment: dict[str, str], stages: Stages
) -> None:
    scenario = load(FIXTURES / "scenarios" / file)
    with (
        stages.of(scenario) as stage,
        started(command(source), environment, key_arn=stage.kms.key_arn) as spoiled,
        pytest.raises(StepFailed) as failed,
    ):
        run(scenario, ChildDriver(spoiled, stage.tables), stage)
    assert str(failed.value).startswith(f"{scenario.name}, ")
    assert complaint in str(failed.value)


def test_the_option_names_the_driver_and_the_run_fails_with_the_difference(dynamodb_endpoint: str) -> None:
    spoiled = command(PREFACE + "    reply(**{**answer, 'items': []})")
    one = "tests/contract/test_driver.py::test_a_scenario_runs_through_the_driver[p1-01-key-operators]"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", one, "--driver", spoiled],
        env={**os.environ, "DYNAMODB_ENDPOINT": dynamodb_endpoint},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "items differ (- expected, + found):" in ended.stdout
    assert '- {"PK": "T", "SK": "A#1"}' in ended.stdout


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
    with pytest.raises(DriverFailed, match="has no op 'fly': it has batch_get, batch_write"):
        ChildDriver(child, {"User": "users"}).perform(Step("fly", {}, "User"))


def spoiled(stages: Stages, environment: dict[str, str], body: str, file: str) -> Tally:
    """Play a scenario through a driver whose answers `body` changes, step by step to the end."""
    source = PREFACE + "\n".join(f"    {line}" for line in body.splitlines())
    scenario = load(FIXTURES / "scenarios" / file)
    running = started(command(source), environment, key_arn=stages.keys.key_arn)
    with running as child, stages.of(scenario, child.hello.aad_prefix) as stage:
        return run(scenario, ChildDriver(child, stage.tables, stage.types), stage, all_steps=True)


def test_what_a_driver_does_not_support_is_counted_apart(stages: Stages, environment: dict[str, str]) -> None:
    body = "reply(unsupported='no deletes') if question['op'] == 'delete' else reply(**answer)"
    tally = spoiled(stages, environment, body, "p0/11-error-codes.yml")
    assert [text.partition(": ")[2] for text in tally.unsupported] == ["no deletes"] * 3
    assert tally.unsupported[0].startswith("p0.errors.codes, step 2 (delete)")
    assert tally.steps == tally.passed + len(tally.failed) + 3


def test_a_driver_that_gives_no_item_of_a_write_is_held_to_what_is_stored(
    stages: Stages, environment: dict[str, str]
) -> None:
    body = "writes = {'create', 'put', 'update', 'delete'}\n"
    body += "if question['op'] in writes and 'error' not in answer: answer.pop('item', None)\nreply(**answer)"
    for file in ("p0/01-crud-basic.yml", "p0/04-version-optimistic-lock.yml", "p0/10-sets.yml"):
        assert spoiled(stages, environment, body, file).failed == []


def test_all_steps_count_what_passes_after_a_failure(stages: Stages, environment: dict[str, str]) -> None:
    body = "reply(**(answer | {'error': 'ErrX', 'message': 'why'} if question['op'] == 'create' else answer))"
    tally = spoiled(stages, environment, body, "p0/01-crud-basic.yml")
    assert tally.failed
    assert tally.passed
    assert "create failed with ErrX: why" in tally.failed[0]
