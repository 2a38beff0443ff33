"""What a class statement may not say: every error of a model's definition, with its repair."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from pydantic import Base64Bytes, Base64Str, BaseModel, ConfigDict, Field, NaiveDatetime, RootModel, SecretStr
from pydantic.dataclasses import dataclass as pydantic_dataclass

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    CreatedAt,
    Encrypted,
    GlobalIndex,
    LocalIndex,
    ModelDefinitionError,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from tests.support.building import define

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

PK = Annotated[str, PartitionKey()]
SK = Annotated[str, SortKey()]
INDEX_NAME_RULE = "use 3 to 255 characters of A-Z a-z 0-9 _ . -"


class Unsaid:
    """A converter that does not say of which type its results are."""

    def to_attribute(self, value: object) -> object:
        return str(value)

    def from_attribute(self, value: object) -> object:
        return value


class Reversing:
    def to_attribute(self, value: str) -> str:
        return value[::-1]

    def from_attribute(self, value: str) -> str:
        return value[::-1]


class Odd(enum.Enum):
    PAIR = (1, 2)


class Inner(BaseModel):
    secret: Annotated[str, Encrypted()] = ""


@dataclasses.dataclass
class Ordered:
    a: Annotated[list[str], AsSet(), AsJson()]


class Word(enum.StrEnum):
    YES = "yes"


@pydantic_dataclass(config=ConfigDict(extra="allow"))
class Open:
    size: int


def gsi(name: str = "gsi-a", position: int | None = None) -> PartitionKey:
    return PartitionKey(index=name, position=position)


def lsi(name: str = "lsi-a", position: int | None = None) -> SortKey:
    return SortKey(index=name, position=position)


def _any(value: object) -> Any:  # noqa: ANN401 -- what a type checker would refuse
    return value


def _attribute(**arguments: object) -> object:
    return Annotated[str, Attribute(**_any(arguments))]


def case(name: str, fields: dict[str, object], *fragments: str, **options: object) -> ParameterSet:
    return pytest.param(fields, options, fragments, id=name)


KEYS = [
    case("no partition key", {"a": str}, "no partition key", "PartitionKey()"),
    case("two partition keys", {"a": PK, "b": PK}, "2 partition keys (a, b)", "keep one"),
    case("a sort key alone", {"a": SK}, "no partition key", "PartitionKey()"),
    case("two sort keys", {"a": PK, "b": SK, "c": SK}, "2 sort keys (b, c)", "keep one"),
    case("both keys in one", {"a": Annotated[str, PartitionKey(), SortKey()]}, "a: ", "use two fields"),
    case("a bool as key", {"a": Annotated[bool, PartitionKey()]}, "a: a key is", "change its type"),
    case("a list as key", {"a": Annotated[list[str], PartitionKey()]}, "a: a key is", "change its type"),
    case("anything as key", {"a": Annotated[Any, PartitionKey()]}, "a: ", "drop the Optional"),
    case("a union as key", {"a": Annotated[int | str, PartitionKey()]}, "a: a key is", "change its type"),
    case("an optional key", {"a": Annotated[str | None, PartitionKey()]}, "a: a key is never None", "Optional"),
    case("an optional sort key", {"a": PK, "b": Annotated[int | None, SortKey()]}, "b: a key is never None"),
    case("an omitted key", {"a": Annotated[str, PartitionKey(), OmitEmpty()]}, "a: ", "drop OmitEmpty()"),
    case("a json key", {"a": Annotated[str, PartitionKey(), AsJson()]}, "a: ", "drop AsJson()"),
    case("a set as key", {"a": Annotated[list[str], PartitionKey(), AsSet()]}, "a: ", "drop AsSet()"),
    case("a key not stored", {"a": (Annotated[str, PartitionKey(), NotStored()], "")}, "a: NotStored excludes"),
    case(
        "a converted key",
        {"a": Annotated[str, PartitionKey(), Attribute(converter=Unsaid())]},
        "a: a key cannot have a converter",
    ),
    case("an encrypted key", {"a": Annotated[str, PartitionKey(), Encrypted()]}, "a: ", "drop Encrypted()"),
    case("a marker class", {"a": Annotated[str, PartitionKey]}, "a: PartitionKey is a class", "PartitionKey()"),
    case("a buried marker", {"a": Optional[PK]}, "a: PartitionKey(", "outermost Annotated"),  # noqa: UP045 -- Annotated has no |
    case("a marker deep inside", {"a": PK, "b": list[Annotated[str, AsJson()]]}, "b: AsJson()", "outermost"),
]

NAMES = [
    case(
        "one attribute twice",
        {"a": PK, "b": (Annotated[str, Attribute("a")], "")},
        "a and b are both stored in 'a'",
        "Attribute(name)",
    ),
    case("an empty name", {"a": PK, "b": Annotated[str, Attribute("")]}, "b: ", "cannot be empty"),
    case("a name of 256 bytes", {"a": PK, "b": Annotated[str, Attribute("é" * 128)]}, "b: ", "255", "shorten"),
    case(
        "a name against camelCase",
        {"a": PK, "b": Annotated[str, Attribute("B_b")]},
        "b: attribute name 'B_b' is not camelCase",
        "rename it with Attribute(name)",
        naming="camelCase",
    ),
    case(
        "PK under snake_case",
        {"a": PK, "b": Annotated[str, Attribute("PK")]},
        "'PK' is not snake_case",
        naming="snake_case",
    ),
    case(
        "a derived name against its convention",
        {"a": PK, "é": str},
        "é: attribute name 'é' is not camelCase",
        naming="camelCase",
    ),
    case("an unknown convention", {"a": PK}, "naming 'kebab-case' is unknown", "'camelCase'", naming="kebab-case"),
    case("a bad table name", {"a": PK}, "table name 'a b' is not valid", INDEX_NAME_RULE, table="a b"),
    case("a short table name", {"a": PK}, "table name 'ab'", INDEX_NAME_RULE, table="ab"),
]

LIFECYCLE = [
    case("created_at of text", {"a": PK, "b": Annotated[str, CreatedAt()]}, "b: created_at is a datetime"),
    case("updated_at of a date", {"a": PK, "b": Annotated[dt.date, UpdatedAt()]}, "b: updated_at is a datetime"),
    case("a version of text", {"a": PK, "b": Annotated[str, Version()]}, "b: version is an int", "change its type"),
    case("a version of a root model", {"a": PK, "b": Annotated[RootModel[int], Version()]}, "b: version is an int"),
    case("a version of float", {"a": PK, "b": Annotated[float, Version()]}, "b: version is an int"),
    case("a version of bool", {"a": PK, "b": Annotated[bool, Version()]}, "b: version is an int"),
    case("a time to live of text", {"a": PK, "b": Annotated[str, TimeToLive()]}, "b: ttl is a datetime or an int"),
    case(
        "a role twice",
        {"a": PK, "b": Annotated[int, Version()], "c": Annotated[int, Version()]},
        "version is on b, c",
        "keep one",
    ),
    case("two roles in one", {"a": PK, "b": Annotated[int, Version(), TimeToLive()]}, "b: ", "use a field for each"),
    case("an omitted version", {"a": PK, "b": (Annotated[int, Version(), OmitEmpty()], 0)}, "b: ", "drop OmitEmpty()"),
    case("an encrypted version", {"a": PK, "b": Annotated[int, Version(), Encrypted()]}, "b: ", "drop Encrypted()"),
    case("an encrypted ttl", {"a": PK, "b": Annotated[int, TimeToLive(), Encrypted()]}, "b: ", "drop Encrypted()"),
    case("an encrypted time", {"a": PK, "b": Annotated[dt.datetime, CreatedAt(), Encrypted()]}, "drop Encrypted()"),
    case(
        "a time to live as text",
        {"a": PK, "b": Annotated[dt.datetime, TimeToLive(), Attribute(format="rfc3339nano")]},
        "b: format 'rfc3339nano'",
        "DynamoDB expires items by epoch seconds",
        "drop it",
    ),
    case("a format for text", {"a": PK, "b": Annotated[str, Attribute(format="unix_seconds")]}, "b: format", "drop it"),
]

FORMS = [
    case("a set of a text", {"a": PK, "b": Annotated[str, AsSet()]}, "b: AsSet() needs a list or tuple"),
    case("a set of bools", {"a": PK, "b": Annotated[list[bool], AsSet()]}, "b: ", "strings, numbers or bytes", "list"),
    case("a set of lists", {"a": PK, "b": set[tuple[str, ...]]}, "b: ", "strings, numbers or bytes", "list"),
    case("a set of options", {"a": PK, "b": set[str | None]}, "b: ", "strings, numbers or bytes"),
    case("a set of anything", {"a": PK, "b": set[Any]}, "b: ", "strings, numbers or bytes"),
    case("binary of an int", {"a": PK, "b": Annotated[int, AsBinary()]}, "b: AsBinary() needs bytes or UUID"),
    case("binary of a text", {"a": PK, "b": Annotated[str, AsBinary()]}, "b: AsBinary() needs bytes or UUID"),
    case("binary of a tuple", {"a": PK, "b": Annotated[tuple[int, ...], AsBinary()]}, "b: AsBinary() needs"),
    case("json and binary", {"a": PK, "b": Annotated[bytes, AsJson(), AsBinary()]}, "b: AsJson and AsBinary exclude"),
    case("json and set", {"a": PK, "b": Annotated[list[str], AsJson(), AsSet()]}, "b: AsJson and AsSet exclude"),
    case("json of a callable", {"a": PK, "b": Annotated[Callable[[], int], AsJson()]}, "b: "),
    case(
        "json and converter",
        {"a": PK, "b": Annotated[str, AsJson(), Attribute(converter=Reversing())]},
        "b: AsJson and Attribute(converter=) exclude",
    ),
    case("a callable", {"a": PK, "b": Callable[[], int]}, "b: callable has no DynamoDB form", "converter="),
    case("a coding of payloads", {"a": PK, "b": Base64Bytes}, "b: EncodedBytes is a coding of payloads", "use bytes"),
    case("a coding in json", {"a": PK, "b": Annotated[Base64Str, AsJson()]}, "b: EncodedStr is a coding", "str"),
    case("a defaultdict", {"a": PK, "b": defaultdict[str, int]}, "b: ", "no DynamoDB form", "use a list or dict"),
    case("an enumeration of tuples", {"a": PK, "b": Odd}, "b: Odd has the value of a tuple", "converter="),
    case("a map by tuple", {"a": PK, "b": dict[tuple[int, int], int]}, "b: a map's keys are strings", "str keys"),
    case("a map by bytes", {"a": PK, "b": dict[bytes, int]}, "b: a map's keys are strings", "str keys"),
    case("a map by options", {"a": PK, "b": dict[str | None, int]}, "b: a map's keys are strings", "str keys"),
    case("not stored, no default", {"a": PK, "b": Annotated[str, NotStored()]}, "b: ", "needs a default"),
    case("omitted, other default", {"a": PK, "b": (Annotated[int, OmitEmpty()], 7)}, "b: OmitEmpty()", "make the"),
    case("omitted, no empty value", {"a": PK, "b": Annotated[UUID, OmitEmpty()]}, "b: OmitEmpty()", "default"),
    case("encryption inside", {"a": PK, "b": Inner}, "b: Inner.secret: ", "move Encrypted() to the outer field"),
    case("a nested clash", {"a": PK, "b": Ordered}, "b: Ordered.a: AsJson and AsSet exclude"),
    case("a naive datetime", {"a": PK, "b": NaiveDatetime}, "b: a naive datetime has no instant", "AwareDatetime"),
    case("one form of two values", {"a": PK, "b": Literal[Word.YES, "yes"]}, "b: ", "two values", "stored alike"),
    case("extra entries of a dataclass", {"a": PK, "b": Open}, "b: Open keeps extra entries", "use a model"),
    case("extra entries in json", {"a": PK, "b": Annotated[list[Open], AsJson()]}, "b: Open keeps extra entries"),
    case(
        "omitted, another value made",
        {"a": PK, "b": (Annotated[int, OmitEmpty()], Field(default_factory=lambda: 7))},
        "b: OmitEmpty()",
        "make the",
    ),
    case(
        "a marker as default",
        {"a": PK, "b": (str, OmitEmpty())},
        "b: OmitEmpty is its default value",
        r"write b: Annotated[..., OmitEmpty()]",
    ),
    case("a marker's class as default", {"a": PK, "b": (str, Version)}, "b: Version is its default value", "Version()"),
    case(
        "a class argument that is none",
        {"a": PK},
        "table_name= is not an argument of a class",
        "table=",
        table_name="ab",
    ),
    case(
        "a marker twice",
        {"a": PK, "b": (Annotated[str, OmitEmpty(), OmitEmpty()], "")},
        "b: the field has a marker twice",
    ),
]

ARGUMENTS = [
    case("an unknown format", {"a": PK, "b": _attribute(format="iso")}, "b: format 'iso' is unknown", "'rfc3339nano'"),
    case("a name that is none", {"a": PK, "b": _attribute(name=3)}, "b: the name 3", "pass one"),
    case(
        "a converter that is none", {"a": PK, "b": _attribute(converter=3)}, "b: converter= is an int", "from_attribute"
    ),
    case(
        "a converter's class",
        {"a": PK, "b": _attribute(converter=Reversing)},
        "b: converter= is the class Reversing",
        "pass an instance",
    ),
    case("presence that is none", {"a": PK, "b": _attribute(required="yes")}, "b: required='yes'", "True or False"),
    case("an index that is none", {"a": PK, "b": Annotated[str, gsi(_any(3))]}, "b: index=3", "the index's name"),
    case("a place that is none", {"a": PK, "b": Annotated[str, gsi(position=0)]}, "b: position=0", "count from 1"),
]

INDEXES = [
    case(
        "one field for both keys",
        {"a": PK, "b": Annotated[str, gsi(), SortKey(index="gsi-a")]},
        "index 'gsi-a': b is in its key twice",
        "a field of its own",
    ),
    case(
        "one field twice in a key",
        {"a": PK, "b": Annotated[str, gsi(position=1), gsi(position=2)]},
        "index 'gsi-a': b is in its key twice",
        "a field of its own",
    ),
    case(
        "the table's partition key as local sort key",
        {"a": Annotated[str, PartitionKey(), lsi()], "b": SK},
        "index 'lsi-a': a is in its key twice",
        "a field of its own",
    ),
    case(
        "two partition keys",
        {"a": PK, "b": Annotated[str, gsi()], "c": Annotated[str, gsi()]},
        "index 'gsi-a': it has 2 partition keys (b, c)",
        "position=1 to 2",
    ),
    case(
        "a gap between positions",
        {"a": PK, "b": Annotated[str, gsi(position=1)], "c": Annotated[str, gsi(position=3)]},
        "index 'gsi-a'",
        "position=1 to 2",
    ),
    case(
        "five positions",
        {"a": PK, **{f"f{n}": Annotated[str, gsi(position=n)] for n in range(1, 6)}},
        "index 'gsi-a': it has 5 partition keys",
        "at most 4",
    ),
    case(
        "a sort key alone, declared global",
        {"a": PK, "b": SK, "c": Annotated[str, lsi()]},
        "index 'lsi-a': a sort key alone makes a local index, but it is declared global",
        "PartitionKey(index=)",
        indexes=[GlobalIndex("lsi-a")],
    ),
    case(
        "another partition key, declared local",
        {"a": PK, "b": SK, "c": Annotated[str, gsi()], "d": Annotated[str, SortKey(index="gsi-a")]},
        "index 'gsi-a': a local index shares the table's partition key",
        "GlobalIndex",
        indexes=[LocalIndex("gsi-a")],
    ),
    case("local, no sort key in the table", {"a": PK, "c": Annotated[str, lsi()]}, "'lsi-a'", "add SortKey()"),
    case(
        "declared, without keys", {"a": PK}, "'gsi-z': no field is its key", "annotate", indexes=[GlobalIndex("gsi-z")]
    ),
    case(
        "declared twice",
        {"a": PK, "b": Annotated[str, gsi()]},
        "index 'gsi-a' is declared twice",
        "keep one",
        indexes=[GlobalIndex("gsi-a"), GlobalIndex("gsi-a")],
    ),
    case(
        "an unknown projection",
        {"a": PK, "b": Annotated[str, gsi()]},
        "index 'gsi-a': projection 'SOME' is unknown",
        "'KEYS_ONLY'",
        indexes=[GlobalIndex("gsi-a", projection="SOME")],
    ),
    case(
        "a projection of unknown fields",
        {"a": PK, "b": Annotated[str, gsi()]},
        "names 'nope', which is not a stored field",
        indexes=[GlobalIndex("gsi-a", projection=["nope"])],
    ),
    case("a bad index name", {"a": PK, "b": Annotated[str, gsi("a b")]}, "index 'a b': the name", INDEX_NAME_RULE),
    case("a bool as index key", {"a": PK, "b": Annotated[bool, gsi()]}, "b: an index key is a string", "change its"),
    case("a json index key", {"a": PK, "b": Annotated[str, gsi(), AsJson()]}, "b: an index key", "drop AsJson()"),
    case("an encrypted index key", {"a": PK, "b": Annotated[str, gsi(), Encrypted()]}, "b: ", "drop Encrypted()"),
    case(
        "21 global indexes",
        {"a": PK, **{f"f{n}": Annotated[str, gsi(f"gsi-{n}")] for n in range(21)}},
        "it has 21 global indexes",
        "allows 20",
    ),
    case(
        "6 local indexes",
        {"a": PK, "b": SK, **{f"f{n}": Annotated[str, lsi(f"lsi-{n}")] for n in range(6)}},
        "it has 6 local indexes",
        "allows 5",
    ),
]


@pytest.mark.parametrize(("fields", "options", "fragments"), [*KEYS, *NAMES, *LIFECYCLE, *FORMS, *ARGUMENTS, *INDEXES])
def test_a_definition_that_cannot_be_stored_is_refused_with_the_repair(
    fields: dict[str, object], options: dict[str, Any], fragments: tuple[str, ...]
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define(fields, **options)
    for fragment in ("Thing", *fragments):
        assert fragment in str(caught.value)


def test_all_problems_of_a_class_come_in_one_error() -> None:
    fields = {
        "a": Annotated[bool, SortKey()],
        "b": Annotated[str, AsSet()],
        "c": Annotated[str, Version()],
        "d": Annotated[SecretStr, AsBinary()],
    }
    with pytest.raises(ModelDefinitionError) as caught:
        define(fields, table="?")
    assert len(caught.value.problems) == 6
    for fragment in ("table name", "no partition key", "a: ", "b: ", "c: ", "d: "):
        assert any(fragment in problem for problem in caught.value.problems)
    assert caught.value.model == "Thing"
    assert caught.value.code == "ErrInvalidModel"


@pytest.mark.parametrize(
    "field",
    [
        Annotated[dt.datetime, SortKey(), Attribute(converter=Unsaid())],
        Annotated[dt.datetime, PartitionKey(index="gsi-a"), Attribute(converter=Unsaid())],
        Annotated[dt.datetime | None, UpdatedAt(), Attribute(converter=Reversing())],
    ],
)
def test_a_converter_where_none_can_be_is_the_one_problem_and_not_the_type_too(field: object) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define({"a": PK, "b": field})
    (problem,) = caught.value.problems
    assert "cannot have a converter" in problem


def test_a_missing_partition_key_alone_has_the_portable_code() -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define({"a": str})
    assert caught.value.code == "ErrMissingPrimaryKey"
    with pytest.raises(ModelDefinitionError) as caught:
        define({"a": str, "b": Annotated[str, AsSet()]})
    assert caught.value.code == "ErrInvalidModel"


@pytest.mark.parametrize(
    "wrong",
    [
        _attribute(format="iso"),
        _attribute(name="a name"),
        Annotated[str, OmitEmpty],
        Annotated[str, OmitEmpty(), OmitEmpty()],
    ],
)
def test_markers_that_are_wrong_in_themselves_have_the_portable_code(wrong: object) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define({"pk": PK, "b": wrong}, naming="camelCase")
    assert caught.value.code == "ErrInvalidTag"
    with pytest.raises(ModelDefinitionError) as caught:
        define({"pk": PK, "b": wrong, "c": Annotated[str, Version()]}, naming="camelCase")
    assert caught.value.code == "ErrInvalidModel"
