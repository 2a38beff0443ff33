"""Lists, tuples, sets and maps, and the wrappers around a type: Optional, defaults, validators."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pydantic import EncodedBytes, EncodedStr
from pydantic_core import core_schema

from dynamorm_py._codec.enums import taking_values
from dynamorm_py._codec.node import (
    PLAIN,
    Compiler,
    Encode,
    Node,
    Schema,
    TypeCompiler,
    TypeOptions,
    UnsupportedType,
    as_none,
    describe,
    expected,
    first_of,
    leaf,
    null,
    simple,
    through_python,
)
from dynamorm_py._codec.untyped import check_key, set_value
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import AttributeValue

_ANY: Schema = {"type": "any"}
_LIST_TYPES: dict[str, type[Collection[object]]] = {"list": list, "deque": deque}


def encode_elements(encode: Encode, values: Iterable[object]) -> list[AttributeValue]:
    """Encode one after the other; an error names the index."""
    out: list[AttributeValue] = []
    try:
        for value in values:
            out.append(encode(value))  # noqa: PERF401 -- how far it came names the element at fault
    except InvalidValue as error:
        raise error.at(f"[{len(out)}]") from None
    return out


def _sequence(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    element = compiler.node(schema.get("items_schema", _ANY))
    if options.as_set:
        return _as_set(schema, element)
    options.refuse(schema)
    python = _LIST_TYPES[schema["type"]]
    inner: Any = leaf(schema) | {"items_schema": element.read}

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, python):
            raise expected(python.__name__, value)
        return {"L": encode_elements(element.encode, cast("Iterable[object]", value))}

    return simple("list", "L", encode, inner, python=(python,), empty=python, direct=True, element=element)


def _tuple(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    parts = [compiler.node(part) for part in schema["items_schema"]]
    variadic = schema.get("variadic_item_index")
    if variadic is not None and len(parts) == 1:
        return _variadic_tuple(schema, parts[0], options)
    options.refuse(schema)
    inner: Any = leaf(schema) | {"items_schema": [part.read for part in parts]}

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, tuple):
            raise expected("tuple", value)
        nodes = _spread(parts, variadic, len(value))  # pyright: ignore[reportUnknownArgumentType] -- any tuple
        if len(nodes) != len(value):  # pyright: ignore[reportUnknownArgumentType] -- any tuple
            message = f"expected a tuple of {len(parts)} elements, got {len(value)}"  # pyright: ignore[reportUnknownArgumentType] -- any tuple
            raise InvalidValue(message)
        walk = iter(nodes)
        return {"L": encode_elements(lambda part: next(walk).encode(part), value)}  # pyright: ignore[reportUnknownArgumentType] -- any tuple

    node = simple("tuple", "L", encode, inner, python=(tuple,), direct=True)
    node.parts = tuple(parts) if variadic is None else ()
    return node


def _spread(parts: list[Node], variadic: int | None, length: int) -> list[Node]:
    """Return a node for each element, repeating the variadic one as often as needed."""
    if variadic is None:
        return parts
    repeated = length - (len(parts) - 1)
    return [*parts[:variadic], *([parts[variadic]] * max(repeated, 0)), *parts[variadic + 1 :]]


def _variadic_tuple(schema: Schema, element: Node, options: TypeOptions) -> Node:
    if options.as_set:
        return _as_set(schema, element)
    options.refuse(schema)
    inner: Any = leaf(schema) | {"items_schema": [element.read]}

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, tuple):
            raise expected("tuple", value)
        return {"L": encode_elements(element.encode, value)}  # pyright: ignore[reportUnknownArgumentType] -- any tuple

    return simple("list", "L", encode, inner, python=(tuple,), empty=tuple, direct=True, element=element)


# --- sets ---------------------------------------------------------------------------------------


def _set(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    if options.as_set:
        options = PLAIN
    options.refuse(schema)
    element = compiler.node(schema.get("items_schema", _ANY))
    python = set if schema["type"] == "set" else frozenset
    return _set_node(schema, element, python, isinstance_of=(set, frozenset))


def _as_set(schema: Schema, element: Node) -> Node:
    """Compile a list or tuple that is stored as a set."""
    python = _LIST_TYPES.get(schema["type"], tuple)
    return _set_node(schema, element, python, isinstance_of=(list, tuple, deque))


def _set_node(schema: Schema, element: Node, python: type, isinstance_of: tuple[type[Collection[object]], ...]) -> Node:
    if element.tag not in {"S", "N", "B"} or element.nullable:
        message = f"a DynamoDB set holds strings, numbers or bytes, all of one kind, not {element.kind}: store a list"
        raise UnsupportedType(message)
    items: Any = [element.inner] if schema["type"] == "tuple" else element.inner
    inner: Any = leaf(schema) | {"items_schema": items}

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, isinstance_of):
            raise expected(python.__name__, value)
        return set_value(encode_elements(element.encode, cast("Iterable[object]", value)))

    node = simple("set", f"{element.tag}S", encode, inner, python=(python,), empty=python, direct=True, element=element)
    node.also = (null(lambda _: python()),)
    node.read = first_of(node.read, *node.also)
    return node


# --- maps ---------------------------------------------------------------------------------------


def _dict(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    key = compiler.node(schema.get("keys_schema", {"type": "str"}))
    value = compiler.node(schema.get("values_schema", _ANY))
    encode_key = _key_encoder(key)
    inner: Any = leaf(schema) | {"keys_schema": key.inner or key.read, "values_schema": value.read}
    if key.kind == "any":
        inner["keys_schema"] = core_schema.str_schema()

    def encode(entries: object) -> AttributeValue:
        if not isinstance(entries, Mapping):
            raise expected("dict", entries)
        out: dict[str, AttributeValue] = {}
        name = ""
        try:
            for raw, element in entries.items():  # pyright: ignore[reportUnknownVariableType] -- any mapping
                name = encode_key(raw)
                out[name] = value.encode(element)
        except InvalidValue as error:
            raise error.at(name) from None
        return {"M": out}

    node = simple("dict", "M", encode, inner, python=(dict,), empty=_empty_of(schema), element=value)
    node.encode_key = encode_key
    return node


def _key_encoder(key: Node) -> Callable[[Any], str]:
    """Return how a map's key becomes text; keys of the map are strings on the wire."""
    if key.kind == "any":
        return check_key
    if key.tag not in {"S", "N"} or key.nullable:
        what = f"an optional {key.kind}" if key.nullable else key.kind
        message = f"a map's keys are strings in DynamoDB, and {what} is not written as one: use str keys"
        raise UnsupportedType(message)
    tag, encode = key.tag, key.encode
    return lambda value: check_key(encode(value)[tag])


def _empty_of(schema: Schema) -> Callable[[], object] | None:
    return {"list": list[object], "dict": dict[str, object]}.get(schema["type"])


# --- wrappers -----------------------------------------------------------------------------------


def _nullable(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    node = compiler.node(schema["schema"], options)
    if set_within(node):
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
        python=(*node.python, type(None)),
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


def set_within(node: Node) -> bool:
    """Tell whether an empty set of this type is stored as NULL."""
    return node.kind == "set" or any(map(set_within, node.members))


def _default(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    return compiler.node(schema["schema"], options)


def _after(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    refuse_payload_coding(schema)
    node = compiler.node(schema["schema"], options)
    if _puts_values(schema):
        node = replace(node, encode=taking_values(schema["schema"], node.encode))
    if options.bare:
        return node
    wrapped: Any = leaf(schema) | {"schema": node.read}
    inner: Any = None if node.inner is None else leaf(schema) | {"schema": node.inner}
    out = node.with_read(wrapped)
    if inner is not None:
        out.tag, out.inner, out.direct = node.tag, inner, node.direct
    return out


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
    return compiler.node(schema.get("schema", _ANY), options)


def _refused(_: Compiler, schema: Schema, _options: TypeOptions) -> Node:
    message = f"{describe(schema)} has no DynamoDB form: give the field Attribute(converter=), or mark it NotStored()"
    raise UnsupportedType(message)


COMPILERS: dict[str, TypeCompiler] = {
    "list": _sequence,
    "deque": _sequence,
    "tuple": _tuple,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
    "frozen-dict": _dict,
    "ordered-dict": _dict,
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
