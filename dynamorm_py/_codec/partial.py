"""Items of which only some attributes are known: what an index carries, read as instances that know so.

Such an instance has no value where nothing is known, in place of a default that may not be what is stored.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.carried import INDEX
from dynamorm_py._codec.field_codecs import Shape, compile_fields
from dynamorm_py._codec.models import fields_schema
from dynamorm_py._codec.read_schemas import configure_class
from dynamorm_py.errors import FieldNotCarried

if TYPE_CHECKING:
    from collections.abc import Collection

    from dynamorm_py._codec.compiler import SchemaCompiler
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._codec.structs import StructNode

_KEPT = ("cls", "generic_origin", "strict", "frozen")


def partial_node(compiler: SchemaCompiler, node: StructNode, index: str, names: Collection[str]) -> StructNode:
    """Return a model's node for items that have these of its fields; validators of the whole model are left out."""
    schema = _model_schema(compiler)
    own, _ = fields_schema(schema["schema"])
    stored = {name: field["schema"] for name, field in own["fields"].items()}
    shape = compile_fields(compiler, schema["cls"], stored)
    known = {name: field for name, field in node.fields.items() if name in names}
    return replace(node, inner=_inner(schema, shape, node, index, names), fields=known)


def _model_schema(compiler: SchemaCompiler) -> Schema:
    """Return pydantic's schema of the model itself, past the validators around it."""
    schema = compiler.root
    while schema["type"] != "model":
        referred = schema["type"] == "definition-ref"
        schema = compiler.definition(schema["schema_ref"]) if referred else schema["schema"]
    return schema


def _inner(schema: Schema, shape: Shape, node: StructNode, index: str, names: Collection[str]) -> CoreSchema:
    """Build the schema that makes an instance of the known fields, and of those that no item has."""
    reads = {name: read for name, read in shape.reads.items() if name in names or name not in node.fields}
    built: Any = {"type": "model", "custom_init": False, "root_model": False}
    built |= {key: schema[key] for key in _KEPT if key in schema}
    built["schema"] = {
        "type": "model-fields",
        "model_name": schema["cls"].__name__,
        "fields": {
            name: core_schema.model_field(read.schema, validation_alias=read.alias) for name, read in reads.items()
        },
        "extra_behavior": "ignore",
    }
    configure_class(built, schema)
    post_init: str | None = schema.get("post_init")

    def noted(instance: Any) -> object:  # noqa: ANN401 -- an instance of the model
        instance.__dict__[INDEX] = index
        if post_init is not None:
            with suppress(FieldNotCarried):  # private attributes are there before it asks for a field
                getattr(instance, post_init)(None)
        return instance

    return core_schema.no_info_after_validator_function(noted, built)
