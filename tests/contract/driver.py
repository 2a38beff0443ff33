"""Performs the ops of a scenario in this process, through the public words. Knows no expectations."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any, Protocol

from dynamorm_py import ANY, DynamoModel, DynamormError, Repo
from tests.contract.expectations import Outcome
from tests.contract.models import attribute_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.scenarios import Step


class Driver(Protocol):
    """What performs steps: a library in this process, or in another."""

    def perform(self, step: Step) -> Outcome:
        """Do what the op says and report it; a refusal is an outcome."""
        ...


class InProcess:
    """Drives a repository. An op is the method of its name, an argument a parameter of that."""

    def __init__(self, repo: Repo[Any]) -> None:
        """Perform steps through this repository."""
        self._repo = repo
        self._ops = {
            "create": self._create,
            "put": self._put,
            "get": self._get,
            "update": self._update,
            "delete": self._delete,
            "sleep": self._sleep,
        }

    def perform(self, step: Step) -> Outcome:
        """Do what the op says. Raises for an op or an argument that no scenario may have."""
        perform = self._ops[step.op]
        try:
            item = perform(**step.arguments)
        except DynamormError as error:
            return Outcome(error=error.code or type(error).__name__)
        return Outcome(item=item and json.loads(json.dumps(item.model_dump(by_alias=True), default=_in_json)))

    def _create(self, *, item: Mapping[str, Any], if_not_exists: bool = False) -> DynamoModel:
        return self._repo.create(self._model(item)) if if_not_exists else self._repo.put(self._model(item))

    def _put(self, *, item: Mapping[str, Any], expected_version: int | str | None = None) -> DynamoModel:
        expected: Any = ANY if expected_version == "ANY" else expected_version
        return self._repo.put(self._model(item), expected_version=expected)

    def _get(self, *, key: Mapping[str, Any]) -> DynamoModel:
        return self._repo.get(_key(key), consistent=True)

    def _update(self, *, item: Mapping[str, Any], fields: list[str]) -> DynamoModel:
        names = {attribute_name(field): field for field in self._repo.model.model_fields}
        return self._repo.update(self._model(item), fields=[names[attribute] for attribute in fields])

    def _delete(self, *, key: Mapping[str, Any] | None = None, item: Mapping[str, Any] | None = None) -> None:
        self._repo.delete(_key(key) if key else self._model(item or {}))

    def _sleep(self, *, ms: int) -> None:
        time.sleep(ms / 1000)

    def _model(self, item: Mapping[str, Any]) -> DynamoModel:
        return self._repo.model.model_validate_json(json.dumps(item))


def _in_json(value: object) -> object:
    """Return a logical value that JSON lacks: bytes as base64, a set as a list, others as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return sorted(value) if isinstance(value, set) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- a set of anything that has an order


def _key(key: Mapping[str, Any]) -> tuple[Any, Any]:
    return key["PK"], key["SK"]
