"""Encrypted attributes over a local DynamoDB, with moto's KMS: the table never holds a plaintext."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from moto import mock_aws
from pydantic import BaseModel, Field

from dynamorm_py import (
    ANY,
    AsJson,
    Attr,
    ConditionFailed,
    DynamoModel,
    Encrypted,
    ItemAlreadyExists,
    KmsEncryption,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    Version,
    fields,
)
from dynamorm_py._transport import default_client
from dynamorm_py.encryption import EnvelopeTampered, InvalidDataKey, UnknownEnvelopeVersion
from dynamorm_py.errors import InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

MARKER = "TOP-SECRET-MARKER"


class Address(BaseModel):
    city: str


class Patient(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 1
    name: str = ""
    ssn: Annotated[str | None, Encrypted()] = None
    notes: Annotated[str, Encrypted(), OmitEmpty()] = ""
    home: Annotated[Address | None, Encrypted()] = None
    codes: Annotated[set[int], Encrypted()] = Field(default_factory=set[int])
    prefs: Annotated[dict[str, Any] | None, AsJson(), Encrypted()] = None
    photo: Annotated[bytes, Encrypted()] = b""
    version: Annotated[int, Version()] = 0


P = fields(Patient)


class Card(BaseModel):
    name: str
    ssn: str | None


def full(number: int = 1) -> Patient:
    return Patient(
        pk=f"p{number}",
        name="open",
        ssn=MARKER,
        notes=MARKER,
        home=Address(city=MARKER),
        codes={1, 2},
        prefs={MARKER: [1]},
        photo=MARKER.encode(),
    )


@pytest.fixture
def kms() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("kms", region_name="us-east-1")


@pytest.fixture
def arn(kms: Any) -> str:  # noqa: ANN401 -- boto3's client of KMS has no types here
    return kms.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def table(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[str]:
    repo = Repo(Patient, table=unique_table_name, client=dynamodb, encryption=StaticEncryption(bytes(32)))
    repo.table.create()
    yield unique_table_name
    repo.table.delete()


class Tables:
    """Makes repositories of the one table."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, arn: str) -> None:
        self.dynamodb, self.name, self.arn = dynamodb, table, arn

    def repo(self, **settings: Any) -> Repo[Patient]:  # noqa: ANN401 -- settings of any type
        encryption = KmsEncryption(settings.pop("key_arn", self.arn), **settings)
        return Repo(Patient, table=self.name, client=self.dynamodb, encryption=encryption)

    def raw(self, number: int = 1) -> dict[str, Any]:
        key = {"pk": {"S": f"p{number}"}, "sk": {"N": "1"}}
        return dict(self.dynamodb.get_item(TableName=self.name, Key=key).get("Item", {}))

    def put_raw(self, item: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName=self.name, Item=item)


@pytest.fixture
def tables(dynamodb: DynamoDBClient, table: str, arn: str) -> Tables:
    return Tables(dynamodb, table, arn)


@pytest.mark.parametrize("binding", ["attribute", "item"])
def test_every_operation_reads_in_clear_what_the_table_holds_only_encrypted(tables: Tables, binding: str) -> None:
    repo = tables.repo(binding=binding)

    def check(expected: Patient) -> None:
        assert repo.get((expected.pk, 1)) == expected
        assert MARKER not in str(tables.dynamodb.scan(TableName=tables.name)["Items"])

    created = repo.create(full())
    check(created)
    put = repo.put(created.model_copy(update={"ssn": MARKER * 2}))
    check(put)
    updated = repo.update(
        ("p1", 1), Attr(P.ssn).set(MARKER), Attr(P.home).set(Address(city=MARKER)), Attr(P.notes).remove()
    )
    assert (updated.ssn, updated.notes) == (MARKER, "")
    check(updated)
    fresh = repo.update(("p2", 1), Attr(P.ssn).if_not_exists(MARKER), Attr(P.name).set("open"))
    assert fresh.ssn == MARKER
    assert repo.update(("p2", 1), Attr(P.ssn).if_not_exists("other")).ssn == MARKER
    default = Attr(P.ssn).set(Attr(P.ssn).if_not_exists(MARKER * 2))
    assert repo.update(("p2", 1), default).ssn == MARKER
    assert repo.update(("p3", 1), default, Attr(P.name).set("open")).ssn == MARKER * 2
    assert MARKER not in str(tables.dynamodb.scan(TableName=tables.name)["Items"])

    assert repo.get(("p1", 1), project=Card) == Card(name="open", ssn=MARKER)
    assert repo.get_or_none(("p1", 1), project=Card) == Card(name="open", ssn=MARKER)
    assert repo.exists(("p1", 1))
    deleted = repo.delete(("p1", 1))
    assert deleted is not None
    assert deleted.ssn == MARKER


def test_a_failed_condition_and_a_create_that_finds_an_item_carry_it_in_clear(tables: Tables) -> None:
    repo = tables.repo()
    repo.create(full())

    with pytest.raises(ItemAlreadyExists) as exists:
        repo.create(full())
    with pytest.raises(ConditionFailed) as failed:
        repo.delete(("p1", 1), condition=Attr(P.name) == "other")
    for error in (exists.value, failed.value):
        assert isinstance(error.item, Patient)
        assert error.item.ssn == MARKER
        assert MARKER not in f"{error!r} {error} {error.raw_item}"


def test_an_empty_value_is_omitted_where_the_field_says_so_and_none_where_absence_says_it(tables: Tables) -> None:
    repo = tables.repo()
    repo.put(Patient(pk="p1"))

    stored = tables.raw()
    assert "notes" not in stored
    assert "ssn" not in stored
    assert set(stored["codes"]["M"]) == {"v", "edk", "nonce", "ct"}
    assert repo.get(("p1", 1)) == Patient(pk="p1")


def test_an_update_from_an_instance_seals_sets_and_removes_as_the_field_says(tables: Tables) -> None:
    repo = tables.repo()
    patient = repo.create(full())
    patient.ssn, patient.notes, patient.codes = None, "", {3}

    updated = repo.update(patient, fields={"ssn", "notes", "codes"})

    assert (updated.ssn, updated.notes, updated.codes, updated.version) == (None, "", {3}, 1)
    stored = tables.raw()
    assert not stored.keys() & {"ssn", "notes"}


def test_a_value_bound_to_its_item_does_not_open_in_another_and_one_that_is_not_does(tables: Tables) -> None:
    for binding in ("attribute", "item"):
        repo = tables.repo(binding=binding)
        repo.put(full(1), expected_version=ANY)
        repo.put(Patient(pk="p2", ssn="mine"), expected_version=ANY)
        tables.put_raw(tables.raw(2) | {"ssn": tables.raw(1)["ssn"]})
        if binding == "attribute":
            assert repo.get(("p2", 1)).ssn == MARKER
        else:
            with pytest.raises(EnvelopeTampered):
                repo.get(("p2", 1))


def test_a_repository_that_binds_to_the_item_refuses_a_downgrade_unless_it_accepts_both(tables: Tables) -> None:
    tables.repo().put(full())

    with pytest.raises(UnknownEnvelopeVersion):
        tables.repo(binding="item").get(("p1", 1))
    assert tables.repo(binding="item", accept_versions=[1, 2]).get(("p1", 1)).ssn == MARKER


def test_the_scope_keeps_tables_apart_and_outlives_their_names(tables: Tables) -> None:
    tables.repo(binding="item").put(full())

    assert tables.repo(binding="item", scope="patients").get(("p1", 1)).ssn == MARKER
    with pytest.raises(EnvelopeTampered):
        tables.repo(binding="item", scope="staff").get(("p1", 1))


def test_data_of_a_static_key_and_of_kms_do_not_pass_for_each_other(tables: Tables) -> None:
    static = Repo(Patient, table=tables.name, client=tables.dynamodb, encryption=StaticEncryption(bytes(32)))

    static.put(full())
    with pytest.raises(InvalidEncryptedEnvelope):
        tables.repo().get(("p1", 1))
    tables.repo().put(full(), expected_version=ANY)
    with pytest.raises(InvalidDataKey, match="static key"):
        static.get(("p1", 1))


def test_the_default_clients_bytes_open_as_a_brought_clients_dictionaries_do(
    tables: Tables, dynamodb_endpoint: str
) -> None:
    stored = tables.repo(binding="item").put(full())
    client = default_client("us-east-1", dynamodb_endpoint)
    encryption = KmsEncryption(tables.arn, binding="item")

    repo = Repo(Patient, table=tables.name, client=client, encryption=encryption)

    assert repo.get(("p1", 1)) == stored
    assert repo.get(("p1", 1), project=Card) == Card(name="open", ssn=MARKER)
    assert repo.update(("p1", 1), Attr(P.photo).set(b"\xff\xfb")).photo == b"\xff\xfb"


# --- re-encryption --------------------------------------------------------------------------------


def test_items_move_to_the_current_prefix_and_version_once_and_keep_their_contents(tables: Tables) -> None:
    sister = tables.repo(aad_prefix="theorydb")
    before = [sister.put(full(number)) for number in range(3)]
    target = tables.repo(binding="item", accept_versions=[1, 2])

    first = target.reencrypt(before)
    again = target.reencrypt([("p0", 1), ("p1", 1), ("p2", 1), ("gone", 1)])

    assert (first.moved, first.current, first.missing) == (3, 0, 0)
    assert (again.moved, again.current, again.missing) == (0, 3, 1)
    assert [tables.repo(binding="item").get((f"p{n}", 1)) for n in range(3)] == before
    assert tables.raw()["version"] == {"N": "0"}


def test_items_move_to_the_current_key(tables: Tables, kms: Any) -> None:  # noqa: ANN401 -- boto3's client
    old = tables.repo()
    old.put(full())
    edk = tables.raw()["ssn"]["M"]["edk"]
    new_arn = kms.create_key()["KeyMetadata"]["Arn"]
    target = tables.repo(key_arn=new_arn, read_keys=[tables.arn])

    assert target.get(("p1", 1)).ssn == MARKER
    assert target.reencrypt([("p1", 1)]).moved == 1
    assert tables.raw()["ssn"]["M"]["edk"] != edk
    assert tables.repo(key_arn=new_arn).get(("p1", 1)).ssn == MARKER
    assert target.reencrypt([("p1", 1)]).current == 1
