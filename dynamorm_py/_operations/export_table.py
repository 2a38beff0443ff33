"""The table of a model for other tools: CloudFormation, Terraform. Nothing is sent.

Source: CloudFormation Template Reference, AWS::DynamoDB::Table; Terraform AWS provider, aws_dynamodb_table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import without_none
from dynamorm_py._operations.create_table import table_parameters
from dynamorm_py._operations.table_settings import Provisioned
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.table_settings import TableSettings

_RENAMED = {"SSESpecification": ("Enabled", "SSEEnabled")}  # CloudFormation's own word for it


def cloudformation(table: ModelTable[Any], settings: TableSettings) -> dict[str, Any]:
    """Return a CloudFormation template with the table, which outlives its stack."""
    properties = table_parameters(table, settings)
    for name, (ours, theirs) in _RENAMED.items():
        if name in properties:
            properties[name] = {theirs if key == ours else key: value for key, value in properties[name].items()}
    if "StreamSpecification" in properties:
        properties["StreamSpecification"] = {"StreamViewType": settings.stream}
    recovery = settings.point_in_time_recovery
    ttl = table.schema.role("ttl")
    properties |= without_none(
        TimeToLiveSpecification=None if ttl is None else {"AttributeName": ttl.attribute, "Enabled": True},
        PointInTimeRecoverySpecification=None if recovery is None else {"PointInTimeRecoveryEnabled": recovery},
    )
    resource = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
    name = "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", table.name))
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {f"{name}Table": resource}}


def terraform(table: ModelTable[Any], settings: TableSettings) -> dict[str, Any]:
    """Return the table as Terraform's JSON. Raises CallError for a multi-attribute key, which has no form there.

    A vector index is a resource of its own there, which names the types of what it searches by.
    """
    parameters = table_parameters(table, settings)
    ttl = table.schema.role("ttl")
    recovery = settings.point_in_time_recovery
    keys = {f.attribute for f in table.schema.stored if f.is_key or f.is_index_key}
    definitions = [
        {"name": d["AttributeName"], "type": d["AttributeType"]}
        for d in parameters["AttributeDefinitions"]
        if d["AttributeName"] in keys
    ]
    resource = without_none(
        name=table.name,
        billing_mode=parameters["BillingMode"],
        **_capacity(settings),
        **_key(table.name, parameters),
        attribute=definitions,
        global_secondary_index=[
            _index(index) | _capacity(settings) for index in parameters.get("GlobalSecondaryIndexes", ())
        ]
        or None,
        local_secondary_index=[
            {name: value for name, value in _index(index).items() if name != "hash_key"}  # it is the table's
            for index in parameters.get("LocalSecondaryIndexes", ())
        ]
        or None,
        ttl=None if ttl is None else {"attribute_name": ttl.attribute, "enabled": True},
        stream_enabled=settings.stream and True,
        stream_view_type=settings.stream,
        deletion_protection_enabled=settings.deletion_protection,
        point_in_time_recovery=None if recovery is None else {"enabled": recovery},
        server_side_encryption=_encryption(settings),
        table_class=settings.table_class,
        tags=dict(settings.tags) if settings.tags else None,
    )
    name = _resource_name(table.name)
    vectors = _vectors(parameters, name)
    return {"resource": without_none(aws_dynamodb_table={name: resource}, aws_dynamodb_vector_index=vectors or None)}


def _capacity(settings: TableSettings) -> dict[str, int]:
    if not isinstance(settings.billing, Provisioned):
        return {}
    return {"read_capacity": settings.billing.read, "write_capacity": settings.billing.write}


def _key(name: str, definition: Mapping[str, Any]) -> dict[str, str]:
    words = {"HASH": "hash_key", "RANGE": "range_key"}
    parts = [(words[part["KeyType"]], part["AttributeName"]) for part in definition["KeySchema"]]
    if len(dict(parts)) < len(parts):
        raise CallError(f"{name!r} has a multi-attribute key, which is not exported to Terraform: use cloudformation()")
    return dict(parts)


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    projection = index["Projection"]
    return without_none(
        name=index["IndexName"],
        **_key(index["IndexName"], index),
        projection_type=projection["ProjectionType"],
        non_key_attributes=projection.get("NonKeyAttributes"),
    )


def _vectors(parameters: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """Return the vector indexes by name, a resource each. Source: Terraform AWS provider, aws_dynamodb_vector_index."""
    types = {each["AttributeName"]: each["AttributeType"] for each in parameters["AttributeDefinitions"]}
    return {_resource_name(i["IndexName"]): _vector(i, types, resource) for i in parameters.get("VectorIndexes", ())}


def _vector(index: Mapping[str, Any], types: Mapping[str, str], resource: str) -> dict[str, Any]:
    projection = index["Projection"]
    searched = [
        {
            "attribute_name": each["AttributeName"],
            "attribute_type": types[each["AttributeName"]],
            "type": each["SearchSchemaElementType"],
        }
        for each in index.get("SearchSchema", ())
    ]
    return without_none(
        table_name=f"${{aws_dynamodb_table.{resource}.name}}",
        index_name=index["IndexName"],
        dimensions=index["Dimensions"],
        distance_function=index["DistanceFunction"],
        vector_attribute={"attribute_name": index["VectorAttribute"]["AttributeName"]},
        projection=without_none(
            projection_type=projection["ProjectionType"], non_key_attributes=projection.get("NonKeyAttributes")
        ),
        search_schema=searched or None,
    )


def _resource_name(name: str) -> str:
    """Return a name as Terraform takes it for a resource."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return name if name[0].isalpha() else f"table_{name}"


def _encryption(settings: TableSettings) -> dict[str, Any] | None:
    specification = settings.encryption_specification()
    if specification is None:
        return None
    return without_none(enabled=specification["Enabled"], kms_key_arn=specification.get("KMSMasterKeyId"))
