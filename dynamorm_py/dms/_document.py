"""The typed DMS document: what may be where, and of which type.

Rules between parts of a document are in `_rules`. Nothing here knows models of this package.
Source: DMS 0.1 and 0.2; CONTRACT 7.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from dynamorm_py._kernel.public import public
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.errors import InvalidDocument

DmsVersion: TypeAlias = Literal["0.1", "0.2"]
SUPPORTED_VERSIONS: tuple[DmsVersion, ...] = get_args(DmsVersion)
"""The DMS versions that this release reads and writes."""

AttributeType: TypeAlias = Literal["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]
KeyType: TypeAlias = Literal["S", "N", "B"]
Format: TypeAlias = Literal["rfc3339nano", "unix_seconds", "int", "decimal_string"]
Convention: TypeAlias = Literal["camelCase", "snake_case", "dynamorm"]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"\S")]
"""Text that is not blank."""
RoleName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(pk|sk|created_at|updated_at|version|ttl|index_[ps]k:.+)$")
]


JSON_TYPES: dict[DmsVersion, tuple[AttributeType, ...]] = {"0.1": ("S",), "0.2": ("S", "N", "BOOL", "NULL", "L", "M")}
"""What an attribute marked `json` may be stored as: S is the text of it, the others are DynamoDB's own types."""
LATER_WORDS = frozenset({"decimal_string", "dynamorm"})
"""Formats and conventions that came with DMS 0.2."""


class Part(BaseModel):
    """Any part of a document: exactly what is named, of exactly its type."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _null_only_for_sort(cls, value: object, info: ValidationInfo) -> object:
        """Refuse a null where it is a slip; the sister languages do not agree on what it would mean."""
        if value is None and info.field_name != "sort":
            repair = 'write the name of a type, and "NULL" in quotes' if info.field_name == "type" else "leave it out"
            raise PydanticCustomError("null", "is null: {repair}", {"repair": repair})
        return value


@public("dynamorm_py.dms")
class TableName(Part):
    """The table of a model."""

    name: Name


@public("dynamorm_py.dms")
class Naming(Part):
    """The convention that every attribute name of the model keeps."""

    convention: Convention | None = None


@public("dynamorm_py.dms")
class KeyAttribute(Part):
    """One attribute of a key, with its type."""

    attribute: Name
    type: KeyType


@public("dynamorm_py.dms")
class Keys(Part):
    """The primary key. `sort: null` says, as leaving it out does, that there is no sort key."""

    partition: KeyAttribute
    sort: KeyAttribute | None = None


@public("dynamorm_py.dms")
class WritePolicy(Part):
    """What may be written to an item after its creation: DMS 0.2. The names are attributes."""

    mode: Literal["mutable", "write_once"] = "mutable"
    protected_attributes: tuple[Name, ...] = Field(default=(), strict=False)


@public("dynamorm_py.dms")
class Attribute(Part):
    """One attribute of the item."""

    attribute: Name
    type: AttributeType
    required: bool = False
    optional: bool = False
    omit_empty: bool = False
    json_: bool = Field(default=False, alias="json")
    binary: bool = False
    format: Format | None = None
    roles: tuple[RoleName, ...] = Field(default=(), strict=False)
    encryption: dict[str, Any] | None = None
    tags: dict[str, Any] | None = None


@public("dynamorm_py.dms")
class Projection(Part):
    """What an index carries."""

    type: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    fields: tuple[Name, ...] = Field(default=(), strict=False)


@public("dynamorm_py.dms")
class Index(Part):
    """A secondary index. Without a projection it carries everything."""

    name: Name
    type: Literal["GSI", "LSI"]
    partition: KeyAttribute
    sort: KeyAttribute | None = None
    projection: Projection | None = None


@public("dynamorm_py.dms")
class Model(Part):
    """One model: its table, its keys, its attributes, its indexes."""

    name: Name
    table: TableName
    naming: Naming | None = None
    keys: Keys
    write_policy: WritePolicy | None = None
    attributes: tuple[Attribute, ...] = Field(min_length=1, strict=False)
    indexes: tuple[Index, ...] = Field(default=(), strict=False)

    @property
    def convention(self) -> Convention | None:
        """The naming convention, None without one."""
        return self.naming.convention if self.naming else None


@public("dynamorm_py.dms")
class Document(Part):
    """A whole document: a version and one model or more."""

    dms_version: DmsVersion
    namespace: str | None = None
    models: tuple[Model, ...] = Field(min_length=1, strict=False)

    def model(self, name: str) -> Model | None:
        """Return the model of a name, None when there is none."""
        return next((model for model in self.models if model.name == name), None)


def checked_version(version: object) -> DmsVersion:
    """Return a version that this release knows. Raises InvalidDocument naming any other."""
    if version in SUPPORTED_VERSIONS:
        return version
    known = " or ".join(map(repr, SUPPORTED_VERSIONS))
    raise InvalidDocument("version", [Problem(f"{version!r} is not a version of DMS known here: use {known}")])


def json_schema(version: DmsVersion = "0.1") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document: its shape, and the rules within one attribute."""
    schema = Document.model_json_schema(by_alias=True)
    schema["properties"]["dms_version"] = {"const": version, "title": "Dms Version", "type": "string"}
    if version == "0.1":
        _drop_later(schema["$defs"])
    for part in (schema, *schema["$defs"].values()):
        part["properties"] = {name: _without_null(name, field) for name, field in part["properties"].items()}
    schema["$defs"]["Attribute"]["allOf"] = [
        {"not": _all_true("required", "optional")},
        {"not": _all_true("json", "binary")},
        _implies("json", *JSON_TYPES[version]),
        _implies("binary", "B"),
    ]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _all_true(*flags: str) -> dict[str, Any]:
    return {"required": list(flags), "properties": {flag: {"const": True} for flag in flags}}


def _implies(flag: str, *kinds: str) -> dict[str, Any]:
    allowed = {"const": kinds[0]} if len(kinds) == 1 else {"enum": list(kinds)}
    return {"if": _all_true(flag), "then": {"properties": {"type": allowed}}}


def _drop_later(parts: dict[str, Any]) -> None:
    """Take out of the schema what came with DMS 0.2."""
    del parts["WritePolicy"], parts["Model"]["properties"]["write_policy"]
    for part, name in (("Attribute", "format"), ("Naming", "convention")):
        for choice in parts[part]["properties"][name]["anyOf"]:
            if "enum" in choice:
                choice["enum"] = [word for word in choice["enum"] if word not in LATER_WORDS]


def _without_null(name: str, field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema without null, which only `sort` may be."""
    if "anyOf" not in field or name == "sort":
        return field
    (kept,) = (choice for choice in field["anyOf"] if choice.get("type") != "null")
    return {**kept, **{key: value for key, value in field.items() if key not in {"anyOf", "default"}}}
