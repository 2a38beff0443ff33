"""Expressions written out as DynamoDB's text, from the library's own conditions and actions."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._expressions import (
    Action,
    Condition,
    Placeholders,
    add_to_attribute,
    attribute_equals,
    attribute_exists,
    attribute_not_exists,
    remove_attribute,
    render_condition,
    render_projection,
    render_update,
    set_attribute,
)
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.types import AttributePath

ONE = {"N": "1"}


def _paths() -> st.SearchStrategy[AttributePath]:
    return st.lists(st.text("ab.# ", min_size=1, max_size=3) | st.integers(0, 2), max_size=3).map(lambda s: ("a", *s))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (attribute_exists(("pk",)), "attribute_exists(#n0)"),
        (attribute_not_exists(("v",)) | attribute_equals(("v",), ONE), "(attribute_not_exists(#n0)) OR (#n0 = :v0)"),
        (~attribute_equals(("a",), ONE), "NOT (#n0 = :v0)"),
        (
            attribute_exists(("a",)) & (attribute_exists(("b",)) | ~attribute_exists(("c",))),
            "(attribute_exists(#n0)) AND ((attribute_exists(#n1)) OR (NOT (attribute_exists(#n2))))",
        ),
        (
            attribute_exists(("a",)) & attribute_exists(("b",)) & attribute_exists(("c",)),
            "(attribute_exists(#n0)) AND (attribute_exists(#n1)) AND (attribute_exists(#n2))",
        ),
    ],
)
def test_a_condition_is_written_with_explicit_parentheses(condition: Condition, text: str) -> None:
    assert render_condition(condition, Placeholders()) == text


def test_the_actions_of_an_update_are_grouped_by_clause_in_the_order_given() -> None:
    actions = [
        add_to_attribute(("count",), ONE),
        set_attribute(("b",), {"S": "x"}),
        remove_attribute(("c",)),
        set_attribute(("a",), {"S": "y"}),
    ]
    assert render_update(actions, Placeholders()) == "SET #n0 = :v0, #n1 = :v1 REMOVE #n2 ADD #n3 :v2"


def test_expressions_of_one_request_share_placeholders_of_equal_names_and_values() -> None:
    placeholders = Placeholders()
    condition = render_condition(attribute_equals(("version",), ONE), placeholders)
    update = render_update([add_to_attribute(("version",), ONE)], placeholders)
    assert (condition, update) == ("#n0 = :v0", "ADD #n0 :v0")
    assert placeholders.names == {"#n0": "version"}
    assert placeholders.values == {":v0": ONE}


def test_a_request_without_names_or_values_has_no_parameters_for_them() -> None:
    assert (Placeholders().names, Placeholders().values) == (None, None)


def test_a_map_key_is_one_placeholder_whatever_it_contains_and_an_index_is_written_out() -> None:
    placeholders = Placeholders()
    assert render_projection([("a", "x.y[0]", 3, "a"), ("b", 0, 1)], placeholders) == "#n0.#n1[3].#n0, #n2[0][1]"
    assert placeholders.names == {"#n0": "a", "#n1": "x.y[0]", "#n2": "b"}


@given(st.lists(_paths(), min_size=1, max_size=4))
def test_every_path_can_be_read_back_from_its_placeholders(paths: list[AttributePath]) -> None:
    placeholders = Placeholders()
    texts = render_projection(paths, placeholders).split(", ")
    names = placeholders.names or {}
    steps = [text.replace("[", ".[").split(".") for text in texts]
    assert [tuple(int(s[1:-1]) if s[0] == "[" else names[s] for s in path) for path in steps] == paths


@given(st.lists(_paths(), min_size=1, max_size=4))
def test_an_update_is_refused_exactly_when_one_path_begins_another(paths: list[AttributePath]) -> None:
    actions = [remove_attribute(path) for path in paths]
    overlap = any(a[: len(b)] == b for i, a in enumerate(paths) for j, b in enumerate(paths) if i != j)
    if overlap:
        with pytest.raises(InvalidExpression, match="overlap"):
            render_update(actions, Placeholders())
    else:
        assert render_update(actions, Placeholders()).startswith("REMOVE ")


def test_an_update_without_actions_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="pass at least one"):
        render_update([], Placeholders())


@pytest.mark.parametrize("operator", [Condition.__and__, Condition.__or__])
def test_a_condition_over_300_operators_is_refused_when_it_is_joined(
    operator: Callable[[Condition, Condition], Condition],
) -> None:
    leaf = attribute_equals(("a",), ONE)
    assert render_condition(reduce(operator, [leaf] * 150), Placeholders()).count("#n0") == 150
    with pytest.raises(InvalidExpression, match="300 operators"):
        reduce(operator, [leaf] * 151)


def test_an_expression_over_4_kb_is_refused_before_it_is_sent() -> None:
    actions: list[Action] = [remove_attribute((f"attribute{number}",)) for number in range(1000)]
    with pytest.raises(InvalidExpression, match="DynamoDB takes 4096"):
        render_update(actions, Placeholders())


def test_a_path_over_32_steps_is_refused() -> None:
    deep = ("a",) * 32
    assert render_condition(attribute_exists(deep), Placeholders()).count("#n0") == 32
    with pytest.raises(InvalidExpression, match="33 steps"):
        render_condition(attribute_exists((*deep, "a")), Placeholders())


@pytest.mark.parametrize("action", [set_attribute(("a",), ONE, encrypted=True), add_to_attribute(("a",), ONE)])
def test_the_constant_of_an_action_can_be_replaced(action: Action) -> None:
    sealed = action.with_value({"M": {}})
    assert (action.value, sealed.value, sealed.path, sealed.encrypted) == (ONE, {"M": {}}, ("a",), action.encrypted)


def test_an_action_without_a_constant_has_none_to_replace() -> None:
    with pytest.raises(InvalidExpression, match="no value to replace"):
        remove_attribute(("a",)).with_value(ONE)
