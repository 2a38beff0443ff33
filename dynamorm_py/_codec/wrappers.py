"""What stands around a type and keeps its stored form: Optional, defaults, validators, `Json[T]`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import EncodedBytes, EncodedStr

from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions, describe
from dynamorm_py._codec.enums import taking_values
from dynamorm_py._codec.node import Node, UnsupportedType, through_python
from dynamorm_py._codec.read_schemas import as_none, first_of, leaf, null
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue


def _nullable(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    node = compiler.node(schema["schema"], options)
    if node.empty_is_null():
        return optional_set(node, options)
    return optional(node)


def optional(node: Node) -> Node:
    """Return the node that also takes None, stored as NULL."""
    if node.nullable:
        return node
    inner = node.encode

    def encode(value: object) -> AttributeValue:
        if value is None:
            return {"NULL": True}
        stored = inner(value)
        if "NULL" not in stored:
            return stored
        message = f"this {type(value).__name__} is stored as NULL, which reads back as None here: drop the Optional"
        raise InvalidValue(message)

    return replace(
        node,
        types=node.types | {"NULL"} if node.types else node.types,
        encode=encode,
        read=first_of(null(as_none), node.read),
        nullable=True,
        python=(*node.python, type(None)) if node.python else (),
        empty=lambda: None,
        also=(null(as_none),),
    )


def optional_set(node: Node, options: TypeOptions) -> Node:
    """Return the node of `set[...] | None`: None is the attribute's absence, NULL the empty set (CONTRACT 2)."""
    if not options.absent_is_none:
        message = (
            "a set that may be None needs the default None, since NULL is the empty set and None leaves the "
            "attribute out: give the field the default None, or drop the None"
        )
        raise UnsupportedType(message)
    inner = node.encode

    def encode(value: object) -> AttributeValue:
        if value is None:
            message = "None is the attribute's absence here, as NULL is the empty set: remove the attribute"
            raise InvalidValue(message)
        return inner(value)

    return replace(node, encode=encode, nullable=True, python=(*node.python, type(None)), empty=lambda: None)


def _default(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    return compiler.node(schema["schema"], options)


def _after(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    refuse_payload_coding(schema)
    node = compiler.node(schema["schema"], options)
    if _puts_values(schema):
        node = replace(node, encode=taking_values(schema["schema"], node.encode))
    if options.bare:
        return node
    read: Any = leaf(schema) | {"schema": node.read}
    inner: Any = leaf(schema) | {"schema": node.inner}
    out = node.with_read(read)
    return out if node.inner is None else replace(out, tag=node.tag, inner=inner, direct=node.direct)


def _puts_values(schema: Schema) -> bool:
    """Tell whether this is pydantic's own step that puts the values of an enumeration for a Literal's members."""
    module = getattr(schema["function"]["function"], "__module__", None) or ""
    return schema["schema"]["type"] == "literal" and module.startswith("pydantic.")


def refuse_payload_coding(schema: Schema) -> None:
    """Raise UnsupportedType for pydantic's encoded types: reading a stored value would decode it once more."""
    coding = getattr(schema["function"]["function"], "__self__", None)
    if isinstance(coding, EncodedBytes | EncodedStr):
        message = f"{type(coding).__name__} is a coding of payloads: use bytes or str, which are stored as they are"
        raise UnsupportedType(message)


def _around(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile a before or wrap validator of the user, which must see Python values; pydantic wraps its own URLs so."""
    node = compiler.node(schema["schema"], replace(options, bare=True))
    own = schema["schema"]["type"] in {"url", "multi-host-url"}
    return node if options.bare and not own else through_python(node, compiler.python(leaf(schema)))


def _chain(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    node = compiler.node(schema["steps"][0], replace(options, bare=True))
    return node if options.bare else through_python(node, compiler.python(leaf(schema)))


def _json_string(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    """Compile `Json[T]`: its value is a T by the time it is written, so it is stored as T."""
    return compiler.node(schema.get("schema", {"type": "any"}), options)


def _refused(_: Compiler, schema: Schema, _options: TypeOptions) -> Node:
    message = f"{describe(schema)} has no DynamoDB form: give the field Attribute(converter=), or mark it NotStored()"
    raise UnsupportedType(message)


COMPILERS: dict[str, TypeCompiler] = {
    "nullable": _nullable,
    "default": _default,
    "function-after": _after,
    "function-before": _around,
    "function-wrap": _around,
    "chain": _chain,
    "json": _json_string,
    "custom-error": _default,
    "is-instance": _refused,
    "is-subclass": _refused,
    "callable": _refused,
    "generator": _refused,
    "arguments": _refused,
}
