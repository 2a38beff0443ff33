"""A table in the process: enough of DynamoDB for single items, its conditions taken as met."""

from __future__ import annotations

import copy
import json
import re
from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import from_json
from dynamorm_py._codec.wire import parsed
from dynamorm_py._model import codec_of

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from tests.laws.models import Drawn

_CLAUSES = re.compile(r"\b(SET|REMOVE|ADD|DELETE) ")
_CHOICE = re.compile(r"if_not_exists\((#\w+), (:\w+)\)")


class Store:
    """Answers PutItem, GetItem and UpdateItem, and counts its calls."""

    def __init__(self, *, as_bytes: bool = True) -> None:
        """Begin empty. `as_bytes` answers with a body, as our own client does; else with boto3's dictionary."""
        self.items: dict[str, dict[str, Any]] = {}
        self.keys: tuple[str, ...] = ()
        self.calls = 0
        self.as_bytes = as_bytes

    table = "laws"

    @classmethod
    def of(cls, drawn: Drawn) -> Store:
        """Return an empty table for a class; each second one answers with a body, as our own client does."""
        assert drawn.model is not None
        store = cls(as_bytes=len(drawn.fields) % 2 == 0)
        store.keys = tuple(codec_of(drawn.model).attributes[name] for name in drawn.keys)
        return store

    def call(self, request: Request, /) -> Any:  # noqa: ANN401 -- bytes or a dictionary
        self.calls += 1
        parameters: Any = request.parameters
        answer = getattr(self, request.operation)(parameters)
        return _body(answer) if self.as_bytes and request.raw else answer

    def PutItem(self, parameters: Any) -> dict[str, Any]:  # noqa: ANN401, N802 -- DynamoDB's name and JSON
        item = _sent(parameters["Item"])
        self.items[_key({name: item[name] for name in self.keys})] = item
        return {}

    def GetItem(self, parameters: Any) -> dict[str, Any]:  # noqa: ANN401, N802 -- DynamoDB's name and JSON
        item = self.items.get(_key(parameters["Key"]))
        return {} if item is None else {"Item": copy.deepcopy(item)}

    def UpdateItem(self, parameters: Any) -> dict[str, Any]:  # noqa: ANN401, N802 -- DynamoDB's name and JSON
        item = self.items.setdefault(_key(parameters["Key"]), copy.deepcopy(dict(parameters["Key"])))
        _, *clauses = _CLAUSES.split(parameters["UpdateExpression"])
        names = parameters.get("ExpressionAttributeNames", {})
        values = parameters.get("ExpressionAttributeValues", {})
        for word, text in zip(clauses[::2], clauses[1::2], strict=True):
            for action in re.split(r", (?=#)", text.strip()):
                _apply(item, word, action, names, values)
        return {"Attributes": copy.deepcopy(item)}


def _sent(item: Any) -> dict[str, Any]:  # noqa: ANN401 -- an item, with the bytes that go out where it has them
    body: bytes | None = getattr(item, "json", None)
    return dict(item) if body is None else {name: parsed(value) for name, value in from_json(body).items()}


def _apply(item: dict[str, Any], word: str, action: str, names: dict[str, str], values: dict[str, Any]) -> None:
    path, _, operand = action.partition(" = " if word == "SET" else " ")
    name = names[path]
    if word == "REMOVE":
        item.pop(name, None)
    elif word == "ADD":
        there = item.get(name, {"N": "0"})["N"]
        item[name] = {"N": str(Decimal(there) + Decimal(values[operand.strip()]["N"]))}
    elif chosen := _CHOICE.fullmatch(operand):
        item.setdefault(name, values[chosen[2]])
    else:
        item[name] = copy.deepcopy(values[operand])


def _key(key: dict[str, Any]) -> str:
    return str(sorted(key.items()))


def _body(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, default=lambda blob: b64encode(blob).decode()).encode()
