"""Models and documents: what a class says of itself, and how both compare."""

from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr, computed_field

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    CreatedAt,
    DynamoModel,
    Encrypted,
    GlobalIndex,
    InvalidDocument,
    LocalIndex,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
    dms,
)

MODELS = Path(__file__).parents[2] / "fixtures" / "dms" / "v0.1" / "models"
USER = dms.load(MODELS / "user.yml")


class User(DynamoModel, table="users_contract", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email_hash: Annotated[str | None, PartitionKey(index="gsi-email")] = None
    nickname: Annotated[str, OmitEmpty()] = ""
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[int, TimeToLive(), OmitEmpty()] = 0


class Color(enum.Enum):
    RED = 1


class Home(BaseModel):
    city: str


def entry(annotation: object, default: object = ...) -> dict[str, Any]:
    """Return the DMS attribute of a field `v`."""
    from pydantic import create_model

    fields: dict[str, Any] = {"pk": (Annotated[str, PartitionKey()], ...), "v": (annotation, default)}
    model: Any = create_model("Thing", __base__=DynamoModel, __cls_kwargs__={"table": "things"}, **fields)
    described = model.to_dms()
    dms.check({"dms_version": "0.1", "models": [described]})
    return next(attribute for attribute in described["attributes"] if attribute["attribute"] == "v")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, {"type": "S"}),
        (int, {"type": "N"}),
        (float, {"type": "N"}),
        (Decimal, {"type": "N"}),
        (bytes, {"type": "B"}),
        (bool, {"type": "BOOL"}),
        (date, {"type": "S"}),
        (UUID, {"type": "S"}),
        (SecretStr, {"type": "S"}),
        (Color, {"type": "N"}),
        (Literal["a", "b"], {"type": "S"}),
        (Home, {"type": "M"}),
        (dict[str, int], {"type": "M"}),
        (list[Home], {"type": "L"}),
        (tuple[int, str], {"type": "L"}),
        (set[str], {"type": "SS"}),
        (frozenset[int], {"type": "NS"}),
        (set[bytes], {"type": "BS"}),
        (Annotated[list[str], AsSet()], {"type": "SS"}),
        (Annotated[dict[str, int], AsJson()], {"type": "S", "json": True}),
        (Annotated[Any, AsJson()], {"type": "S", "json": True}),
        (Annotated[UUID, AsBinary()], {"type": "B", "binary": True}),
        (Annotated[str, Encrypted()], {"type": "S", "encryption": {"v": 1}}),
        (Annotated[int, Attribute(format="int")], {"type": "N", "format": "int"}),
        (datetime, {"type": "S", "format": "rfc3339nano"}),
        (Annotated[datetime, Attribute(format="unix_seconds")], {"type": "N", "format": "unix_seconds"}),
        (Annotated[datetime, Attribute(format="fixed_nano")], {"type": "S"}),
        (Annotated[datetime, PartitionKey(index="gsi")], {"type": "S"}),
    ],
)
def test_a_field_says_its_type_and_form(annotation: object, expected: dict[str, Any]) -> None:
    assert entry(annotation) == {"attribute": "v", "required": True, **expected}


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (str, ..., {"required": True}),
        (str | None, ..., {"required": True}),
        (str | None, None, {"optional": True}),
        (str, "", {"optional": True}),
        (Annotated[str, OmitEmpty()], ..., {"optional": True, "omit_empty": True}),
        (Annotated[str | None, PartitionKey(index="gsi")], None, {"optional": True}),
        (set[str] | None, None, {"optional": True}),
        (Annotated[str, Attribute(required=False)], ..., {}),
        (Annotated[str, Attribute(required=True, optional=False)], "", {"required": True}),
    ],
)
def test_a_field_is_required_without_a_default_and_optional_with_one(
    annotation: object, default: object, expected: dict[str, bool]
) -> None:
    said = entry(annotation, default)
    assert {name: said[name] for name in said.keys() & {"required", "optional", "omit_empty"}} == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Annotated[datetime | None, CreatedAt()], {"type": "S", "format": "rfc3339nano", "roles": ["created_at"]}),
        (Annotated[datetime | None, UpdatedAt()], {"type": "S", "format": "rfc3339nano", "roles": ["updated_at"]}),
        (Annotated[int | None, Version()], {"type": "N", "format": "int", "roles": ["version"]}),
    ],
)
def test_what_the_library_sets_is_neither_required_nor_optional(annotation: object, expected: dict[str, Any]) -> None:
    assert entry(annotation, None) == {"attribute": "v", **expected}
    assert entry(annotation) == {"attribute": "v", **expected}


def test_a_class_says_its_table_keys_and_indexes() -> None:
    class Order(
        DynamoModel,
        table="orders",
        indexes=[GlobalIndex("by-state", projection=["note"]), LocalIndex("by-total", projection="KEYS_ONLY")],
    ):
        pk: Annotated[str, PartitionKey(), Attribute("id")]
        at: Annotated[int, SortKey()]
        state: Annotated[str, PartitionKey(index="by-state")]
        total: Annotated[Decimal, SortKey(index="by-total"), SortKey(index="by-state")]
        note: Annotated[str, Attribute("remark")] = ""
        cached: Annotated[int, NotStored()] = 0

    said = Order.to_dms()
    assert said["table"] == {"name": "orders"}
    assert said["keys"] == {
        "partition": {"attribute": "id", "type": "S"},
        "sort": {"attribute": "at", "type": "N"},
    }
    assert [attribute["attribute"] for attribute in said["attributes"]] == ["id", "at", "state", "total", "remark"]
    assert said["indexes"] == [
        {
            "name": "by-state",
            "type": "GSI",
            "partition": {"attribute": "state", "type": "S"},
            "sort": {"attribute": "total", "type": "N"},
            "projection": {"type": "INCLUDE", "fields": ["remark"]},
        },
        {
            "name": "by-total",
            "type": "LSI",
            "partition": {"attribute": "id", "type": "S"},
            "sort": {"attribute": "total", "type": "N"},
            "projection": {"type": "KEYS_ONLY"},
        },
    ]
    assert dms.compare(Order, dms.check({"dms_version": "0.1", "models": [said]})) == []


def test_a_stored_computed_field_is_an_attribute() -> None:
    class Sum(DynamoModel, table="sums"):
        pk: Annotated[str, PartitionKey()]

        @computed_field
        @property
        def size(self) -> Annotated[int, Attribute("n")]:
            return len(self.pk)

    assert Sum.to_dms()["attributes"][1] == {"attribute": "n", "type": "N", "optional": True}


def test_what_dms_has_no_word_for_is_refused_all_at_once() -> None:
    class Odd(DynamoModel, table="odd"):
        pk: Annotated[str, PartitionKey()]
        anything: Any
        either: int | str
        a: Annotated[str, PartitionKey(index="many", position=1)]
        b: Annotated[str, PartitionKey(index="many", position=2)]
        made: Annotated[datetime | None, CreatedAt(), Attribute(format="unix_seconds")] = None

    with pytest.raises(InvalidDocument) as caught:
        Odd.to_dms()
    assert [problem.path for problem in caught.value.problems] == ["anything", "either", "made", "index many"]


def test_a_class_without_a_table_is_asked_for_one() -> None:
    class Loose(DynamoModel):
        pk: Annotated[str, PartitionKey()]

    with pytest.raises(InvalidDocument, match="add table="):
        Loose.to_dms()
    assert Loose.to_dms(table="loose")["table"] == {"name": "loose"}


# --- comparing ----------------------------------------------------------------------------------


def test_a_class_equals_the_document_that_the_languages_share() -> None:
    assert dms.compare(User, USER) == []


def mutated(change: str) -> dms.Document:
    """Return the user's document after a replacement in its text."""
    old, _, new = change.partition(" => ")
    text = (MODELS / "user.yml").read_text()
    assert old in text
    return dms.loads(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ('name: "User" => name: "Member"', "name"),
        ('"users_contract" => "users"', "table.name"),
        ('    naming:\n      convention: "camelCase"\n => ', "naming.convention"),
        ("optional: true\n\n      # Used for omitempty => required: true\n\n      #", "attributes[emailHash].required"),
        ("omit_empty: true => omit_empty: false", "attributes[nickname].omit_empty"),
        ('type: "SS" => type: "L"', "attributes[tags].type"),
        ('roles: ["version"] => tags: {}', "attributes[version].roles"),
        ('attribute: "nickname" => attribute: "nick"', "attributes[nickname]"),
        ('format: "unix_seconds" => format: "int"', "attributes[ttl].format"),
        ('type: "SS" => encryption: {}\n        type: "SS"', "attributes[tags].encrypted"),
        ('attribute: "nickname"\n        type: "S" => attribute: "nickname"\n        json: true\n        type: "S"',
         "attributes[nickname].json"),
        ('projection: { type: "ALL" } => projection: { type: "KEYS_ONLY" }', "indexes[gsi-email].projection"),
        ('name: "gsi-email" => name: "gsi-mail"', "indexes[gsi-email]"),
        ('partition: { attribute: "emailHash" => partition: { attribute: "nickname"', "indexes[gsi-email].partition"),
    ],
)  # fmt: skip
def test_every_difference_is_found_where_it_is(change: str, path: str) -> None:
    assert path in [difference.path for difference in dms.compare(User, mutated(change))]


def test_a_difference_names_both_sides() -> None:
    (found,) = dms.compare(User, mutated("omit_empty: true => omit_empty: false"))
    assert str(found) == "attributes[nickname].omit_empty: the model says True, the document False"
    (whole, other) = dms.compare(User, mutated('attribute: "nickname" => attribute: "nick"'))
    assert str(whole) == "attributes[nickname]: the model says 'present', the document nothing"
    assert (other.path, other.model, other.document) == ("attributes[nick]", None, "present")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param('required: true\n        roles: ["pk"] => required: true', id="a role that keys say"),
        pytest.param('format: "rfc3339nano"\n => \n', id="a format that the role says"),
        pytest.param('        projection: { type: "ALL" }\n => ', id="the default projection"),
        pytest.param('namespace: "dynamorm.contract" => namespace: "other"', id="the namespace"),
        pytest.param("optional: true => optional: true\n        tags: { a: 1 }", id="tags"),
    ],
)  # fmt: skip
def test_what_says_the_same_is_no_difference(change: str) -> None:
    assert dms.compare(User, mutated(change)) == []


def test_the_tables_name_may_be_ignored() -> None:
    other = mutated('"users_contract" => "users-dev"')
    assert [difference.path for difference in dms.compare(User, other)] == ["table.name"]
    assert dms.compare(User, other, ignore_table_name=True) == []


def test_a_document_without_the_model_differs() -> None:
    order, sample = (dms.load(MODELS / name).models[0] for name in ("order.yml", "sample.yml"))
    document = USER.model_copy(update={"models": (order, sample)})
    assert [str(difference) for difference in dms.compare(User, document)] == [
        "models: the model says 'User', the document nothing"
    ]
