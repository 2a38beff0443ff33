"""Lists, tuples, sets and maps: their nodes, and how each is compiled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec.node import Encode, Node, UnsupportedType, expected
from dynamorm_py._codec.normalize import plain_digits, set_of
from dynamorm_py._codec.read_schemas import first_of, leaf, null
from dynamorm_py._codec.scalars import encode_str
from dynamorm_py._codec.untyped import set_value
from dynamorm_py._kernel.types import WIRE_TYPES
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_ANY: Schema = {"type": "any"}
_LIST_TYPES: dict[str, type[Collection[object]]] = {"list": list, "deque": deque}


@frozen(kw_only=True, eq=False, repr=False)
class _CollectionNode(Node):
    """A collection of elements of one type."""

    element: Node

    def step(self, step: str | int) -> Node | None:  # noqa: ARG002 -- each place alike
        """Return the node of an element."""
        return self.element

    def element_node(self) -> Node | None:
        """Return the node of the elements."""
        return self.element


class ListNode(_CollectionNode):
    """A list of elements of one type."""

    __slots__ = ()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the list with each element in the form that it is read from."""
        return {"L": list(map(self.element.normalize, value["L"]))} if "L" in value else value

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- of any tag
        """Yield the mismatches of the elements."""
        for i, part in enumerate(payload if tag == "L" else ()):
            yield from self.element.mismatch(part, f"{path}[{i}]")


@frozen(kw_only=True, eq=False, repr=False)
class TupleNode(Node):
    """A tuple whose elements have a type each; without `parts` they are not known by their places."""

    parts: tuple[Node, ...] = ()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the tuple with each element in the form that it is read from."""
        if "L" not in value:
            return value
        return {"L": [part if node is None else node.normalize(part) for node, part in self._each(value["L"])]}

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- of any tag
        """Yield the mismatches of the elements."""
        for i, (node, part) in enumerate(self._each(payload) if tag == "L" else ()):
            if node is not None:
                yield from node.mismatch(part, f"{path}[{i}]")

    def _each(self, payload: list[AttributeValue]) -> Iterator[tuple[Node | None, AttributeValue]]:
        return ((self.step(i), part) for i, part in enumerate(payload))

    def step(self, step: str | int) -> Node | None:
        """Return the node of an element."""
        return self.parts[step] if isinstance(step, int) and step < len(self.parts) else None

    def fixed_length(self) -> int | None:
        """Return how many elements it has, where that is fixed."""
        return len(self.parts) or None


class SetNode(_CollectionNode):
    """A set of text, numbers or binary; NULL is the empty one."""

    __slots__ = ()

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the set with plain numbers, also where a list stands for it."""
        if "L" in value and self.tag is not None:
            return set_of(self.tag, value["L"])
        return {"NS": [plain_digits(text) for text in value["NS"]]} if "NS" in value else value

    def empty_is_null(self) -> bool:
        """Return True: DynamoDB has no empty set."""
        return True


@frozen(kw_only=True, eq=False, repr=False)
class DictNode(_CollectionNode):
    """A map by keys, which `encode_key` writes as text."""

    encode_key: Callable[[Any], str]

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return the map with each value in the form that it is read from."""
        if "M" not in value:
            return value
        return {"M": {key: self.element.normalize(part) for key, part in value["M"].items()}}

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- of any tag
        """Yield the mismatches of the values."""
        for name, part in payload.items() if tag == "M" else ():
            yield from self.element.mismatch(part, f"{path}.{name}")

    def named(self, name: str) -> tuple[str, Node] | None:
        """Return a key and the node of its value; a name of pydantic's that is a wire type stands above it."""
        return None if name in WIRE_TYPES else (name, self.element)

    def map_key(self, key: object) -> str | None:
        """Return a key as it is stored."""
        return self.encode_key(key)


def encode_elements(encode: Encode, values: Iterable[object]) -> list[AttributeValue]:
    """Encode one after the other; an error names the index."""
    out: list[AttributeValue] = []
    of_text = encode is encode_str
    try:
        for value in values:
            is_plain = of_text and type(value) is str and value.isascii()
            out.append({"S": value} if is_plain else encode(value))
    except InvalidValue as error:
        raise error.at(f"[{len(out)}]") from error.__cause__
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
        return {"L": encode_elements(element.encode, value)}  # pyright: ignore[reportUnknownArgumentType] -- any list

    return ListNode.of_one_tag("list", "L", encode, inner, python=(python,), empty=python, direct=True, element=element)


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

    known = tuple(parts) if variadic is None else ()
    return TupleNode.of_one_tag("tuple", "L", encode, inner, python=(tuple,), direct=True, parts=known)


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

    return ListNode.of_one_tag("list", "L", encode, inner, python=(tuple,), empty=tuple, direct=True, element=element)


# --- sets ---------------------------------------------------------------------------------------


def _set(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    replace(options, as_set=False).refuse(schema)
    element = compiler.node(schema.get("items_schema", _ANY))
    python = set if schema["type"] == "set" else frozenset
    return _set_node(schema, element, python, isinstance_of=(set, frozenset))


def _as_set(schema: Schema, element: Node) -> Node:
    """Compile a list or tuple that is stored as a set."""
    python = _LIST_TYPES.get(schema["type"], tuple)
    return _set_node(schema, element, python, isinstance_of=(list, tuple, deque))


def _set_node(schema: Schema, element: Node, python: type, isinstance_of: tuple[type[Collection[object]], ...]) -> Node:
    if element.tag not in {"S", "N", "B"} or element.nullable:
        message = f"a DynamoDB set holds strings, numbers or bytes, all of one kind, not {element.name}: store a list"
        raise UnsupportedType(message)
    tag, set_tag = element.tag, f"{element.tag}S"
    payload = itemgetter(tag)
    items: Any = [element.inner] if schema["type"] == "tuple" else element.inner
    inner: Any = leaf(schema) | {"items_schema": items}

    def encode(value: object) -> AttributeValue:
        if not isinstance(value, isinstance_of):
            raise expected(python.__name__, value)
        elements = encode_elements(element.encode, value)  # pyright: ignore[reportUnknownArgumentType] -- any elements
        if tag == "N" or not elements:
            return set_value(elements)
        return {set_tag: sorted(set(map(payload, elements)))}

    also = (null(lambda _: python()),)
    node = SetNode.of_one_tag(
        "set",
        set_tag,
        encode,
        inner,
        python=(python,),
        empty=python,
        direct=True,
        element=element,
        also=also,
    )
    return replace(node, read=first_of(node.read, *also))


# --- maps ---------------------------------------------------------------------------------------


def _dict(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    key = compiler.node(schema.get("keys_schema", {"type": "str"}))
    value = compiler.node(schema.get("values_schema", _ANY))
    encode_key = key.key_encoder()
    inner: Any = leaf(schema) | {"keys_schema": key.key_schema(), "values_schema": value.read}

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
            raise error.at(name) from error.__cause__
        return {"M": out}

    empty = dict[str, object] if schema["type"] == "dict" else None
    return DictNode.of_one_tag(
        "dict", "M", encode, inner, python=(dict,), empty=empty, element=value, encode_key=encode_key
    )


COMPILERS: dict[str, TypeCompiler] = {
    "list": _sequence,
    "deque": _sequence,
    "tuple": _tuple,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
    "frozen-dict": _dict,
    "ordered-dict": _dict,
}
