"""Items that PynamoDB writes, read by our models, and the other way round, over a local DynamoDB."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from pynamodb import attributes as old
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from dynamorm_py import (
    AsJson,
    Attribute,
    ConditionFailed,
    DynamoModel,
    OmitEmpty,
    PartitionKey,
    Repo,
    SortKey,
    TimeToLive,
    Version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.integration.conftest import Past

NOON = datetime(2026, 1, 2, 12, 0, 0, 600_000, tzinfo=UTC)


class PynamoTime:
    def to_attribute(self, value: datetime) -> str:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")

    def from_attribute(self, value: str) -> str:
        return value


class PynamoBinary:
    def to_attribute(self, value: bytes) -> bytes:
        return base64.b64encode(value)

    def from_attribute(self, value: bytes) -> bytes:
        return base64.b64decode(value)


class Home(BaseModel):
    city: Annotated[str, Attribute("c")]
    zip_code: int | None = None


class Pet(DynamoModel, table="pets"):
    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    kind: Annotated[Literal["dog"], Attribute("cls")] = "dog"
    name: str | None = None
    weight: Decimal | None = None
    tame: bool = False
    born: Annotated[datetime | None, Attribute(converter=PynamoTime())] = None
    photo: bytes | None = None
    x_ray: Annotated[bytes | None, Attribute(converter=PynamoBinary())] = None
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    marks: Annotated[set[Decimal], OmitEmpty()] = Field(default_factory=set[Decimal])
    chips: Annotated[set[bytes], OmitEmpty()] = Field(default_factory=set[bytes])
    prefs: Annotated[Any, AsJson()] = None
    toys: list[Any] | None = None
    extra: dict[str, Any] | None = None
    home: Home | None = None
    until: Annotated[datetime | None, TimeToLive()] = None
    version: Annotated[int, Version()] = 0


class PlainPet(Pet, table="pets"):
    """The model after the last PynamoDB service is gone: no converter of times."""

    born: datetime | None = None


REX = Pet(
    owner="ANN",
    number=1,
    name="Rex",
    weight=Decimal("12.5"),
    tame=True,
    born=NOON,
    photo=b"\x00\xff",
    x_ray=b"\xff\x00",
    tags={"a", "é"},
    marks={Decimal(1), Decimal("2.5")},
    chips={b"\x00", b"\xff"},
    prefs={"b": [1, None], "a": "é"},
    toys=["ball", 1, True, None, {"deep": ["x"]}],
    extra={"k": {"l": 1}},
    home=Home(city="Oslo"),
    until=datetime(2100, 1, 1, tzinfo=UTC),  # a server may delete what has expired
)
BARE = Pet(owner="ANN", number=2)
EMPTY = Pet(owner="ANN", number=3, name="", prefs={}, toys=[], extra={}, photo=b"")
EVERY = pytest.mark.parametrize("pet", [REX, BARE, EMPTY], ids=["every attribute", "no attribute", "empty values"])


def pynamo_of(dynamodb: DynamoDBClient, table_name: str) -> Any:  # noqa: ANN401 -- a class made here
    """Return the PynamoDB model of the same table."""

    class OldHome(old.MapAttribute[str, Any]):
        city = old.UnicodeAttribute(attr_name="c")
        zip_code = old.NumberAttribute(null=True)

    class OldPet(Model):
        class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] -- PynamoDB adds the rest
            table_name = ""
            region = "us-east-1"
            host = dynamodb.meta.endpoint_url

        owner = old.UnicodeAttribute(hash_key=True)
        number = old.NumberAttribute(range_key=True)
        kind = old.DiscriminatorAttribute(attr_name="cls")
        name = old.UnicodeAttribute(null=True)
        weight = old.NumberAttribute(null=True)
        tame = old.BooleanAttribute(default=False)
        born = old.UTCDateTimeAttribute(null=True)
        photo = old.BinaryAttribute(null=True, legacy_encoding=False)
        x_ray = old.BinaryAttribute(null=True, legacy_encoding=True)
        tags = old.UnicodeSetAttribute(null=True)
        marks = old.NumberSetAttribute(null=True)
        chips = old.BinarySetAttribute(null=True, legacy_encoding=False)
        prefs = old.JSONAttribute(null=True)
        toys: old.ListAttribute[Any] = old.ListAttribute(null=True)
        extra: old.MapAttribute[str, Any] = old.MapAttribute(null=True)
        home = OldHome(null=True)
        until = old.TTLAttribute(null=True)
        version = old.VersionAttribute()

    class OldDog(OldPet, discriminator="dog"):
        pass

    OldPet.Meta.table_name = table_name
    return OldDog


@pytest.fixture
def pets(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[Pet]]:
    repo = Repo(Pet, table=unique_table_name, client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


@pytest.fixture
def pynamo(dynamodb: DynamoDBClient, unique_table_name: str) -> Any:  # noqa: ANN401 -- a PynamoDB model
    return pynamo_of(dynamodb, unique_table_name)


def old_pet(pynamo: Any, pet: Pet) -> Any:  # noqa: ANN401 -- PynamoDB's
    values = pet.model_dump(exclude={"version", "kind", "home", "weight", "marks"}, exclude_none=True)
    home = {"home": {"city": pet.home.city}} if pet.home else {}
    weight = {"weight": float(pet.weight)} if pet.weight else {}  # PynamoDB's numbers are not Decimals
    return pynamo(**values, **home, **weight, marks=set(map(float, pet.marks)))


def seen(pet: Any) -> dict[str, Any]:  # noqa: ANN401 -- of either library
    """Return what a reader of either library sees in its fields; nothing and an empty set are one to PynamoDB."""
    values = {name: getattr(pet, name) for name in Pet.model_fields if name != "kind"}
    maps = {name: value.as_dict() for name, value in values.items() if hasattr(value, "as_dict")}
    models = {name: value.model_dump(exclude_none=True) for name, value in values.items() if isinstance(value, Home)}
    return {
        name: value or None if isinstance(value, set) else value for name, value in (values | maps | models).items()
    }


@EVERY
def test_what_pynamodb_writes_is_read(pets: Repo[Pet], pynamo: Any, pet: Pet) -> None:  # noqa: ANN401 -- PynamoDB's
    old_pet(pynamo, pet).save()

    assert pets.get(pet, consistent=True) == pet.model_copy(update={"version": 1})


@EVERY
def test_what_is_written_pynamodb_reads(pets: Repo[Pet], pynamo: Any, pet: Pet) -> None:  # noqa: ANN401 -- PynamoDB's
    stored = pets.create(pet)

    assert seen(pynamo.get(pet.owner, pet.number, consistent_read=True)) == seen(stored)


def test_both_count_one_version_and_neither_undoes_the_other(pets: Repo[Pet], pynamo: Any) -> None:  # noqa: ANN401 -- PynamoDB's
    ours = pets.create(REX)
    theirs = pynamo.get("ANN", 1, consistent_read=True)
    ours = pets.put(ours)

    with pytest.raises(PutError, match="conditional request failed"):
        theirs.save()
    theirs.refresh(consistent_read=True)
    theirs.save()
    assert theirs.version == 2
    with pytest.raises(ConditionFailed):
        pets.put(ours)
    assert pets.get(REX, consistent=True).version == 2


def test_times_are_read_in_both_forms_and_brought_into_ours_by_a_write(
    pets: Repo[Pet], past: Past, dynamodb: DynamoDBClient, unique_table_name: str
) -> None:
    pets.create(REX)
    plain = Repo(PlainPet, table=unique_table_name, client=dynamodb)

    first = plain.get(("ANN", 1), consistent=True)
    second = plain.put(first)

    assert first.born == second.born == NOON
    item = past.get({"owner": {"S": "ANN"}, "number": {"N": "1"}})
    assert item is not None
    assert item["born"] == {"S": "2026-01-02T12:00:00.6Z"}
    assert plain.get(first, consistent=True).born == NOON
