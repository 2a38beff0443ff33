"""The least IAM policy for the operations that a program uses on a table. Nothing is sent.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB";
Developer Guide, "Using IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.api_operations import ACTIONS, OPERATIONS
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamorm_py._kernel.api_operations import Resource
    from dynamorm_py._model.model_table import ModelTable

_OPERATIONS_OF: Mapping[str, tuple[str, ...]] = {
    "get": ("GetItem",),
    "get_or_none": ("GetItem",),
    "exists": ("GetItem",),
    "query": ("Query",),
    "scan": ("Scan",),
    "put": ("PutItem",),
    "create": ("PutItem",),
    "update": ("UpdateItem",),
    "delete": ("DeleteItem",),
    "batch_get": ("BatchGetItem",),
    "batch_write": ("BatchWriteItem",),
    "search": ("SearchVectors",),
    "check": ("ConditionCheckItem",),  # of a transaction; its other actions are named as the operations they are
    "lease": ("PutItem", "UpdateItem", "DeleteItem"),
    "table.create": ("CreateTable", "DescribeTable", "DescribeTimeToLive", "UpdateTimeToLive"),
    "table.describe": ("DescribeTable",),
    "table.compare": ("DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups", "ListTagsOfResource"),
    "table.delete": ("DeleteTable", "DescribeTable"),
    "table.drop_index": ("UpdateTable", "DescribeTable"),
    "table.import_from_s3": (  # on the table that it makes; the files and the log group need s3: and logs: as well
        *("ImportTable", "DescribeImport", "CreateTable", "DescribeTable", "UpdateTable"),
        *("DescribeTimeToLive", "UpdateTimeToLive"),
    ),
    "table.bulk_put": ("StartBulkPutItems", "DescribeBulkOperation", "CancelBulkOperation", "PutItem"),
    "table.ensure": (
        *("CreateTable", "DescribeTable", "UpdateTable", "DescribeTimeToLive", "UpdateTimeToLive"),
        *("DescribeContinuousBackups", "UpdateContinuousBackups", "ListTagsOfResource", "TagResource"),
    ),
}


def least_policy(
    table: ModelTable[Any],
    operations: Sequence[str],
    *,
    leading_keys: Iterable[str] | None = None,
    region: str = "*",
    account: str = "*",
) -> dict[str, Any]:
    """Return the least IAM policy for these operations, named as the methods that do them.

    `leading_keys` allows items of these partition keys only; they may contain IAM's variables, such as
    `${aws:PrincipalTag/tenant}`. Raises CallError for an operation unknown, or one that
    cannot be held to partition keys.
    """
    actions = _actions(operations)
    keys = _checked_keys(leading_keys)
    if keys is not None and (wider := [action for action in actions if not _is_held_to_keys(action)]):
        raise CallError(
            f"{', '.join(wider)} cannot be held to partition keys: leave leading_keys= out, "
            "or ask for a policy of its own"
        )
    arn = table.name if table.name.startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{table.name}"
    on_table = [action for action in actions if _resource(action) != "vector index"]
    statements = [_statement("Table", on_table, [arn], keys)] if on_table else []
    # A global index has another partition key, which leading keys of the table's would not hold.
    indexes = [f"{arn}/index/{i.name}" for i in table.schema.indexes.values() if keys is None or i.kind == "LSI"]
    read = [action for action in actions if _resource(action) == "table and indexes"]
    if indexes and read:
        statements.append(_statement("Indexes", read, indexes, keys))
    searches = [action for action in actions if _resource(action) == "vector index"]
    if searches:
        statements.append(_statement("VectorIndexes", searches, _vector_indexes(table, arn), keys))
    return {"Version": "2012-10-17", "Statement": statements}


def _vector_indexes(table: ModelTable[Any], arn: str) -> list[str]:
    if not table.schema.vectors:
        raise CallError(f"a policy for 'search': {table.model.__name__} has no vector index: leave it out")
    return [f"{arn}/index/{name}" for name in table.schema.vectors]


def _actions(operations: Sequence[str]) -> list[str]:
    unknown = [name for name in operations if name not in _OPERATIONS_OF]
    if unknown or not operations:
        listed = ", ".join(map(repr, unknown)) or "nothing"
        raise CallError(f"a policy for {listed}: name operations of {', '.join(_OPERATIONS_OF)}")
    return sorted({action for name in operations for each in _OPERATIONS_OF[name] for action in _actions_of(each)})


def _actions_of(operation: str) -> tuple[str, ...]:
    return OPERATIONS[operation].actions if operation in OPERATIONS else (operation,)


def _resource(action: str) -> Resource:
    return ACTIONS[action].resource if action in ACTIONS else "table"


def _is_held_to_keys(action: str) -> bool:
    """Return whether requests of an action name partition keys, so that dynamodb:LeadingKeys can be compared."""
    return action in ACTIONS and ACTIONS[action].leading_keys


def _checked_keys(keys: Iterable[str] | None) -> list[str] | None:
    if keys is None:
        return None
    listed = [keys] if isinstance(keys, str) else list(keys)
    if not listed or not all(listed):
        raise CallError("leading_keys= names no partition key: nothing could be read; leave it out for all")
    return listed


def _statement(sid: str, actions: Sequence[str], resources: list[str], keys: list[str] | None) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": resources,
    }
    if keys is not None:
        # ForAllValues also holds when a request has no such key at all: Null asks that it has.
        statement["Condition"] = {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }
    return statement
