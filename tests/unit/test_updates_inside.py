"""An update of a part of an attribute is held to the part's type, as an update of the whole is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from dynamorm_py import Attr, Attribute, DynamoModel, InvalidExpression, InvalidValue, PartitionKey, Repo, fields, some
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py import Action, Condition


class Line(BaseModel):
    code: Annotated[str, Field(max_length=3)] = ""


class Basket(DynamoModel, table="baskets"):
    pk: Annotated[str, PartitionKey()]
    first: Line | None = None
    lines: list[Line] = Field(default_factory=list[Line])
    corner: tuple[float, Line] = (0.0, Line())
    sizes: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list[int])
    labels: set[Annotated[str, Field(max_length=3)]] = Field(default_factory=set[str])
    scores: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict[str, int])


def silent() -> ScriptedClient:
    """Return a client that answers every update with the item's key."""
    return ScriptedClient(otherwise=lambda request: {"Attributes": request.parameters["Key"]})


b = fields(Basket)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Attr(some(b.first).code).set("too long"),
        lambda: Attr(b.lines[2].code).set("too long"),
        lambda: Attr(b.corner[1].code).set("too long"),
        lambda: Attr(b.scores["math"]).set(-1),
        lambda: Attr(b.lines[0]).set(Line.model_construct(code="too long")),
        lambda: Attr(b.sizes).list_append([1, -1]),
        lambda: Attr(b.sizes).list_prepend([-1]),
        lambda: Attr(b.sizes).if_not_exists([-1]).list_append([1]),
        lambda: Attr(b.sizes).set(Attr(b.sizes).if_not_exists([]).list_append([-1])),
        lambda: Attr(b.lines).list_append([Line.model_construct(code="too long")]),
        lambda: Attr(b.labels).add({"abc", "too long"}),
    ],
)
def test_a_part_that_its_type_refuses_is_refused_before_it_is_sent(build: Callable[[], Action]) -> None:
    with pytest.raises(InvalidValue, match=r"should (have at most|be greater)") as caught:
        Repo(Basket, client=ScriptedClient()).update("A", build())
    assert "too long" not in str(caught.value)


def test_an_element_of_a_tuple_is_of_its_own_type() -> None:
    assert Repo(Basket, client=silent()).update("A", Attr(b.corner[0]).set(1.5)) == Basket(pk="A")
    with pytest.raises(InvalidValue, match=r"Basket\.corner\[0\]: Input should be a valid number"):
        Attr(b.corner[0]).set("x")  # pyright: ignore[reportArgumentType] -- what it shows
    with pytest.raises(InvalidExpression, match="has 2 elements"):
        Attr(b.corner[2])  # pyright: ignore[reportGeneralTypeIssues] -- what it shows


def test_a_part_that_fits_is_sent() -> None:
    baskets = Repo(Basket, client=silent())

    parts = Attr(some(b.first).code).set("abc"), Attr(b.scores["math"]).set(0)
    elements = Attr(b.sizes).list_append([0]), Attr(b.labels).add({"abc"}), Attr(b.lines).list_append([Line()])
    assert baskets.update("A", *parts, *elements) == Basket(pk="A")


def test_an_element_that_could_not_be_read_back_may_be_taken_out() -> None:
    assert Repo(Basket, client=silent()).update("A", Attr(b.labels).delete({"too long"})) == Basket(pk="A")


def test_the_place_of_a_part_that_does_not_fit_is_spelled_as_everywhere() -> None:
    with pytest.raises(InvalidValue) as refused:
        Repo(Basket, client=ScriptedClient()).update("A", Attr(b.lines[2].code).set("too long"))
    assert refused.value.path == "lines[2].code"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9
    tag: Annotated[str, Field(max_length=3)] = ""


class Fish(BaseModel):
    kind: Literal["fish"] = "fish"
    tag: int = 0


class Chip(TypedDict):
    number: Annotated[int, Attribute("no")]
    maker: NotRequired[str]


class Owner(DynamoModel, table="owners"):
    pk: Annotated[str, PartitionKey()]
    pet: Annotated[Cat | Fish, Field(discriminator="kind")] = Cat()
    pets: list[Cat | Fish] = Field(default_factory=list[Cat | Fish])
    chip: Chip | None = None


o = fields(Owner)


def values_of(condition: Condition) -> list[Any]:
    client = ScriptedClient(otherwise={})
    list(Repo(Owner, client=client).scan(filter=condition))
    return list(client.requests[0].parameters["ExpressionAttributeValues"].values())


def test_a_field_of_a_union_takes_what_any_of_its_members_holds_there() -> None:
    assert values_of(Attr(o.pet.kind).is_in(["fish", "cat"])) == [{"S": "fish"}, {"S": "cat"}]
    assert values_of((Attr(o.pets[0].tag) == "abc") | (Attr(o.pets[0].tag) == 3)) == [{"S": "abc"}, {"N": "3"}]
    pet: Any = o.pet
    assert values_of(Attr(pet.lives) == 9) == [{"N": "9"}]
    for place, value in ((pet.kind, "dog"), (o.pets[0].tag, "abcd"), (pet.lives, "x")):
        with pytest.raises(InvalidValue):
            _ = Attr(place) == value


def test_a_key_of_a_typed_dict_is_a_step_as_its_type_has_it() -> None:
    chip = some(o.chip)
    assert values_of(Attr(chip["number"]) > 2) == [{"N": "2"}]
    client = ScriptedClient({"Attributes": {"pk": {"S": "a"}}})
    untyped: Any = o.chip  # a checker warns of a key that need not be there
    Repo(Owner, client=client).update("a", Attr(chip["number"]).add(1), Attr(untyped["maker"]).remove())
    assert client.requests[0].parameters["UpdateExpression"] == "REMOVE #n0.#n1 ADD #n0.#n2 :v0"
    assert list(client.requests[0].parameters["ExpressionAttributeNames"].values())[:3] == ["chip", "maker", "no"]
    with pytest.raises(InvalidExpression, match=r"Owner\.chip\['number'\] is required"):
        Attr(chip["number"]).remove()
    with pytest.raises(InvalidExpression, match="has no field 'numbers': did you mean 'number'"):
        Attr(untyped["numbers"])
