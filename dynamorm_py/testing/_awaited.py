"""Fixtures for tests that are `async def`. They are not coroutines, so pytest-asyncio and anyio take them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from dynamorm_py.testing._names import unique_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py import aio
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import TableSettings
    from dynamorm_py.testing.plugin import CreateTable

M = TypeVar("M", bound="DynamoModel")


class MakeAioRepo(Protocol):
    """Makes an asynchronous repository with a table of its own."""

    def __call__(self, model: type[M], settings: TableSettings | None = None, **options: Any) -> aio.Repo[M]:  # noqa: ANN401 -- Repo's own
        """Create the table of a model and return its repository; `options` are Repo's."""
        ...


class MakeAioTable(Protocol):
    """Makes an asynchronous table of several models."""

    def __call__(self, *models: type[M], settings: TableSettings | None = None, **options: Any) -> aio.Table[M]:  # noqa: ANN401 -- Table's own
        """Create the table of the models and return it; `options` are Table's."""
        ...


@pytest.fixture
def dynamorm_aio_repo(
    _dynamorm_created: CreateTable, dynamorm_client: DynamoDBClient, dynamorm_aio_client: object
) -> MakeAioRepo:
    """Give a function that makes an asynchronous repository with a table of its own, called with a model.

    It is not a coroutine, so tests of pytest-asyncio and of anyio take it alike. The tables are deleted after the test.
    """
    from dynamorm_py import aio  # noqa: PLC0415 -- only when it is asked for
    from dynamorm_py._repo import Repo  # noqa: PLC0415 -- the same

    def make(model: type[M], settings: TableSettings | None = None, **options: Any) -> aio.Repo[M]:  # noqa: ANN401 -- Repo's own
        chosen: dict[str, Any] = {"table": unique_name(), "client": dynamorm_aio_client, **options}
        repo = aio.Repo(model, **chosen)
        _dynamorm_created(chosen["table"], Repo(model, table=chosen["table"], client=dynamorm_client).table, settings)
        return repo

    return make


@pytest.fixture
def dynamorm_aio_table(
    _dynamorm_created: CreateTable,
    dynamorm_client: DynamoDBClient,
    dynamorm_aio_client: object,
) -> MakeAioTable:
    """Give a function that makes an asynchronous table of several models, called with them."""
    from dynamorm_py import aio  # noqa: PLC0415 -- only when it is asked for
    from dynamorm_py._repo.table import Table  # noqa: PLC0415 -- the same

    make_table: Callable[..., Any] = Table  # its overloads count the models
    make_awaited: Callable[..., Any] = aio.Table

    def make(*models: type[M], settings: TableSettings | None = None, **options: Any) -> aio.Table[M]:  # noqa: ANN401 -- Table's own
        chosen: dict[str, Any] = {"name": unique_name(), "client": dynamorm_aio_client, **options}
        table: aio.Table[M] = make_awaited(*models, **chosen)
        _dynamorm_created(
            chosen["name"], make_table(*models, name=chosen["name"], client=dynamorm_client).table, settings
        )
        return table

    return make


@pytest.fixture(scope="session")
def dynamorm_aio_client(request: pytest.FixtureRequest, _dynamorm_aws: str | None) -> Iterator[object]:
    """Give a client whose calls go over connections of the test's own loop; with moto, boto3's, in threads."""
    if _dynamorm_aws is None:
        yield request.getfixturevalue("dynamorm_client")
        return
    from dynamorm_py._transport import Client, OwnClients  # noqa: PLC0415 -- only when it is asked for

    clients = OwnClients("us-east-1", _dynamorm_aws, None, credentials=_AnyCredentials)
    clients.renewed_at_once = False  # they never end
    yield Client(clients)
    clients.close()


class _AnyCredentials:
    """Gives a session credentials of no account: every local DynamoDB takes any."""

    def load_credentials(self) -> object:
        from botocore.credentials import Credentials  # noqa: PLC0415 -- only when it is asked for

        return Credentials("testing", "testing")
