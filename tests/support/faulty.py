"""A transport that fails as told, around a small DynamoDB in memory that is the truth of what was written."""

from __future__ import annotations

import copy
import json
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamorm_py import IdempotentParameterMismatch, InternalServerError, RequestTimeout, Throttled
from dynamorm_py.errors import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py._kernel.plans import Request, Transport

Fault: TypeAlias = Literal["none", "throttled", "lost before", "lost after", "500 before", "500 after", "broken"] | int
"""What happens to a request; a number leaves so many of a batch over."""

FAULTS: list[Fault] = ["none", "throttled", "lost before", "lost after", "500 before", "500 after", "broken", 1, 3]
_RAISES: Mapping[str, type[Exception]] = {
    "throttled": Throttled,
    "lost": RequestTimeout,
    "500": InternalServerError,
    "broken": ConnectionFailed,
}


class Faulty:
    """Performs requests with another caller, and does to each what the script says; afterwards nothing."""

    def __init__(self, inner: Transport, script: Iterable[Fault] = ()) -> None:
        self.inner = inner
        self.script: Iterator[Fault] = iter(script)
        self.asked: list[Request] = []
        self._lock = Lock()

    def call(self, request: Request, /) -> Mapping[str, Any] | bytes:
        """Do what the script says next."""
        with self._lock:  # a truth in memory takes one request at a time
            self.asked.append(copy.deepcopy(request))
            fault: Fault = next(self.script, None) or "none"
            return self._perform(request, fault)

    def _perform(self, request: Request, fault: Fault) -> Mapping[str, Any] | bytes:
        if isinstance(fault, int):
            return self._leave(request, fault)
        name, _, when = fault.partition(" ")
        if name == "none" or when == "after":
            answer = self.inner.call(request)
            if name == "none":
                return answer
        raise _RAISES[name](f"{request.operation}: {fault}")

    def _leave(self, request: Request, count: int) -> Mapping[str, Any] | bytes:
        """Leave the last of a batch over, in another order and as other objects, as DynamoDB does."""
        if not request.operation.startswith("Batch"):
            return self.inner.call(request)
        asked = cast("dict[str, Any]", request.parameters["RequestItems"])
        writes = request.operation == "BatchWriteItem"
        flat = [(table, entry) for table, part in asked.items() for entry in (part if writes else part["Keys"])]
        kept, left = flat[: max(0, len(flat) - count)], list(islice(reversed(flat), count))
        answer = dict(cast("dict[str, Any]", self.inner.call(_with(request, _by_table(asked, kept, writes)))))
        answer["UnprocessedItems" if writes else "UnprocessedKeys"] = copy.deepcopy(_by_table(asked, left, writes))
        return answer


def _with(request: Request, items: object) -> Request:
    return type(request)(request.operation, {"RequestItems": items})


def _by_table(asked: Mapping[str, Any], entries: Iterable[tuple[str, Any]], writes: bool) -> dict[str, Any]:  # noqa: FBT001 -- private
    parts: dict[str, list[Any]] = {}
    for table, entry in entries:
        parts.setdefault(table, []).append(entry)
    return {table: part if writes else {**asked[table], "Keys": part} for table, part in parts.items()}


class Truth:
    """Tables with the partition key `pk`: batches, transactions of puts, deletes and additions, by token."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self._tokens: dict[str, str] = {}

    def call(self, request: Request, /) -> Mapping[str, Any]:
        """Perform a request without fault."""
        parameters = cast("dict[str, Any]", request.parameters)
        if request.operation == "BatchGetItem":
            return {
                "Responses": {table: self._found(table, part) for table, part in parameters["RequestItems"].items()}
            }
        if request.operation == "BatchWriteItem":
            for table, writes in parameters["RequestItems"].items():
                for write in writes:
                    self._write(table, write)
            return {}
        return self._transact(parameters)

    def _found(self, table: str, part: Mapping[str, Any]) -> list[dict[str, Any]]:
        items = [self.items.get((table, key["pk"]["S"])) for key in part["Keys"]]
        return [copy.deepcopy(item) for item in reversed(items) if item is not None]

    def _write(self, table: str, write: Mapping[str, Any]) -> None:
        if "PutRequest" in write:
            item = write["PutRequest"]["Item"]
            self.items[table, item["pk"]["S"]] = item
        else:
            self.items.pop((table, write["DeleteRequest"]["Key"]["pk"]["S"]), None)

    def _transact(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        content = json.dumps(parameters, sort_keys=True)
        if (before := self._tokens.setdefault(parameters["ClientRequestToken"], content)) != content:
            raise IdempotentParameterMismatch(before)
        if self._tokens.get(f"{content} done") is None:
            self._tokens[f"{content} done"] = ""
            for action in parameters["TransactItems"]:
                self._act(action)
        return {}

    def _act(self, action: Mapping[str, Any]) -> None:
        ((kind, part),) = action.items()
        if kind != "Update":
            return self._write(part["TableName"], {f"{kind}Request": part})
        assert part["UpdateExpression"] == "ADD #n0 :v0"
        name, more = part["ExpressionAttributeNames"]["#n0"], int(part["ExpressionAttributeValues"][":v0"]["N"])
        item = self.items.setdefault((part["TableName"], part["Key"]["pk"]["S"]), dict(part["Key"]))
        item[name] = {"N": str(int(item.get(name, {"N": "0"})["N"]) + more)}
        return None
