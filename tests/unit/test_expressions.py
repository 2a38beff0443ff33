"""Conditions, key conditions and actions as users build them, written as DynamoDB takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynamorm_py import Action, Attr, Condition, Key, KeyCondition, fields, some
from dynamorm_py._expressions import Placeholders, render_condition, render_update
from tests.support.people import Patient, User

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import AttributeValue

u = fields(User)
p = fields(Patient)


def written(expression: Condition | Action) -> tuple[str, dict[str, AttributeValue] | None]:
    """Return an expression's text with its names in place, and its values."""
    placeholders = Placeholders()
    if isinstance(expression, Condition):
        text = render_condition(expression, placeholders)
    else:
        text = render_update([expression], placeholders)
    for placeholder, name in (placeholders.names or {}).items():
        text = text.replace(placeholder, name)
    return text, placeholders.values


N1, N2, SA = {"N": "1"}, {"N": "2"}, {"S": "a"}


@pytest.mark.parametrize(
    ("condition", "text", "values"),
    [
        (Attr(u.age) == 1, "age = :v0", {":v0": N1}),
        (Attr(u.age) != 1, "age <> :v0", {":v0": N1}),
        (Attr(u.age) < 1, "age < :v0", {":v0": N1}),
        (Attr(u.age) <= 1, "age <= :v0", {":v0": N1}),
        (Attr(u.age) > 1, "age > :v0", {":v0": N1}),
        (Attr(u.age) >= 1, "age >= :v0", {":v0": N1}),
        (Attr(u.age) == Attr(u.limit), "age = limit", None),
        (
            Attr(u.name) == None,  # noqa: E711 -- absent, or a stored NULL
            "(attribute_not_exists(fullName)) OR (attribute_type(fullName, :v0))",
            {":v0": {"S": "NULL"}},
        ),
        (Attr(u.age).between(1, 2), "age BETWEEN :v0 AND :v1", {":v0": N1, ":v1": N2}),
        (Attr(u.age).is_in([1, 2, 1]), "age IN (:v0, :v1, :v0)", {":v0": N1, ":v1": N2}),
        (Attr(u.name).exists(), "attribute_exists(fullName)", None),
        (Attr(u.name).not_exists(), "attribute_not_exists(fullName)", None),
        (Attr(u.name).attribute_type("NULL"), "attribute_type(fullName, :v0)", {":v0": {"S": "NULL"}}),
        (Attr(u.pk).begins_with("a"), "begins_with(PK, :v0)", {":v0": SA}),
        (Attr(u.avatar).begins_with(b"a"), "begins_with(avatar, :v0)", {":v0": {"B": b"a"}}),
        (Attr(u.tags).contains("a"), "contains(tags, :v0)", {":v0": SA}),
        (Attr(u.tags).size() > 1, "size(tags) > :v0", {":v0": N1}),
        (Attr(u.tags).size().between(1, 2), "size(tags) BETWEEN :v0 AND :v1", {":v0": N1, ":v1": N2}),
        (Attr(u.tags).size().is_in([1]), "size(tags) IN (:v0)", {":v0": N1}),
        (Attr(some(u.home).city) == "a", "home.city = :v0", {":v0": SA}),
        (Attr(u.lines[2].sku) == "a", "lines[2].sku = :v0", {":v0": SA}),
        (Attr(u.scores["x.y"]) == 1, "scores.x.y = :v0", {":v0": N1}),
        (Attr(u.by_year[7]) == 1, "byYear.7 = :v0", {":v0": N1}),
        (Attr(u.label) == "a", "label = :v0", {":v0": SA}),
        ((Attr(u.age) > 1) & ~(Attr(u.pk) == "a"), "(age > :v0) AND (NOT (PK = :v1))", {":v0": N1, ":v1": SA}),
    ],
)
def test_a_condition_is_written_with_its_value_encoded_as_the_field_is(
    condition: Condition, text: str, values: dict[str, AttributeValue] | None
) -> None:
    assert written(condition) == (text, values)
    assert condition.model is User


@pytest.mark.parametrize(
    ("action", "text", "values"),
    [
        (Attr(u.name).set("a"), "SET fullName = :v0", {":v0": SA}),
        (Attr(u.name).set(None), "REMOVE fullName", None),
        (Attr(u.name).set(Attr(u.pk)), "SET fullName = PK", None),
        (Attr(u.age).set(Attr(u.age) + 1), "SET age = age + :v0", {":v0": N1}),
        (Attr(u.age).set(Attr(u.age) - Attr(u.limit)), "SET age = age - limit", None),
        (Attr(u.age).if_not_exists(1), "SET age = if_not_exists(age, :v0)", {":v0": N1}),
        (
            Attr(u.age).set(Attr(u.age).if_not_exists(1) + 2),
            "SET age = if_not_exists(age, :v0) + :v1",
            {":v0": N1, ":v1": N2},
        ),
        (Attr(u.notes).list_append(["a"]), "SET notes = list_append(notes, :v0)", {":v0": {"L": [SA]}}),
        (Attr(u.notes).list_prepend(["a"]), "SET notes = list_append(:v0, notes)", {":v0": {"L": [SA]}}),
        (
            Attr(u.notes).if_not_exists([]).list_append(["a"]),
            "SET notes = list_append(if_not_exists(notes, :v0), :v1)",
            {":v0": {"L": []}, ":v1": {"L": [SA]}},
        ),
        (Attr(u.age).add(1), "ADD age :v0", {":v0": N1}),
        (Attr(u.ttl).set(1), "SET ttl = :v0", {":v0": N1}),
        (Attr(u.tags).add({"a"}), "ADD tags :v0", {":v0": {"SS": ["a"]}}),
        (Attr(u.tags).delete({"a"}), "DELETE tags :v0", {":v0": {"SS": ["a"]}}),
        (Attr(u.lines[0]).remove(), "REMOVE lines[0]", None),
    ],
)
def test_an_action_is_written_with_its_value_encoded_as_the_field_is(
    action: Action, text: str, values: dict[str, AttributeValue] | None
) -> None:
    assert written(action) == (text, values)
    assert action.model is User


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Attr(p.ssn).set("a"), "SET ssn = :v0"),
        (Attr(p.ssn).if_not_exists("a"), "SET ssn = if_not_exists(ssn, :v0)"),
    ],
)
def test_the_plain_value_of_an_encrypted_attribute_is_replaced_before_it_is_sent(action: Action, text: str) -> None:
    sealed = action.with_value({"M": {}})
    assert (action.encrypted, action.value, sealed.value) == (True, SA, {"M": {}})
    assert type(sealed) is type(action)
    assert written(action) == (text, {":v0": SA})
    assert written(sealed) == (text, {":v0": {"M": {}}})


def test_an_encrypted_attribute_may_be_removed() -> None:
    assert written(Attr(p.ssn).remove()) == ("REMOVE ssn", None)


@pytest.mark.parametrize(
    ("condition", "operator", "values"),
    [
        (Key(u.pk) == "a", "=", (SA,)),
        (Key(u.age) < 1, "<", (N1,)),
        (Key(u.age) <= 1, "<=", (N1,)),
        (Key(u.age) > 1, ">", (N1,)),
        (Key(u.age) >= 1, ">=", (N1,)),
        (Key(u.age).between(1, 2), "between", (N1, N2)),
        (Key(u.pk).begins_with("a"), "begins_with", (SA,)),
    ],
)
def test_a_key_condition_holds_its_key_operator_and_values(
    condition: KeyCondition, operator: str, values: tuple[AttributeValue, ...]
) -> None:
    assert (condition.operator, condition.values, condition.model) == (operator, values, User)
    assert condition.path in {("PK",), ("age",)}
