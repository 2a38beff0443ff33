"""The page of permissions: every call that it names is performed, and what was sent is what it says.

moto stands for AWS; for streams, which it lacks, a local DynamoDB does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from moto import mock_aws

from dynamorm_py import (
    Attr,
    Check,
    Create,
    DataKeyReuse,
    Delete,
    DynamoModel,
    Encrypted,
    Get,
    Key,
    KmsEncryption,
    Leases,
    PartitionKey,
    Put,
    Repo,
    TableSettings,
    TimeToLive,
    Update,
    fields,
    migrate,
    transact_get,
    transact_write,
)
from dynamorm_py._transport import adapters, default_client
from dynamorm_py.streams import StreamReader, TableCheckpoints
from dynamorm_py.testing import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py.tables import TableOperations
    from dynamorm_py.testing.plugin import MakeRepo

_PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "permissions.md").read_text()
_WORDS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_SERVICES = {"dynamodbstreams": "dynamodb"}
_EVERY_SETTING = TableSettings(point_in_time_recovery=True, tags={"team": "blue"})


class Patient(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    ward: Annotated[str, PartitionKey(index="by-ward")] = "A"
    ssn: Annotated[str, Encrypted()] = ""


class Visit(DynamoModel, table="visits"):
    pk: Annotated[str, PartitionKey()]
    ward: Annotated[str, PartitionKey(index="by-ward")] = "A"
    until: Annotated[int, TimeToLive()] = 0


p = fields(Patient)


def _new_key() -> str:
    kms: Any = boto3.client("kms")  # pyright: ignore[reportUnknownMemberType] -- no stubs of KMS here
    return kms.create_key()["KeyMetadata"]["Arn"]


class Hospital:
    """Two tables with an item, a stream and a key, and a record of what is asked from now on."""

    def __init__(self) -> None:
        self.recorder, self.key = Recorder(), _new_key()
        self.patients = self.repo("patients", self.encryption(self.key))
        self.patients.table.create(TableSettings(stream="KEYS_ONLY"))
        self.patients.put(Patient(pk="1", ssn="078-05-1120"))
        self.visits = Repo(Visit, client=self.recorder)
        self.recorder.exchanges.clear()

    def encryption(self, key: str, *earlier: str) -> KmsEncryption:
        return KmsEncryption(key, read_keys=earlier, client=self.recorder, reuse=DataKeyReuse.off())

    def repo(self, table: str, encryption: KmsEncryption) -> Repo[Patient]:
        return Repo(Patient, table=table, client=self.recorder, encryption=encryption)

    @property
    def actions(self) -> set[str]:
        return {action for request in self.recorder.requests for action in _actions(request)}


def _actions(request: Request) -> list[str]:
    """Return the IAM actions that a request needs. Source: Service Authorization Reference, DynamoDB."""
    service = _SERVICES.get(request.service, request.service)
    if request.operation == "TransactWriteItems":
        return [f"dynamodb:{_WORDS[word]}" for action in request.parameters["TransactItems"] for word in action]
    if request.operation == "TransactGetItems":
        return ["dynamodb:GetItem"]
    return [f"{service}:{request.operation}"]


@pytest.fixture
def hospital(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hospital]:
    monkeypatch.setattr(adapters, "_defaults", {})  # a client made before moto came would call AWS
    with mock_aws():
        yield Hospital()


def _reencrypt(hospital: Hospital) -> None:
    encryption = hospital.encryption(_new_key(), hospital.key)
    hospital.repo("patients", encryption).reencrypt(["1"])


def _lease(hospital: Hospital) -> None:
    leases = Leases(hospital.patients)
    lease = leases.refresh(leases.acquire("lease", seconds=30), seconds=30)
    leases.release(lease)


def _checkpoints(hospital: Hospital) -> None:
    client: Any = boto3.client("dynamodb")  # pyright: ignore[reportUnknownMemberType] -- overloads for services not installed
    client.create_table(
        TableName="positions",
        KeySchema=[{"AttributeName": "stream", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "stream", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    checkpoints = TableCheckpoints("positions", client=hospital.recorder)
    checkpoints.load("arn")
    checkpoints.save("arn", {"shard": "1"})


def _migrate(hospital: Hospital, own: str) -> None:
    """Keep only what was asked of one side; each of them is encrypted."""
    target = hospital.repo("moved", hospital.encryption(hospital.key))
    target.table.create()
    hospital.recorder.exchanges.clear()
    migrate(hospital.patients, target, lambda patient: patient)
    reads = {"Scan"} if own == "source" else {"BatchWriteItem", "BatchGetItem"}
    kms = {"Decrypt"} if own == "source" else {"Decrypt", "GenerateDataKey"}
    kept = [e for e in hospital.recorder.exchanges if e.request.operation in reads | kms]
    assert {e.request.operation for e in hospital.recorder.exchanges} >= reads | kms
    hospital.recorder.exchanges = kept


_ITEM_CALLS: dict[str, Callable[[Hospital], object]] = {
    "`get`, `get_or_none`": lambda h: (h.patients.get("1"), h.patients.get_or_none("1")),
    "`exists`": lambda h: h.patients.exists("1"),
    "`query`": lambda h: (h.patients.query(Key(p.pk) == "1").all(), h.patients.query(Key(p.ward) == "A").all()),
    "`scan`": lambda h: h.patients.scan().all(),
    "`put`": lambda h: h.patients.put(Patient(pk="2", ssn="x")),
    "`create`": lambda h: h.patients.create(Patient(pk="2", ssn="x")),
    "`update`": lambda h: h.patients.update("1", Attr(p.ssn).set("y"), condition=Attr(p.ward) == "A"),
    "`update_many`": lambda h: h.patients.update_many(["1"], Attr(p.ssn).set("y")),
    "`delete`": lambda h: h.patients.delete("1"),
    "`batch_get`": lambda h: h.patients.batch_get(["1", "2"]),
    "`batch_write`, `batch`": lambda h: h.patients.batch_write(put=[Patient(pk="2", ssn="x")], delete=["1"]),
    "`reencrypt`": _reencrypt,
    "`transact_write` of `Put`, `Create`": lambda h: transact_write(
        [Put(h.patients, Patient(pk="2", ssn="x")), Create(h.patients, Patient(pk="3", ssn="x"))]
    ),
    "`transact_write` of `Update`": lambda h: transact_write([Update(h.patients, "1", Attr(p.ssn).set("y"))]),
    "`transact_write` of `Delete`": lambda h: transact_write([Delete(h.patients, "1")]),
    "`transact_write` of `Check`": lambda h: transact_write([Check(h.patients, "1", Attr(p.ward) == "A")]),
    "`transact_get`": lambda h: transact_get([Get(h.patients, "1")]),
    "`Leases`": _lease,
    "`migrate`, of the source": lambda h: _migrate(h, "source"),
    "`migrate`, of the target": lambda h: _migrate(h, "target"),
    "`TableCheckpoints`": _checkpoints,
}


def _rows(heading: str) -> list[list[str]]:
    section = _PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def _named(cell: str, service: str) -> set[str]:
    return {f"{service}:{name}" for name in re.findall(r"`(\w+)`", cell)}


_ITEM_ROWS = {call: _named(dynamodb, "dynamodb") | _named(kms, "kms") for call, dynamodb, kms in _rows("Items")}


def _ensure(hospital: Hospital) -> None:
    """Create the table, take an index away, and have it built again."""
    hospital.visits.table.ensure(_EVERY_SETTING)
    hospital.visits.table.drop_index("by-ward")
    hospital.visits.table.ensure(_EVERY_SETTING)
    hospital.visits.table.ensure(TableSettings(tags={"team": "red"}))


def _made(hospital: Hospital) -> TableOperations[Visit]:
    hospital.visits.table.create()
    hospital.recorder.exchanges.clear()
    return hospital.visits.table


_TABLE_CALLS: dict[str, Callable[[Hospital], object]] = {
    "`table.create`": lambda h: h.visits.table.create(),
    "`table.ensure`": _ensure,
    "`table.compare`": lambda h: _made(h).compare(_EVERY_SETTING),
    "`table.describe`": lambda h: _made(h).describe(),
    "`table.drop_index`": lambda h: _made(h).drop_index("by-ward"),
    "`table.delete`": lambda h: _made(h).delete(),
}
_TABLE_ROWS = {call: _named(actions, "dynamodb") for call, actions in _rows("Tables")}


def test_every_call_of_the_page_is_performed_here() -> None:
    assert _ITEM_ROWS.keys() == _ITEM_CALLS.keys()
    assert _TABLE_ROWS.keys() == _TABLE_CALLS.keys()


@pytest.mark.parametrize("call", _ITEM_CALLS)
def test_a_call_of_items_needs_what_the_page_says(call: str, hospital: Hospital) -> None:
    _ITEM_CALLS[call](hospital)
    assert hospital.actions == _ITEM_ROWS[call]


@pytest.mark.parametrize("call", _TABLE_CALLS)
def test_a_call_of_tables_needs_what_the_page_says(call: str, hospital: Hospital) -> None:
    _TABLE_CALLS[call](hospital)
    assert hospital.actions == _TABLE_ROWS[call]


def test_a_reader_of_a_stream_needs_what_the_page_says(dynamorm_repo: MakeRepo, dynamodb_endpoint: str) -> None:
    table = dynamorm_repo(Visit, TableSettings(stream="KEYS_ONLY")).table.describe()["TableName"]
    recorder = Recorder(default_client(endpoint_url=dynamodb_endpoint))
    StreamReader(Repo(Visit, table=table, client=recorder)).poll()
    rows = [actions for call, actions, _ in _rows("Streams, accounts") if call == "`StreamReader`"]
    stated = {action for cell in rows for action in re.findall(r"`([\w:]+)`", cell)}
    assert {action for request in recorder.requests for action in _actions(request)} == stated


@pytest.mark.parametrize("name", ["get", "exists", "query", "scan", "put", "create", "update", "delete", "batch_get"])
def test_the_policy_of_a_call_allows_what_the_page_says(name: str, hospital: Hospital) -> None:
    allowed = hospital.patients.table.policy(name)["Statement"][0]["Action"]
    (stated,) = (actions for call, actions in _ITEM_ROWS.items() if f"`{name}`" in call.split(", "))
    assert set(allowed) == {action for action in stated if action.startswith("dynamodb:")}
