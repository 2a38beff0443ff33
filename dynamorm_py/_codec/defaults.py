"""Defaults: what is read where an attribute is absent.

A default is a Python value, so where pydantic validates it, that is done by the type's own schema, and not by the one
that reads what is stored.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from dynamorm_py._codec.node import Node, UnsupportedType
from dynamorm_py._codec.read_schemas import leaf
from dynamorm_py._codec.schemas import without
from dynamorm_py._codec.wire import compile_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._codec.compiling import Compiler
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._schema import StoredField


def is_none(default: Schema | None) -> bool:
    """Tell whether absence reads back as None."""
    return default is not None and "default" in default and default["default"] is None


def split_default(schema: Schema) -> tuple[Schema | None, Schema]:
    """Return the schema of a field's default, None where it has none, and that of its value."""
    if schema["type"] == "default":
        return schema, schema["schema"]
    if schema["type"].startswith("function-") and isinstance(schema.get("schema"), dict):
        default, inner = split_default(schema["schema"])
        return default, {**schema, "schema": inner}
    return None, schema


def validates_defaults(cls: type[Any] | None) -> bool:
    """Tell whether a class has pydantic validate the defaults of its fields."""
    config: dict[str, Any] = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    return bool(config.get("validate_default"))


def validated(compiler: Compiler, default: Schema, inner: Schema) -> Schema:
    """Return the schema of a default that gives what pydantic's own validation makes of it."""
    own = compiler.original(inner)
    validators: list[SchemaValidator] = []

    make: Callable[..., object] = default.get("default_factory") or partial(_default_of, default)

    def factory(*data: object) -> object:
        if not validators:
            validators.append(compile_schema(compiler.closed(own)))
        return validators[0].validate_python(make(*data))

    return without(default, "default") | {"default_factory": factory}


def _default_of(default: Schema) -> object:
    value: object = default["default"]
    return copy.deepcopy(value) if default.get("copy_default") else value


def with_default(value: CoreSchema, default: Schema | None, node: Node, spec: StoredField) -> CoreSchema:
    """Return the schema of a value with what is read where it is absent. Raises UnsupportedType."""
    if default is not None:
        kept: Any = {**leaf(default), "schema": value, "validate_default": False}
        return kept
    if node.nullable and spec.omits_none:
        return core_schema.with_default_schema(value, default=None, validate_default=False)
    if spec.omit_empty and node.empty is not None:
        return core_schema.with_default_schema(value, default_factory=node.empty, validate_default=False)
    if spec.omit_empty:
        message = "OmitEmpty() leaves the attribute out, and the field has no default to read instead: give it one"
        raise UnsupportedType(message)
    return value


def check_empty_default(node: Node, default: Schema | None, spec: StoredField) -> None:
    """Refuse a default that an omitted empty value would turn into on the way back."""
    if not spec.omit_empty or default is None or default.get("default_factory_takes_data"):
        return
    if node.always_has_members and not node.nullable:
        return
    try:
        value = default["default"] if "default" in default else default["default_factory"]()
        stays_empty = node.is_empty(node.encode(value))
    except Exception:  # noqa: BLE001 -- the user's own factory, which may need a class that does not exist yet
        return
    if not stays_empty:
        message = (
            "OmitEmpty() with a default that is not empty would turn an empty value into the default on reading: "
            "make the default empty, or drop OmitEmpty()"
        )
        raise UnsupportedType(message)
