"""The shapes of DynamoDB's answers, as far as plans read them: an answer that does not fit is not DynamoDB's.

Source: API Reference, "Response Elements" of each action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

Shape: TypeAlias = Any
"""A class, a list with the shape of its elements, or a mapping of members: `name?` may be absent, `*` is each."""

_NUMBER = (int, float)
_ITEM: Shape = {"*": dict}
_PAGE: Shape = {"Items?": [_ITEM], "Count?": int, "ScannedCount?": int, "LastEvaluatedKey?": _ITEM}
_WRITE: Shape = {"PutRequest?": {"Item": _ITEM}, "DeleteRequest?": {"Key": _ITEM}}
_KEYS: Shape = [{"AttributeName": str, "KeyType": str}]
_INDEX: Shape = {"IndexName": str, "KeySchema": _KEYS, "Projection": dict}
_VECTOR: Shape = {"IndexName": str, "IndexStatus": str, "VectorAttribute": dict, "Projection": dict}
_TABLE: Shape = {
    "TableStatus": str,
    "KeySchema": _KEYS,
    "AttributeDefinitions": [{"AttributeName": str, "AttributeType": str}],
    "GlobalSecondaryIndexes?": [{**_INDEX, "IndexStatus": str}],
    "LocalSecondaryIndexes?": [_INDEX],
    "VectorIndexes?": [_VECTOR],
    "StreamSpecification?": dict,
    "ProvisionedThroughput?": dict,
    "BillingModeSummary?": dict,
    "SSEDescription?": dict,
}
_BULK: Shape = {"BulkOperationDescription": {"BulkOperationArn": str, "BulkOperationStatus": str}}

READ: Shape = {"Item?": _ITEM, "Attributes?": _ITEM, **_PAGE}
"""An answer with items, of whatever operation."""

SHAPES: Mapping[str, Shape] = {
    "GetItem": {"Item?": _ITEM},
    "PutItem": {"Attributes?": _ITEM},
    "UpdateItem": {"Attributes?": _ITEM},
    "DeleteItem": {"Attributes?": _ITEM},
    "Query": _PAGE,
    "Scan": _PAGE,
    "BatchGetItem": {"Responses?": {"*": [_ITEM]}, "UnprocessedKeys?": {"*": {"Keys": [_ITEM]}}},
    "BatchWriteItem": {"UnprocessedItems?": {"*": [_WRITE]}},
    "TransactGetItems": {"Responses": [{"Item?": _ITEM}]},
    "SearchVectors": {"SearchResults?": [{"Item?": _ITEM, "Score": _NUMBER}], "ConsumedCapacity?": dict},
    "DescribeTable": {"Table": _TABLE},
    "DescribeTimeToLive": {"TimeToLiveDescription": dict},
    "DescribeContinuousBackups": {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription?": dict}},
    "ListTagsOfResource": {"Tags?": [{"Key": str, "Value": str}], "NextToken?": str},
    "DescribeStream": {
        "StreamDescription": {
            "StreamStatus": str,
            "Shards": [{"ShardId": str, "SequenceNumberRange": dict}],
            "LastEvaluatedShardId?": str,
        }
    },
    "GetShardIterator": {"ShardIterator": str},
    "GetRecords": {"Records": [{"dynamodb": {"SequenceNumber": str}}], "NextShardIterator?": str},
    "ImportTable": {"ImportTableDescription": {"ImportArn": str}},
    "DescribeImport": {"ImportTableDescription": {"ImportStatus": str}},
    "StartBulkPutItems": _BULK,
    "DescribeBulkOperation": _BULK,
    "CancelBulkOperation": {"BulkOperationStatus": str},
}


def fits(shape: Shape, value: object) -> bool:
    """Return whether a part of an answer has a shape; a null stands for an absent member."""
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(shape[0], each) for each in cast("list[object]", value))
    if not isinstance(shape, Mapping):
        return isinstance(value, shape)
    if not isinstance(value, Mapping):
        return False
    members = cast("Mapping[str, object]", value)
    return all(_has(members, name, part) for name, part in cast("Mapping[str, Shape]", shape).items())


def _has(members: Mapping[str, object], name: str, shape: Shape) -> bool:
    if name == "*":
        return all(fits(shape, each) for each in members.values())
    value = members.get(name.removesuffix("?"))
    return name.endswith("?") if value is None else fits(shape, value)
