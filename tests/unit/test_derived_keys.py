"""Derived keys: composed from fields, stored beside them, in no payload, refused when a template is wrong."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import types
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, computed_field, model_validator

from dynamorm_py import (
    AsJson,
    Attribute,
    DynamoModel,
    Encrypted,
    InvalidKey,
    InvalidValue,
    ItemDecodeError,
    LocalIndex,
    ModelDefinitionError,
    NotStored,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    Version,
    fields,
    key_of,
)
from dynamorm_py.streams import Change, StreamRouter
from dynamorm_py.testing import ScriptedClient
from tests.support.shop import Customer, Line, Order

T = TypeVar("T")
UTC = dt.UTC


def an_order(**values: object) -> Order:
    return Order.model_validate({"customer_id": "7", "number": 2} | values)


# --- reading and payloads ------------------------------------------------------------------------


def test_a_derived_key_reads_as_its_fields_compose_it() -> None:
    order = an_order()
    assert (order.pk, order.sk, order.gsi1pk) == ("CUSTOMER#7", "ORDER#000002", "ORDERS#open")
    order.status = "paid"
    assert order.gsi1pk == "ORDERS#paid"


def test_derived_keys_are_stored_as_text_and_in_no_payload() -> None:
    order = an_order()
    item = order.to_item()
    keys = {"pk", "sk", "GSI1PK", "GSI1SK"}
    assert {name: item[name] for name in keys} == {
        "pk": {"S": "CUSTOMER#7"},
        "sk": {"S": "ORDER#000002"},
        "GSI1PK": {"S": "ORDERS#open"},
        "GSI1SK": {"S": "000002"},
    }
    for shown in (order.model_dump(), order.model_json_schema()["properties"], Order.model_fields):
        assert not {"pk", "sk", "gsi1pk", "gsi1sk"} & set(shown)
    assert "CUSTOMER#" not in order.model_dump_json()
    assert "pk" not in TypeAdapter(Order).json_schema(mode="serialization")["properties"]


def test_an_item_reads_back_as_the_same_instance() -> None:
    order = an_order(status="paid")
    again = Order.from_item(order.to_item())
    assert again == order
    assert "pk" not in again.__dict__
    assert not again.model_fields_set & {"pk", "sk", "gsi1pk", "gsi1sk"}


def test_nothing_can_change_a_derived_key() -> None:
    order = an_order()
    for name in ("pk", "sk", "gsi1pk"):
        with pytest.raises(AttributeError):
            setattr(order, name, "CUSTOMER#8")
        with pytest.raises(AttributeError):
            delattr(order, name)
    assert order.model_copy(update={"pk": "CUSTOMER#8", "customer_id": "9"}).pk == "CUSTOMER#9"
    assert order.model_copy(update={"pk": "CUSTOMER#8"}).model_dump() == order.model_dump()
    built: Any = Order.model_construct(pk="CUSTOMER#8", customer_id="7", number=2)
    assert built.pk == "CUSTOMER#7"
    assert (copy.deepcopy(order).pk, pickle.loads(pickle.dumps(order)).pk) == ("CUSTOMER#7", "CUSTOMER#7")  # noqa: S301 -- ours


@pytest.mark.parametrize("extra", ["allow", "forbid", "ignore"])
def test_a_payload_that_carries_a_derived_key_follows_extra_and_is_refused_with_allow(extra: str) -> None:
    class Kept(Order):
        model_config = ConfigDict(extra=extra)  # pyright: ignore[reportArgumentType] -- one of pydantic's words

    payload = {"customer_id": "7", "number": 2, "pk": "CUSTOMER#8"}
    if extra == "ignore":
        assert Kept.model_validate(payload).pk == "CUSTOMER#7"
    else:
        with pytest.raises(ValidationError):
            Kept.model_validate(payload)


@pytest.mark.parametrize("extra", ["allow", "forbid", "ignore"])
def test_reading_takes_derived_attributes_out_whatever_extra_is(extra: str) -> None:
    class Kept(Order):
        model_config = ConfigDict(extra=extra)  # pyright: ignore[reportArgumentType] -- one of pydantic's words
        seen: ClassVar[list[object]] = []

        def model_post_init(self, context: object, /) -> None:
            assert context is None
            self.seen.append((dict(self.__dict__), self.__pydantic_extra__))

    item = an_order().to_item()
    order = Kept.from_item(item)
    assert order.to_item() == item
    values, extras = Kept.seen[-1]  # pyright: ignore[reportGeneralTypeIssues,reportUnknownVariableType] -- a pair
    assert "pk" not in values
    assert not extras


def test_a_validator_before_the_model_sees_no_derived_key() -> None:
    class Watched(Order):
        seen: ClassVar[list[set[str]]] = []

        @model_validator(mode="before")
        @classmethod
        def watch(cls, data: dict[str, Any]) -> dict[str, Any]:
            cls.seen.append(set(data))
            return data

    item = an_order().to_item()
    assert Watched.from_item(item).to_item() == item
    assert not Watched.seen[-1] & {"pk", "sk", "GSI1PK"}
    with pytest.raises(ItemDecodeError):
        Watched.from_item(item | {"pk": {"S": "CUSTOMER#8"}})


def test_a_stored_key_of_the_table_that_differs_is_refused_and_a_stale_index_key_is_not() -> None:
    item = an_order().to_item()
    for name in ("pk", "sk"):
        with pytest.raises(ItemDecodeError, match=name) as refused:
            Order.from_item(item | {name: {"S": "CUSTOMER#8"}})
        assert "CUSTOMER#8" not in str(refused.value)
    assert Order.from_item(item | {"GSI1PK": {"S": "ORDERS#paid"}}).to_item() == item
    assert Order.from_item({k: v for k, v in item.items() if k != "GSI1PK"}).to_item() == item


def test_a_part_that_is_none_leaves_an_index_key_out() -> None:
    class Sparse(DynamoModel, table="shop"):
        name: str
        tag: str | None = None
        pk = PartitionKey("X#{name}")
        by_tag = PartitionKey("TAG#{tag}", index="by-tag")

    assert "by_tag" not in Sparse(name="a").to_item()
    assert Sparse(name="a").by_tag is None
    assert Sparse(name="a", tag="t").to_item()["by_tag"] == {"S": "TAG#t"}
    assert Sparse.from_item(Sparse(name="a").to_item()) == Sparse(name="a")


class Keys(BaseModel):
    pk: str
    gsi1pk: str | None = None


class Labelled(BaseModel):
    label: str


class Parcel(DynamoModel, table="parcels"):
    number: int
    pk = PartitionKey("PARCEL#{number}")

    @computed_field
    @property
    def label(self) -> Annotated[str, Attribute("LABEL")]:
        return f"parcel {self.number}"


def test_a_smaller_model_may_name_a_derived_key_whose_parts_it_does_not_read() -> None:
    orders = Repo(Order, client=ScriptedClient({"Item": an_order().to_item()}, otherwise={}))
    assert orders.get(customer_id="7", number=2, project=Keys) == Keys(pk="CUSTOMER#7", gsi1pk="ORDERS#open")


def test_a_smaller_model_may_name_a_stored_computed_field() -> None:
    item = Parcel(number=2).to_item()
    parcels = Repo(Parcel, client=ScriptedClient({"Item": item}, {"Item": {"pk": item["pk"]}}, otherwise={}))
    assert parcels.get(number=2, project=Labelled) == Labelled(label="parcel 2")
    with pytest.raises(ItemDecodeError, match="LABEL: it is missing"):
        parcels.get(number=2, project=Labelled)


# --- texts of parts -------------------------------------------------------------------------------


def test_parts_are_what_their_fields_store() -> None:
    class Kinds(DynamoModel, table="shop"):
        uid: UUID
        day: dt.date
        raw: bytes
        at: dt.datetime
        number: int
        path: str
        pk = PartitionKey("{uid}{day}#{raw:hex}#{number}#{at}")
        sk = SortKey("{at}#{number:08}#{path:percent}")

    at = dt.datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)
    uid = UUID("12345678-1234-5678-1234-567812345678")
    item = Kinds(uid=uid, day=dt.date(2026, 1, 2), raw=b"\0\xff", at=at, number=12, path="a/b#c").to_item()
    assert item["pk"] == {"S": f"{uid}2026-01-02#00ff#12#2026-01-02T03:04:05.5Z"}
    assert item["sk"] == {"S": "2026-01-02T03:04:05.500000000Z#00000012#a%2Fb%23c"}
    assert Kinds.from_item(item).to_item() == item


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"a": "", "b": "y", "n": 1}, "a"),
        ({"a": "x#", "b": "y", "n": 1}, "a"),
        ({"a": "x##y", "b": "y", "n": 1}, "a"),
        ({"a": "x", "b": "y", "n": -1}, "n"),
        ({"a": "x", "b": "y", "n": 1000}, "n"),
    ],
)
def test_what_would_not_be_unique_is_refused_when_written_naming_the_field(values: dict[str, Any], field: str) -> None:
    class Two(DynamoModel, table="shop"):
        a: str
        b: str
        n: int
        pk = PartitionKey("{a}##{b}")
        sk = SortKey("{n:03}")

    with pytest.raises(InvalidValue) as refused:
        Two(**values).to_item()
    assert field in refused.value.path.split(".")


# --- what a template may not say ------------------------------------------------------------------


def refused(namespace: dict[str, Any], annotations: dict[str, Any], **options: str) -> str:
    whole = {"__module__": __name__, "__annotations__": annotations, "__qualname__": "Wrong", **namespace}
    with pytest.raises(ModelDefinitionError) as error:
        types.new_class("Wrong", (DynamoModel,), {"table": "shop", **options}, lambda body: body.update(whole))
    return str(error.value)


STR: dict[str, Any] = {"a": str, "b": str, "n": int}


@pytest.mark.parametrize(
    ("annotations", "template", "words"),
    [
        (STR, "X#{aa}", "did you mean 'a'"),
        (STR, "X#{zzzz}", "names no field"),
        (STR, "", "empty"),
        (STR, "X#{a", "cannot be read"),
        (STR, "X#{}", "{field}"),
        (STR, "X#{a.b}", "{field}"),
        (STR, "X#{a!r}", "!r"),
        (STR, "{a}{b}", "are adjacent"),
        (STR, "{a:06}", "stored as text"),
        (STR, "{a:hex}", "stored as text"),
        (STR, "{a:upper}", "unknown"),
        (STR, "{n:6}", "unknown"),
        (STR, "{n:hex}", "number"),
        ({"a": float}, "{a}", "float"),
        ({"a": Decimal}, "{a}", "decimal"),
        ({"a": bytes}, "{a}", ":hex"),
        ({"a": bool}, "{a}", "not stored as one"),
        ({"a": list[str]}, "{a}", "not stored as one"),
        ({"a": str | int}, "{a}", "not stored as one"),
        ({"a": Annotated[str, Encrypted()]}, "{a}", "encrypted"),
        ({"a": Annotated[str, AsJson()]}, "{a}", "JSON"),
        ({"a": Annotated[int, Version()]}, "{a:06}", "version"),
        ({"a": str | None}, "{a}", "None"),
        ({"a": Annotated[str, OmitEmpty()]}, "{a}", "OmitEmpty"),
        (STR, "x" * 2048 + "{a}", "shorten"),
    ],
)
def test_a_wrong_template_is_refused_at_class_creation(annotations: dict[str, Any], template: str, words: str) -> None:
    assert words in refused({"pk": PartitionKey(template)}, annotations)


def test_a_number_in_a_sort_key_needs_a_width() -> None:
    assert "width" in refused({"pk": PartitionKey("{a}"), "sk": SortKey("{n}")}, STR)
    assert "width" in refused({"pk": PartitionKey("{a}"), "g": SortKey("{n}", index="g01")}, STR)


def test_every_mistake_of_a_class_is_in_one_error() -> None:
    text = refused({"pk": PartitionKey("{x}"), "sk": SortKey("{n}")}, STR)
    assert "names no field" in text
    assert "width" in text


def test_a_part_that_is_not_stored_is_refused() -> None:
    text = refused({"pk": PartitionKey("{b}"), "b": ""}, {"b": Annotated[str, NotStored()]})
    assert "not stored" in text


def test_a_marker_stands_where_it_belongs() -> None:
    assert "write pk = PartitionKey" in refused({}, {"pk": Annotated[str, PartitionKey("X#{a}")], "a": str})
    assert "without a template" in refused({"pk": PartitionKey()}, STR)
    assert "attribute=" in refused({}, {"pk": Annotated[str, PartitionKey(attribute="PK")]})
    both = PartitionKey("{a}")
    assert "write it twice" in refused({"pk": both, "other": both}, STR)


def test_a_derived_key_over_a_field_is_refused_and_the_reverse() -> None:
    class WithField(DynamoModel, abstract=True):
        a: str
        pk: Annotated[str, PartitionKey()]

    class WithKey(DynamoModel, abstract=True):
        a: str
        pk = PartitionKey("{a}")

    with pytest.raises(ModelDefinitionError, match="pk is a derived key and a field"):

        class _A(WithField, table="shop"):  # pyright: ignore[reportUnusedClass] -- it cannot be made
            pk = PartitionKey("{a}")  # pyright: ignore -- that is the mistake

    with pytest.raises(ModelDefinitionError, match="pk is a derived key and a field"):

        class _B(WithKey, table="shop"):  # pyright: ignore[reportUnusedClass] -- it cannot be made
            pk: Annotated[str, PartitionKey()]  # pyright: ignore -- that is the mistake


def test_attribute_names_follow_the_convention() -> None:
    class Named(DynamoModel, table="shop", naming="camelCase"):
        user_id: str
        pk = PartitionKey("U#{user_id}")
        by_name_pk = PartitionKey("N#{user_id}", index="by-name")

    assert set(Named(user_id="1").to_item()) == {"userId", "PK", "byNamePk"}
    assert "camelCase" in refused({"pk": PartitionKey("{a}", attribute="p_k")}, STR, naming="camelCase")


# --- inheritance ----------------------------------------------------------------------------------


def test_derived_keys_are_inherited_and_overridden() -> None:
    class Base(DynamoModel, abstract=True, table="shop"):
        a: str
        pk = PartitionKey("A#{a}")
        sk = SortKey("BASE")

    class Below(Base):
        b: str
        sk = SortKey("BELOW#{b}")

    assert Below(a="1", b="2").to_item() == {
        "a": {"S": "1"},
        "b": {"S": "2"},
        "pk": {"S": "A#1"},
        "sk": {"S": "BELOW#2"},
    }


def test_a_generic_model_has_derived_keys() -> None:
    class Box(DynamoModel, Generic[T], table="shop"):
        name: str
        content: T
        pk = PartitionKey("BOX#{name}")

    box = Box[int](name="a", content=3)
    assert box.pk == "BOX#a"
    assert Box[int].from_item(box.to_item()) == box


def test_a_users_ignored_types_do_not_matter() -> None:
    class Odd:
        pass

    class Ignoring(DynamoModel, table="shop"):
        model_config = ConfigDict(ignored_types=(Odd,))
        odd = Odd()
        a: str
        pk = PartitionKey("{a}")

    assert Ignoring(a="1").pk == "1"


def test_a_model_within_another_stores_no_key_there() -> None:
    class Holder(BaseModel):
        order: Order

    class Outer(DynamoModel, table="outer"):
        pk: Annotated[str, PartitionKey()]
        holder: Holder

    outer = Outer(pk="1", holder=Holder(order=an_order()))
    assert "pk" not in outer.to_item()["holder"]["M"]["order"]["M"]
    assert Outer.from_item(outer.to_item()) == outer


def test_local_and_multi_attribute_indexes_take_derived_keys() -> None:
    class Multi(DynamoModel, table="shop", indexes=[LocalIndex("by-rank")]):
        a: str
        n: int
        pk = PartitionKey("A#{a}")
        sk = SortKey("N#{n:04}")
        rank = SortKey("{n:06}#{a}", index="by-rank")
        g1 = PartitionKey("G#{a}", index="wide", position=1)
        g2 = PartitionKey("H#{a}", index="wide", position=2)

    schema = Multi.__dynamorm_codec__
    assert schema is not None
    assert schema.schema.indexes["by-rank"].kind == "LSI"
    assert [field.name for field in schema.schema.indexes["wide"].partition] == ["g1", "g2"]
    assert Multi(a="x", n=3).to_item()["rank"] == {"S": "000003#x"}


# --- keys by their parts --------------------------------------------------------------------------


def test_key_of_composes_the_key_of_an_item() -> None:
    key = key_of(Order, customer_id="7", number=2)
    assert key.attributes == {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "ORDER#000002"}}
    assert key == key_of(Order, number=2, customer_id="7")
    assert len({key, key_of(Order, number=2, customer_id="7")}) == 1
    assert key_of(Customer, customer_id="7").attributes["sk"] == {"S": "PROFILE"}
    assert "CUSTOMER" not in repr(key)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"customer_id": "7"}, "needs number"),
        ({"customer_id": "7", "number": 2, "line": 1}, "no part line"),
        ({"customer_id": "7", "number": "two"}, "number"),
        ({"customer_id": "", "number": 2}, "customer_id"),
        ({"customer_id": "7", "number": -2}, "number"),
        ({"customer_id": None, "number": 2}, "customer_id"),
    ],
)
def test_key_of_refuses_wrong_parts(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidKey, match=words):
        key_of(Order, **parts)


def test_key_of_refuses_what_is_no_model() -> None:
    wrong: Any = an_order()
    with pytest.raises(InvalidKey, match="model class"):
        key_of(wrong, customer_id="7")


def test_a_document_names_the_template_under_tags() -> None:
    entry = Order.to_dms()
    by_name = {each["attribute"]: each for each in entry["attributes"]}
    assert by_name["pk"] == {
        "attribute": "pk",
        "type": "S",
        "required": True,
        "roles": ["pk"],
        "tags": {"template": "CUSTOMER#{customer_id}"},
    }
    assert by_name["GSI1PK"]["optional"] is True
    assert entry["indexes"][0]["partition"] == {"attribute": "GSI1PK", "type": "S"}


def test_references_to_derived_keys_are_text() -> None:
    assert repr(fields(Line).pk) == "<field Line.pk>"


def test_an_attribute_name_of_a_part_is_the_fields_own() -> None:
    class Renamed(DynamoModel, table="shop"):
        a: Annotated[str, Attribute("AA")]
        kind: Literal["r"] = "r"
        pk = PartitionKey("{kind}#{a}")

    assert Renamed(a="1").to_item() == {"AA": {"S": "1"}, "kind": {"S": "r"}, "pk": {"S": "r#1"}}
    assert Renamed.from_item(Renamed(a="1").to_item()).a == "1"


def test_a_route_of_a_model_takes_its_kind_only_and_claims_are_of_none() -> None:
    router, seen = StreamRouter(), list[str]()

    @router.on(Order)
    def order_changed(change: Change[Order]) -> None:
        seen.append(f"order {change.keys}")

    @router.on(Line)
    def line_changed(change: Change[Line]) -> None:
        seen.append(f"line {change.keys}")

    del order_changed, line_changed
    line = Line(customer_id="7", number=2, line=1).to_item()
    claim = {"pk": {"S": "UNIQUE#Member#email#S#a"}, "sk": {"S": "UNIQUE"}}
    for item in (an_order().to_item(), line, claim):
        keys = {name: item[name] for name in ("pk", "sk")}
        image = {} if item is claim else {"NewImage": item}
        router({"eventName": "INSERT", "eventID": "1", "dynamodb": {"Keys": keys, "SequenceNumber": "1", **image}})
    assert [each.split()[0] for each in seen] == ["order", "line"]
