"""Pieces of reading schemas: what stands under a wire type, a NULL, a choice, an untyped value."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from pydantic_core import CoreConfig, CoreSchema, core_schema

from dynamorm_py._codec.schemas import children, rebuilt, without
from dynamorm_py._codec.untyped import decode_untyped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._codec.schemas import Schema


def leaf(schema: Schema) -> Any:  # noqa: ANN401 -- a core schema, whatever its kind
    """Return a schema to stand under a wire tag: no reference of its own, no serializer."""
    return without(schema, "ref", "serialization", "metadata")


WIRE_CONFIG: CoreConfig = {
    "val_json_bytes": "base64",
    "ser_json_bytes": "base64",
    "ser_json_inf_nan": "constants",
    "hide_input_in_errors": True,
    "loc_by_alias": False,
    "validate_by_alias": True,
    "validate_by_name": False,
    "serialize_by_alias": False,
}
_PAYLOAD_ONLY = ("title", "ser_json_timedelta", "ser_json_temporal", "ser_json_bytes")


def wire_config(config: Mapping[str, Any]) -> CoreConfig:
    """Return a model's configuration for reading and writing items: what concerns payloads is replaced."""
    kept: Any = {name: value for name, value in config.items() if name not in _PAYLOAD_ONLY}
    kept |= WIRE_CONFIG
    return kept


def configure(schema: Schema, config: CoreConfig) -> None:
    """Hand a model's configuration down to the typed dictionaries within: they inherit none by themselves.

    One that has a configuration, a model too, got it from here together with all that is below it.
    """
    if "config" in schema:
        return
    if schema.get("type") == "typed-dict":
        schema["config"] = config
    for part in children(schema):
        configure(part, config)


def configured(schema: Schema, config: CoreConfig) -> Schema:
    """Return a schema as `configure` makes it, without a change to it: a node's schema is read in several places."""
    if "config" in schema:
        return schema
    out = rebuilt(schema, lambda part: configured(part, config))
    if out.get("type") == "typed-dict":
        out["config"] = config
    return out


def configure_class(read: Schema, original: Schema) -> None:
    """Give a reading schema of a class the configuration of the class, for itself and for what is below it."""
    config = wire_config(original.get("config", {}))
    configure(read, config)
    read["config"] = config


def tagged(tag: str, inner: CoreSchema) -> CoreSchema:
    """Read `{tag: inner}` and nothing else; gives what inner gives."""
    shape = core_schema.typed_dict_schema({tag: core_schema.typed_dict_field(inner)}, extra_behavior="forbid")
    return core_schema.no_info_after_validator_function(operator.itemgetter(tag), shape)


def first_of(*choices: CoreSchema) -> CoreSchema:
    """Read what the first fitting schema reads."""
    return core_schema.union_schema(list(choices), mode="left_to_right")


def null(make: Callable[[Any], object]) -> CoreSchema:
    """Read `{"NULL": true}` as what `make` gives."""
    shape = core_schema.typed_dict_schema(
        {"NULL": core_schema.typed_dict_field(core_schema.literal_schema([True]))}, extra_behavior="forbid"
    )
    return core_schema.no_info_after_validator_function(make, shape)


as_none: Callable[[dict[str, Any]], None] = dict[str, Any].clear
"""Reads a NULL, a dictionary by then, as None: in C, since a page may hold hundreds of them."""

UNTYPED: CoreSchema = core_schema.no_info_plain_validator_function(decode_untyped)
"""Reads any attribute value by its wire type."""
