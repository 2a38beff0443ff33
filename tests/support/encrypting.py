"""What the tests of encryption share: a model, a shelf instead of a table, and KMS by script."""

from __future__ import annotations

import copy
import os
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from dynamorm_py import DynamoModel, Encrypted, OmitEmpty, PartitionKey, SortKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike

ARN = "arn:aws:kms:us-east-1:111111111111:key/test"
OLD_ARN = "arn:aws:kms:us-east-1:111111111111:key/old"
MARKER = "TOP-SECRET-MARKER"


class Patient(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 1
    name: str = ""
    ssn: Annotated[str | None, Encrypted()] = None
    notes: Annotated[str, Encrypted(), OmitEmpty()] = ""


def key_of(number: int = 1) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}}


class Shelf:
    """Keeps items by their key: enough of a table for what happens before and after it."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.asked: list[Request] = []

    def call(self, request: Request, /) -> ResponseLike:
        self.asked.append(request)
        parameters = request.parameters
        if request.operation == "PutItem":
            item = parameters["Item"]
            self.items[str({name: item[name] for name in ("pk", "sk", "PK", "SK") if name in item})] = copy.deepcopy(
                item
            )
            return {}
        found = self.items.get(str(parameters["Key"]))
        return {} if found is None else {"Item": copy.deepcopy(found)}

    @property
    def only(self) -> dict[str, Any]:
        """The one item on the shelf, to look at or to change."""
        (item,) = self.items.values()
        return item


class ScriptedKms:
    """Gives data keys and takes them back; every call is kept, and may be made to fail."""

    def __init__(self, arn: str = ARN) -> None:
        self.arn = arn
        self.keys: dict[bytes, bytes] = {}
        self.asked: list[Request] = []
        self.before: Callable[[Request], object] = lambda _: None
        self._lock = Lock()

    def call(self, request: Request, /) -> ResponseLike:
        with self._lock:
            self.asked.append(request)
        self.before(request)
        if request.operation == "GenerateDataKey":
            with self._lock:
                wrapped = b"wrapped-%d" % len(self.keys)
                self.keys[wrapped] = os.urandom(32)
        else:
            wrapped = request.parameters["CiphertextBlob"]
        return {"Plaintext": self.keys[wrapped], "CiphertextBlob": wrapped, "KeyId": self.arn}

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.asked]
