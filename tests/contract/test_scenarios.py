"""The scenarios that every implementation of DynamORM passes, in this process, on a local DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.contract.expectations import Outcome
from tests.contract.runner import StepFailed, run
from tests.contract.scenarios import FIXTURES, load, scenario_of
from tests.support.in_loop import LoopThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.contract.conftest import Stages
    from tests.contract.runner import Driver
    from tests.contract.scenarios import Step

Report: TypeAlias = "Callable[[Outcome], Outcome]"
FILES = sorted((FIXTURES / "scenarios").rglob("*.yml"))
each_scenario = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")


@each_scenario
def test_a_scenario_runs_as_it_says(file: Path, stages: Stages) -> None:
    scenario = load(file)
    with stages.of(scenario) as stage:
        run(scenario, stages.in_process(stage), stage)


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    running = LoopThread()
    yield running
    running.close()


@each_scenario
def test_a_scenario_runs_as_it_says_when_it_is_awaited(file: Path, stages: Stages, loop: LoopThread) -> None:
    scenario = load(file)
    with stages.of(scenario) as stage:
        run(scenario, stages.in_process(stage, loop), stage)


class Broken:
    """A driver that does the step, or something like it, and reports something."""

    def __init__(self, driver: Driver, report: Report, *, performs: bool) -> None:
        self.driver, self.report, self.performs = driver, report, performs

    def perform(self, step: Step) -> Outcome:
        return self.report(self.driver.perform(step) if self.performs else Outcome())


def _nothing(_: Outcome) -> Outcome:
    return Outcome()


def _another_error(_: Outcome) -> Outcome:
    return Outcome(error="ErrTableNotFound")


def _without_values(outcome: Outcome) -> Outcome:
    return Outcome(
        outcome.error, _worthless(outcome.item), {part: _worthless(outcome.more[part]) for part in outcome.more}
    )


def _worthless(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, list):
        return [_worthless(part) for part in value]  # pyright: ignore[reportUnknownVariableType] -- JSON
    if isinstance(value, dict):
        return {name: _worthless(part) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType] -- JSON
    return "?"


def _always_succeeding(outcome: Outcome) -> Outcome:
    return Outcome(item=outcome.item, more=outcome.more)


@pytest.mark.parametrize(
    ("report", "performs"),
    [
        pytest.param(_nothing, False, id="it does nothing"),
        pytest.param(_another_error, True, id="it reports another error"),
        pytest.param(_without_values, True, id="it gives other values"),
    ],
)
@each_scenario
def test_a_scenario_fails_with_a_broken_driver(file: Path, stages: Stages, report: Report, *, performs: bool) -> None:
    scenario = load(file)
    with stages.of(scenario) as stage, pytest.raises(StepFailed, match=scenario.name):
        run(scenario, Broken(stages.in_process(stage), report, performs=performs), stage)


def test_a_driver_that_swallows_errors_fails(stages: Stages) -> None:
    scenario = load(FIXTURES / "scenarios" / "p0" / "11-error-codes.yml")
    with stages.of(scenario) as stage, pytest.raises(StepFailed, match=r"step 1 \(get\)"):
        run(scenario, Broken(stages.in_process(stage), _always_succeeding, performs=True), stage)


KEY = {"PK": "A", "SK": "B"}


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"op": "upsert", "item": KEY}, "KeyError: 'upsert'"),
        ({"op": "get", "key": KEY, "strong": True}, "unexpected keyword argument 'strong'"),
        ({"op": "put", "item": {**KEY, "nick": "Al"}}, "nick"),
        ({"op": "put", "item": KEY, "expect": {"item_is": {}}}, r"unknown expectations: \['item_is'\]"),
        ({"op": "put", "item": KEY, "expect": {"error": "ErrItemNotFound"}}, "error is None"),
        ({"op": "put", "item": KEY, "expect": {"item_contains": {"nick": 1}}}, "nick is not in the item"),
        ({"op": "put", "item": KEY, "expect": {"item_has_fields": ["ttl"]}}, "missing"),
        ({"op": "put", "item": KEY, "expect": {"item_missing_fields": ["version"]}}, "stored all the same"),
        ({"op": "put", "item": KEY, "expect": {"raw_attribute_types": {"version": "S"}}}, "version is 'N'"),
        ({"op": "put", "item": KEY, "expect": {"raw_item_contains": {"version": {"N": "1"}}}}, "version is {'N': '0'}"),
        ({"op": "put", "item": KEY, "expect": {"item_field_equals_var": {"version": "v"}}}, "KeyError: 'v'"),
        ({"op": "get", "key": KEY}, "failed with ErrItemNotFound"),
        ({"op": "get", "key": {"PK": "$who", "SK": "B"}}, "KeyError: 'who'"),
        ({"op": "sleep", "ms": 0, "faults": [{"lose": True}]}, "1 of the step's faults did not happen"),
        ({"op": "put", "item": KEY, "expect": {"items": []}}, "the step gave no items"),
        ({"op": "scan", "expect": {"items": [KEY]}}, r'items differ .*:\n- {"PK": "A", "SK": "B"}'),
        ({"op": "scan", "expect": {"items_in_any_order": [KEY]}}, "items differ"),
        ({"op": "scan", "expect": {"item_count": 1}}, "the number of items is 0, not 1"),
        ({"op": "scan", "count": True, "expect": {"count": 1}}, "count is 0, not 1"),
        ({"op": "scan", "size": 1, "expect": {"cursor": "x"}}, "cursor is None, not 'x'"),
        (
            {"op": "batch_get", "keys": [KEY], "expect": {"missing": []}},
            r'missing differ .*:\n\+ {"PK": "A", "SK": "B"}',
        ),
        ({"op": "scan", "expect": {"requests": []}}, r"requests differ .*:\n\+ Scan"),
        ({"op": "scan", "expect": {"request_contains": {"Limit": 1}}}, "Limit is None, not 1"),
        ({"op": "scan", "expect": {"resent_unchanged": True}}, "nothing was sent again"),
        (
            {"op": "put", "item": KEY, "expect": {"raw_envelopes": {"version": "x"}}},
            "version is stored as {}, not as an env",
        ),
        ({"op": "decode_cursor", "cursor": "", "expect": {"decoded": {"index": "i"}}}, "index is None, not 'i'"),
    ],
)
def test_a_step_that_is_unknown_or_does_otherwise_fails_its_scenario(
    stages: Stages, step: dict[str, Any], complaint: str
) -> None:
    document = {"name": "wrong", "dms_version": "0.1", "model": "User", "table": {"name": "users"}, "steps": [step]}
    scenario = scenario_of(document)
    with stages.of(scenario) as stage, pytest.raises(StepFailed, match=complaint):
        run(scenario, stages.in_process(stage), stage)
