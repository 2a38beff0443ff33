"""`dynamorm item get|put|query|scan|delete|tail` and `dynamorm doctor`, against a local DynamoDB."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.commands import Run


@pytest.fixture
def at(dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str, run: Run) -> Iterator[str]:
    """Give the options that name a table of visits of this test, with three visits in it."""
    options = f"--table {unique_table_name} --endpoint-url {dynamodb_endpoint} --region us-east-1"
    assert run(f"table create shop:Visit {options}")[0] == 0
    visits = json.dumps([{"pk": "ada", "at": number} for number in (1, 2, 10)])
    assert run(f"item put shop:Visit --yes {options}", visits) == (0, "wrote 3 item(s)\n", "")
    yield options
    dynamodb.delete_table(TableName=unique_table_name)


def test_an_item_is_got_by_its_key_in_the_types_of_the_model(run: Run, at: str) -> None:
    assert run(f"item get shop:Visit ada 10 {at}") == (0, "pk\tada\nat\t10\n", "")
    assert json.loads(run(f"item get shop:Visit ada 10 --json {at}")[1]) == {"pk": "ada", "at": 10}


def test_a_missing_item_exits_3(run: Run, at: str) -> None:
    code, out, err = run(f"item get shop:Visit ada 7 {at}")
    assert (code, out) == (3, "")
    assert err.startswith("no Visit with this key in table ")
    assert ".key" not in err


def test_a_missing_table_is_answered_with_the_command_that_creates_it(run: Run, dynamodb_endpoint: str) -> None:
    at = f"--table nowhere --endpoint-url {dynamodb_endpoint} --region us-east-1"
    code, _, err = run(f"item get shop:Visit ada 1 {at}")
    assert code == 3
    assert "the table does not exist in this account, region and endpoint" in err
    assert "`dynamorm table ensure` creates it" in err


def test_a_key_of_another_shape_or_type_is_wrong_usage(run: Run, at: str) -> None:
    code, _, err = run(f"item get shop:Visit ada {at}")
    assert (code, "Visit has the key pk and at: give 2 values, not 1" in err) == (2, True)
    code, _, err = run(f"item get shop:Visit ada noon {at}")
    assert (code, err.startswith("at: ")) == (2, True)


def test_a_query_reads_conditions_as_the_fields_types(run: Run, at: str) -> None:
    assert run(f"item query shop:Visit pk=ada at>=2 {at}")[:2] == (0, "ada\t2\nada\t10\n")
    assert run(f"item query shop:Visit pk=ada -d --limit 1 {at}") == (
        0,
        "ada\t10\n",
        "the first 1: --limit shows more\n",
    )


def test_a_condition_that_says_none_names_the_operators(run: Run, at: str) -> None:
    code, _, err = run(f"item query shop:Visit pk {at}")
    assert (code, "write FIELD OPERATOR VALUE" in err) == (2, True)
    code, _, err = run(f"item query shop:Visit pk=ada at!=2 {at}")
    assert (code, "put it into --where" in err) == (2, True)
    code, _, err = run(f"item query shop:Visit whence=ada {at}")
    assert (code, "Visit has no field 'whence'" in err) == (2, True)


def test_a_scan_filters(run: Run, at: str) -> None:
    assert run(f"item scan shop:Visit {at}")[1].count("\n") == 3
    code, out, _ = run(f"item scan shop:Item --where size>3 {at}")
    assert (code, out) == (0, "")


def test_a_payload_that_the_model_refuses_writes_nothing(run: Run, at: str) -> None:
    code, _, err = run(f"item put shop:Visit --yes {at}", '[{"pk": "bo", "at": 1}, {"pk": "bo", "at": "noon"}]')
    assert (code, "Visit refuses it, nothing was written: 1.at: " in err) == (1, True)
    assert "noon" not in err
    assert run(f"item query shop:Visit pk=bo {at}")[:2] == (0, "")


def test_create_refuses_what_exists(run: Run, at: str) -> None:
    code, _, err = run(f"item put shop:Visit --create --yes {at}", '{"pk": "ada", "at": 1}')
    assert (code, err) == (
        3,
        "item 1 exists, 0 written before it: leave out --create to replace what exists\n",
    )


def test_a_change_asks_first_and_is_refused_where_nobody_can_be_asked(run: Run, at: str) -> None:
    code, _, err = run(f"item delete shop:Visit ada 1 {at}")
    assert (code, "add --yes" in err) == (2, True)
    assert run(f"item delete shop:Visit ada 1 --yes {at}") == (0, "deleted 1 item\n", "")
    assert run(f"item delete shop:Visit ada 1 --yes {at}")[0] == 1


def test_a_model_with_encrypted_fields_is_refused_with_the_ways(run: Run, at: str) -> None:
    code, _, err = run(f"item scan safe:Secret {at}")
    assert (code, "dynamorm item decode" in err) == (2, True)


def test_a_misspelt_class_is_answered_with_the_one_that_was_meant(run: Run) -> None:
    code, _, err = run("item get shop:Vist ada 1 --region us-east-1")
    assert (code, "did you mean shop:Visit?" in err) == (2, True)


@pytest.fixture
def mall(dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str, run: Run) -> Iterator[str]:
    """Give the options that name a table of customers and orders of this test, with one of each in it."""
    options = f"--table {unique_table_name} --endpoint-url {dynamodb_endpoint} --region us-east-1"
    assert run(f"table create mall {options}")[0] == 0
    run(f"item put mall:Customer --yes {options}", '{"customer": "7"}')
    run(f"item put mall:Order --yes {options}", '{"customer": "7", "number": 2}')
    yield options
    dynamodb.delete_table(TableName=unique_table_name)


def test_a_derived_key_is_said_by_its_parts_or_as_it_is_stored(run: Run, mall: str) -> None:
    order = {"kind": "order", "customer": "7", "number": 2, "status": "open"}
    for key in (
        "7 2",
        "CUSTOMER#7 ORDER#000002",
        "customer=7 number=2",
        "number=2 customer=7",
        "pk=CUSTOMER#7 sk=ORDER#000002",
    ):
        assert json.loads(run(f"item get mall:Order {key} --json {mall}")[1]) == order
    for conditions in ("customer=7 number>1", "pk=CUSTOMER#7 sk^=ORDER#"):
        assert json.loads(run(f"item query mall:Order {conditions} --json {mall}")[1]) == [order]
    code, _, err = run(f"item get mall:Order 7 2 3 {mall}")
    assert (code, "the key CUSTOMER NUMBER, or pk and sk as stored" in err) == (2, True)
    assert run(f"item delete mall:Customer 7 --yes {mall}") == (0, "deleted 1 item\n", "")


def test_a_misspelt_field_or_module_is_answered_with_the_one_that_was_meant(run: Run, mall: str) -> None:
    code, _, err = run(f"item query mall:Order custmer=7 {mall}")
    assert (code, "did you mean customer?" in err) == (2, True)
    code, _, err = run(f"item get mal:Order 7 2 {mall}")
    assert (code, "did you mean mall" in err) == (2, True)


def test_the_doctor_says_what_the_credentials_may_do_and_writes_nothing(
    run: Run, dynamodb: DynamoDBClient, dynamodb_endpoint: str
) -> None:
    at = f"--endpoint-url {dynamodb_endpoint} --region us-east-1"
    run(f"table create mall {at}")
    try:
        code, out, _ = run(f"doctor mall --json {at}")
        found = {check["what"]: check["found"] for check in json.loads(out)}
        assert code == 0
        for operation in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"):
            assert found[f"Order: {operation}"] == found[f"Customer: {operation}"] == "allowed"
        assert dynamodb.scan(TableName="mall")["Items"] == []
    finally:
        dynamodb.delete_table(TableName="mall")


def test_the_doctor_finds_a_table_that_is_not_there(run: Run, dynamodb_endpoint: str) -> None:
    code, out, _ = run(f"doctor shop:Item --endpoint-url {dynamodb_endpoint} --region us-east-1 --json")
    checks = {check["what"]: check for check in json.loads(out)}
    assert code == 1
    assert checks["region"]["found"] == "us-east-1"
    assert checks["endpoint"]["found"] == dynamodb_endpoint
    assert checks["clock"]["result"] == "fine"
    assert checks["Item: table shop-items"]["found"] == "TableNotFound"
    assert "dynamorm table ensure shop:Item" in checks["Item: table shop-items"]["repair"]


def test_the_doctor_asks_nobody_whom_the_credentials_name_where_the_endpoint_is_local(
    run: Run, dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_endpoint)
    code, out, _ = run("doctor --region us-east-1 --json")
    assert (code, {check["what"]: check["result"] for check in json.loads(out)}) == (
        0,
        {"region": "fine", "credentials": "fine", "endpoint": "fine", "clock": "fine"},
    )


def test_the_doctor_warns_where_sts_cannot_be_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # nothing leaves the machine
    _, out, _ = run("doctor --region us-east-1 --json")
    checks = {check["what"]: check for check in json.loads(out)}
    assert (checks["identity"]["result"], checks["identity"]["found"]) == ("warning", "EndpointConnectionError")
    assert "check the network" in checks["identity"]["repair"]


def test_the_doctor_says_that_nothing_answers(run: Run) -> None:
    code, out, _ = run("doctor --endpoint-url http://127.0.0.1:1 --region us-east-1 --json")
    assert code == 1
    assert "nothing answers at http://127.0.0.1:1" in json.loads(out)[-1]["repair"]


def test_the_tail_prints_each_change_of_the_stream(run: Run, at: str, dynamodb: DynamoDBClient) -> None:
    _with_stream(dynamodb, at)
    run(f"item put shop:Visit --yes {at}", '{"pk": "bo", "at": 5}')
    run(f"item delete shop:Visit bo 5 --yes {at}")
    code, out, _ = run(f"item tail shop:Visit --from-start --limit 2 --json {at}")
    visit = {"pk": "bo", "at": 5}
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"kind": "INSERT", "old": None, "new": visit},
        {"kind": "REMOVE", "old": visit, "new": None},
    ]


def _with_stream(dynamodb: DynamoDBClient, at: str) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    dynamodb.update_table(TableName=at.split()[1], StreamSpecification=stream)  # pyright: ignore[reportArgumentType] -- a literal


def test_the_tail_follows_a_live_stream_until_it_is_interrupted(
    run: Run, at: str, dynamodb: DynamoDBClient, tmp_path: Path
) -> None:
    _with_stream(dynamodb, at)
    interruptible = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # whatever the tests are
    begin = [sys.executable, "-c", f"{interruptible}; from dynamorm_py.cli import main; main()"]
    command = [*begin, "item", "tail", "shop:Visit", "--from-start", "--json", *at.split()]
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}  # as those of `run`
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as tail:
        assert tail.stdout is not None
        try:
            for number in range(3):  # each is written when the one before was printed, so the tail waits in between
                visit = {"pk": "eve", "at": number}
                assert run(f"item put shop:Visit --yes {at}", json.dumps(visit))[0] == 0
                assert select.select([tail.stdout], [], [], 30)[0]
                assert json.loads(tail.stdout.readline()) == {"kind": "INSERT", "old": None, "new": visit}
        finally:
            tail.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                tail.wait(20)
            tail.kill()
    assert tail.returncode == 0


def test_a_tail_without_a_stream_says_how_to_switch_it_on(run: Run, at: str) -> None:
    code, out, err = run(f"item tail shop:Visit {at}")
    assert (code, out) == (3, "")
    assert 'table.ensure(TableSettings(stream="NEW_AND_OLD_IMAGES"))' in err


@pytest.mark.parametrize("limit", [0, -1])
def test_a_tail_of_no_changes_is_wrong_usage(run: Run, at: str, limit: int) -> None:
    assert run(f"item tail shop:Visit --limit {limit} {at}")[0] == 2
