"""The typed DMS document: what may stand where, and of which type.

Rules between parts of a document stand in `_rules`. Nothing here knows models of this package.
Source: DMS v0.1; CONTRACT 7.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

SUPPORTED_VERSIONS = ("0.1",)
"""The DMS versions that this release reads; it writes the last of them."""

AttributeType: TypeAlias = Literal["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]
KeyType: TypeAlias = Literal["S", "N", "B"]
Format: TypeAlias = Literal["rfc3339nano", "unix_seconds", "int"]
Convention: TypeAlias = Literal["camelCase", "snake_case"]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"\S")]
"""Text that is not blank."""
RoleName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(pk|sk|created_at|updated_at|version|ttl|index_[ps]k:.+)$")
]


class _Part(BaseModel):
    """Any part of a document: exactly what is named, of exactly its type."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _null_only_for_sort(cls, value: object, info: ValidationInfo) -> object:
        """Refuse a null where it is a slip; the sister languages do not agree on what it would mean."""
        if value is None and info.field_name != "sort":
            raise PydanticCustomError("null", "is null: leave it out")
        return value


class TableName(_Part):
    """The table of a model."""

    name: Name


class Naming(_Part):
    """The convention that every attribute name of the model keeps."""

    convention: Convention | None = None


class KeyAttribute(_Part):
    """One attribute of a key, with its type."""

    attribute: Name
    type: KeyType


class Keys(_Part):
    """The primary key. `sort: null` says, as leaving it out does, that there is no sort key."""

    partition: KeyAttribute
    sort: KeyAttribute | None = None


class Attribute(_Part):
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


class Projection(_Part):
    """What an index carries."""

    type: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    fields: tuple[Name, ...] = Field(default=(), strict=False)


class Index(_Part):
    """A secondary index. Without a projection it carries everything."""

    name: Name
    type: Literal["GSI", "LSI"]
    partition: KeyAttribute
    sort: KeyAttribute | None = None
    projection: Projection | None = None


class Model(_Part):
    """One model: its table, its keys, its attributes, its indexes."""

    name: Name
    table: TableName
    naming: Naming | None = None
    keys: Keys
    attributes: tuple[Attribute, ...] = Field(min_length=1, strict=False)
    indexes: tuple[Index, ...] = Field(default=(), strict=False)

    @property
    def convention(self) -> Convention | None:
        """The naming convention, None without one."""
        return self.naming.convention if self.naming else None


class Document(_Part):
    """A whole document: a version and one model or more."""

    dms_version: Literal["0.1"]
    namespace: str | None = None
    models: tuple[Model, ...] = Field(min_length=1, strict=False)

    def model(self, name: str) -> Model | None:
        """Return the model of a name, None when there is none."""
        return next((model for model in self.models if model.name == name), None)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document: its shape, and the rules within one attribute."""
    schema = Document.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        part["properties"] = {name: _without_null(name, field) for name, field in part["properties"].items()}
    schema["$defs"]["Attribute"]["allOf"] = [
        {"not": _all_true("required", "optional")},
        {"not": _all_true("json", "binary")},
        _implies("json", "S"),
        _implies("binary", "B"),
    ]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _all_true(*flags: str) -> dict[str, Any]:
    return {"required": list(flags), "properties": {flag: {"const": True} for flag in flags}}


def _implies(flag: str, kind: str) -> dict[str, Any]:
    return {"if": _all_true(flag), "then": {"properties": {"type": {"const": kind}}}}


def _without_null(name: str, field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema without null, which only `sort` may be."""
    if "anyOf" not in field or name == "sort":
        return field
    (kept,) = (choice for choice in field["anyOf"] if choice.get("type") != "null")
    return {**kept, **{key: value for key, value in field.items() if key not in {"anyOf", "default"}}}
