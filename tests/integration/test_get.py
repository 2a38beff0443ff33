"""get, get_or_none, exists and projections on a real table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    Attribute,
    DynamoModel,
    InvalidProjection,
    ItemDecodeError,
    ItemNotFound,
    PartitionKey,
    Repo,
)
from dynamorm_py.testing import ScriptedClient
from tests.support.people import Address, Line, Order, User

if TYPE_CHECKING:
    from tests.integration.conftest import Past

KEY = ("A", "PROFILE")
WIRE_KEY = {"PK": {"S": "A"}, "SK": {"S": "PROFILE"}}


class Summary(BaseModel):
    """A part of a user: one field renamed in the item, one nested, one with a default."""

    name: str | None = None
    home: Address | None = None
    label: str = "none"


class PrivateAddress(BaseModel):
    city: str


class Place(BaseModel):
    home: PrivateAddress | None


class Strict(BaseModel):
    age: int


def test_an_item_is_found_by_its_values_or_by_an_instance(users: Repo[User]) -> None:
    stored = users.put(User(pk="A", age=3))
    assert users.get(KEY) == users.get(stored) == users.get_or_none(KEY) == stored
    assert users.exists(KEY)
    assert users.exists(stored, consistent=True)


def test_a_key_of_one_part_is_passed_alone(orders: Repo[Order]) -> None:
    stored = orders.put(Order(number=7, total=Decimal("1.5")))
    assert orders.get(7) == orders.get(stored) == stored
    assert orders.exists(7)
    assert not orders.exists(8)


def test_a_missing_item_is_an_error_or_none(users: Repo[User]) -> None:
    with pytest.raises(ItemNotFound, match=r"no User with this key .* get_or_none returns None") as caught:
        users.get(KEY)
    assert (caught.value.code, caught.value.key, caught.value.model) == ("ErrItemNotFound", WIRE_KEY, "User")
    assert "PROFILE" not in str(caught.value)
    assert users.get_or_none(KEY) is None
    assert not users.exists(KEY)


def test_a_consistent_read_is_asked_for_only_when_wanted() -> None:
    client = ScriptedClient(otherwise={})
    users = Repo(User, client=client)
    for consistent in (True, False):
        users.get_or_none(KEY, consistent=consistent)
        users.exists(KEY, consistent=consistent)
    asked = [request.parameters.get("ConsistentRead", False) for request in client.requests]
    assert asked == [True, True, False, False]


def test_a_consistent_read_sees_the_write_before_it(users: Repo[User]) -> None:
    stored = users.put(User(pk="A"))
    assert users.get(KEY, consistent=True) == users.get_or_none(KEY, consistent=True) == stored


def test_exists_transfers_nothing_but_the_partition_key() -> None:
    client = ScriptedClient(otherwise={})
    Repo(User, client=client).exists(KEY)
    (request,) = client.requests
    assert request.parameters["ProjectionExpression"] == "#n0"
    assert request.parameters["ExpressionAttributeNames"] == {"#n0": "PK"}


def test_a_projection_reads_a_part_of_the_item_through_a_smaller_model(users: Repo[User]) -> None:
    users.put(User(pk="A", name="Ada", home=Address(city="Rome", zip_code="1"), lines=[Line(sku="x")]))
    summary = users.get(KEY, project=Summary)
    assert type(summary) is Summary
    assert summary == Summary(name="Ada", home=Address(city="Rome", zip_code="1"), label="")
    assert users.get_or_none(KEY, project=Place) == Place(home=PrivateAddress(city="Rome"))
    assert users.get_or_none(("B", "PROFILE"), project=Summary) is None


def test_a_projection_transfers_only_its_attributes() -> None:
    client = ScriptedClient(otherwise={})
    Repo(User, client=client).get_or_none(KEY, project=Summary)
    (request,) = client.requests
    assert sorted(request.parameters["ExpressionAttributeNames"].values()) == ["fullName", "home", "label"]


def test_an_item_without_any_projected_attribute_is_found_all_the_same(users: Repo[User], past: Past) -> None:
    past.put(WIRE_KEY)
    assert users.get(KEY, project=Summary) == Summary()
    with pytest.raises(ItemDecodeError, match="age: it is missing and the field has no default"):
        users.get(KEY, project=Strict)


class Unknown(BaseModel):
    name: str | None = None
    shoe_size: int = 0


class OtherType(BaseModel):
    age: str


class OtherTypeInside(BaseModel):
    lines: list[int]


class Cached(BaseModel):
    cached: int = 0


class Nothing(BaseModel):
    pass


class NoForm(BaseModel):
    anything: object


class OtherItem(DynamoModel):
    age: Annotated[int, PartitionKey()]
    name: Annotated[str | None, Attribute("elsewhere")] = None


@pytest.mark.parametrize(
    ("target", "repair"),
    [
        (Unknown, "shoe_size, which User does not store: project a subset of its fields"),
        (Cached, "cached, which User does not store"),
        (Nothing, "no fields at all"),
        (OtherType, "stored as S, but User.age as N: give both the same type"),
        (int, "takes a pydantic model"),
        (Summary(), "takes a pydantic model"),
        ("Summary", "takes a pydantic model"),
    ],
)
def test_a_projection_that_the_item_cannot_fill_is_refused_when_the_call_is_built(
    target: Any,  # noqa: ANN401 -- wrong on purpose
    repair: str,
) -> None:
    client = ScriptedClient(otherwise={})
    users = Repo(User, client=client)
    for read in (users.get, users.get_or_none):
        with pytest.raises(InvalidProjection, match=repair):
            read(KEY, project=target)
    assert client.requests == []


def test_a_projection_reads_the_attributes_of_the_repositorys_model(users: Repo[User]) -> None:
    users.put(User(pk="A", name="Ada", age=3))
    assert users.get(KEY, project=OtherItem).name == "Ada"


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"age": {"S": "secret-text"}}, "age: it is stored as S, the field as N"),
        ({"age": {"N": "1.5"}}, "age: "),
        ({"age": {"N": "-7"}}, "age: "),
        ({"home": {"M": {"zip_code": {"S": "secret-text"}}}}, "home.city: it is missing"),
        ({"lines": {"L": [{"M": {"sku": {"N": "1"}}}]}}, r"lines\[0\].sku: "),
        ({"kind": {"S": "secret-text"}}, "kind: "),
    ],
)
def test_an_item_that_does_not_fit_is_an_error_with_its_key_and_path_and_no_value(
    users: Repo[User], past: Past, stored: dict[str, Any], problem: str
) -> None:
    past.put({**WIRE_KEY, **stored})
    with pytest.raises(ItemDecodeError, match=rf"a stored item does not fit User: .*{problem}") as caught:
        users.get(KEY)
    assert (caught.value.key, caught.value.raw_item) == (WIRE_KEY, {**WIRE_KEY, **stored})
    assert "secret-text" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_unknown_attributes_are_ignored(users: Repo[User], past: Past) -> None:
    past.put({**WIRE_KEY, "unknown": {"SS": ["a"]}})
    assert users.get(KEY) == User(pk="A")
