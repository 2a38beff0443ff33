"""CreateTable, DeleteTable: the table that a model needs.

Source: API Reference, CreateTable, UpdateTimeToLive, UpdateContinuousBackups; CONTRACT 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import Plan, Request, Sleep, without_none
from dynamorm_py._operations.asking import ask
from dynamorm_py._operations.describe_table import TableProgress, table_description, wait_until_active, wait_until_gone
from dynamorm_py._operations.table_settings import Provisioned
from dynamorm_py._schema import TABLE_NAME, TABLE_NAME_REPAIR
from dynamorm_py.errors import CallError, DynamoDBError, RequestRefused, TableProtected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.describe_table import Waiting
    from dynamorm_py._operations.table_settings import TableSettings
    from dynamorm_py._schema import IndexSchema, StoredField, VectorSchema
    from dynamorm_py.markers import Projection


def build_table(table: ModelTable[Any], settings: TableSettings, waiting: Waiting) -> Plan[None]:
    """Create the table with the model's keys and indexes, and wait until it is there.

    The time to live is switched on when the model has a field for it. Raises TableInUse.
    """
    waiting.tell(TableProgress(table.name, "creating"))
    yield from ask("CreateTable", table_parameters(table, settings))
    yield from wait_until_active(table, waiting)
    ttl = table.schema.role("ttl")
    if ttl is not None:
        yield from _enable_time_to_live(table, ttl.attribute)
    if settings.point_in_time_recovery:
        yield from retry_until_available(point_in_time_recovery(table, enabled=True), waiting)
    waiting.tell(TableProgress(table.name, "done"))


def delete_table(table: ModelTable[Any], waiting: Waiting) -> Plan[None]:
    """Delete the table with everything in it, and wait until it is gone. Raises TableNotFound, TableProtected."""
    try:
        yield from ask("DeleteTable", {"TableName": table.name})
    except RequestRefused as error:
        description = yield from table_description(table)
        if not description.get("DeletionProtectionEnabled"):
            raise
        raise TableProtected(
            f"table {table.name!r} is protected against deletion: to delete it nevertheless, first call "
            "table.ensure(TableSettings(deletion_protection=False))",
            operation=error.operation,
            aws_code=error.aws_code,
            request_id=error.request_id,
        ) from error
    yield from wait_until_gone(table, waiting)


def table_parameters(table: ModelTable[Any], settings: TableSettings) -> dict[str, Any]:
    """Return CreateTable's parameters for a model. Raises CallError for a name that no table can have."""
    if not TABLE_NAME.fullmatch(table.name):  # an ARN names only what exists
        raise CallError(f"no table can be named {table.name!r}: {TABLE_NAME_REPAIR}")
    indexes, vectors = table.schema.indexes.values(), table.schema.vectors.values()
    if vectors and isinstance(settings.billing, Provisioned):
        raise CallError(
            f"{table.model.__name__} has a vector index, and those are on tables billed on demand only: "
            'drop it, or set billing="PAY_PER_REQUEST"'
        )
    return without_none(
        TableName=table.name,
        KeySchema=key_schema(table.schema.keys[:1], table.schema.keys[1:]),
        AttributeDefinitions=attribute_definitions(table),
        GlobalSecondaryIndexes=[global_index(table, i, settings) for i in indexes if i.kind == "GSI"] or None,
        LocalSecondaryIndexes=[index_definition(table, i) for i in indexes if i.kind == "LSI"] or None,
        VectorIndexes=[vector_definition(table, vector) for vector in vectors] or None,
        **settings.creation(),
    )


def retry_until_available(request: Request, waiting: Waiting) -> Plan[Any]:
    """Send a change, again while DynamoDB says that the new table's backups are still being prepared."""
    for pause in waiting.pauses():
        try:
            return (yield request)
        except DynamoDBError as error:
            if error.aws_code != "ContinuousBackupsUnavailableException" or not pause:
                raise
        yield Sleep(pause)
    return None


def _enable_time_to_live(table: ModelTable[Any], attribute: str) -> Plan[None]:
    """Switch the time to live on; another, or a first try whose answer was lost, may have done so."""
    try:
        yield time_to_live(table, attribute)
    except RequestRefused:
        response = yield from ask("DescribeTimeToLive", {"TableName": table.name})
        if response["TimeToLiveDescription"].get("AttributeName") != attribute:
            raise


def time_to_live(table: ModelTable[Any], attribute: str) -> Request:
    """Return the request that has DynamoDB delete items by this attribute."""
    specification = {"Enabled": True, "AttributeName": attribute}
    return Request("UpdateTimeToLive", {"TableName": table.name, "TimeToLiveSpecification": specification})


def point_in_time_recovery(table: ModelTable[Any], *, enabled: bool) -> Request:
    """Return the request that switches continuous backups."""
    specification = {"PointInTimeRecoveryEnabled": enabled}
    parameters = {"TableName": table.name, "PointInTimeRecoverySpecification": specification}
    return Request("UpdateContinuousBackups", parameters)


# --- what a model says of its table, in DynamoDB's words -------------------------------------------


def attribute_definitions(table: ModelTable[Any]) -> list[dict[str, str]]:
    """Return the attributes of all keys, and those that vector indexes search by, with their types."""
    keys = [f for f in table.schema.stored if f.is_key or f.is_index_key or f.in_vector_index]
    return [{"AttributeName": f.attribute, "AttributeType": _key_type(table, f)} for f in keys]


def key_schema(partition: Iterable[StoredField], sort: Iterable[StoredField]) -> list[dict[str, str]]:
    """Return a key in DynamoDB's form."""
    hashes = [{"AttributeName": field.attribute, "KeyType": "HASH"} for field in partition]
    return hashes + [{"AttributeName": field.attribute, "KeyType": "RANGE"} for field in sort]


def index_definition(table: ModelTable[Any], index: IndexSchema) -> dict[str, Any]:
    """Return an index as CreateTable and DescribeTable name it."""
    return {
        "IndexName": index.name,
        "KeySchema": key_schema(index.partition, index.sort),
        "Projection": _projection(table, index.projection),
    }


def vector_definition(table: ModelTable[Any], vector: VectorSchema) -> dict[str, Any]:
    """Return a vector index as CreateTable and DescribeTable name it."""
    roles = [(vector.partition, "HASH")] if vector.partition is not None else []
    roles += [(field, "INLINE_FILTER") for field in vector.filters]
    searched = [{"AttributeName": field.attribute, "SearchSchemaElementType": role} for field, role in roles]
    return without_none(
        IndexName=vector.name,
        VectorAttribute={"AttributeName": vector.field.attribute},
        Dimensions=vector.dimensions,
        DistanceFunction=vector.distance,
        SearchSchema=searched or None,
        Projection=_projection(table, vector.projection),
    )


def _projection(table: ModelTable[Any], projection: Projection) -> dict[str, Any]:
    if isinstance(projection, str):
        return {"ProjectionType": projection}
    attributes = [table.schema.fields[name].attribute for name in projection]
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes}


def global_index(table: ModelTable[Any], index: IndexSchema, settings: TableSettings) -> dict[str, Any]:
    """Return a global index with its capacity, which is the table's."""
    definition = index_definition(table, index)
    if isinstance(settings.billing, Provisioned):
        definition["ProvisionedThroughput"] = settings.billing.throughput()
    return definition


def _key_type(table: ModelTable[Any], field: StoredField) -> str:
    (tag,) = table.codec.node.fields[field.name].node.types - {"NULL"}
    return tag
