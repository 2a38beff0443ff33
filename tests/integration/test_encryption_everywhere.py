"""Encrypted attributes on every surface that reads or writes many items, against a real table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    ConditionFailed,
    Create,
    DynamoModel,
    Encrypted,
    EncryptedFieldNotQueryable,
    Get,
    Key,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    StaticEncryption,
    TransactionCancelled,
    Update,
    fields,
    transact_get,
    transact_write,
)
from dynamorm_py.streams import read_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

KEY = bytes(range(32))
SECRET = "a secret of patient"


class Patient(DynamoModel):
    ward: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    notes: Annotated[str, Encrypted()] = ""
    visits: int = 0


class Notes(BaseModel):
    notes: str


p = fields(Patient)


@pytest.fixture(params=["attribute", "item"])
def patients(
    request: pytest.FixtureRequest, dynamodb: DynamoDBClient, unique_table_name: str
) -> Iterator[Repo[Patient]]:
    encryption = StaticEncryption(KEY, binding=request.param, scope="tests")
    repo = Repo(Patient, table=unique_table_name, client=dynamodb, encryption=encryption)
    repo.table.create()
    repo.batch_write(put=[patient(number) for number in range(30)])
    yield repo
    stored: Any = dynamodb.scan(TableName=unique_table_name)["Items"]
    assert stored
    assert SECRET not in repr(stored)
    repo.table.delete()


def patient(number: int) -> Patient:
    return Patient(ward="A", number=number, notes=f"{SECRET} {number}")


def test_batches_queries_and_scans_give_the_clear_values(patients: Repo[Patient]) -> None:
    everyone = [patient(number) for number in range(30)]

    assert patients.query(Key(p.ward) == "A").all() == everyone
    assert sorted(patients.scan(segments=2), key=lambda found: found.number) == everyone
    assert patients.batch_get([("A", number) for number in range(30)]) == everyone


def test_a_projection_gives_the_clear_value_and_nothing_else(patients: Repo[Patient]) -> None:
    first = Notes(notes=f"{SECRET} 0")

    assert patients.query(Key(p.ward) == "A", project=Notes).first() == first
    assert patients.get(("A", 0), project=Notes) == first
    assert patients.batch_get([("A", 0)], project=Notes) == [first]
    assert transact_get([Get(patients, ("A", 0), project=Notes)]) == (first,)


def test_a_page_ends_and_goes_on_between_encrypted_items(patients: Repo[Patient]) -> None:
    query = patients.query(Key(p.ward) == "A", filter=Attr(p.visits) == 0, page_size=7)
    page = query.page(10)

    assert [found.number for found in page] == list(range(10))
    assert [found.number for found in query.page(10, page.cursor)] == list(range(10, 20))


def test_transactions_seal_what_they_write_and_open_the_old_items_of_a_cancelled_one(patients: Repo[Patient]) -> None:
    transact_write(
        [
            Put(patients, patient(100)),
            Update(patients, ("A", 1), Attr(p.notes).set(f"{SECRET} changed"), Attr(p.visits).add(1)),
        ]
    )
    assert patients.get(("A", 100)) == patient(100)
    assert patients.get(("A", 1)).notes == f"{SECRET} changed"

    with pytest.raises(TransactionCancelled) as caught:
        transact_write([Create(patients, patient(2))])
    assert caught.value.reasons[0].item == patient(2)


def test_an_old_item_under_another_key_does_not_hide_what_failed(
    patients: Repo[Patient], dynamodb: DynamoDBClient
) -> None:
    name = patients.__dynamorm_context__.table.name
    others = Repo(Patient, table=name, client=dynamodb, encryption=StaticEncryption(KEY[::-1]))
    for attempt in (lambda: others.create(patient(2)), lambda: transact_write([Create(others, patient(2))])):
        with pytest.raises(ConditionFailed) as caught:
            attempt()
        assert caught.value.item is None
        assert caught.value.raw_item is not None
        assert ["since it cannot be read" in note for note in caught.value.__notes__] == [True]


def test_the_old_item_of_a_failed_condition_is_in_clear(patients: Repo[Patient]) -> None:
    with pytest.raises(ConditionFailed) as caught:
        patients.update(("A", 3), Attr(p.visits).add(1), condition=Attr(p.visits) > 5)
    assert caught.value.item == patient(3)


def test_a_stream_image_is_opened_and_a_filter_on_the_attribute_is_refused(
    patients: Repo[Patient], dynamodb: DynamoDBClient
) -> None:
    table: Any = patients.table.describe()["TableName"]
    raw: Any = dynamodb.get_item(TableName=table, Key={"ward": {"S": "A"}, "number": {"N": "4"}})

    assert read_image(patients, raw["Item"]) == patient(4)
    with pytest.raises(EncryptedFieldNotQueryable):
        patients.query(Key(p.ward) == "A", filter=Attr(p.notes) == SECRET)
