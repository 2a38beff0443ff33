"""Compiles pydantic's core schema of a type into a node: the dispatch by type, and recursive types.

What each type becomes is in `scalars`, `times`, `containers`, `unions`, `models` and the others. The
schemas are pydantic's own, so whatever pydantic understands (annotations, generics, forward
references, constraints) is understood here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec import containers, enums, models, scalars, string_types, structs, times, unions, wrappers
from dynamorm_py._codec.compiling import PLAIN, TypeCompiler, TypeOptions, describe
from dynamorm_py._codec.converted import registered
from dynamorm_py._codec.forward import forward_node
from dynamorm_py._codec.hidden_input import is_hiding
from dynamorm_py._codec.lossless import lossless
from dynamorm_py._codec.networks import keep_networks_whole
from dynamorm_py._codec.node import Node, UnsupportedType
from dynamorm_py._codec.schemas import Schema, rebuilt, without
from dynamorm_py._codec.structs import StructNode
from dynamorm_py._codec.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._schema import StoredField

_COMPILERS: dict[str, TypeCompiler] = {
    **scalars.COMPILERS,
    **enums.COMPILERS,
    **string_types.COMPILERS,
    **times.COMPILERS,
    **containers.COMPILERS,
    **unions.COMPILERS,
    **models.COMPILERS,
    **structs.COMPILERS,
    **wrappers.COMPILERS,
}


class SchemaCompiler:
    """Compiles the types of one model. One instance holds the definitions that its types share."""

    def __init__(
        self,
        schema: Schema,
        specs: Mapping[type[Any], Mapping[str, StoredField]] | None = None,
        *,
        partial: bool = False,
    ) -> None:
        """Take a core schema, with or without definitions around it, and the fields of its class.

        `partial` says that the class reads a part of the attributes only, and so ignores the others.
        """
        self._specs = specs or {}
        self._partial = partial
        self._definitions: dict[str, Schema] = {}
        while schema["type"] == "definitions":
            self._definitions |= {d["ref"]: d for d in schema["definitions"]}
            schema = schema["schema"]
        self.root = schema
        self._nodes: dict[tuple[str, TypeOptions], Node] = {}
        self._out: dict[str, CoreSchema] = {}

    def node(self, schema: Schema, options: TypeOptions = PLAIN) -> Node:
        """Compile a schema. Raises UnsupportedType for a type without a DynamoDB form."""
        if is_hiding(schema):
            schema = schema["schema"]
        kind = schema["type"]
        if kind == "definition-ref":
            return self._referred(schema["schema_ref"], options)
        own = registered(self, schema)
        if own is not None:
            return replace(own, source=schema)
        compile_type = _COMPILERS.get(kind)
        if compile_type is None:
            message = f"{describe(schema)} has no DynamoDB form: give the field Attribute(converter=)"
            raise UnsupportedType(message)
        node = compile_type(self, schema, options)
        return node if kind == "default" else replace(node, source=schema)  # a default's node is the inner one's

    def item_node(self) -> StructNode:
        """Compile the model. Raises UnsupportedType for what has no fields."""
        node = self.node(self.root)
        if not isinstance(node, StructNode):
            message = f"{describe(self.root)} has no fields, which an item consists of: use a model with fields"
            raise UnsupportedType(message)
        return node

    def validation(self) -> Validation:
        """Return the validators of the model's fields."""
        root = self.root
        while root["type"] == "definition-ref":
            root = self._definitions[root["schema_ref"]]
        return Validation(root, list(self._definitions.values()))

    def specs(self, cls: type[Any] | None) -> Mapping[str, StoredField] | None:
        """Return the fields of the class being compiled, None for a nested class."""
        return self._specs.get(cls) if cls is not None else None

    @property
    def classes(self) -> Mapping[str, type[Any]]:
        """The classes being defined, by name: their modules may not know them yet."""
        return {cls.__name__: cls for cls in self._specs}

    def ignores_extra(self, cls: type[Any]) -> bool:
        """Return whether a class reads a part of the attributes only."""
        return self._partial and cls in self._specs

    def closed(self, schema: CoreSchema) -> CoreSchema:
        """Return a schema together with every definition made so far."""
        if not self._out:
            return schema
        return core_schema.definitions_schema(schema, list(self._out.values()))

    def definition(self, ref: str) -> Schema:
        """Return the schema that a reference stands for."""
        return self._definitions[ref]

    def original(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema; its definitions get names of their own."""
        return self._copied(schema, "own:", lambda _: None)

    def python(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema that takes Python values, though what is read is JSON."""
        return self._copied(schema, "python:", _accept_python)

    def prepared(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema without aliases and serializers that takes Python values."""
        return self._copied(schema, "prepared:", _prepare)

    def plain(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema in the lossless form for JSON text."""
        return self._copied(schema, "plain:", lossless)

    def _referred(self, ref: str, options: TypeOptions) -> Node:
        """Compile a definition once; while it is being compiled, hand out a node that leads to it later."""
        if (known := self._nodes.get((ref, options))) is not None:
            return known
        name = f"item:{ref}:{options}"
        definition = self._definitions[ref]
        source: Schema = {"type": "definition-ref", "schema_ref": ref}
        reference = core_schema.definition_reference_schema(name)
        forward = forward_node(describe(definition), reference, _forward_types(definition), source)
        self._nodes[ref, options] = forward
        built = self.node(definition, options)
        self._out[name] = cast("CoreSchema", {**built.read, "ref": name})
        node = replace(built, read=reference, source=source)
        forward.target.node = node
        self._nodes[ref, options] = node
        return node

    def _copied(self, schema: Schema, prefix: str, change: Callable[[Schema], None]) -> CoreSchema:
        return cast("CoreSchema", self._copy(schema, prefix, change))

    def _copy(self, schema: Schema, prefix: str, change: Callable[[Schema], None]) -> Schema:
        if schema.get("type") == "definition-ref":
            return {"type": "definition-ref", "schema_ref": self._define(schema["schema_ref"], prefix, change)}
        out = rebuilt(without(schema, "ref"), lambda part: self._copy(part, prefix, change))
        if "type" in out:
            change(out)
        return out

    def _define(self, ref: str, prefix: str, change: Callable[[Schema], None]) -> str:
        name = prefix + ref
        if name not in self._out:
            self._out[name] = core_schema.any_schema(ref=name)  # holds the place while its own references are copied
            copied = self._copy(self._definitions[ref], prefix, change)
            self._out[name] = cast("CoreSchema", {**copied, "ref": name})
        return name


def _accept_python(out: Schema) -> None:
    """Change one schema, in place, so that a value which is made already passes: the step before may have read it."""
    if out.get("type") == "json-or-python":
        choices = [out["python_schema"], out["json_schema"]]
    elif out.get("type") == "json":
        inner: Schema = out.get("schema", {"type": "any"})
        choices = [inner, dict(out)]
    else:
        if out.get("type") == "union":
            keep_networks_whole(out)
        return
    out.clear()
    out.update(type="union", choices=choices, mode="left_to_right")


def _prepare(out: Schema) -> None:
    lossless(out)
    _accept_python(out)


def _forward_types(schema: Schema) -> frozenset[str]:
    """Guess the wire type of a type that is still being compiled."""
    while isinstance(schema.get("schema"), dict) and schema["type"].startswith("function-"):
        schema = schema["schema"]
    if schema["type"] in {"list", "tuple"}:
        return frozenset({"L"})
    return frozenset({"M"}) if schema["type"] in {"model", "dataclass", "typed-dict", "dict"} else frozenset()
