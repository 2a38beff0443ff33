"""Unions of IP networks and collections, whose members take a network for the collection of all its addresses."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.schemas import walk

if TYPE_CHECKING:
    from dynamorm_py._codec.schemas import Schema

_NETWORKS = (IPv4Network, IPv6Network)
_COLLECTIONS = frozenset({"list", "set", "frozenset", "tuple", "generator"})


def keep_networks_whole(union: Schema) -> None:
    """Change a union in place, so that no collection in it is made of a network's addresses: there are up to 2**128."""
    choices: list[Schema | tuple[Schema, str]] = union["choices"]
    if any(any(map(_is_network, walk(_schema_of(choice)))) for choice in choices):
        union["choices"] = [_without_networks(choice) for choice in choices]


def _without_networks(choice: Schema | tuple[Schema, str]) -> Schema | tuple[Schema, str]:
    schema = _schema_of(choice)
    if not any(map(_is_collection, walk(schema))):
        return choice
    guarded: Schema = dict(core_schema.no_info_before_validator_function(_refuse_network, cast("CoreSchema", schema)))
    return (guarded, choice[1]) if isinstance(choice, tuple) else guarded


def _schema_of(choice: Schema | tuple[Schema, str]) -> Schema:
    return choice[0] if isinstance(choice, tuple) else choice


def _is_network(schema: Schema) -> bool:
    return schema.get("cls") in _NETWORKS


def _is_collection(schema: Schema) -> bool:
    return schema.get("type") in _COLLECTIONS


def _refuse_network(value: object) -> object:
    if isinstance(value, _NETWORKS):
        message = "a network is not the collection of its addresses"
        raise ValueError(message)  # noqa: TRY004 -- pydantic tries the next member after no TypeError
    return value
