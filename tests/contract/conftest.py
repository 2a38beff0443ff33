"""What scenarios play on, and the driver under test: ours, or the one that `--driver` names."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import pytest

from dynamorm_py import KmsEncryption
from dynamorm_py._transport import default_client
from tests.contract import kms, proxy
from tests.contract.child import AAD_PREFIX, Child, ChildDriver, started
from tests.contract.driver import InProcess
from tests.contract.expectations import Unsupported
from tests.contract.library import Library
from tests.contract.runner import Stage, StepFailed, Tally, run
from tests.contract.tables import tables_of, types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.scenarios import Scenario
    from tests.support.in_loop import LoopThread

Played: TypeAlias = "Tally | StepFailed | Unsupported"
Play: TypeAlias = "Callable[[Scenario], Played]"


@pytest.fixture(scope="session")
def key_service() -> Iterator[kms.Kms]:
    """Give a key service that runs."""
    with kms.serving() as running:
        yield running


@pytest.fixture(scope="session")
def loopback(dynamodb_endpoint: str) -> Iterator[tuple[proxy.Proxy, str]]:
    """Give what stands before DynamoDB, and its address."""
    before = proxy.Proxy(dynamodb_endpoint)
    with proxy.serving(before) as endpoint:
        yield before, endpoint


@pytest.fixture(scope="session")
def environment(loopback: tuple[proxy.Proxy, str], key_service: kms.Kms) -> dict[str, str]:
    """What a driver finds in its environment: where DynamoDB and KMS are, and credentials."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": loopback[1],
        "AWS_ENDPOINT_URL_KMS": key_service.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


@pytest.fixture(scope="session")
def child(request: pytest.FixtureRequest, environment: dict[str, str], key_service: kms.Kms) -> Iterator[Child]:
    """The driver, one process for the whole run."""
    command: str | None = request.config.getoption("--driver")
    ours = f"{sys.executable} -m tests.contract.python_driver"
    with started(command or ours, environment, key_arn=key_service.key_arn) as running:
        yield running


class Stages:
    """Sets up what a scenario plays on."""

    def __init__(self, dynamodb: DynamoDBClient, before: proxy.Proxy, endpoint: str, keys: kms.Kms) -> None:
        """Take the services, which outlast a scenario."""
        self.keys, self._dynamodb, self._proxy, self._endpoint = keys, dynamodb, before, endpoint
        self._clients = _client("dynamodb", endpoint), _client("kms", keys.endpoint)

    @contextmanager
    def of(self, scenario: Scenario, aad_prefix: str = AAD_PREFIX) -> Generator[Stage]:
        """Have the tables of a scenario's models for a while."""
        types = {model: types_of(model) for model in scenario.models}
        with tables_of(scenario.models, self._dynamodb) as tables:
            yield Stage(self._dynamodb, self._proxy, self.keys, tables, types, aad_prefix)

    def in_process(self, stage: Stage, loop: LoopThread | None = None) -> InProcess:
        """Return our driver in this process; with a loop it awaits the asynchronous face, over our own connections."""
        dynamodb, keys = self._clients
        client = default_client("us-east-1", self._endpoint) if loop else dynamodb
        return InProcess(Library(stage.tables, client, KmsEncryption(self.keys.key_arn, client=keys), loop))


def _client(service: str, endpoint: str) -> Any:  # noqa: ANN401 -- a boto3 client has no static type
    make: Callable[..., Any] = boto3.client  # pyright: ignore[reportUnknownMemberType] -- overloads for services not installed
    return make(service, endpoint_url=endpoint, region_name="us-east-1")


@pytest.fixture(scope="session")
def stages(dynamodb: DynamoDBClient, loopback: tuple[proxy.Proxy, str], key_service: kms.Kms) -> Stages:
    """Give what sets scenarios up."""
    return Stages(dynamodb, *loopback, key_service)


@pytest.fixture(scope="session")
def play(request: pytest.FixtureRequest, child: Child, stages: Stages) -> Play:
    """Run a scenario through the driver, each only once; give what came of it."""
    results: dict[str, Played] = {}
    all_steps = bool(request.config.getoption("--all-steps"))

    def play_once(scenario: Scenario) -> Played:
        if scenario.name not in results:
            results[scenario.name] = _play(scenario, child, stages, all_steps=all_steps)
        return results[scenario.name]

    return play_once


def _play(scenario: Scenario, child: Child, stages: Stages, *, all_steps: bool) -> Played:
    with stages.of(scenario, child.hello.aad_prefix) as stage:
        try:
            return run(scenario, ChildDriver(child, stage.tables, stage.types), stage, all_steps=all_steps)
        except (StepFailed, Unsupported) as failed:
            return failed
