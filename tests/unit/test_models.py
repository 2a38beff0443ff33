"""What a class statement may say: pydantic's ways to make models, each with its item."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    ValidationError,
    computed_field,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynamorm_py import (
    Attribute,
    DynamoModel,
    InvalidValue,
    ItemDecodeError,
    ModelDefinitionError,
    NotStored,
    OmitEmpty,
    PartitionKey,
)
from dynamorm_py._model import codec_of
from tests.support.building import define

T = TypeVar("T")


class Stamped(BaseModel):
    """A mixin that knows nothing of DynamoDB."""

    note: Annotated[str, OmitEmpty()] = ""


class Keyed(DynamoModel, abstract=True, table="things", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    owner_id: str = ""


class Book(Keyed, Stamped):
    page_count: int = 0


class Box(DynamoModel, Generic[T]):
    pk: Annotated[str, PartitionKey()]
    content: T


class Node(BaseModel):
    name: str
    children: list[Node] = []
    parent: Node | None = None


class Tree(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    root: Node


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Annotated[Literal["dog"], Attribute("type")] = "dog"
    tricks: list[str] = []


def test_a_subclass_inherits_fields_table_and_naming() -> None:
    book = Book(pk="1", owner_id="o", page_count=3, note="n")
    assert book.to_item() == {"PK": {"S": "1"}, "ownerId": {"S": "o"}, "note": {"S": "n"}, "pageCount": {"N": "3"}}
    assert Book.from_item(book.to_item()) == book
    assert codec_of(Book).schema.table == "things"


def test_an_abstract_model_needs_no_key_and_makes_no_items() -> None:
    assert define({"a": str}, abstract=True)(a="").a == ""
    with pytest.raises(ModelDefinitionError, match="Keyed: it is abstract: inherit from it"):
        Keyed(pk="1").to_item()


def test_abstract_is_not_inherited() -> None:
    base = define({"a": str}, abstract=True)
    with pytest.raises(ModelDefinitionError, match="no partition key"):
        define({"b": str}, base=base)


def test_a_field_declared_again_has_the_markers_of_its_last_declaration() -> None:
    class Parent(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        note: Annotated[str, Attribute("n"), OmitEmpty()] = ""

    class Child(Parent):
        note: Annotated[str, Attribute("text")] = ""

    assert Child(pk="1").to_item() == {"pk": {"S": "1"}, "text": {"S": ""}}
    assert Parent(pk="1").to_item() == {"pk": {"S": "1"}}


def test_a_key_can_stand_in_a_type_alias() -> None:
    alias = Annotated[str, PartitionKey(), Field(min_length=2)]
    model = define({"pk": alias})
    assert model(pk="ab").to_item() == {"pk": {"S": "ab"}}
    with pytest.raises(ValidationError):
        model(pk="a")


def test_a_generic_model_is_compiled_for_each_of_its_types() -> None:
    item = Box[int](pk="1", content=3).to_item()
    assert item["content"] == {"N": "3"}
    assert Box[int].from_item(item).content == 3
    assert Box[list[str]](pk="1", content=["a"]).to_item()["content"] == {"L": [{"S": "a"}]}
    with pytest.raises(ItemDecodeError):
        Box[list[str]].from_item(item)
    with pytest.raises(ModelDefinitionError, match="content: callable has no DynamoDB form"):
        Box[Callable[[], int]]  # pyright: ignore[reportUnusedExpression] -- the subscript makes the class


def test_the_configuration_of_pydantic_holds_when_an_item_is_read() -> None:
    class Config(DynamoModel):
        model_config = ConfigDict(frozen=True, str_strip_whitespace=True, validate_default=True)
        pk: Annotated[str, PartitionKey()]

    read = Config.from_item({"pk": {"S": " a "}})
    assert read.pk == "a"
    with pytest.raises(ValidationError, match="frozen"):
        read.pk = "b"  # pyright: ignore[reportAttributeAccessIssue] -- what it tests


def test_a_strict_model_reads_what_it_wrote() -> None:
    class Strict(DynamoModel, strict=True):
        pk: Annotated[str, PartitionKey()]
        tags: set[str] = Field(default_factory=set[str])
        number: float = 0
        pair: tuple[int, bytes] = (0, b"")

    strict = Strict(pk="1", tags={"a"}, number=1.5, pair=(1, b"\xff"))
    assert Strict.from_item(strict.to_item()) == strict
    with pytest.raises(ItemDecodeError, match="number: it is stored as S"):
        Strict.from_item({"pk": {"S": "1"}, "number": {"S": "1"}})


def test_aliases_name_payloads_and_never_attributes() -> None:
    class Aliased(DynamoModel, naming="camelCase"):
        model_config = ConfigDict(populate_by_name=True, alias_generator=str.upper)
        pk: Annotated[str, PartitionKey()]
        user_name: str = Field(alias="login", serialization_alias="out")

    aliased = Aliased.model_validate({"PK": "1", "login": "al"})
    assert aliased.to_item() == {"PK": {"S": "1"}, "userName": {"S": "al"}}
    assert Aliased.from_item(aliased.to_item()) == aliased
    with pytest.raises(ItemDecodeError, match="userName: it is missing"):
        Aliased.from_item({"PK": {"S": "1"}, "login": {"S": "al"}})


def test_what_payloads_exclude_is_stored_all_the_same() -> None:
    model = define({"pk": Annotated[str, PartitionKey()], "v": Annotated[str, Field(exclude=True)]})
    assert model(pk="1", v="x").to_item()["v"] == {"S": "x"}


def test_validators_run_on_what_is_read() -> None:
    class Checked(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        low: int
        high: int

        @field_validator("low", mode="before")
        @classmethod
        def _positive(cls, value: object) -> object:
            assert isinstance(value, int)
            return abs(value)

        @model_validator(mode="after")
        def _ordered(self) -> Checked:
            if self.low > self.high:
                raise ValueError
            return self

    item: dict[str, Any] = {"pk": {"S": "1"}, "low": {"N": "-1"}, "high": {"N": "2"}}
    assert Checked.from_item(item).low == 1
    with pytest.raises(ItemDecodeError, match="refused by a validator of the model"):
        Checked.from_item(item | {"high": {"N": "0"}})


def test_a_before_validator_of_a_model_sees_python_values_by_field_name() -> None:
    seen: list[object] = []

    class Wrapped(DynamoModel, naming="camelCase"):
        pk: Annotated[str, PartitionKey()]
        raw_bytes: bytes = b""

        @model_validator(mode="before")
        @classmethod
        def _look(cls, data: object) -> object:
            seen.append(data)
            return data

    stored = Wrapped(pk="1", raw_bytes=b"\xff").to_item()
    assert Wrapped.from_item(stored) == Wrapped(pk="1", raw_bytes=b"\xff")
    assert {"pk": "1", "raw_bytes": b"\xff"} in seen


def test_a_computed_field_is_stored_only_when_it_is_marked() -> None:
    class Person(DynamoModel, extra="forbid"):
        pk: Annotated[str, PartitionKey()]

        @computed_field
        @property
        def shout(self) -> Annotated[str, Attribute("loud")]:
            return self.pk.upper()

        @computed_field
        @cached_property
        def whisper(self) -> str:
            return self.pk.lower()

    item = Person(pk="Al").to_item()
    assert item == {"pk": {"S": "Al"}, "loud": {"S": "AL"}}
    assert Person.from_item(item | {"loud": {"S": "stale"}}).shout == "AL"
    with pytest.raises(ItemDecodeError):
        Person.from_item(item | {"whisper": {"S": "al"}})


def test_a_computed_field_can_be_an_index_key() -> None:
    class Order(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        state: str

        @computed_field
        @property
        def by_state(self) -> Annotated[str, PartitionKey(index="gsi-state")]:
            return f"STATE#{self.state}"

    assert Order(pk="1", state="new").to_item()["by_state"] == {"S": "STATE#new"}
    assert codec_of(Order).schema.indexes["gsi-state"].partition[0].name == "by_state"


def test_private_attributes_stay_out_of_items() -> None:
    class Private(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        _calls: int = PrivateAttr(default=4)

    assert Private(pk="1").to_item() == {"pk": {"S": "1"}}
    assert Private.from_item({"pk": {"S": "1"}})._calls == 4  # pyright: ignore[reportPrivateUsage] -- what it tests


def test_a_field_that_is_not_stored_has_its_default_after_a_read() -> None:
    model = define({"pk": Annotated[str, PartitionKey()], "v": (Annotated[int, NotStored()], 7)})
    assert model(pk="1", v=1).to_item() == {"pk": {"S": "1"}}
    assert model.from_item({"pk": {"S": "1"}, "v": {"N": "1"}}).v == 7


def test_a_nested_model_may_contain_itself() -> None:
    tree = Tree(pk="1", root=Node(name="a", children=[Node(name="b", parent=Node(name="c"))]))
    assert Tree.from_item(tree.to_item()) == tree


class Late(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    later: Later | None = None  # noqa: F821 -- defined by the test  # pyright: ignore[reportUndefinedVariable] -- the same


def test_a_forward_reference_is_compiled_when_it_is_resolved() -> None:
    class Later(DynamoModel, abstract=True):
        seen: int

    Late.model_rebuild(_types_namespace={"Later": Later})
    late = Late.model_validate({"pk": "1", "later": {"seen": 2}})
    assert late.to_item()["later"] == {"M": {"seen": {"N": "2"}}}
    assert Late.from_item(late.to_item()) == late


def test_a_forward_reference_to_what_cannot_be_stored_is_refused_when_it_is_resolved() -> None:
    model: Any = define({"pk": Annotated[str, PartitionKey()], "v": "Wrong"})
    with pytest.raises(ModelDefinitionError, match="v: callable has no DynamoDB form"):
        model.model_rebuild(_types_namespace={"Wrong": Callable[[], int]})


@pytest.mark.parametrize("pet", [Cat(lives=3), Dog(tricks=["sit"])])
def test_a_discriminated_union_reads_back_as_the_member_it_was(pet: Cat | Dog) -> None:
    union = Annotated[Cat | Dog, Field(discriminator="kind")]
    model = define({"pk": Annotated[str, PartitionKey()], "one": union, "many": list[union]})
    owner = model(pk="1", one=pet, many=[pet, Cat()])
    assert model.from_item(owner.to_item()) == owner


def test_the_markers_of_a_nested_model_hold_wherever_it_stands() -> None:
    model = define({"pk": Annotated[str, PartitionKey()], "v": dict[str, list[Dog]]})
    assert model(pk="1", v={"a": [Dog()]}).to_item()["v"] == {
        "M": {"a": {"L": [{"M": {"type": {"S": "dog"}, "tricks": {"L": []}}}]}}
    }


def test_a_root_model_is_stored_as_its_root() -> None:
    model = define({"pk": Annotated[str, PartitionKey()], "v": RootModel[list[int]]})
    thing = model(pk="1", v=RootModel[list[int]]([1]))
    assert thing.to_item()["v"] == {"L": [{"N": "1"}]}
    assert model.from_item(thing.to_item()) == thing


def test_extra_attributes_follow_the_model() -> None:
    item: dict[str, Any] = {"pk": {"S": "1"}, "more": {"M": {"b": {"B": b"\xff"}, "n": {"N": "1.5"}}}}
    key = {"pk": Annotated[str, PartitionKey()]}
    assert define(key).from_item(item).to_item() == {"pk": {"S": "1"}}
    assert define(key, extra="allow").from_item(item).to_item() == item
    with pytest.raises(ItemDecodeError, match="more: Extra inputs are not permitted"):
        define(key, extra="forbid").from_item(item)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("size", 3),
        ("pk", "k"),
        ("size", {"N": 3}),
        ("size", {"N": "3", "S": "3"}),
        ("tags", {"SS": "ab"}),
        ("tags", {"L": [{"S": "a"}, "b"]}),
    ],
)
def test_from_item_takes_attribute_values_and_nothing_else(attribute: str, value: Any) -> None:  # noqa: ANN401 -- what a checker would refuse
    class Sized(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        size: int = 0
        tags: set[str] = Field(default_factory=set)

    with pytest.raises(ItemDecodeError) as refused:
        Sized.from_item({"pk": {"S": "k"}} | {attribute: value})
    assert refused.value.path.startswith(attribute)


def test_what_a_typed_dict_does_not_name_is_ignored_also_in_a_model_that_keeps_extra_attributes() -> None:
    class Size(TypedDict):
        height: int

    model = define({"pk": Annotated[str, PartitionKey()], "size": Size}, extra="allow")
    stored = {"M": {"height": {"N": "1"}, "width": {"N": "2"}}}
    assert model.from_item({"pk": {"S": "1"}, "size": stored}).size == {"height": 1}
    with pytest.raises(InvalidValue, match="unknown keys width"):
        model(pk="1", size={"height": 1, "width": 2}).to_item()
