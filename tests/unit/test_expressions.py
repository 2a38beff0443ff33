"""Conditions, key conditions and actions as users build them, over places of a made-up codec."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._expressions import (
    Action,
    Attr,
    Condition,
    Key,
    KeyCondition,
    Placeholders,
    fields,
    render_condition,
    render_update,
    some,
)
from dynamorm_py.errors import CallError, EncryptedFieldNotQueryable, InvalidExpression, InvalidKey, InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._types import AttributePath, AttributeValue

Build: TypeAlias = Callable[[], object]


def _wire(value: object) -> AttributeValue:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case str() | bytes():
            return {"S" if isinstance(value, str) else "B": value}
        case list():
            return {"L": [_wire(element) for element in cast("list[object]", value)]}
        case set():
            return {"SS": sorted(cast("set[str]", value))} if value else {"NULL": True}
        case _:
            raise InvalidValue(f"{type(value).__name__} has no form")


@dataclass(frozen=True, slots=True)
class Spot:
    """A `Place` written down by hand."""

    label: str = "User"
    path: AttributePath = ()
    types: frozenset[str] = frozenset("M")
    roles: frozenset[str] = frozenset()
    encrypted: bool = False
    steps: dict[str, Spot] = field(default_factory=dict[str, "Spot"])
    element: Spot | None = None
    choices: tuple[object, ...] = ()
    model: type[Any] = object

    def field(self, name: str) -> Spot:
        if name not in self.steps:
            raise InvalidExpression(f"{self.label} has no field {name!r}")
        return self._to(self.steps[name], f".{name}", self.steps[name].label)

    def item(self, index: int) -> Spot:
        return self._to(self.element, f"[{index}]", index)

    def key(self, key: object) -> Spot:
        return self._to(self.element, f"[{key!r}]", str(key))

    def _to(self, spot: Spot | None, spelled: str, step: str | int) -> Spot:
        if spot is None:
            raise InvalidExpression(f"{self.label} has nothing inside")
        inside = self.encrypted or spot.encrypted
        return replace(spot, label=self.label + spelled, path=(*self.path, step), model=self.model, encrypted=inside)

    def encode(self, value: object) -> AttributeValue:
        encoded = _wire(value)
        if (self.types and self.types.isdisjoint(encoded)) or (self.choices and value not in self.choices):
            raise InvalidValue("not of this field")
        return encoded

    def encode_element(self, value: object) -> AttributeValue:
        return self.element.encode(value) if self.element else _wire(value)


def _spot(attribute: str, types: str, *roles: str, **more: Any) -> Spot:  # noqa: ANN401 -- the fields of Spot
    return Spot(attribute, types=frozenset(types.split()), roles=frozenset(roles), **more)


_TEXT = _spot("", "S")
_SPOTS = {
    "pk": _spot("PK", "S", "pk"),
    "created": _spot("createdAt", "S", "created_at"),
    "version": _spot("version", "N", "version"),
    "ttl": _spot("ttl", "N", "ttl"),
    "age": _spot("age", "N"),
    "limit": _spot("limit", "N"),
    "name": _spot("fullName", "S NULL"),
    "copy": _spot("copy", "S"),
    "kind": _spot("kind", "S", choices=("a", "b")),
    "active": _spot("active", "BOOL"),
    "avatar": _spot("avatar", "B"),
    "tags": _spot("tags", "SS NULL", element=_TEXT),
    "lines": _spot("lines", "L", element=_spot("", "M", steps={"sku": _spot("s", "S")})),
    "notes": _spot("notes", "L", element=_TEXT),
    "scores": _spot("scores", "M", element=_spot("", "N")),
    "home": _spot("home", "M NULL", steps={"city": _spot("c", "S")}),
    "ssn": _spot("ssn", "S", encrypted=True),
    "secrets": _spot("secrets", "M", encrypted=True, element=_TEXT),
    "anything": _spot("anything", ""),
}


class Line:
    sku: str


class Home:
    city: str


class User:
    __dynamorm_root__: ClassVar[Spot]
    pk: str
    created: str
    version: int
    ttl: int
    age: int
    limit: int
    name: str | None
    copy: str
    kind: str
    active: bool
    avatar: bytes
    tags: set[str]
    lines: list[Line]
    notes: list[str]
    scores: dict[str, int]
    home: Home | None
    ssn: str
    secrets: dict[str, str]
    anything: Any


class Order(User):
    pass


User.__dynamorm_root__ = Spot(steps=_SPOTS, model=User)
Order.__dynamorm_root__ = Spot("Order", steps=_SPOTS, model=Order)

u = fields(User)
o = fields(Order)


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
        (Attr(u.name) == None, "fullName = :v0", {":v0": {"NULL": True}}),  # noqa: E711 -- a stored NULL
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
        (Attr(some(u.home).city) == "a", "home.c = :v0", {":v0": SA}),
        (Attr(u.lines[2].sku) == "a", "lines[2].s = :v0", {":v0": SA}),
        (Attr(u.scores["x.y"]) == 1, "scores.x.y = :v0", {":v0": N1}),
        (Attr(cast("Any", u.scores)[7]) == 1, "scores.7 = :v0", {":v0": N1}),
        (Attr(u.copy) == "a", "copy = :v0", {":v0": SA}),
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
        (Attr(u.name).set(None), "SET fullName = :v0", {":v0": {"NULL": True}}),
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
        (Attr(u.ssn).set("a"), "SET ssn = :v0", {":v0": SA}),
        (Attr(u.ssn).if_not_exists("a"), "SET ssn = if_not_exists(ssn, :v0)", {":v0": SA}),
        (Attr(u.ssn).remove(), "REMOVE ssn", None),
    ],
)
def test_an_action_is_written_with_its_value_encoded_as_the_field_is(
    action: Action, text: str, values: dict[str, AttributeValue] | None
) -> None:
    assert written(action) == (text, values)
    assert action.model is User


@pytest.mark.parametrize("action", [Attr(u.ssn).set("a"), Attr(u.ssn).if_not_exists("a")])
def test_the_plain_value_of_an_encrypted_attribute_is_replaced_before_it_is_sent(action: Action) -> None:
    sealed = action.with_value({"M": {}})
    assert (action.encrypted, action.value, sealed.value) == (True, SA, {"M": {}})
    assert type(sealed) is type(action)
    assert written(sealed)[0] == written(action)[0]


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
    ("not a slice", lambda: u.lines[0:2]),
    ("takes a field reference", lambda: Attr(3)),
    ("takes a field reference", lambda: Attr(Attr(u.age))),
    ("takes a field reference", lambda: some(3)),
    ("not the whole item", lambda: Attr(u)),
    ("takes a DynamoModel class", lambda: fields(int)),
    ("takes a DynamoModel class", lambda: fields(cast("Any", User()))),
    ("instead of and, or, not", lambda: Attr(u.age) > 1 and Attr(u.age) < 3),
    ("instead of and, or, not", lambda: not Attr(u.age) > 1),  # pyright: ignore[reportGeneralTypeIssues] -- on purpose
    ("split a chained comparison", lambda: 1 < cast("Any", Attr(u.age)) < 3),
    ("in parentheses", lambda: cast("Any", Attr(u.age)) == 1 & cast("Any", Attr(u.limit)) == 2),
    ("in parentheses", lambda: ~cast("Any", Attr(u.active))),
    ("not with KeyCondition", lambda: (Attr(u.age) > 1) & cast("Any", Key(u.pk) == "a")),
    ("different models", lambda: (Attr(u.age) > 1) | (Attr(o.age) > 1)),
    ("different models", lambda: Attr(u.age) == Attr(o.age)),
    ("different models", lambda: Attr(u.age).set(Attr(o.age) + 1)),
    ("with itself", lambda: Attr(u.age) == Attr(u.age)),
    (r"exists\(\) or not_exists", lambda: Attr(u.age) == None),  # noqa: E711 -- a stored NULL
    (r"remove\(\)", lambda: Attr(u.age).set(None)),
    ("stored as N and S", lambda: Attr(u.age) == cast("Any", Attr(u.pk))),
    ("needs B or N or S", lambda: Attr(u.active) > True),
    ("needs B or N or S", lambda: Attr(u.tags) < {"a"}),
    ("takes B or N or S", lambda: Attr(u.name) < cast("Any", None)),
    ("takes B or N or S", lambda: Attr(u.anything) < [1]),
    ("lower value first", lambda: Attr(u.age).between(10, 9)),
    ("lower value first", lambda: Attr(u.tags).size().between(10, 9)),
    ("one type", lambda: Attr(u.anything).between(1, "a")),
    ("1 to 100 values", lambda: Attr(u.age).is_in([])),
    ("1 to 100 values", lambda: Attr(u.age).is_in(range(101))),
    ("list of values", lambda: Attr(u.pk).is_in("abc")),
    ("begins_with needs B or S", lambda: cast("Any", Attr(u.age)).begins_with("a")),
    ("contains needs", lambda: cast("Any", Attr(u.age)).contains(1)),
    ("size needs", lambda: cast("Any", Attr(u.age)).size()),
    ("with an int", lambda: Attr(u.tags).size() > True),
    ("compare it", lambda: bool(Attr(u.tags).size())),  # pyright: ignore[reportGeneralTypeIssues] -- on purpose
    ("attribute_type takes", lambda: Attr(u.age).attribute_type(cast("Any", "X"))),
    ("cannot change", lambda: Attr(u.pk).set("a")),
    ("set by the library", lambda: Attr(u.created).remove()),
    ("set by the library", lambda: Attr(u.version).add(1)),
    ("add needs", lambda: cast("Any", Attr(u.copy)).add("a")),
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


ENCRYPTED: list[Build] = [
    lambda: Attr(u.ssn) == "a",
    lambda: Attr(u.ssn).exists(),
    lambda: Attr(u.ssn).not_exists(),
    lambda: Attr(u.ssn).size(),
    lambda: Attr(u.ssn).is_in(["a"]),
    lambda: Attr(u.ssn).attribute_type("M"),
    lambda: Attr(u.secrets["x"]) == "a",
    lambda: Attr(u.secrets["x"]).set("a"),
    lambda: Attr(u.secrets["x"]).remove(),
    lambda: cast("Any", Attr(u.secrets)).add(1),
    lambda: Attr(u.pk) == Attr(u.ssn),
    lambda: Attr(u.name).set(Attr(u.ssn)),
    lambda: Attr(u.ssn).set(Attr(u.copy)),
    lambda: Attr(u.name).set(Attr(u.ssn).if_not_exists("a")),
    lambda: Key(u.ssn) == "a",
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
