"""Runs a scenario: a driver performs the steps, boto3 reads and writes past the library."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from tests.contract import envelopes
from tests.contract.comparing import logical
from tests.contract.expectations import Outcome, Seen, Unsupported, check
from tests.contract.scenarios import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.contract.kms import Kms
    from tests.contract.proxy import Proxy
    from tests.contract.scenarios import Scenario, Step


_WRITES = frozenset({"create", "put", "update", "delete"})


class StepFailed(AssertionError):
    """A step that did not do what its scenario expects; of all steps, those that did not, a text each."""


@dataclass(slots=True)
class Tally:
    """How many steps did as expected, what failed, and what the library does not support."""

    passed: int = 0
    failed: list[str] = field(default_factory=list[str])
    unsupported: list[str] = field(default_factory=list[str])

    @property
    def steps(self) -> int:
        """How many steps were performed."""
        return self.passed + len(self.failed) + len(self.unsupported)


class Driver(Protocol):
    """What performs steps: a library in this process, or in another."""

    def perform(self, step: Step) -> Outcome:
        """Do what the op says and report it; a refusal is an outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scenario plays on: DynamoDB for the suite, the proxy before it for the driver, a key service, tables."""

    dynamodb: DynamoDBClient
    proxy: Proxy
    kms: Kms
    tables: Mapping[str, str]
    types: Mapping[str, Mapping[str, str]]
    aad_prefix: str = "dynamorm"


def run(scenario: Scenario, driver: Driver, stage: Stage, *, all_steps: bool = False) -> Tally:
    """Perform the steps in order. Raises StepFailed with the first that does not do as expected, or with all of them.

    Raises Unsupported when the driver's library has no such thing; with `all_steps` it is counted only.
    """
    variables: dict[str, Any] = {"unique": secrets.token_hex(8)}
    tally = Tally()
    for number, step in enumerate(scenario.steps, start=1):
        where = f"{scenario.name}, step {number} ({step.op})"
        try:
            seen = _performed(step, driver, stage, variables)
            check(step.op, cast("Mapping[str, Any]", filled(step.expect, variables)), seen)
            variables |= {name: seen.field(path) for name, path in step.save.items()}
            tally.passed += 1
        except Unsupported as lacking:
            if not all_steps:
                raise Unsupported(f"{where}: {lacking}") from lacking
            tally.unsupported.append(f"{where}: {lacking}")
        except Exception as error:
            message = f"{where}: {type(error).__name__}: {error}"
            if not all_steps:
                raise StepFailed(message) from error
            tally.failed.append(message)
    return tally


def _performed(step: Step, driver: Driver, stage: Stage, variables: Mapping[str, Any]) -> Seen:
    arguments = cast("Mapping[str, Any]", _with_envelopes(filled(step.arguments, variables), stage))
    ready = type(step)(step.op, arguments, step.model, step.encryption)
    before: Mapping[str, Mapping[str, Any]] = _stored(ready, stage) if step.op == "delete" else {}
    stage.proxy.begin(step.faults)
    outcome = _raw(ready, stage) if step.op in {"raw_put", "raw_get"} else driver.perform(ready)
    assert not stage.proxy.left, f"{stage.proxy.left} of the step's faults did not happen: it asked too little"
    stored = _stored(ready, stage)
    return Seen(
        outcome=outcome,
        raw=stored,
        written=logical(before or stored) if step.op in _WRITES and outcome.error is None else {},
        variables=variables,
        requests=stage.proxy.requests,
        types=stage.types[step.model],
        opened=lambda name, stored: envelopes.opened(name, stored, stage.kms, stage.aad_prefix),
    )


def _raw(step: Step, stage: Stage) -> Outcome:
    if step.op == "raw_put":
        item: Any = _from_json(step.arguments["item"])
        stage.dynamodb.put_item(TableName=stage.tables[step.model], Item=item)
    return Outcome()


def _stored(step: Step, stage: Stage) -> Mapping[str, Mapping[str, Any]]:
    """Return the item that the step is about as it is stored now; empty when there is none."""
    key: dict[str, Any] | None = step.arguments.get("key") or step.arguments.get("item")
    if key is None or "" in (key["PK"], key["SK"]):  # no item has such a key
        return {}
    wire_key = {name: _wire(key[name]) for name in ("PK", "SK")}
    found: Any = stage.dynamodb.get_item(TableName=stage.tables[step.model], Key=wire_key, ConsistentRead=True)
    return found.get("Item", {})


def _wire(value: object) -> dict[str, Any]:
    """Return a key's value in DynamoDB's form; a raw item has it so already."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _with_envelopes(value: object, stage: Stage) -> object:
    """Return a value in which `{$envelope: …}` is one, in DynamoDB's JSON."""
    if isinstance(value, list):
        return [_with_envelopes(part, stage) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, Any]", value)
    if "$envelope" in parts:
        return envelopes.made(parts["$envelope"], stage.kms, stage.aad_prefix)
    return {name: _with_envelopes(part, stage) for name, part in parts.items()}


def _from_json(value: object) -> object:
    """Return DynamoDB's JSON in boto3's form: binary as bytes."""
    if isinstance(value, list):
        return [_from_json(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, Any]", value)
    return {name: _binary(part) if name in {"B", "BS"} else _from_json(part) for name, part in parts.items()}


def _binary(part: object) -> object:
    if isinstance(part, list):
        return [base64.b64decode(element) for element in cast("list[str]", part)]
    return base64.b64decode(part) if isinstance(part, str) else _from_json(part)
