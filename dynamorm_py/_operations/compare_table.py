"""Compares the table that a model needs with the one that is there; every difference names its repair.

A difference is a *change* that `ensure` makes, a *conflict* that it refuses, or *extra*: more than the model
asks for, left alone. Nothing is changed here. Source: API Reference, TableDescription.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._operations.create_table import (
    attribute_definitions,
    global_index,
    index_definition,
    key_schema,
    point_in_time_recovery,
    time_to_live,
)
from dynamorm_py._operations.describe_table import table_description
from dynamorm_py._operations.table_settings import Provisioned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py._model.table import ModelTable
    from dynamorm_py._operations.table_settings import TableSettings
    from dynamorm_py._schema import IndexSchema

_OTHER_TABLE = "a table's keys cannot change: create another table and migrate() into it"
_REBUILD = "drop_index({0!r}), then ensure(); queries of the index fail in between"
_ON = {"ENABLED", "ENABLING"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a model and its table: what each has, and what makes them equal.

    `kind` is `"change"` when `ensure` makes it, `"conflict"` when only you can decide, `"extra"` when the
    table has more than the model asks for; `ensure` refuses a conflict and leaves the extra alone.
    """

    kind: Literal["change", "conflict", "extra"]
    subject: str
    wanted: object
    found: object
    repair: str
    request: Request | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """Say it as a sentence."""
        return f"{self.subject}: the model has {_said(self.wanted)}, the table {_said(self.found)}: {self.repair}"


@dataclass(frozen=True, slots=True)
class LiveTable:
    """What is there, in DynamoDB's words."""

    description: Mapping[str, Any]
    time_to_live: Mapping[str, Any]
    recovery: str | None = None
    tags: Mapping[str, str] | None = None


def compare(table: ModelTable[Any], settings: TableSettings) -> Plan[list[Difference]]:
    """Return every difference between the model with these settings and the table. Raises TableNotFound."""
    description = yield from table_description(table)
    live = yield from read_live(table, description, settings)
    return list(differences(table, live, settings))


def read_live(table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings) -> Plan[LiveTable]:
    """Return the table as it is; backups and tags are only asked for when they are managed."""
    name = {"TableName": table.name}
    response = yield Request("DescribeTimeToLive", name)
    ttl = response["TimeToLiveDescription"]
    recovery: str | None = None
    if settings.point_in_time_recovery is not None:
        backups = (yield Request("DescribeContinuousBackups", name))["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED")
    tags = None if settings.tags is None else (yield from _read_tags(description["TableArn"]))
    return LiveTable(description, ttl, recovery, tags)


def _read_tags(arn: str) -> Plan[dict[str, str]]:
    tags: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        response = yield Request("ListTagsOfResource", {"ResourceArn": arn, **page})
        tags |= {tag["Key"]: tag["Value"] for tag in response.get("Tags", ())}
        if not response.get("NextToken"):
            return tags
        page = {"NextToken": response["NextToken"]}


def differences(table: ModelTable[Any], live: LiveTable, settings: TableSettings) -> Iterator[Difference]:
    """Yield every difference, those that `ensure` has to make first before those that build on them."""
    yield from _keys(table, live.description)
    yield from _local_indexes(table, live.description)
    yield from _billing(table, live.description, settings)
    yield from _global_indexes(table, live.description, settings)
    yield from _time_to_live(table, live.time_to_live)
    yield from _stream(table, live.description, settings)
    yield from _encryption(table, live.description, settings)
    yield from _table_class(table, live.description, settings)
    yield from _recovery(table, live.recovery, settings)
    yield from _tags(table, live, settings)
    yield from _protection(table, live.description, settings)


# --- keys and indexes -----------------------------------------------------------------------------


def _keys(table: ModelTable[Any], description: Mapping[str, Any]) -> Iterator[Difference]:
    expected, actual = key_schema(table.schema.keys[:1], table.schema.keys[1:]), description["KeySchema"]
    if _key(expected) != _key(actual):
        yield Difference("conflict", "key", _key(expected), _key(actual), _OTHER_TABLE)
    types = _types(description["AttributeDefinitions"])
    for name, kind in _types(attribute_definitions(table)).items():
        if types.get(name, kind) != kind:
            repair = "declare the field so that it is stored as the table has it, or migrate() into another table"
            yield Difference("conflict", f"type of {name!r}", kind, types[name], repair)


def _local_indexes(table: ModelTable[Any], description: Mapping[str, Any]) -> Iterator[Difference]:
    actual = {index["IndexName"]: index for index in description.get("LocalSecondaryIndexes") or ()}
    for index in _of_kind(table, "LSI"):
        live, subject = actual.pop(index.name, None), f"local index {index.name!r}"
        expected = _index(index_definition(table, index))
        if live is None or _index(live) != expected:
            repair = "local indexes are made with the table only: create another table and migrate() into it"
            yield Difference("conflict", subject, expected, None if live is None else _index(live), repair)
    for name, live in actual.items():
        yield Difference("extra", f"local index {name!r}", None, _index(live), "declare it in the model to query it")


def _global_indexes(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    actual = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes") or ()}
    for index in _of_kind(table, "GSI"):
        live, subject = actual.pop(index.name, None), f"index {index.name!r}"
        expected = _index(index_definition(table, index))
        if live is None:
            request = _index_creation(table, index, description, settings)
            yield Difference("change", subject, expected, None, "ensure() builds it", request)
        elif _index(live) != expected:
            yield Difference("conflict", subject, expected, _index(live), _REBUILD.format(index.name))
    for name, live in actual.items():
        repair = f"declare it in the model, or drop_index({name!r})"
        yield Difference("extra", f"index {name!r}", None, _index(live), repair)


def _index_creation(
    table: ModelTable[Any], index: IndexSchema, description: Mapping[str, Any], settings: TableSettings
) -> Request:
    live = _types(description["AttributeDefinitions"])
    ours, needed = _types(attribute_definitions(table)), {f.attribute for f in (*index.partition, *index.sort)}
    types = live | {name: ours[name] for name in sorted(needed)}
    creation = global_index(table, index, settings)
    if settings.billing is None and (units := description.get("ProvisionedThroughput", {})).get("ReadCapacityUnits"):
        creation["ProvisionedThroughput"] = {k: units[k] for k in ("ReadCapacityUnits", "WriteCapacityUnits")}
    return _update(
        table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        GlobalSecondaryIndexUpdates=[{"Create": creation}],
    )


def _time_to_live(table: ModelTable[Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    field = table.schema.role("ttl")
    actual = live.get("AttributeName") if live.get("TimeToLiveStatus") in _ON else None
    expected = None if field is None else field.attribute
    if expected == actual:
        return
    if expected is None:
        repair = "mark a field with TimeToLive(), or switch it off in DynamoDB: items with it are deleted"
        yield Difference("extra", "time to live", None, actual, repair)
    elif actual is None:
        yield Difference("change", "time to live", expected, None, "ensure() does it", time_to_live(table, expected))
    else:
        repair = "switch the other one off in DynamoDB, which takes an hour, then ensure()"
        yield Difference("conflict", "time to live", expected, actual, repair)


# --- settings -------------------------------------------------------------------------------------


def _billing(table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings) -> Iterator[Difference]:
    if settings.billing is None:
        return
    actual = _billed(description)
    indexes = [index["IndexName"] for index in description.get("GlobalSecondaryIndexes") or ()]
    capacities = [_units(index) for index in description.get("GlobalSecondaryIndexes") or ()]
    if settings.billing == actual and (actual == "PAY_PER_REQUEST" or all(each == actual for each in capacities)):
        return
    parameters = settings.billing_parameters()
    if isinstance(settings.billing, Provisioned):
        units = settings.billing.throughput()
        updates = [{"Update": {"IndexName": name, "ProvisionedThroughput": units}} for name in indexes]
        parameters |= {"GlobalSecondaryIndexUpdates": updates} if updates else {}
        if actual == settings.billing:  # the indexes alone differ, and DynamoDB refuses what changes nothing
            del parameters["ProvisionedThroughput"]
    yield _change("billing", settings.billing, actual, _update(table, **parameters))


def _billed(description: Mapping[str, Any]) -> str | Provisioned:
    mode = description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    return mode if mode == "PAY_PER_REQUEST" else _units(description)


def _units(description: Mapping[str, Any]) -> Provisioned:
    units = description.get("ProvisionedThroughput", {})
    return Provisioned(units.get("ReadCapacityUnits", 0), units.get("WriteCapacityUnits", 0))


def _stream(table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings) -> Iterator[Difference]:
    stream: Mapping[str, Any] = description.get("StreamSpecification") or {}
    actual = stream.get("StreamViewType") if stream.get("StreamEnabled") else None
    if settings.stream is None or settings.stream == actual:
        return
    if actual is None:
        specification = {"StreamEnabled": True, "StreamViewType": settings.stream}
        yield _change("stream", settings.stream, None, _update(table, StreamSpecification=specification))
    else:
        repair = "switch the stream off in DynamoDB, which ends its readers, then ensure()"
        yield Difference("conflict", "stream", settings.stream, actual, repair)


def _encryption(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    live: Mapping[str, Any] = description.get("SSEDescription") or {}
    actual = live.get("KMSMasterKeyArn", "AWS_MANAGED") if live.get("Status") in {*_ON, "UPDATING"} else "AWS_OWNED"
    expected = settings.encryption
    # Whose key an ARN is only KMS knows: any key there is passes for "AWS_MANAGED".
    if expected is None or expected == actual or (expected == "AWS_MANAGED" and actual != "AWS_OWNED"):
        return
    yield _change("encryption", expected, actual, _update(table, SSESpecification=settings.encryption_specification()))


def _table_class(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    summary: Mapping[str, Any] = description.get("TableClassSummary") or {}
    actual = summary.get("TableClass", "STANDARD")
    if settings.table_class not in {None, actual}:
        yield _change("table class", settings.table_class, actual, _update(table, TableClass=settings.table_class))


def _recovery(table: ModelTable[Any], actual: str | None, settings: TableSettings) -> Iterator[Difference]:
    expected = settings.point_in_time_recovery
    if expected is not None and expected != (actual in _ON):
        request = point_in_time_recovery(table, enabled=expected)
        yield _change("point-in-time recovery", expected, not expected, request)


def _tags(table: ModelTable[Any], live: LiveTable, settings: TableSettings) -> Iterator[Difference]:
    expected, actual = dict(settings.tags or {}), dict(live.tags or {})
    arn = live.description.get("TableArn", table.name)
    missing = {key: value for key, value in expected.items() if actual.get(key) != value}
    if missing:
        tags = [{"Key": key, "Value": value} for key, value in sorted(missing.items())]
        replaced = {key: actual[key] for key in missing if key in actual}
        yield _change("tags", missing, replaced or None, Request("TagResource", {"ResourceArn": arn, "Tags": tags}))
    more = {key: value for key, value in actual.items() if key not in expected and not key.startswith("aws:")}
    if more:
        yield Difference("extra", "tags", None, more, "name them in TableSettings(tags=), or remove them in DynamoDB")


def _protection(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    expected, actual = settings.deletion_protection, bool(description.get("DeletionProtectionEnabled"))
    if expected not in {None, actual}:
        yield _change("deletion protection", expected, actual, _update(table, DeletionProtectionEnabled=expected))


# --- words ----------------------------------------------------------------------------------------


def _change(subject: str, expected: object, actual: object, request: Request) -> Difference:
    return Difference("change", subject, expected, actual, "ensure() does it", request)


def _update(table: ModelTable[Any], **parameters: object) -> Request:
    return Request("UpdateTable", {"TableName": table.name, **parameters})


def _of_kind(table: ModelTable[Any], kind: str) -> Iterator[IndexSchema]:
    return (index for index in table.schema.indexes.values() if index.kind == kind)


def _key(schema: Iterable[Mapping[str, str]]) -> str:
    """Return a key in one line: `PK (HASH), SK (RANGE)`."""
    return ", ".join(f"{part['AttributeName']} ({part['KeyType']})" for part in schema)


def _index(definition: Mapping[str, Any]) -> str:
    """Return an index's key and what it carries in one line; equal for equal indexes."""
    projection = definition["Projection"]
    carried = sorted(projection.get("NonKeyAttributes") or ())
    return f"{_key(definition['KeySchema'])} carrying {', '.join(carried) or projection['ProjectionType']}"


def _types(definitions: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in definitions}


def _said(value: object) -> str:
    return "none" if value is None else str(value)
