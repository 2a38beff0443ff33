"""The driver under test: ours, or the one that `--driver` names."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.contract.child import Child, ChildDriver, started
from tests.contract.runner import StepFailed, run
from tests.contract.tables import documented, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.scenarios import Scenario

Play: TypeAlias = "Callable[[Scenario], StepFailed | None]"


@pytest.fixture(scope="session")
def environment(dynamodb_endpoint: str) -> dict[str, str]:
    """What a driver finds in its environment: where DynamoDB is, and credentials."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


@pytest.fixture(scope="session")
def child(request: pytest.FixtureRequest, environment: dict[str, str]) -> Iterator[Child]:
    """The driver, one process for the whole run."""
    command: str | None = request.config.getoption("--driver")
    with started(command or f"{sys.executable} -m tests.contract.python_driver", environment) as running:
        yield running


@pytest.fixture(scope="session")
def play(child: Child, dynamodb: DynamoDBClient) -> Play:
    """Run a scenario through the driver, each only once; give what went wrong."""
    results: dict[str, StepFailed | None] = {}

    def play_once(scenario: Scenario) -> StepFailed | None:
        if scenario.name not in results:
            results[scenario.name] = _play(scenario, child, dynamodb)
        return results[scenario.name]

    return play_once


def _play(scenario: Scenario, child: Child, dynamodb: DynamoDBClient) -> StepFailed | None:
    table = f"contract-{secrets.token_hex(8)}"
    with table_of(documented(scenario.model), table, dynamodb):
        try:
            run(scenario, ChildDriver(child, scenario.model, table), dynamodb, table)
        except StepFailed as failed:
            return failed
    return None
