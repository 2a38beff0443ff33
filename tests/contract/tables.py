"""Tables of the scenarios, made with boto3 from the DMS document: no implementation under test makes its own."""

from __future__ import annotations

import secrets
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from dynamorm_py import dms
from tests.contract.scenarios import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from mypy_boto3_dynamodb import DynamoDBClient

_MODELS = FIXTURES / "dms"
_OF_0_2 = {"ReleaseActual": "release", "ReleaseEvent": "release"}


def documented(model: str) -> dms.Model:
    """Return a model's entry of its document."""
    version, file = ("0.2", _OF_0_2[model]) if model in _OF_0_2 else ("0.1", model.lower())
    found = dms.load(_MODELS / f"v{version}" / "models" / f"{file}.yml").model(model)
    assert found is not None
    return found


def types_of(model: str) -> dict[str, str]:
    """Return the types of a model's attributes by name, as its document has them."""
    return {attribute.attribute: attribute.type for attribute in documented(model).attributes}


@contextmanager
def tables_of(models: Iterable[str], dynamodb: DynamoDBClient) -> Generator[dict[str, str]]:
    """Have tables of models for a while, of new names, by model."""
    with ExitStack() as stack:
        names = {model: f"contract-{secrets.token_hex(8)}" for model in models}
        for model, name in names.items():
            stack.enter_context(table_of(documented(model), name, dynamodb))
        yield names


@contextmanager
def table_of(model: dms.Model, name: str, dynamodb: DynamoDBClient) -> Generator[None]:
    """Have the table of a model for a while."""
    dynamodb.create_table(**parameters(model, name))
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    try:
        yield
    finally:
        dynamodb.delete_table(TableName=name)


def parameters(model: dms.Model, name: str) -> Any:  # noqa: ANN401 -- boto3's parameters
    """Return what CreateTable needs for a model."""
    keys = [model.keys, *model.indexes]
    types = {key.attribute: key.type for each in keys for key in (each.partition, each.sort) if key}
    out: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
        "KeySchema": _key_schema([model.keys.partition, model.keys.sort]),
    }
    for kind, word in (("GSI", "GlobalSecondaryIndexes"), ("LSI", "LocalSecondaryIndexes")):
        if indexes := [_index(index) for index in model.indexes if index.type == kind]:
            out[word] = indexes
    return out


def _index(index: dms.Index) -> dict[str, Any]:
    projection = index.projection
    carried: dict[str, Any] = {"ProjectionType": projection.type if projection else "ALL"}
    if projection and projection.fields:
        carried["NonKeyAttributes"] = list(projection.fields)
    return {"IndexName": index.name, "KeySchema": _key_schema([index.partition, index.sort]), "Projection": carried}


def _key_schema(keys: Iterable[dms.KeyAttribute | None]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": key.attribute, "KeyType": kind} for key, kind in zip(keys, kinds, strict=True) if key]
