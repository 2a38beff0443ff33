"""Wrong expressions: refused when they are built, with the repair; and what tools see of a field reference."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    CallError,
    Condition,
    DynamoModel,
    EncryptedFieldNotQueryable,
    InvalidExpression,
    InvalidKey,
    InvalidValue,
    Key,
    PartitionKey,
    SortKey,
    fields,
    some,
)
from tests.support.people import Patient, User

if TYPE_CHECKING:
    from decimal import Decimal

Build: TypeAlias = Callable[[], object]
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


class Member(User):
    """A model of its own, though its fields are inherited."""


class Keyed(DynamoModel, abstract=True):
    pk: Annotated[str, PartitionKey()]


class Waiting(User):
    later: Later | None = None


class Later(BaseModel):
    """Not there yet when Waiting is defined."""


u = fields(User)
m = fields(Member)
p = fields(Patient)
loose: Any = u  # what a user without a type checker writes
NOT_ATTR = "wrap it in Attr"
REFUSED: list[tuple[str, Build]] = [
    ("no field 'nmae'", lambda: loose.nmae),
    (NOT_ATTR, lambda: u.age > 3),
    (NOT_ATTR, lambda: u.age == 3),
    (NOT_ATTR, lambda: 3 != u.age),  # noqa: SIM300 -- from the other side
    (NOT_ATTR, lambda: "x" in u.tags),
    (NOT_ATTR, lambda: bool(u.age)),
    (NOT_ATTR, lambda: list(u.tags)),
    (NOT_ATTR, lambda: u.age + 1),
    (NOT_ATTR, lambda: f"USER#{u.pk}"),
    (NOT_ATTR, lambda: "USER#" + u.pk),
    (NOT_ATTR, lambda: Attr(u.age).set(loose.limit)),
    (NOT_ATTR, lambda: Attr(u.age) == loose.limit),
    (NOT_ATTR, lambda: Attr(u.tags).contains(loose.pk)),
    (r"set\(value\)", lambda: setattr(u, "age", 3)),
    ("count from 0", lambda: u.lines[-1]),
    (r"has no field 'sku', its elements have: name one, as in \[0\].sku", lambda: loose.lines.sku),
    ("not a slice", lambda: u.lines[0:2]),
    ("takes a field reference", lambda: Attr(3)),
    ("takes a field reference", lambda: Attr(Attr(u.age))),
    ("takes a field reference", lambda: some(3)),
    ("not the whole item", lambda: Attr(u)),
    ("takes a DynamoModel class", lambda: fields(cast("Any", int))),
    ("Keyed is none, or is abstract", lambda: fields(Keyed)),
    (r"awaits model_rebuild\(\)", lambda: fields(Waiting)),
    ("takes a DynamoModel class", lambda: fields(cast("Any", User(pk="a")))),
    ("instead of and, or, not", lambda: Attr(u.age) > 1 and Attr(u.age) < 3),
    ("instead of and, or, not", lambda: not Attr(u.age) > 1),  # pyright: ignore[reportGeneralTypeIssues] -- on purpose
    ("split a chained comparison", lambda: 1 < cast("Any", Attr(u.age)) < 3),
    ("in parentheses", lambda: cast("Any", Attr(u.age)) == 1 & cast("Any", Attr(u.limit)) == 2),
    ("in parentheses", lambda: ~cast("Any", Attr(u.active))),
    ("not with KeyCondition", lambda: (Attr(u.age) > 1) & cast("Any", Key(u.pk) == "a")),
    ("different models", lambda: (Attr(u.age) > 1) | (Attr(m.age) > 1)),
    ("different models", lambda: Attr(u.age) == Attr(m.age)),
    ("different models", lambda: Attr(u.age).set(Attr(m.age) + 1)),
    ("with itself", lambda: Attr(u.age) == Attr(u.age)),
    (r"exists\(\) or not_exists", lambda: Attr(u.age) == None),  # noqa: E711 -- a stored NULL
    (r"remove\(\)", lambda: Attr(u.age).set(None)),
    ("stored as N and S", lambda: Attr(u.age) == cast("Any", Attr(u.pk))),
    ("needs B or N or S", lambda: Attr(u.active) > True),
    ("needs B or N or S", lambda: Attr(u.tags) < {"a"}),
    ("takes B or N or S", lambda: Attr(u.name) < cast("Any", None)),
    ("takes B or N or S", lambda: Attr(u.anything) < [1]),
    ("lower value first", lambda: Attr(u.age).between(10, 9)),
    ("earlier time first", lambda: Attr(u.seen).between(NOON + timedelta(milliseconds=500), NOON)),
    ("lower value first", lambda: Attr(u.tags).size().between(10, 9)),
    ("one type", lambda: Attr(u.anything).between(1, "a")),
    ("1 to 100 values", lambda: Attr(u.age).is_in([])),
    ("1 to 100 values", lambda: Attr(u.age).is_in(range(101))),
    ("list of values", lambda: Attr(u.pk).is_in("abc")),
    ("list of values", lambda: Attr(u.pk).is_in(cast("Any", iter("abc")))),
    ("list of values", lambda: Attr(u.tags).size().is_in(cast("Any", 3))),
    ("begins_with needs B or S", lambda: cast("Any", Attr(u.age)).begins_with("a")),
    ("contains needs", lambda: cast("Any", Attr(u.age)).contains(1)),
    ("size needs", lambda: cast("Any", Attr(u.age)).size()),
    ("with an int", lambda: Attr(u.tags).size() > True),
    ("compare it", lambda: bool(Attr(u.tags).size())),  # pyright: ignore[reportGeneralTypeIssues] -- on purpose
    ("attribute_type takes", lambda: Attr(u.age).attribute_type(cast("Any", "X"))),
    ("cannot change", lambda: Attr(u.pk).set("a")),
    ("set by the library", lambda: Attr(u.created).remove()),
    ("set by the library", lambda: Attr(u.version).add(1)),
    ("add needs", lambda: cast("Any", Attr(u.label)).add("a")),
    ("delete needs", lambda: cast("Any", Attr(u.notes)).delete({"a"})),
    ("list_append needs", lambda: cast("Any", Attr(u.tags)).list_append(["a"])),
    ("empty set", lambda: Attr(u.tags).add(set())),
    ("empty set", lambda: Attr(u.tags).delete(set())),
    ("not another attribute", lambda: Attr(u.age).add(cast("Any", Attr(u.limit)))),
    (r"one \+ or -", lambda: cast("Any", Attr(u.age) + 1) + 1),
    (r"one \+ or -", lambda: Attr(u.age) + cast("Any", Attr(u.limit) + 1)),
    ("not a calculation", lambda: Attr(u.age).if_not_exists(cast("Any", Attr(u.age) + 1))),
    ("joins two lists", lambda: Attr(u.notes).list_append(["a"]).list_append(["b"])),
    ("lies inside an attribute", lambda: Key(u.scores["x"])),
    ("a key needs", lambda: Key(u.active)),
    ("never stored as None", lambda: Key(u.pk) == cast("Any", None)),
    ("not !=", lambda: Key(u.pk) != "a"),
    ("side by side", lambda: (Key(u.pk) == "a") and (Key(u.age) > 1)),
    ("side by side", lambda: cast("Any", Key(u.pk) == "a") & (Key(u.age) > 1)),
]


@pytest.mark.parametrize(("repair", "build"), REFUSED)
def test_a_wrong_expression_is_refused_when_it_is_built_with_the_repair(repair: str, build: Build) -> None:
    with pytest.raises(InvalidExpression, match=repair) as caught:
        build()
    assert caught.value.code == "ErrInvalidOperator"


class Run(DynamoModel, table="runs"):
    pk: Annotated[str, PartitionKey()]
    took: Annotated[timedelta, SortKey()]
    best: timedelta | None = None


r, HOUR = fields(Run), timedelta(hours=1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Attr(r.best) < HOUR,
        lambda: Attr(r.best) >= Attr(r.took),
        lambda: Attr(r.best).between(HOUR, 2 * HOUR),
        lambda: Key(r.took) > HOUR,
        lambda: Key(r.took).between(HOUR, 2 * HOUR),
    ],
)
def test_durations_whose_text_has_no_order_are_compared_for_equality_only(build: Build) -> None:
    assert isinstance((Attr(r.best) == HOUR) & Attr(r.best).is_in([HOUR]), Condition)
    assert (Key(r.took) == HOUR).values == ({"S": "PT1H"},)
    with pytest.raises(InvalidExpression, match=r"does not sort by its length: .* store the seconds as a number"):
        build()


ENCRYPTED: list[Build] = [
    lambda: Attr(p.ssn) == "a",
    lambda: Attr(p.ssn).exists(),
    lambda: Attr(p.ssn).not_exists(),
    lambda: Attr(p.ssn).size(),
    lambda: Attr(p.ssn).is_in(["a"]),
    lambda: Attr(p.ssn).attribute_type("M"),
    lambda: Attr(p.secrets["x"]) == "a",
    lambda: Attr(p.secrets["x"]).set("a"),
    lambda: Attr(p.secrets["x"]).remove(),
    lambda: cast("Any", Attr(p.secrets)).add(1),
    lambda: Attr(p.pk) == Attr(p.ssn),
    lambda: Attr(p.name).set(Attr(p.ssn)),
    lambda: Attr(p.ssn).set(Attr(p.name)),
    lambda: Attr(p.name).set(Attr(p.ssn).if_not_exists("a")),
    lambda: Key(p.ssn) == "a",
]


@pytest.mark.parametrize("build", ENCRYPTED)
def test_an_encrypted_attribute_takes_only_set_if_not_exists_and_remove(build: Build) -> None:
    with pytest.raises(EncryptedFieldNotQueryable, match="encrypted"):
        build()


@pytest.mark.parametrize(
    "build", [lambda: Key(u.pk) == "", lambda: Key(u.avatar) > b"", lambda: Key(u.pk).begins_with("")]
)
def test_an_empty_key_value_is_refused(build: Build) -> None:
    with pytest.raises(InvalidKey, match="may not be empty"):
        build()


@pytest.mark.parametrize(
    "build", [lambda: Attr(u.kind) == "z", lambda: Attr(u.kind).set("z"), lambda: Attr(u.kind).is_in(["z"])]
)
def test_a_value_that_the_field_does_not_take_is_refused_when_the_expression_is_built(build: Build) -> None:
    with pytest.raises(InvalidValue):
        build()


def test_anything_goes_where_the_field_is_any() -> None:
    a = Attr(u.anything)
    assert len([a == 1, a < "x", a.begins_with("x"), a.contains(1), a.size() > 1, a.add(1), a.list_append([1])]) == 7


@pytest.mark.parametrize("probe", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copying_a_field_reference_fails_as_python_expects_or_succeeds(probe: Callable[[object], object]) -> None:
    try:
        probe(u.home)
    except CallError as error:  # pragma: no cover -- would hide the field from tools
        pytest.fail(str(error))
    except (AttributeError, TypeError, pickle.PicklingError):
        return


def test_tools_that_look_at_a_field_reference_see_no_made_up_attributes() -> None:
    assert not hasattr(u, "__wrapped__")
    assert not hasattr(u.home, "_repr_html_")
    assert not inspect.isfunction(u.home)
    assert repr(u.lines[0].sku) == "<field User.lines[0].sku>"


@given(low=st.decimals(-100, 100, places=2), high=st.decimals(-100, 100, places=2))
def test_numbers_are_ordered_by_value(low: Decimal, high: Decimal) -> None:
    _assert_between_iff(ordered=low <= high, build=lambda: Attr(u.anything).between(low, high))


@given(low=st.text(), high=st.text())
def test_text_is_ordered_by_its_utf_8_bytes(low: str, high: str) -> None:
    _assert_between_iff(ordered=low.encode() <= high.encode(), build=lambda: Attr(u.pk).between(low, high))


def _assert_between_iff(*, ordered: bool, build: Build) -> None:
    if ordered:
        assert isinstance(build(), Condition)
        return
    with pytest.raises(InvalidExpression, match="lower value first"):
        build()
