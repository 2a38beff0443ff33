"""pytest fixtures for code that stores models. Each acts only when a test asks for it.

`dynamodb` is a boto3 client of a DynamoDB Local, started for the run, or with `--dynamodb=moto` of moto in
this process. Importing this module loads neither boto3, moto nor a server.
"""

from __future__ import annotations

import contextlib
import random
import secrets
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from dynamorm_py.testing._clock import FrozenClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import TableSettings
    from dynamorm_py._repo import Repo

M = TypeVar("M", bound="DynamoModel")

_BACKENDS = ("local", "moto")


class MakeRepo(Protocol):
    """Makes a repository with a table of its own."""

    def __call__(self, model: type[M], settings: TableSettings | None = None, **options: Any) -> Repo[M]:  # noqa: ANN401 -- Repo's own
        """Create the table of a model and return its repository; `options` are Repo's."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line and the configuration choose what stands for DynamoDB."""
    words = "what the dynamodb fixture is: a DynamoDB Local (local, the default) or moto in this process (moto)"
    parser.getgroup("dynamorm_py").addoption("--dynamodb", choices=_BACKENDS, help=words)
    parser.addini("dynamodb", words, default=_BACKENDS[0])


@pytest.fixture(scope="session")
def dynamodb_endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a DynamoDB Local, one for the whole run; `DYNAMODB_ENDPOINT` names one that runs."""
    if _backend(request.config) == "moto":
        raise pytest.UsageError("moto has no endpoint: ask for the dynamodb fixture, or run with --dynamodb=local")
    from dynamorm_py.testing._local import local_endpoint  # noqa: PLC0415 -- only when it is asked for

    with local_endpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def dynamodb(request: pytest.FixtureRequest) -> Iterator[DynamoDBClient]:
    """Give boto3's own client of it, as a user would make one; with moto, all of AWS is moto for the run."""
    with contextlib.ExitStack() as stack:
        endpoint: str | None = None
        if _backend(request.config) == "moto":
            stack.enter_context(_moto())
        else:
            endpoint = request.getfixturevalue("dynamodb_endpoint")
        client = _boto_client(endpoint)
        stack.callback(client.close)
        yield client


def _moto() -> AbstractContextManager[object]:
    try:
        from moto import mock_aws  # noqa: PLC0415 -- only when it is asked for
    except ModuleNotFoundError as error:
        raise pytest.UsageError('--dynamodb=moto needs moto: pip install "dynamorm-py[testing]"') from error
    return mock_aws()


@pytest.fixture
def unique_table_name() -> str:
    """Give a table name that no other test uses."""
    return _unique_name()


@pytest.fixture
def dynamodb_repo(dynamodb: DynamoDBClient) -> Iterator[MakeRepo]:
    """Give a function that makes a repository with a table of its own, called with a model.

    The tables are deleted after the test. Further arguments are the table's settings, and Repo's.
    """
    from dynamorm_py._repo import Repo  # noqa: PLC0415 -- only when it is asked for
    from dynamorm_py.errors import TableInUse  # noqa: PLC0415 -- the same

    names: list[str] = []

    def make(model: type[M], settings: TableSettings | None = None, **options: Any) -> Repo[M]:  # noqa: ANN401 -- Repo's own
        given: dict[str, Any] = {"table": _unique_name(), "client": dynamodb, **options}
        repo = Repo(model, **given)
        names.append(given["table"])  # before: a creation that fails may have made the table all the same
        try:
            repo.table.create(settings)
        except TableInUse:  # somebody else's
            names.pop()
            raise
        return repo

    with contextlib.ExitStack() as stack:  # one that cannot be deleted keeps none of the others
        yield make
        for name in names:
            stack.callback(_delete, name, dynamodb)


@pytest.fixture
def frozen_clock() -> FrozenClock:
    """Give a clock for `Repo(..., clock=)` that stands at the first of January 2026 until it is advanced."""
    return FrozenClock()


@pytest.fixture
def fixed_randomness() -> Iterator[random.Random]:
    """Give random numbers that are the same in every run; Python's own `random` gives the same too."""
    before = random.getstate()
    random.seed(0)
    yield random.Random(0)  # noqa: S311 -- for tests
    random.setstate(before)


def _backend(config: pytest.Config) -> str:
    chosen = str(config.getoption("--dynamodb") or config.getini("dynamodb"))
    if chosen not in _BACKENDS:
        raise pytest.UsageError(f"dynamodb = {chosen} in the configuration: write {' or '.join(_BACKENDS)}")
    return chosen


def _boto_client(endpoint: str | None) -> Any:  # noqa: ANN401 -- a boto3 client has no static type
    import boto3  # noqa: PLC0415 -- only when it is asked for
    from botocore.config import Config  # noqa: PLC0415 -- the same

    make: Callable[..., Any] = boto3.client  # pyright: ignore[reportUnknownMemberType] -- overloads for services not installed
    return make(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 -- no secret: DynamoDB Local and moto take any
        config=Config(retries={"mode": "standard"}),
    )


def _unique_name() -> str:
    return f"test-{secrets.token_hex(8)}"


def _delete(table: str, client: DynamoDBClient) -> None:
    """Delete a table through the fixture's client: the repository's may fail, as a test wants it to."""
    name = table.rpartition("/")[2]  # a table may be named by its ARN
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):  # the test may have deleted it
        if client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)
