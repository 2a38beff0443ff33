"""The wheel in an environment of its own: what works without extras, what a missing one says, what each brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dynamorm_py

if TYPE_CHECKING:
    from tests.release.environment import Environment

_MODEL = """
from typing import Annotated
from dynamorm_py import DynamoModel, Encrypted, PartitionKey, Repo

class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    score: int = 0
    ssn: Annotated[str, Encrypted()] = ""
"""

_ENCRYPTED = f"""{_MODEL}
from dynamorm_py import StaticEncryption
Repo(User, encryption=StaticEncryption(bytes(32)))
"""

_WITHOUT_EXTRAS = """
import importlib, importlib.metadata, importlib.resources, json, os
from typing import Annotated
import dynamorm_py
from dynamorm_py import DynamoModel, PartitionKey, Repo, dms
from dynamorm_py.testing import ScriptedClient

class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]

with ScriptedClient({"Item": {"pk": {"S": "USER#1"}}}) as client:
    assert Repo(User, client=client).get("USER#1") == User(pk="USER#1")
for name in dynamorm_py.__all__:
    getattr(dynamorm_py, name)
for name in "accounts aws_lambda cli dms encryption errors leases limits markers migration streams tables".split():
    importlib.import_module(f"dynamorm_py.{name}")
document = dms.loads(json.dumps({"dms_version": "0.1", "models": [User.to_dms()]}))
assert dms.compare(User, document) == []
assert importlib.resources.files("dynamorm_py").joinpath("py.typed").is_file()
assert dynamorm_py.__version__ == importlib.metadata.version("dynamorm-py")
print(dynamorm_py.__version__)
"""


def test_the_wheel_works_without_extras(bare: Environment) -> None:
    assert bare(["python", "-W", "error", "-c", _WITHOUT_EXTRAS]) == (0, f"{dynamorm_py.__version__}\n", "")


@pytest.mark.parametrize(
    ("command", "repair"),
    [
        pytest.param(["dynamorm", "--version"], 'pip install "dynamorm-py[cli]"', id="the command"),
        pytest.param(["python", "-m", "dynamorm_py"], 'pip install "dynamorm-py[cli]"', id="the module"),
        pytest.param(
            ["python", "-c", "from dynamorm_py import dms; dms.loads('a: 1')"],
            'pip install "dynamorm-py[dms]"',
            id="a document in YAML",
        ),
        pytest.param(
            ["python", "-c", _ENCRYPTED],
            "pip install 'dynamorm-py[encryption]'",
            id="encrypted fields",
        ),
        pytest.param(
            ["python", "-c", "from dynamorm_py.testing.strategies import from_model"],
            'pip install "dynamorm-py[testing]"',
            id="strategies",
        ),
    ],
)
def test_what_needs_an_extra_says_which(command: list[str], repair: str, bare: Environment) -> None:
    code, _, errors = bare(command)
    assert code == 1
    assert repair in errors.splitlines()[-1]


def test_the_command_comes_with_its_extra(full: Environment) -> None:
    assert full(["dynamorm", "--version"]) == (0, f"dynamorm-py {dynamorm_py.__version__}\n", "")


def test_encryption_yaml_and_strategies_come_with_their_extras(full: Environment) -> None:
    use = f"""{_MODEL}
from dynamorm_py import StaticEncryption, dms
from dynamorm_py.testing import ScriptedClient
from dynamorm_py.testing.strategies import from_model

with ScriptedClient({{}}) as client:
    Repo(User, client=client, encryption=StaticEncryption(bytes(32))).put(User(pk="USER#1", ssn="078"))
assert "ct" in client.requests[0].parameters["Item"]["ssn"]["M"]
document = dms.check({{"dms_version": "0.1", "models": [User.to_dms()]}})
assert dms.loads(dms.dumps(document)) == document
from_model(User).validate()
"""
    assert full(["python", "-W", "error", "-c", use]) == (0, "", "")


def test_pytest_finds_the_plugin(full: Environment) -> None:
    code, output, _ = full(["python", "-m", "pytest", "--fixtures", "-q", "-p", "no:cacheprovider"])
    assert code in {0, 5}
    assert "dynamorm_repo" in output
