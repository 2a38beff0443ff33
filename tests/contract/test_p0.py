"""Contract P0: the scenarios that every implementation of DynamORM passes, on a real DynamoDB Local."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml

from dynamorm_py import DynamoModel, Repo, TableSettings
from dynamorm_py._operations.create_table import table_parameters
from dynamorm_py._table import bind
from tests.contract.driver import InProcess
from tests.contract.expectations import Outcome
from tests.contract.models import MODELS
from tests.contract.runner import StepFailed, run
from tests.contract.scenarios import FIXTURES, Scenario, load, scenario_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.driver import Driver
    from tests.contract.scenarios import Step

Report: TypeAlias = "Callable[[Outcome], Outcome]"
FILES = sorted((FIXTURES / "scenarios" / "p0").glob("*.yml"))
each_scenario = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@contextmanager
def repository(scenario: Scenario, dynamodb: DynamoDBClient, table: str) -> Generator[Repo[Any]]:
    """Give a repository of the scenario's model, with a table of its own."""
    model = MODELS[scenario.model]
    repo: Repo[Any] = Repo(model, table=table, client=dynamodb)
    # Not by repo.table.create(): that switches the time to live on, and a scenario stores what has expired.
    dynamodb.create_table(**table_parameters(bind(model, table), TableSettings()))
    try:
        yield repo
    finally:
        repo.table.delete()


@each_scenario
def test_a_scenario_runs_as_it_says(file: Path, dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    scenario = load(file)
    with repository(scenario, dynamodb, unique_table_name) as repo:
        run(scenario, InProcess(repo), dynamodb, unique_table_name)


class Broken:
    """A driver that does the step, or something like it, and reports something."""

    def __init__(self, driver: Driver, report: Report, *, performs: bool) -> None:
        self.driver, self.report, self.performs = driver, report, performs

    def perform(self, step: Step) -> Outcome:
        return self.report(self.driver.perform(step) if self.performs else Outcome())


def _nothing(_: Outcome) -> Outcome:
    return Outcome()


def _another_error(_: Outcome) -> Outcome:
    return Outcome(error="ErrConditionFailed")


def _without_values(outcome: Outcome) -> Outcome:
    return Outcome(outcome.error, outcome.item and dict.fromkeys(outcome.item, "?"))


def _always_succeeding(outcome: Outcome) -> Outcome:
    return Outcome(item=outcome.item)


@pytest.mark.parametrize(
    ("report", "performs"),
    [
        pytest.param(_nothing, False, id="it does nothing"),
        pytest.param(_another_error, True, id="it reports another error"),
        pytest.param(_without_values, True, id="it gives other values"),
    ],
)
@each_scenario
def test_a_scenario_fails_with_a_broken_driver(
    file: Path, dynamodb: DynamoDBClient, unique_table_name: str, report: Report, *, performs: bool
) -> None:
    scenario = load(file)
    with repository(scenario, dynamodb, unique_table_name) as repo, pytest.raises(StepFailed, match=scenario.name):
        run(scenario, Broken(InProcess(repo), report, performs=performs), dynamodb, unique_table_name)


def test_a_driver_that_swallows_errors_fails(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    scenario = load(FIXTURES / "scenarios" / "p0" / "11-error-codes.yml")
    with repository(scenario, dynamodb, unique_table_name) as repo, pytest.raises(StepFailed, match=r"step 1 \(get\)"):
        run(scenario, Broken(InProcess(repo), _always_succeeding, performs=True), dynamodb, unique_table_name)


KEY = {"PK": "A", "SK": "B"}


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"op": "upsert", "item": KEY}, "KeyError: 'upsert'"),
        ({"op": "get", "key": KEY, "consistent": True}, "unexpected keyword argument 'consistent'"),
        ({"op": "put", "item": {**KEY, "nick": "Al"}}, "nick"),
        ({"op": "put", "item": KEY, "expect": {"item_is": {}}}, r"unknown expectations: \['item_is'\]"),
        ({"op": "put", "item": KEY, "expect": {"error": "ErrItemNotFound"}}, "error is None"),
        ({"op": "put", "item": KEY, "expect": {"item_contains": {"nick": 1}}}, "nick is not in the item"),
        ({"op": "put", "item": KEY, "expect": {"item_has_fields": ["ttl"]}}, "missing"),
        ({"op": "put", "item": KEY, "expect": {"item_missing_fields": ["version"]}}, "stored all the same"),
        ({"op": "put", "item": KEY, "expect": {"raw_attribute_types": {"version": "S"}}}, "version is 'N'"),
        ({"op": "put", "item": KEY, "expect": {"raw_item_contains": {"version": {"N": "1"}}}}, "version is {'N': '0'}"),
        ({"op": "put", "item": KEY, "expect": {"item_field_equals_var": {"version": "v"}}}, "KeyError: 'v'"),
        ({"op": "get", "key": KEY}, "failed with ErrItemNotFound"),
    ],
)
def test_a_step_that_is_unknown_or_does_otherwise_fails_its_scenario(
    dynamodb: DynamoDBClient, unique_table_name: str, step: dict[str, Any], complaint: str
) -> None:
    document = {"name": "wrong", "dms_version": "0.1", "model": "User", "table": {"name": "users"}, "steps": [step]}
    scenario = scenario_of(document)
    with repository(scenario, dynamodb, unique_table_name) as repo, pytest.raises(StepFailed, match=complaint):
        run(scenario, InProcess(repo), dynamodb, unique_table_name)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_scenarios_has_the_table_of_its_document(
    dynamodb: DynamoDBClient, unique_table_name: str, model: str
) -> None:
    document = _document(model)
    scenario = Scenario("table", model, document["table"]["name"], ())
    with repository(scenario, dynamodb, unique_table_name) as repo:
        table = repo.table.describe()
    types = {known["AttributeName"]: known["AttributeType"] for known in table["AttributeDefinitions"]}

    assert _keys(table, types) == _declared_keys(document["keys"])
    assert {index["IndexName"]: _keys(index, types) for index in table.get("GlobalSecondaryIndexes", [])} == {
        index["name"]: _declared_keys(index) for index in document.get("indexes", [])
    }
    assert repr(Repo(MODELS[model], client=dynamodb)) == f"Repo({model}, table={document['table']['name']!r})"


FULL: dict[str, dict[str, Any]] = {
    "User": {"emailHash": "h", "nickname": "Al", "tags": ["a"], "ttl": 1700000000},
    "Order": {"status": "new", "amount": "1.5", "ttl": 1700000000},
    "Sample": {"text": "a", "amount": "1", "payload": "AA==", "active": True, "parts": [1], "counts": {"a": 1}}
    | {"labels": ["a"], "codes": ["1"], "chunks": ["AA=="], "note": "a", "score": 1, "keywords": ["a"]}
    | {"settings": {"a": 1}},
}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_scenarios_writes_the_attributes_of_its_document(model: str) -> None:
    lifecycle = {"createdAt": "2024-01-01T00:00:00Z", "updatedAt": "2024-01-01T00:00:00Z", "version": 1}
    key = {"PK": "A", "SK": 1 if model == "Sample" else "B"}
    instance = MODELS[model].model_validate({**key, **FULL[model], **({} if model == "Sample" else lifecycle)})
    empty: DynamoModel = MODELS[model].model_validate(key)
    attributes = _document(model)["attributes"]

    stored_as = {name: next(iter(value)) for name, value in instance.to_item().items()}
    assert stored_as == {attribute["attribute"]: attribute["type"] for attribute in attributes}
    omitted = stored_as.keys() - empty.to_item().keys()
    index_keys = {"emailHash", "status", "createdAt"}  # never NULL, so omitted too
    assert omitted - index_keys == {entry["attribute"] for entry in attributes if entry.get("omit_empty")}


def _document(model: str) -> dict[str, Any]:
    text = (FIXTURES / "dms" / "v0.1" / "models" / f"{model.lower()}.yml").read_text()
    (document,) = yaml.safe_load(text)["models"]
    return document


def _keys(table: dict[str, Any], types: dict[str, str]) -> list[tuple[str, str]]:
    return [(part["AttributeName"], types[part["AttributeName"]]) for part in table["KeySchema"]]


def _declared_keys(keys: dict[str, Any]) -> list[tuple[str, str]]:
    parts = [keys[word] for word in ("partition", "sort") if word in keys]
    return [(part["attribute"], part["type"]) for part in parts]
