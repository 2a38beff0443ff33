"""Runs a scenario: a driver performs the steps, boto3 reads and writes past the library."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from tests.contract.expectations import Outcome, Seen, check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.driver import Driver
    from tests.contract.scenarios import Scenario, Step


class StepFailed(AssertionError):
    """A step that did not do what its scenario expects."""


def run(scenario: Scenario, driver: Driver, dynamodb: DynamoDBClient, table: str) -> None:
    """Perform the steps in order. Raises StepFailed with the first that does not do as expected."""
    variables: dict[str, Any] = {}
    for number, step in enumerate(scenario.steps, start=1):
        try:
            seen = Seen(_outcome(step, driver, dynamodb, table), _stored(step, dynamodb, table), variables)
            check(step, seen)
            variables |= {name: seen.item[field] for name, field in step.save.items()}
        except Exception as error:
            message = f"{scenario.name}, step {number} ({step.op}): {type(error).__name__}: {error}"
            raise StepFailed(message) from error


def _outcome(step: Step, driver: Driver, dynamodb: DynamoDBClient, table: str) -> Outcome:
    if step.op != "raw_put":
        return driver.perform(step)
    item: Any = _from_json(step.arguments["item"])
    dynamodb.put_item(TableName=table, Item=item)
    return Outcome()


def _stored(step: Step, dynamodb: DynamoDBClient, table: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the item that the step is about as it is stored now; empty when there is none."""
    key = step.arguments.get("key") or step.arguments.get("item")
    if key is None:
        return {}
    wire_key = {name: _wire(key[name]) for name in ("PK", "SK")}
    found: Any = dynamodb.get_item(TableName=table, Key=wire_key, ConsistentRead=True)
    return found.get("Item", {})


def _wire(value: object) -> dict[str, Any]:
    """Return a key's value in DynamoDB's form; a raw item has it so already."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _from_json(value: object) -> object:
    """Return DynamoDB's JSON in boto3's form: binary as bytes."""
    if isinstance(value, list):
        return [_from_json(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, Any]", value)
    return {name: base64.b64decode(part) if name == "B" else _from_json(part) for name, part in parts.items()}
