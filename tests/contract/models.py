"""The models of `fixtures/dms` as classes; their aliases, for payloads, are the attribute names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from pydantic.alias_generators import to_camel

from dynamorm_py import (
    AsJson,
    CreatedAt,
    DynamoModel,
    Encrypted,
    GlobalIndex,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)


def attribute_name(field: str) -> str:
    """Name a field in scenarios as it is stored."""
    return field.upper() if field in {"pk", "sk"} else to_camel(field)


class Shared(
    DynamoModel,
    abstract=True,
    naming="camelCase",
    alias_generator=attribute_name,
    extra="forbid",
    val_json_bytes="base64",
):
    pk: Annotated[str, PartitionKey()]


class User(Shared, table="users_contract"):
    sk: Annotated[str, SortKey()]
    email_hash: Annotated[str | None, PartitionKey(index="gsi-email")] = None
    nickname: Annotated[str, OmitEmpty()] = ""
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[int, TimeToLive(), OmitEmpty()] = 0


class Order(Shared, table="orders_contract"):
    sk: Annotated[str, SortKey()]
    status: Annotated[str | None, PartitionKey(index="gsi-status")] = None
    amount: Decimal | None = None
    created_at: Annotated[datetime | None, CreatedAt(), SortKey(index="gsi-status")] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[int, TimeToLive(), OmitEmpty()] = 0


class Sample(Shared, table="samples_contract"):
    sk: Annotated[int, SortKey()]
    text: str | None = None
    amount: Decimal | None = None
    payload: bytes | None = None
    active: bool | None = None
    parts: list[Any] | None = None
    counts: dict[str, int] | None = None
    labels: set[str] = Field(default_factory=set[str])
    codes: set[Decimal] = Field(default_factory=set[Decimal])
    chunks: set[bytes] = Field(default_factory=set[bytes])
    note: Annotated[str, OmitEmpty()] = ""
    score: Annotated[int, OmitEmpty()] = 0
    keywords: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    settings: Annotated[dict[str, Any] | None, AsJson()] = None


class Ticket(Shared, table="tickets_contract", indexes=[GlobalIndex("gsi-status", projection=["title"])]):
    sk: Annotated[str, SortKey()]
    status: Annotated[str | None, PartitionKey(index="gsi-status")] = None
    date: Annotated[str | None, SortKey(index="gsi-owner-date")] = None
    size: Annotated[int | None, SortKey(index="gsi-owner-size"), SortKey(index="lsi-size")] = None
    owner: Annotated[str | None, PartitionKey(index="gsi-owner-date"), PartitionKey(index="gsi-owner-size")] = None
    title: str | None = None
    name: str | None = None
    group: str | None = None
    order: Decimal | None = None
    count: Decimal | None = None
    comment: Annotated[str, OmitEmpty()] = ""
    values: list[Any] | None = None
    labels: set[str] = Field(default_factory=set[str])
    detail: dict[str, Any] | None = None
    token: bytes | None = None


class Vault(Shared, table="vaults_contract"):
    sk: Annotated[str, SortKey()]
    name: str | None = None
    secret: Annotated[str | None, Encrypted()] = None
    note: Annotated[str, Encrypted(), OmitEmpty()] = ""
    pin: Annotated[Decimal | None, Encrypted()] = None
    photo: Annotated[bytes | None, Encrypted()] = None
    active: Annotated[bool | None, Encrypted()] = None
    codes: Annotated[set[str], Encrypted()] = Field(default_factory=set[str])
    parts: Annotated[list[Any] | None, Encrypted()] = None
    profile: Annotated[dict[str, Any] | None, Encrypted()] = None
    settings: Annotated[dict[str, Any] | None, AsJson(), Encrypted()] = None
    version: Annotated[int, Version()] = 0


class ReleaseEvent(Shared, table="release_events_contract", write_policy="write_once"):
    sk: Annotated[str, SortKey()]
    release_id: Annotated[str, OmitEmpty()] = ""
    event_type: Annotated[str, OmitEmpty()] = ""
    provenance: Annotated[dict[str, Any], AsJson(form="native"), OmitEmpty()] = Field(default_factory=dict[str, Any])


class ReleaseActual(Shared, table="releases_contract", protected=("pinned_release_id",)):
    sk: Annotated[str, SortKey()]
    state: Annotated[str, OmitEmpty()] = ""
    pinned_release_id: Annotated[str, OmitEmpty()] = ""
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0


_ALL: tuple[type[DynamoModel], ...] = (User, Order, Sample, Ticket, Vault, ReleaseEvent, ReleaseActual)
MODELS = {model.__name__: model for model in _ALL}
