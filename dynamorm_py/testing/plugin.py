"""pytest fixtures for code that stores models. Each acts only when a test asks for it.

`dynamorm_client` is a boto3 client of a local DynamoDB, started for the run, or with `--dynamodb=moto` of moto in
this process. Importing this module loads neither boto3, moto nor a server.
"""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import pytest

from dynamorm_py.testing._awaited import (  # noqa: F401 -- pytest finds the fixtures here
    dynamorm_aio_client,  # pyright: ignore[reportUnusedImport] -- the same
    dynamorm_aio_repo,  # pyright: ignore[reportUnusedImport] -- the same
    dynamorm_aio_table,  # pyright: ignore[reportUnusedImport] -- the same
)
from dynamorm_py.testing._clock import FrozenClock
from dynamorm_py.testing._names import unique_name

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import TableSettings
    from dynamorm_py._repo import Repo
    from dynamorm_py._repo.table import Table
    from dynamorm_py.streams import StreamReader
    from dynamorm_py.tables import TableOperations

    CreateTable: TypeAlias = Callable[[str, TableOperations[Any], TableSettings | None], None]

M = TypeVar("M", bound="DynamoModel")

_CHOICES = "dynoxide, ministack, moto or a URL"


class MakeRepo(Protocol):
    """Makes a repository with a table of its own."""

    def __call__(self, model: type[M], settings: TableSettings | None = None, **options: Any) -> Repo[M]:  # noqa: ANN401 -- Repo's own
        """Create the table of a model and return its repository; `options` are Repo's."""
        ...


class MakeTable(Protocol):
    """Makes a table of several models."""

    def __call__(self, *models: type[M], settings: TableSettings | None = None, **options: Any) -> Table[M]:  # noqa: ANN401 -- Table's own
        """Create the table of the models and return it; `options` are Table's."""
        ...


class MakeReader(Protocol):
    """Makes a reader of a table's stream."""

    def __call__(self, repo: Repo[Any], **options: Any) -> StreamReader:  # noqa: ANN401 -- StreamReader's own
        """Return a reader of the stream of a repository's table; `options` are StreamReader's."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line and the configuration choose what stands for DynamoDB."""
    words = (
        f"what the fixtures of dynamorm_py talk to: {_CHOICES}; without it DYNAMODB_ENDPOINT, else dynoxide where "
        "its binary is, else ministack"
    )
    parser.getgroup("dynamorm_py").addoption("--dynamodb", help=words, metavar="BACKEND")
    parser.addini("dynamodb", words, default="")


@pytest.fixture(scope="session")
def dynamorm_endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a local DynamoDB, one for the whole run, or for each worker of pytest-xdist."""
    backend = _backend(request.config)
    if backend == "moto":
        raise pytest.UsageError("moto has no endpoint: ask for dynamorm_client, or choose --dynamodb=ministack")
    from dynamorm_py.testing._local import LocalDynamoDB  # noqa: PLC0415 -- only when it is asked for

    with LocalDynamoDB(backend) as local:
        yield local.endpoint


@pytest.fixture(scope="session")
def _dynamorm_services(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Give the address of KMS and S3: the local DynamoDB's where it serves them, else a ministack's; None with moto."""
    from dynamorm_py.testing._local import LocalDynamoDB, serves_other_services  # noqa: PLC0415 -- when asked for

    endpoint = request.getfixturevalue("_dynamorm_aws")
    if endpoint is None or serves_other_services(endpoint):
        yield endpoint
    else:
        with LocalDynamoDB("ministack") as local:
            yield local.endpoint


@pytest.fixture(scope="session")
def _dynamorm_aws(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Give the address of DynamoDB; with moto none, and all of AWS is moto until the end of the run."""
    if _backend(request.config) == "moto":
        with _moto():
            yield None
    else:
        yield request.getfixturevalue("dynamorm_endpoint")


@pytest.fixture(scope="session")
def dynamorm_client(_dynamorm_aws: str | None) -> Iterator[DynamoDBClient]:
    """Give boto3's own client of the local DynamoDB, as a user would make one."""
    with _boto_client("dynamodb", _dynamorm_aws) as client:
        yield client


@pytest.fixture(scope="session")
def dynamorm_streams(_dynamorm_aws: str | None) -> Iterator[DynamoDBStreamsClient]:
    """Give boto3's client of its streams."""
    with _boto_client("dynamodbstreams", _dynamorm_aws) as client:
        yield client


@pytest.fixture(scope="session")
def dynamorm_kms(_dynamorm_services: str | None) -> Iterator[KMSClient]:
    """Give boto3's client of a KMS: ministack's, or moto's."""
    with _boto_client("kms", _dynamorm_services) as client:
        yield client


@pytest.fixture(scope="session")
def dynamorm_s3(_dynamorm_services: str | None) -> Iterator[S3Client]:
    """Give boto3's client of an S3: ministack's, or moto's."""
    with _boto_client("s3", _dynamorm_services) as client:
        yield client


@pytest.fixture
def unique_table_name() -> str:
    """Give a table name that no other test uses."""
    return unique_name()


@pytest.fixture
def dynamorm_repo(_dynamorm_created: CreateTable, dynamorm_client: DynamoDBClient) -> MakeRepo:
    """Give a function that makes a repository with a table of its own, called with a model.

    The tables are deleted after the test. Further arguments are the table's settings, and Repo's.
    """
    from dynamorm_py._repo import Repo  # noqa: PLC0415 -- only when it is asked for

    def make(model: type[M], settings: TableSettings | None = None, **options: Any) -> Repo[M]:  # noqa: ANN401 -- Repo's own
        chosen: dict[str, Any] = {"table": unique_name(), "client": dynamorm_client, **options}
        repo = Repo(model, **chosen)
        _dynamorm_created(chosen["table"], repo.table, settings)
        return repo

    return make


@pytest.fixture
def dynamorm_table(_dynamorm_created: CreateTable, dynamorm_client: DynamoDBClient) -> MakeTable:
    """Give a function that makes a table of several models, called with them: `shop[Order]` is a repository.

    The tables are deleted after the test. `settings` are the table's; further arguments are Table's.
    """
    from dynamorm_py._repo.table import Table  # noqa: PLC0415 -- only when it is asked for

    make_table: Callable[..., Any] = Table  # its overloads count the models

    def make(*models: type[M], settings: TableSettings | None = None, **options: Any) -> Table[M]:  # noqa: ANN401 -- Table's own
        chosen: dict[str, Any] = {"name": unique_name(), "client": dynamorm_client, **options}
        table: Table[M] = make_table(*models, **chosen)
        _dynamorm_created(chosen["name"], table.table, settings)
        return table

    return make


@pytest.fixture
def _dynamorm_created(dynamorm_client: DynamoDBClient) -> Iterator[CreateTable]:
    """Give a function that creates a table; all of them are deleted after the test."""
    from dynamorm_py.errors import TableInUse  # noqa: PLC0415 -- only when it is asked for

    names: list[str] = []

    def create(name: str, table: TableOperations[Any], settings: TableSettings | None) -> None:
        names.append(name)  # before: a creation that fails may have made the table all the same
        try:
            table.create(settings)
        except TableInUse:  # somebody else's
            names.pop()
            raise

    with contextlib.ExitStack() as stack:  # one that cannot be deleted keeps none of the others
        yield create
        for name in names:
            stack.callback(_delete, name, dynamorm_client)


@pytest.fixture
def dynamorm_stream_reader(dynamorm_streams: DynamoDBStreamsClient) -> MakeReader:
    """Give a function that makes a reader of a table's stream, called with the table's repository."""
    from dynamorm_py.streams import StreamReader  # noqa: PLC0415 -- only when it is asked for

    def make(repo: Repo[Any], **options: Any) -> StreamReader:  # noqa: ANN401 -- StreamReader's own
        chosen: dict[str, Any] = {"client": dynamorm_streams, **options}
        return StreamReader(repo, **chosen)

    return make


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


def _backend(config: pytest.Config) -> str | None:
    """Return what the command line chooses, else the configuration; None for neither."""
    chosen = str(config.getoption("--dynamodb") or config.getini("dynamodb"))
    if chosen in {"", "dynoxide", "ministack", "moto"} or chosen.startswith(("http://", "https://")):
        return chosen or None
    raise pytest.UsageError(f"dynamodb = {chosen}: write {_CHOICES}")


def _moto() -> AbstractContextManager[object]:
    try:
        from moto import mock_aws  # noqa: PLC0415 -- only when it is asked for
    except ModuleNotFoundError as error:
        raise pytest.UsageError('--dynamodb=moto needs moto: pip install "dynamorm-py[testing]"') from error
    return mock_aws()


@contextlib.contextmanager
def _boto_client(service: str, endpoint: str | None) -> Generator[Any]:
    import boto3  # noqa: PLC0415 -- only when it is asked for
    from botocore.config import Config  # noqa: PLC0415 -- the same

    make: Callable[..., Any] = boto3.client  # pyright: ignore[reportUnknownMemberType] -- overloads for services not installed
    client = make(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 -- no secret: every local DynamoDB takes any
        config=Config(retries={"mode": "standard"}, s3={"addressing_style": "path"}),
    )
    with contextlib.closing(client):
        yield client


def _delete(table: str, client: DynamoDBClient) -> None:
    """Delete a table through the fixture's client: the repository's may fail, as a test wants it to."""
    name = table.rpartition("/")[2]  # a table may be named by its ARN
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):  # the test may have deleted it
        if client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)
