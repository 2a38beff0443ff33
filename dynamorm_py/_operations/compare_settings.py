"""Compares the settings of a table with those asked for: billing, stream, protection, encryption, tags.

Source: API Reference, TableDescription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import Request
from dynamorm_py._operations.create_table import point_in_time_recovery
from dynamorm_py._operations.difference import Difference, change, update_table
from dynamorm_py._operations.table_settings import Provisioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.difference import LiveTable
    from dynamorm_py._operations.table_settings import TableSettings

ON = {"ENABLED", "ENABLING"}


def settings_differences(table: ModelTable[Any], live: LiveTable, settings: TableSettings) -> Iterator[Difference]:
    """Yield every difference of the settings, but for billing, which indexes build on."""
    yield from _stream(table, live.description, settings)
    yield from _encryption(table, live.description, settings)
    yield from _table_class(table, live.description, settings)
    yield from _recovery(table, live.recovery, settings)
    yield from _tags(table, live, settings)
    yield from _protection(table, live.description, settings)


def billing_differences(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    """Yield the difference of billing, for the table and its global indexes."""
    if settings.billing is None:
        return
    actual = billed(description)
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
    yield change("billing", settings.billing, actual, update_table(table, **parameters))


def billed(description: Mapping[str, Any]) -> str | Provisioned:
    """Return how a table is billed."""
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
        yield change("stream", settings.stream, None, update_table(table, StreamSpecification=specification))
    else:
        repair = "switch the stream off in DynamoDB, which ends its readers, then ensure()"
        yield Difference("conflict", "stream", settings.stream, actual, repair)


def _encryption(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    live: Mapping[str, Any] = description.get("SSEDescription") or {}
    actual = live.get("KMSMasterKeyArn", "AWS_MANAGED") if live.get("Status") in {*ON, "UPDATING"} else "AWS_OWNED"
    expected = settings.encryption
    # Whose key an ARN is only KMS knows: any key there is passes for "AWS_MANAGED".
    if expected is None or expected == actual or (expected == "AWS_MANAGED" and actual != "AWS_OWNED"):
        return
    yield change(
        "encryption", expected, actual, update_table(table, SSESpecification=settings.encryption_specification())
    )


def _table_class(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    summary: Mapping[str, Any] = description.get("TableClassSummary") or {}
    actual = summary.get("TableClass", "STANDARD")
    if settings.table_class not in {None, actual}:
        yield change("table class", settings.table_class, actual, update_table(table, TableClass=settings.table_class))


def _recovery(table: ModelTable[Any], actual: str | None, settings: TableSettings) -> Iterator[Difference]:
    expected = settings.point_in_time_recovery
    if expected is not None and expected != (actual in ON):
        request = point_in_time_recovery(table, enabled=expected)
        yield change("point-in-time recovery", expected, not expected, request)


def _tags(table: ModelTable[Any], live: LiveTable, settings: TableSettings) -> Iterator[Difference]:
    expected, actual = dict(settings.tags or {}), dict(live.tags or {})
    arn = live.description.get("TableArn", table.name)
    missing = {key: value for key, value in expected.items() if actual.get(key) != value}
    if missing:
        tags = [{"Key": key, "Value": value} for key, value in sorted(missing.items())]
        replaced = {key: actual[key] for key in missing if key in actual}
        yield change("tags", missing, replaced or None, Request("TagResource", {"ResourceArn": arn, "Tags": tags}))
    more = {key: value for key, value in actual.items() if key not in expected and not key.startswith("aws:")}
    if more:
        yield Difference("extra", "tags", None, more, "name them in TableSettings(tags=), or remove them in DynamoDB")


def _protection(
    table: ModelTable[Any], description: Mapping[str, Any], settings: TableSettings
) -> Iterator[Difference]:
    expected, actual = settings.deletion_protection, bool(description.get("DeletionProtectionEnabled"))
    if expected not in {None, actual}:
        yield change("deletion protection", expected, actual, update_table(table, DeletionProtectionEnabled=expected))
