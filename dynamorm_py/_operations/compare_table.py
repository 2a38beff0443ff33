"""Compares the table that a model needs with the one that is there; every difference names its repair.

A difference is a *change* that `ensure` makes, a *conflict* that it refuses, or *extra*: more than the model
asks for, left alone. Nothing is changed here. Source: API Reference, TableDescription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.compare_settings import ON, billed, billing_differences, settings_differences
from dynamorm_py._operations.create_table import (
    attribute_definitions,
    global_index,
    index_definition,
    key_schema,
    time_to_live,
    vector_definition,
)
from dynamorm_py._operations.describe_table import table_description
from dynamorm_py._operations.difference import Difference, LiveTable, update_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py._kernel.plans import Plan, Request
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.table_settings import TableSettings
    from dynamorm_py._schema import IndexSchema, VectorSchema

_OTHER_TABLE = "a table's keys cannot change: create another table and migrate() into it"
_REBUILD = "drop_index({0!r}), then ensure(); queries of the index fail in between"


def compare(table: ModelTable[Any], settings: TableSettings) -> Plan[list[Difference]]:
    """Return every difference between the model with these settings and the table. Raises TableNotFound."""
    description = yield from table_description(table)
    live = yield from read_live(table, description, settings)
    return list(differences(table, live, settings))


def read_live(table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings) -> Plan[LiveTable]:
    """Return the table as it is; backups and tags are only asked for when they are managed."""
    name = {"TableName": table.name}
    response = yield from ask("DescribeTimeToLive", name)
    ttl = response["TimeToLiveDescription"]
    recovery: str | None = None
    if settings.point_in_time_recovery is not None:
        backups = (yield from ask("DescribeContinuousBackups", name))["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED")
    tags = None if settings.tags is None else (yield from _read_tags(description["TableArn"]))
    return LiveTable(description, ttl, recovery, tags)


def _read_tags(arn: str) -> Plan[dict[str, str]]:
    tags: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        response = yield from ask("ListTagsOfResource", {"ResourceArn": arn, **page})
        tags |= {tag["Key"]: tag["Value"] for tag in response.get("Tags", ())}
        if not response.get("NextToken"):
            return tags
        page = {"NextToken": response["NextToken"]}


def differences(table: ModelTable[Any], live: LiveTable, settings: TableSettings) -> Iterator[Difference]:
    """Yield every difference, those that `ensure` has to make first before those that build on them."""
    yield from _keys(table, live.description)
    yield from _local_indexes(table, live.description)
    yield from billing_differences(table, live.description, settings)
    yield from _global_indexes(table, live.description, settings)
    yield from _vector_indexes(table, live.description, settings)
    yield from _time_to_live(table, live.time_to_live)
    yield from settings_differences(table, live, settings)


# --- keys and indexes -----------------------------------------------------------------------------


def _keys(table: ModelTable[Any], description: Mapping[str, Any]) -> Iterator[Difference]:
    expected, found = key_schema(table.schema.keys[:1], table.schema.keys[1:]), description["KeySchema"]
    if _key(expected) != _key(found):
        yield Difference("conflict", "key", _key(expected), _key(found), _OTHER_TABLE)
    types = _types(description["AttributeDefinitions"])
    for name, kind in _types(attribute_definitions(table)).items():
        if types.get(name, kind) != kind:
            repair = "declare the field so that it is stored as the table has it, or migrate() into another table"
            yield Difference("conflict", f"type of {name!r}", kind, types[name], repair)


def _local_indexes(table: ModelTable[Any], description: Mapping[str, Any]) -> Iterator[Difference]:
    found = {index["IndexName"]: index for index in description.get("LocalSecondaryIndexes") or ()}
    for index in _of_kind(table, "LSI"):
        live, subject = found.pop(index.name, None), f"local index {index.name!r}"
        expected = _index(index_definition(table, index))
        if live is None or _index(live) != expected:
            repair = "local indexes are made with the table only: create another table and migrate() into it"
            yield Difference("conflict", subject, expected, None if live is None else _index(live), repair)
    for name, live in found.items():
        yield Difference("extra", f"local index {name!r}", None, _index(live), "declare it in the model to query it")


def _global_indexes(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    found = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes") or ()}
    for index in _of_kind(table, "GSI"):
        live, subject = found.pop(index.name, None), f"index {index.name!r}"
        expected = _index(index_definition(table, index))
        if live is None:
            request = _index_creation(table, index, description, settings)
            yield Difference("change", subject, expected, None, "ensure() builds it", request)
        elif _index(live) != expected:
            yield Difference("conflict", subject, expected, _index(live), _REBUILD.format(index.name))
    for name, live in found.items():
        repair = f"declare it in the model, or drop_index({name!r})"
        yield Difference("extra", f"index {name!r}", None, _index(live), repair)


def _index_creation(
    table: ModelTable[Any], index: IndexSchema, description: Mapping[str, Any], settings: TableSettings
) -> Request:
    needed = {f.attribute for f in (*index.partition, *index.sort)}
    creation = global_index(table, index, settings)
    if settings.billing is None and (units := description.get("ProvisionedThroughput", {})).get("ReadCapacityUnits"):
        creation["ProvisionedThroughput"] = {k: units[k] for k in ("ReadCapacityUnits", "WriteCapacityUnits")}
    return update_table(
        table,
        AttributeDefinitions=_definitions(table, description, needed),
        GlobalSecondaryIndexUpdates=[{"Create": creation}],
    )


def _vector_indexes(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    found = {index["IndexName"]: index for index in description.get("VectorIndexes") or ()}
    for vector in table.schema.vectors.values():
        live, subject = found.pop(vector.name, None), f"vector index {vector.name!r}"
        definition = vector_definition(table, vector)
        expected = _vector(definition)
        if live is None and settings.billing is None and billed(description) != "PAY_PER_REQUEST":
            repair = 'vector indexes are on tables billed on demand only: set billing="PAY_PER_REQUEST"'
            yield Difference("conflict", subject, expected, None, repair)
        elif live is None:
            request = _vector_creation(table, vector, description, definition)
            yield Difference("change", subject, expected, None, "ensure() builds it", request)
        elif _vector(live) != expected:
            repair = f"drop_index({vector.name!r}), then ensure(); searches fail in between"
            yield Difference("conflict", subject, expected, _vector(live), repair)
    for name, live in found.items():
        repair = f"declare it in the model, or drop_index({name!r})"
        yield Difference("extra", f"vector index {name!r}", None, _vector(live), repair)


def _vector_creation(
    table: ModelTable[Any], vector: VectorSchema, description: Mapping[str, Any], definition: Mapping[str, Any]
) -> Request:
    searched = [field.attribute for field in vector.searched]
    definitions = _definitions(table, description, searched)
    return update_table(table, AttributeDefinitions=definitions, VectorIndexUpdates=[{"Create": definition}])


def _definitions(table: ModelTable[Any], description: Mapping[str, Any], needed: Iterable[str]) -> list[dict[str, str]]:
    """Return the table's attribute definitions, with those that a new index needs."""
    ours = _types(attribute_definitions(table))
    types = _types(description["AttributeDefinitions"]) | {name: ours[name] for name in sorted(needed)}
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _time_to_live(table: ModelTable[Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    field = table.schema.role("ttl")
    found = live.get("AttributeName") if live.get("TimeToLiveStatus") in ON else None
    expected = None if field is None else field.attribute
    if expected == found:
        return
    if expected is None:
        repair = "mark a field with TimeToLive(), or switch it off in DynamoDB: items with it are deleted"
        yield Difference("extra", "time to live", None, found, repair)
    elif found is None:
        yield Difference("change", "time to live", expected, None, "ensure() does it", time_to_live(table, expected))
    else:
        repair = "switch the other one off in DynamoDB, which takes an hour, then ensure()"
        yield Difference("conflict", "time to live", expected, found, repair)


# --- words ----------------------------------------------------------------------------------------


def _of_kind(table: ModelTable[Any], kind: str) -> Iterator[IndexSchema]:
    return (index for index in table.schema.indexes.values() if index.kind == kind)


def _key(schema: Iterable[Mapping[str, str]]) -> str:
    """Return a key in one line: `PK (HASH), SK (RANGE)`."""
    return ", ".join(f"{part['AttributeName']} ({part['KeyType']})" for part in schema)


def _index(definition: Mapping[str, Any]) -> str:
    """Return an index's key and what it carries in one line; equal for equal indexes."""
    return f"{_key(definition['KeySchema'])} carrying {_carried(definition)}"


def _vector(definition: Mapping[str, Any]) -> str:
    """Return a vector index in one line; equal for equal indexes."""
    searched = [
        (each["SearchSchemaElementType"], each["AttributeName"]) for each in definition.get("SearchSchema") or ()
    ]
    by = ", ".join(f"{name} ({role})" for role, name in sorted(searched))
    vector = f"{definition['VectorAttribute']['AttributeName']}[{definition['Dimensions']}]"
    return f"{vector} by {definition['DistanceFunction']}{by and f', {by}'} carrying {_carried(definition)}"


def _carried(definition: Mapping[str, Any]) -> str:
    projection = definition["Projection"]
    return ", ".join(sorted(projection.get("NonKeyAttributes") or ())) or projection["ProjectionType"]


def _types(definitions: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in definitions}
