"""The models of the scenarios are what their documents say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import Repo, StaticEncryption, dms
from tests.contract.models import MODELS, attribute_name
from tests.contract.scenarios import FIXTURES
from tests.contract.tables import documented, table_of, types_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py import DynamoModel


UNUSED = StaticEncryption(bytes(32))


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_scenarios_equals_its_document(model: str) -> None:
    assert dms.compare(MODELS[model], documented(model)) == []


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_scenarios_needs_the_table_that_the_suite_makes(
    dynamodb: DynamoDBClient, unique_table_name: str, model: str
) -> None:
    repo: Repo[Any] = Repo(MODELS[model], table=unique_table_name, client=dynamodb, encryption=UNUSED)
    with table_of(documented(model), unique_table_name, dynamodb):
        differences = repo.table.compare()
    assert [each for each in differences if "time to live" not in str(each)] == []  # scenarios store what has expired


FULL: dict[str, dict[str, Any]] = {
    "User": {"emailHash": "h", "nickname": "Al", "tags": ["a"], "ttl": 1700000000},
    "Order": {"status": "new", "amount": "1.5", "ttl": 1700000000},
    "Sample": {"text": "a", "amount": "1", "payload": "AA==", "active": True, "parts": [1], "counts": {"a": 1}}
    | {"labels": ["a"], "codes": ["1"], "chunks": ["AA=="], "note": "a", "score": 1, "keywords": ["a"]}
    | {"settings": {"a": 1}},
    "Ticket": {"status": "new", "date": "2026-01-01", "size": 1, "owner": "o", "title": "t", "name": "n", "group": "g"}
    | {"order": 1, "count": 1, "comment": "c", "values": [1], "labels": ["a"], "detail": {"a": 1}, "token": "AA=="},
    "Vault": {"name": "n", "secret": "s", "note": "n", "pin": 1, "photo": "AA==", "active": True, "codes": ["a"]}
    | {"parts": [1], "profile": {"a": 1}, "settings": {"a": 1}},
    "ReleaseEvent": {"releaseId": "r", "eventType": "e", "provenance": {"source": "s"}},
    "ReleaseActual": {"state": "s", "pinnedReleaseId": "r"},
}
LIFECYCLE = {"createdAt": "2024-01-01T00:00:00Z", "updatedAt": "2024-01-01T00:00:00Z", "version": 1}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_scenarios_writes_the_attributes_of_its_document(model: str) -> None:
    attributes = documented(model).attributes
    lifecycle = {name: LIFECYCLE[name] for name in LIFECYCLE if name in types_of(model)}
    key = {"PK": "A", "SK": 1 if model == "Sample" else "B"}
    instance = MODELS[model].model_validate_json(json.dumps({**key, **FULL[model], **lifecycle}))
    empty: DynamoModel = MODELS[model].model_validate(key)

    stored_as = {name: next(iter(value)) for name, value in instance.to_item().items()}
    assert stored_as == types_of(model)
    omitted = stored_as.keys() - empty.to_item().keys()
    none = {attribute_name(name) for name in MODELS[model].model_fields if getattr(empty, name) is None}
    assert omitted == none | {attribute.attribute for attribute in attributes if attribute.omit_empty}


def test_every_document_of_a_supported_version_has_its_model() -> None:
    folders = [FIXTURES / "dms" / f"v{version}" / "models" for version in dms.SUPPORTED_VERSIONS]
    files = [file for folder in folders for file in sorted(folder.glob("*.yml"))]
    assert {model.name for file in files for model in dms.load(file).models} == MODELS.keys()
