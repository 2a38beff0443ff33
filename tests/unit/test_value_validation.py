"""Values of callers run through their field's own validation, as the constructor runs them."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Self

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dynamorm_py import (
    Action,
    AsSet,
    Attr,
    Attribute,
    ConnectionFailed,
    DynamoModel,
    Encrypted,
    InvalidKey,
    InvalidValue,
    PartitionKey,
    Repo,
    SortKey,
    fields,
    key_of,
)
from dynamorm_py._codec.path import CodecPath  # the seam between operations and values
from dynamorm_py.errors import OtherFieldsNeeded
from dynamorm_py.testing import ScriptedClient

Upper = Annotated[str, StringConstraints(to_upper=True)]


class Home(BaseModel):
    city: Annotated[str, StringConstraints(to_lower=True)] = ""


class Person(DynamoModel, table="people"):
    email: Annotated[str, PartitionKey(), StringConstraints(to_lower=True)]
    age: Annotated[int, Field(ge=0)] = 0
    home: Home = Home()
    tags: list[Upper] = Field(default=[])
    words: set[Upper] = Field(default=set())
    label: str = ""
    longer: Annotated[str, AfterValidator(lambda text: text + "!")] = ""

    @field_validator("label")
    @classmethod
    def prefixed(cls, label: str, info: ValidationInfo) -> str:
        start = f"{info.data['email']}: "
        return start + label.removeprefix(start)


def place(name: str) -> CodecPath:
    root = Person.__dynamorm_root__
    assert isinstance(root, CodecPath)
    return root.field(name)


def test_a_whole_value_is_what_the_constructor_makes() -> None:
    made = place("email").validated("Ann@X.DE")
    assert (made.value, made.stored) == ("ann@x.de", {"S": "ann@x.de"})
    assert place("home").validated({"city": "ULM"}).value == Home(city="ulm")
    assert place("home").field("city").validated("ULM").stored == {"S": "ulm"}


def test_an_element_is_validated_as_one_of_its_collection() -> None:
    assert place("tags").validated_element("a").stored == {"S": "A"}
    assert place("words").validated_element("a").stored == {"S": "A"}


def test_what_the_constructor_refuses_is_refused_without_its_value() -> None:
    with pytest.raises(InvalidValue, match="greater than or equal to 0") as caught:
        place("age").validated(-98765)
    assert "98765" not in str(caught.value)


def test_an_operand_is_held_to_the_stored_type_only() -> None:
    assert place("age").encode_operand(-1) == {"N": "-1"}
    with pytest.raises(InvalidValue):
        place("age").encode_operand("x")


def test_a_validator_gets_the_other_fields_of_the_call_or_is_refused_by_name() -> None:
    assert place("label").validated("x", {"email": "a"}).value == "a: x"
    with pytest.raises(InvalidValue, match="'email'"):
        place("label").validated("x")


def test_a_value_that_would_read_back_as_another_is_refused() -> None:
    with pytest.raises(InvalidValue, match="read back"):
        place("longer").validated("x")


class Bag(DynamoModel, table="bags"):
    pk: Annotated[str, PartitionKey()]
    marks: Annotated[list[str], AsSet()] = Field(default=[])
    numbers: Annotated[tuple[int, ...], AsSet()] = ()
    home: Home | None = None


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("marks", ["b", "a", "b"], ["a", "b"]),
        ("numbers", (3, 1, 3), (1, 3)),
        ("home", Home.model_construct(city="ULM"), Home(city="ulm")),
    ],
)
def test_a_whole_value_is_what_a_put_of_it_stores_and_returns(name: str, value: object, kept: object) -> None:
    bag = Bag.model_construct({"pk", name}, **{"pk": "a", "marks": [], "numbers": (), "home": None, name: value})
    client = ScriptedClient({}, {"Attributes": {"pk": {"S": "a"}}}, {"Attributes": {"pk": {"S": "a"}}})
    bags = Repo(Bag, client=client)
    root = Bag.__dynamorm_root__
    assert isinstance(root, CodecPath)

    assert getattr(bags.put(bag), name) == kept
    reference: Any = getattr(fields(Bag), name)
    bags.update("a", Attr(reference).set(value))
    bags.update(bag, fields={name})

    put, by_action, by_fields = client.requests
    stored = put.parameters["Item"][name]
    assert [*by_action.parameters["ExpressionAttributeValues"].values()] == [stored]
    assert [*by_fields.parameters["ExpressionAttributeValues"].values()] == [stored]
    assert root.field(name).validated(value).value == kept


class Range(DynamoModel, table="ranges"):
    owner: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]
    low: Annotated[int, Attribute("l")] = 0
    high: Annotated[int, Attribute("h")] = 9

    @field_validator("name")
    @classmethod
    def within(cls, name: str, info: ValidationInfo) -> str:
        assert name.startswith(info.data["owner"])
        return name

    @field_validator("high")
    @classmethod
    def above(cls, high: int, info: ValidationInfo) -> int:
        assert high > info.data["low"]
        return high


class Part(DynamoModel, table="parts"):
    name: str
    owner: str
    pk = PartitionKey("{owner}")
    sk = SortKey("PART#{name}")

    @field_validator("owner")
    @classmethod
    def within(cls, owner: str, info: ValidationInfo) -> str:
        assert info.data["name"].startswith(owner)
        return owner


r = fields(Range)
KEYS: list[object] = [("a", "ab"), Range(owner="a", name="ab"), key_of(Range, name="ab", owner="a")]


@pytest.mark.parametrize("key", KEYS)
def test_a_validator_of_a_key_gets_the_other_values_of_the_key(key: object) -> None:
    client = ScriptedClient(otherwise={})
    assert Repo(Range, client=client).get_or_none(key) is None
    assert client.requests[0].parameters["Key"] == {"owner": {"S": "a"}, "name": {"S": "ab"}}


def test_the_parts_of_a_key_are_validated_in_the_order_of_the_class() -> None:
    assert key_of(Part, owner="a", name="ab").attributes == {"pk": {"S": "a"}, "sk": {"S": "PART#ab"}}
    with pytest.raises(InvalidKey, match=r"Part\.owner: refused by a validator"):
        key_of(Part, owner="b", name="ab")


@pytest.mark.parametrize("key", KEYS)
def test_a_validator_gets_the_other_values_of_a_patch_whatever_their_order(key: object) -> None:
    client = ScriptedClient(otherwise={})
    ranges = Repo(Range, client=client)
    with pytest.raises(InvalidValue, match=r"Range\.high: refused by a validator"):
        ranges.patch(key, {"high": 3, "low": 5})
    with pytest.raises(ConnectionFailed):  # of the empty answer: the request is what counts here
        ranges.patch(key, {"high": 6, "low": 5})
    assert client.requests[0].parameters["ExpressionAttributeValues"] == {":v0": {"N": "6"}, ":v1": {"N": "5"}}


def values_of_an_update(key: object, *actions: Action) -> dict[str, Any]:
    client = ScriptedClient(otherwise={})
    with pytest.raises(ConnectionFailed):  # of the empty answer: the request is what counts here
        Repo(Range, client=client).update(key, *actions)
    return client.requests[0].parameters["ExpressionAttributeValues"]


@pytest.mark.parametrize("key", KEYS)
def test_a_validator_gets_what_other_actions_of_the_update_set(key: object) -> None:
    assert values_of_an_update(key, Attr(r.high).set(6), Attr(r.low).set(5)) == {":v0": {"N": "6"}, ":v1": {"N": "5"}}
    default = Attr(r.high).set(Attr(r.high).if_not_exists(6))
    assert values_of_an_update(key, default, Attr(r.low).set(5)) == {":v0": {"N": "6"}, ":v1": {"N": "5"}}
    ranges = Repo(Range, client=ScriptedClient(otherwise={}))
    for action in (Attr(r.high).set(3), Attr(r.high).if_not_exists(3)):
        with pytest.raises(InvalidValue, match=r"Range\.high: refused by a validator"):
            ranges.update(key, action, Attr(r.low).set(5))


def test_a_validator_of_an_action_gets_the_fields_of_an_instance_or_is_refused_by_name() -> None:
    assert values_of_an_update(Range(owner="a", name="ab", low=2), Attr(r.high).set(3)) == {":v0": {"N": "3"}}
    ranges = Repo(Range, client=ScriptedClient(otherwise={}))
    with pytest.raises(InvalidValue, match=r"Range\.high: refused by a validator"):
        ranges.update(Range(owner="a", name="ab", low=5), Attr(r.high).set(3))
    with pytest.raises(OtherFieldsNeeded, match="'low', which is not part of this call"):
        ranges.update(("a", "ab"), Attr(r.high).set(3))
    with pytest.raises(OtherFieldsNeeded, match="'low', which is not part of this call"):
        _ = Attr(r.high) == 3


def test_a_patch_of_an_instance_gives_validators_the_fields_of_the_instance() -> None:
    ranges = Repo(Range, client=ScriptedClient(otherwise={}))
    with pytest.raises(InvalidValue, match=r"Range\.high: refused by a validator"):
        ranges.patch(Range(owner="a", name="ab", low=5), {"high": 3})
    with pytest.raises(InvalidValue, match="'low', which is not part of this call"):
        ranges.patch(("a", "ab"), {"high": 3})


class Booking(DynamoModel, table="bookings"):
    guest: Annotated[str, StringConstraints(to_lower=True)]
    room: int = 0
    state: Annotated[str, StringConstraints(to_lower=True)] = "open"
    pk = PartitionKey("GUEST#{guest}")
    gsi1pk = PartitionKey("STATE#{state}", index="gsi1")


def test_what_was_assigned_to_a_part_of_a_key_is_validated_by_every_call_that_takes_the_instance() -> None:
    booking = Booking(guest="ann")
    booking.guest, booking.state = "ANN", "PAID"
    stored = {"pk": {"S": "GUEST#ann"}, "guest": {"S": "ann"}, "state": {"S": "paid"}, "room": {"N": "0"}}
    client = ScriptedClient({}, {"Item": stored}, {"Attributes": stored}, {"Attributes": stored}, {})
    bookings, b = Repo(Booking, client=client), fields(Booking)

    assert bookings.put(booking) == Booking(guest="ann", state="paid")
    bookings.get(booking)
    bookings.update(booking, Attr(b.room).set(3))
    bookings.update(booking, fields={"state"})
    bookings.delete(booking)

    put, *others = client.requests
    assert put.parameters["Item"] == {**stored, "gsi1pk": {"S": "STATE#paid"}}
    assert [each.parameters["Key"] for each in others] == [{"pk": {"S": "GUEST#ann"}}] * 4
    assert {"S": "STATE#paid"} in others[2].parameters["ExpressionAttributeValues"].values()


def _settled(*, encrypted: bool, mode: str) -> type[DynamoModel]:
    """Return a model with a configuration, under what pydantic puts around the schema that holds it."""

    class Settled(DynamoModel, table="settled"):
        model_config = ConfigDict(strict=True, str_strip_whitespace=True, str_to_upper=True)
        pk: Annotated[str, PartitionKey()]
        count: int = 0
        seconds: Annotated[time | int, Field(union_mode="left_to_right")] = 0
        if encrypted:
            secret: Annotated[str | None, Encrypted()] = None
        if mode == "wrap":

            @model_validator(mode="wrap")
            @classmethod
            def _around(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
                return handler(data)

        elif mode == "after":

            @model_validator(mode="after")
            def _later(self) -> Self:
                return self

    return Settled


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("mode", ["none", "wrap", "after"])
def test_the_configuration_of_the_model_holds_for_a_value_of_a_field(mode: str, *, encrypted: bool) -> None:
    root: Any = _settled(encrypted=encrypted, mode=mode).__dynamorm_root__

    assert root.field("pk").validated(" x ").stored == {"S": "X"}
    assert root.field("seconds").validated(120).stored == {"N": "120"}
    with pytest.raises(InvalidValue):
        root.field("count").validated("5")
