"""DynamoDB's operations: what each reads or writes, how its items are counted, which IAM actions it needs.

The one place for such facts: telemetry, limits and policies read them here. What is not listed works on
tables, reads no item, and needs the IAM action of its own name.
Source: API Reference, the actions with a ReturnConsumedCapacity parameter; Service Authorization Reference,
"Actions, resources, and condition keys for Amazon DynamoDB"; Developer Guide, "Using IAM policy conditions
for fine-grained access control".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from dynamorm_py._kernel.values import frozen

Document: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal["reads", "writes"]
Resource: TypeAlias = Literal["table", "table and indexes", "vector index"]


@frozen
class Operation:
    """One operation of DynamoDB's API on items.

    `returned` counts the items of a response, `sent` those of a request's parameters; one of them is set.
    """

    kind: Kind
    actions: tuple[str, ...]
    returned: Callable[[Document], int | None] | None = None
    sent: Callable[[Document], int] | None = None


@frozen
class Action:
    """One IAM action on items: what it is granted on, and whether dynamodb:LeadingKeys can hold it to some keys."""

    resource: Resource = "table"
    leading_keys: bool = True


ACTIONS: Mapping[str, Action] = {
    "GetItem": Action(),
    "BatchGetItem": Action(),
    "Query": Action("table and indexes"),
    "Scan": Action("table and indexes", leading_keys=False),
    "SearchVectors": Action("vector index", leading_keys=False),
    "PutItem": Action(),
    "UpdateItem": Action(),
    "DeleteItem": Action(),
    "BatchWriteItem": Action(),
    "ConditionCheckItem": Action(),
}
"""The IAM actions on items; every other action is on the table."""


def _one(_: Document) -> int:
    return 1


def _count(response: Document) -> int | None:
    return response.get("Count")


def _read(*actions: str, returned: Callable[[Document], int | None]) -> Operation:
    return Operation("reads", actions, returned=returned)


def _write(*actions: str, sent: Callable[[Document], int] = _one) -> Operation:
    return Operation("writes", actions, sent=sent)


OPERATIONS: Mapping[str, Operation] = {
    "GetItem": _read("GetItem", returned=lambda response: int("Item" in response)),
    "BatchGetItem": _read(
        "BatchGetItem", returned=lambda response: sum(map(len, response.get("Responses", {}).values()))
    ),
    "TransactGetItems": _read(
        "GetItem", returned=lambda response: sum("Item" in each for each in response.get("Responses", ()))
    ),
    "Query": _read("Query", returned=_count),
    "Scan": _read("Scan", returned=_count),
    "SearchVectors": _read("SearchVectors", returned=lambda response: len(response.get("SearchResults", ()))),
    "PutItem": _write("PutItem"),
    "UpdateItem": _write("UpdateItem"),
    "DeleteItem": _write("DeleteItem"),
    "BatchWriteItem": _write(
        "BatchWriteItem", sent=lambda parameters: sum(map(len, parameters["RequestItems"].values()))
    ),
    "TransactWriteItems": _write(
        *("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
        sent=lambda parameters: len(parameters["TransactItems"]),
    ),
}
"""The operations on items, which all consume capacity."""
