"""The table of operations against botocore's model of the API."""

from __future__ import annotations

from typing import Any, get_args

import botocore.session
import pytest

from dynamorm_py._kernel.api_operations import ACTIONS, OPERATIONS
from dynamorm_py._schema import LIFECYCLE
from dynamorm_py.markers import Format

_MODEL: Any = botocore.session.get_session().get_service_model("dynamodb")
_PARTIQL = {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}  # never sent


def test_the_operations_on_items_are_those_that_can_tell_their_capacity() -> None:
    telling = {
        name
        for name in _MODEL.operation_names
        if "ReturnConsumedCapacity" in getattr(_MODEL.operation_model(name).input_shape, "members", {})
    }
    assert set(OPERATIONS) | _PARTIQL >= telling
    assert set(OPERATIONS) & set(_MODEL.operation_names) <= telling


def test_items_are_counted_in_what_comes_back_or_in_what_is_sent() -> None:
    for operation in OPERATIONS.values():
        assert (operation.returned is None) == (operation.kind == "writes")
        assert (operation.sent is None) == (operation.kind == "reads")


def test_every_action_of_an_operation_is_known() -> None:
    assert {action for operation in OPERATIONS.values() for action in operation.actions} == set(ACTIONS)


_COUNTED: list[tuple[str, dict[str, Any], int | None]] = [
    ("GetItem", {"Item": {}}, 1),
    ("GetItem", {}, 0),
    ("Query", {"Count": 3}, 3),
    ("Scan", {}, None),
    ("BatchGetItem", {"Responses": {"a": [{}, {}], "b": [{}]}}, 3),
    ("TransactGetItems", {"Responses": [{"Item": {}}, {}]}, 1),
]


@pytest.mark.parametrize(("name", "response", "items"), _COUNTED)
def test_the_items_of_a_response_are_counted(name: str, response: dict[str, Any], items: int | None) -> None:
    returned = OPERATIONS[name].returned
    assert returned is not None
    assert returned(response) == items


def test_a_lifecycle_role_has_a_marker_of_its_own_and_a_format_that_markers_know() -> None:
    assert len({role.marker for role in LIFECYCLE.values()}) == len(LIFECYCLE)
    assert {role.format for role in LIFECYCLE.values()} <= set(get_args(Format))
