"""CreateTable, DescribeTable, DeleteTable, UpdateTimeToLive: the table that a model needs.

Source: API Reference, CreateTable, UpdateTimeToLive; CONTRACT 9.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynamorm_py._plans import Plan, Request, Sleep, present
from dynamorm_py.errors import TableNotFound, TableNotReady

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._schema import IndexSchema, StoredField
    from dynamorm_py._table import Table

_POLL_SECONDS = 0.5
_POLLS = 600  # five minutes: a table with indexes is usually there in seconds


def create_table(table: Table[Any]) -> Plan[None]:
    """Create the table with the model's keys and indexes, billed on demand, and wait until it is there.

    The time to live is switched on when the model has a field for it. Raises TableInUse.
    """
    yield Request("CreateTable", table_parameters(table))
    yield from wait_until_active(table)
    ttl = table.schema.role("ttl")
    if ttl is not None:
        specification = {"Enabled": True, "AttributeName": ttl.attribute}
        yield Request("UpdateTimeToLive", {"TableName": table.name, "TimeToLiveSpecification": specification})


def describe_table(table: Table[Any]) -> Plan[dict[str, Any]]:
    """Return DynamoDB's description of the table. Raises TableNotFound."""
    response = yield Request("DescribeTable", {"TableName": table.name})
    return response["Table"]


def delete_table(table: Table[Any]) -> Plan[None]:
    """Delete the table with everything in it, and wait until it is gone. Raises TableNotFound."""
    yield Request("DeleteTable", {"TableName": table.name})
    for _ in range(_POLLS):
        try:
            yield from describe_table(table)
        except TableNotFound:
            return
        yield Sleep(_POLL_SECONDS)
    raise TableNotReady(f"table {table.name!r} is still being deleted after {_POLLS * _POLL_SECONDS:.0f} s")


def wait_until_active(table: Table[Any]) -> Plan[None]:
    """Wait until the table and its indexes take requests. Raises TableNotReady after five minutes."""
    for _ in range(_POLLS):
        with suppress(TableNotFound):  # DescribeTable may not know a table yet that was just created
            description = yield from describe_table(table)
            states = [description, *description.get("GlobalSecondaryIndexes", [])]
            if all(state.get("TableStatus", state.get("IndexStatus")) == "ACTIVE" for state in states):
                return
        yield Sleep(_POLL_SECONDS)
    raise TableNotReady(f"table {table.name!r} is not active after {_POLLS * _POLL_SECONDS:.0f} s: look at its status")


def table_parameters(table: Table[Any]) -> dict[str, Any]:
    """Return CreateTable's parameters for a model."""
    schema = table.schema
    indexes = schema.indexes.values()
    return present(
        TableName=table.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(schema.keys[:1], schema.keys[1:]),
        AttributeDefinitions=_attribute_definitions(table),
        GlobalSecondaryIndexes=[_index(table, i) for i in indexes if i.kind == "GSI"] or None,
        LocalSecondaryIndexes=[_index(table, i) for i in indexes if i.kind == "LSI"] or None,
    )


def _attribute_definitions(table: Table[Any]) -> list[dict[str, str]]:
    keys = [f for f in table.schema.stored if f.is_key or f.is_index_key]
    return [{"AttributeName": f.attribute, "AttributeType": _key_type(table, f)} for f in keys]


def _key_type(table: Table[Any], field: StoredField) -> str:
    (tag,) = table.codec.node.fields[field.name].node.types - {"NULL"}
    return tag


def _key_schema(partition: Iterable[StoredField], sort: Iterable[StoredField]) -> list[dict[str, str]]:
    hashes = [{"AttributeName": field.attribute, "KeyType": "HASH"} for field in partition]
    return hashes + [{"AttributeName": field.attribute, "KeyType": "RANGE"} for field in sort]


def _index(table: Table[Any], index: IndexSchema) -> dict[str, Any]:
    projection = index.projection
    carried: dict[str, Any] = {"ProjectionType": projection if isinstance(projection, str) else "INCLUDE"}
    if not isinstance(projection, str):
        carried["NonKeyAttributes"] = [table.schema.fields[name].attribute for name in projection]
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition, index.sort),
        "Projection": carried,
    }
