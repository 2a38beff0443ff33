"""What the ops of our driver share: the repositories of the models, and how items and keys are read and written."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dynamorm_py
from dynamorm_py import KmsEncryption, Repo, aio
from tests.contract.models import MODELS, attribute_name
from tests.support.awaited import AwaitedRepo, awaiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from dynamorm_py import DynamoModel
    from tests.support.in_loop import LoopThread


@dataclass(slots=True)
class Library:
    """The repositories of the models: their tables, one client (None: the default one), one encryption.

    With a loop they are those of the asynchronous face, awaited there.
    """

    tables: Mapping[str, str]
    client: object = None
    encryption: KmsEncryption | None = None
    loop: LoopThread | None = None
    _repos: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    def repo(self, model: str, encryption: str = "kms") -> Repo[Any]:
        """Return the repository of a model; with `encryption="none"` one that has none."""
        if (model, encryption) not in self._repos:
            settings = self.encryption if encryption == "kms" else None
            made: Any = (aio.Repo if self.loop else Repo)(
                MODELS[model], table=self.tables[model], client=self.client, encryption=settings
            )
            self._repos[model, encryption] = AwaitedRepo(self.loop, made) if self.loop else made
        return self._repos[model, encryption]

    def function(self, name: str) -> Callable[..., Any]:
        """Return a function of the package, or the awaited one of its asynchronous face."""
        if self.loop is None:
            return getattr(dynamorm_py, name)
        return awaiting(self.loop, getattr(aio, name))


def written(item: BaseModel | None) -> dict[str, Any] | None:
    """Return an item as logical values of JSON, by attribute; None for none."""
    return item and json.loads(json.dumps(item.model_dump(by_alias=True), default=_in_json))


def model_of(repo: Repo[Any], item: Mapping[str, Any]) -> DynamoModel:
    """Return an item of JSON as an instance."""
    return repo.model.model_validate_json(json.dumps(item))


def key_of(key: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return a key of JSON as ours."""
    return key["PK"], key["SK"]


def key_in_json(key: object) -> dict[str, Any]:
    """Return a key of ours as JSON's: a tuple, or an instance."""
    pk, sk = key if isinstance(key, tuple) else (getattr(key, "pk", None), getattr(key, "sk", None))  # pyright: ignore[reportUnknownVariableType] -- a key's parts have any type
    return {attribute_name("pk"): pk, attribute_name("sk"): sk}


def key_of_left(left: Any) -> dict[str, Any]:  # noqa: ANN401 -- a write, or a key
    """Return the key of what a batch left, in JSON."""
    return key_in_json(getattr(left, "item", getattr(left, "key", left)))


def _in_json(value: object) -> object:
    """Return a logical value that JSON lacks: bytes as base64, a set as a list, others as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, set) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- a set of anything that has an order
