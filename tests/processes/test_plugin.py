"""The pytest plugin as a project of others has it: installed, in a directory of its own, in its own pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_CONFTEST = '''
"""Nothing is asked for here: the plugin is found by its entry point."""
'''
_TESTS = """
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings

from dynamorm_py import DynamoModel, PartitionKey, Repo, Throttled, Version
from dynamorm_py.testing import FaultyClient, Throttle
from dynamorm_py.testing.strategies import from_model


class User(DynamoModel):
    id: Annotated[str, PartitionKey()]
    age: int = 0
    version: Annotated[int, Version()] = 0


def test_a_user_is_stored(dynamorm_repo, frozen_clock):
    users = dynamorm_repo(User, clock=frozen_clock)
    assert users.get(users.put(User(id="a", age=3))).age == 3


def test_every_test_has_tables_of_its_own(dynamorm_repo):
    assert dynamorm_repo(User).get_or_none("a") is None
    assert dynamorm_repo(User).table.describe() != dynamorm_repo(User).table.describe()


def test_a_fault_is_met(dynamorm_client, unique_table_name):
    users = Repo(User, table=unique_table_name, client=FaultyClient(dynamorm_client, [Throttle()]))
    with pytest.raises(Throttled):
        users.get("a")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(from_model(User))
def test_users_are_storable(user):
    assert User.from_item(user.to_item()) == user
"""
_LEFT_BEHIND = """
from typing import Annotated

import pytest

from dynamorm_py import ConnectionFailed, DynamoModel, PartitionKey, TableSettings, Throttled
from dynamorm_py.errors import TableInUse
from dynamorm_py.testing import FaultyClient, LostAnswer, Throttle


class User(DynamoModel):
    id: Annotated[str, PartitionKey()]


def test_a_client_that_only_fails(dynamorm_client, dynamorm_repo):
    faults = FaultyClient(dynamorm_client, [Throttle("DescribeTable", times=9, after=1), Throttle("GetItem")])
    users = dynamorm_repo(User, client=faults)
    dynamorm_repo(User, TableSettings(deletion_protection=True))
    with pytest.raises(Throttled):
        users.get("a")


def test_a_creation_that_fails_half_way(dynamorm_client, dynamorm_repo):
    with pytest.raises(ConnectionFailed):
        dynamorm_repo(User, client=FaultyClient(dynamorm_client, [LostAnswer("DescribeTable", times=9)]))


def test_nothing_is_left(dynamorm_client):
    assert dynamorm_client.list_tables()["TableNames"] == []


def test_a_table_of_others(dynamorm_client, dynamorm_repo):
    dynamorm_repo(User, table="of-others-1")
    with pytest.raises(TableInUse):
        dynamorm_repo(User, table="of-others-1")
    dynamorm_client.create_table(
        TableName="of-others",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(TableInUse):
        dynamorm_repo(User, table="of-others")


def test_it_stays(dynamorm_client):
    assert dynamorm_client.list_tables()["TableNames"] == ["of-others"]
"""
_CHANGES = """
from typing import Annotated

from dynamorm_py import DynamoModel, PartitionKey, TableSettings


class User(DynamoModel):
    id: Annotated[str, PartitionKey()]


def test_changes_are_read(dynamorm_repo, dynamorm_stream_reader):
    users = dynamorm_repo(User, settings=TableSettings(stream="NEW_AND_OLD_IMAGES"))
    users.put(User(id="a"))
    assert [record["eventName"] for record in dynamorm_stream_reader(users).poll()] == ["INSERT"]


def test_the_stream_is_listed(dynamorm_repo, dynamorm_streams):
    table = dynamorm_repo(User, TableSettings(stream="KEYS_ONLY")).table.describe()["TableName"]
    assert len(dynamorm_streams.list_streams(TableName=table)["Streams"]) == 1
"""
_TABLE = """
from typing import Literal

import pytest

from dynamorm_py import DynamoModel, PartitionKey, SortKey, TableSettings, key_of, fields, Key


class Customer(DynamoModel):
    customer_id: str
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PROFILE")


class Order(DynamoModel):
    customer_id: str
    number: int
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}")


NAMES = []


def test_several_models_share_a_table(dynamorm_table):
    shop = dynamorm_table(Customer, Order, settings=TableSettings(stream="KEYS_ONLY"))
    NAMES.append(shop.table.describe()["TableName"])
    shop[Customer].put(Customer(customer_id="7"))
    shop[Order].put(Order(customer_id="7", number=2))
    assert [type(item) for item in shop.query(Key(fields(Order).customer_id) == "7")] == [Order, Customer]
    assert shop.get(key_of(Order, customer_id="7", number=2)) == Order(customer_id="7", number=2)


def test_each_test_has_its_own(dynamorm_table):
    shop = dynamorm_table(Customer, Order)
    assert shop.scan().all() == []
    assert shop.table.describe()["TableName"] not in NAMES


def test_it_is_gone_afterwards(dynamorm_client):
    assert not set(NAMES) & set(dynamorm_client.list_tables()["TableNames"])
"""
_AWAITED = """
from typing import Annotated, Literal

import pytest

from dynamorm_py import Create, DynamoModel, Key, PartitionKey, SortKey, fields
from dynamorm_py.aio import transact_write

pytestmark = pytest.mark.{marker}


class Note(DynamoModel):
    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Customer(DynamoModel):
    kind: Literal["customer"] = "customer"
    customer_id: str
    pk = PartitionKey("CUSTOMER#{{customer_id}}")
    sk = SortKey("PROFILE")


class Order(DynamoModel):
    kind: Literal["order"] = "order"
    customer_id: str
    number: int
    pk = PartitionKey("CUSTOMER#{{customer_id}}")
    sk = SortKey("ORDER#{{number:06}}")


n = fields(Note)


@pytest.fixture
def notes(dynamorm_aio_repo):
    return dynamorm_aio_repo(Note)


async def test_items_are_written_and_read(notes):
    await notes.batch_write(put=[Note(owner="ada", number=number) for number in range(3)])
    await transact_write((Create(notes, Note(owner="ada", number=3)),))
    assert [note.number async for note in notes.query(Key(n.owner) == "ada")] == [0, 1, 2, 3]
    assert notes.query(Key(n.owner) == "ada").explain().lane == {lane!r}


async def test_each_test_has_a_table_of_its_own(notes, dynamorm_aio_repo):
    assert await notes.scan().count() == 0
    async with dynamorm_aio_repo(Note) as others:
        assert await others.get_or_none(("ada", 0)) is None


async def test_several_models_share_a_table(dynamorm_aio_table):
    shop = dynamorm_aio_table(Customer, Order)
    await shop[Customer].put(Customer(customer_id="7"))
    await shop[Order].put(Order(customer_id="7", number=2))
    assert [type(item) async for item in shop.query(Key(fields(Order).customer_id) == "7")] == [Order, Customer]
"""
_ON_UVLOOP = """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio", {"use_uvloop": True}
"""
_STRICT = ("-W", "error", "-W", "ignore::DeprecationWarning", "-o", "asyncio_default_fixture_loop_scope=function")
_ON_ASYNCIO = _ON_UVLOOP.replace("True", "False")
_SILENT = "import sys\ndef test_nothing(): assert 'boto3' not in sys.modules\n"
_ENDPOINT = "def test_endpoint(dynamorm_endpoint): assert dynamorm_endpoint.startswith('http')\n"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package, without what it depends on, as a user would."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", "--target", str(target), str(_ROOT)], check=True)
    return target


def run_pytest(project: Path, installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("DYNAMORM_TRANSPORT", None)  # the project's lane is the default one
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


_WITHOUT_MOTO = """
import sys
sys.modules["moto"] = None
def test_client(dynamorm_client): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a small project of somebody else."""
    tmp_path.joinpath("pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    tmp_path.joinpath("conftest.py").write_text(_CONFTEST)
    tmp_path.joinpath("test_users.py").write_text(_TESTS)
    return tmp_path


@pytest.mark.parametrize("backend", ["moto", "ministack"])
def test_a_project_tests_its_models(project: Path, installed: Path, backend: str) -> None:
    ended = run_pytest(project, installed, f"--dynamodb={backend}")
    assert "4 passed" in ended.stdout, ended.stdout + ended.stderr


def test_a_project_tests_its_stream_handlers(project: Path, installed: Path) -> None:
    project.joinpath("test_users.py").write_text(_CHANGES)
    ended = run_pytest(project, installed, "--dynamodb=ministack")
    assert "2 passed" in ended.stdout, ended.stdout + ended.stderr


def test_a_project_tests_several_models_in_a_table(project: Path, installed: Path) -> None:
    project.joinpath("test_users.py").write_text(_TABLE)
    ended = run_pytest(project, installed, "--dynamodb=ministack")
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("marker", "conftest"),
    [
        pytest.param("asyncio", "", id="pytest-asyncio"),
        pytest.param("anyio", _ON_ASYNCIO, id="anyio"),
        pytest.param("anyio", _ON_UVLOOP, id="anyio, uvloop"),
    ],
)
def test_a_project_awaits_its_repositories(
    project: Path, installed: Path, dynamodb_endpoint: str, marker: str, conftest: str
) -> None:
    project.joinpath("conftest.py").write_text(conftest)
    project.joinpath("test_users.py").write_text(_AWAITED.format(marker=marker, lane="direct"))
    ended = run_pytest(project, installed, f"--dynamodb={dynamodb_endpoint}", *_STRICT)
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


def test_a_project_awaits_its_repositories_on_moto(project: Path, installed: Path) -> None:
    project.joinpath("test_users.py").write_text(_AWAITED.format(marker="asyncio", lane="botocore, in a thread"))
    ended = run_pytest(project, installed, "--dynamodb=moto", *_STRICT)
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


_SAME_ENDPOINT = "def test_endpoint(dynamorm_endpoint): assert dynamorm_endpoint == {endpoint!r}\n"


@pytest.mark.parametrize("choose", ["by the environment", "by the option", "by the configuration"])
def test_a_server_that_runs_is_named_by_its_address(
    project: Path, installed: Path, dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch, choose: str
) -> None:
    project.joinpath("test_users.py").write_text(_SAME_ENDPOINT.format(endpoint=dynamodb_endpoint))
    monkeypatch.setenv("DYNAMODB_ENDPOINT", dynamodb_endpoint if "environment" in choose else "http://127.0.0.1:1")
    if "configuration" in choose:
        project.joinpath("pyproject.toml").write_text(f'[tool.pytest.ini_options]\ndynamodb = "{dynamodb_endpoint}"\n')
    options = [f"--dynamodb={dynamodb_endpoint}"] if "option" in choose else []
    ended = run_pytest(project, installed, *options)
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr


def test_every_worker_of_xdist_has_a_server(project: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNAMODB_ENDPOINT", raising=False)
    ended = run_pytest(project, installed, "-n", "2", "--dynamodb=ministack")
    assert "4 passed" in ended.stdout, ended.stdout + ended.stderr


def test_the_tables_of_a_test_are_deleted_whatever_became_of_it(project: Path, installed: Path) -> None:
    project.joinpath("test_users.py").write_text(_LEFT_BEHIND)
    ended = run_pytest(project, installed, "--dynamodb=moto")
    assert "5 passed" in ended.stdout, ended.stdout + ended.stderr


def test_the_configuration_may_name_the_backend(project: Path, installed: Path) -> None:
    project.joinpath("pyproject.toml").write_text('[tool.pytest.ini_options]\ndynamodb = "moto"\n')
    assert "4 passed" in run_pytest(project, installed).stdout


def test_a_project_that_asks_for_nothing_gets_nothing(project: Path, installed: Path) -> None:
    project.joinpath("test_users.py").write_text(
        _SILENT + "import sys\ndef test_boto():\n assert 'boto3' not in sys.modules\n"
    )
    assert "2 passed" in run_pytest(project, installed).stdout


def test_the_plugin_may_also_be_named_by_a_conftest(project: Path, installed: Path) -> None:
    project.joinpath("conftest.py").write_text('pytest_plugins = ["dynamorm_py.testing.plugin"]\n')
    assert "4 passed" in run_pytest(project, installed, "--dynamodb=moto").stdout


@pytest.mark.parametrize(
    ("ini", "tests", "said"),
    [
        ("moto", _ENDPOINT, "moto has no endpoint"),
        ("moto", _WITHOUT_MOTO, 'needs moto: pip install "dynamorm-py[testing]"'),
        ("other", _TESTS, "write dynoxide, ministack, moto or a URL"),
    ],
)
def test_a_wrong_choice_is_told(project: Path, installed: Path, ini: str, tests: str, said: str) -> None:
    project.joinpath("pyproject.toml").write_text(f'[tool.pytest.ini_options]\ndynamodb = "{ini}"\n')
    project.joinpath("test_users.py").write_text(tests)
    ended = run_pytest(project, installed)
    assert ended.returncode != 0
    assert said in ended.stdout + ended.stderr
