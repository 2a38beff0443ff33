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
    if isinstance(shape, dict):
        return (value.__class__ is dict or isinstance(value, Mapping)) and _fit(
            cast("dict[str, Shape]", shape), cast("Mapping[str, object]", value)
        )
    if isinstance(shape, list):
        (each,) = cast("list[Shape]", shape)
        return isinstance(value, list) and all(fits(each, element) for element in cast("list[object]", value))
    return isinstance(value, shape)


def _fit(shape: dict[str, Shape], members: Mapping[str, object]) -> bool:
    for name, part in shape.items():
        if name == "*":
            for each in members.values():
                if each.__class__ is not part and not fits(part, each):
                    return False
            continue
        value = members.get(name.removesuffix("?"))
        if not (name.endswith("?") if value is None else value.__class__ is part or fits(part, value)):
            return False
    return True
