"""Unions: the wire type tells the members apart where it can; where it cannot, the write is checked.

Two members may share a wire type (`str | UUID`). Then reading tries them as pydantic would, and
every write of such a field is read back first: a value that would return as another is refused.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.containers import optional_set, set_within
from dynamorm_py._codec.node import (
    UNTYPED,
    Compiler,
    Encode,
    Node,
    Schema,
    TypeCompiler,
    TypeOptions,
    as_none,
    first_of,
    leaf,
    null,
    tagged,
)
from dynamorm_py._codec.roundtrip import checked
from dynamorm_py._codec.untyped import decode_untyped
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._codec.node import FieldNode
    from dynamorm_py._kernel.types import AttributeValue

_REPAIR = "another member of the union is stored alike; use a discriminated union, or a field for each type"


def _union(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    labelled: list[Schema | tuple[Schema, str]] = schema["choices"]
    choices = [choice[0] if isinstance(choice, tuple) else choice for choice in labelled]
    members = [compiler.node(choice, options) for choice in choices]
    return _build(compiler, schema, choices, members, options)


def _tagged_union(compiler: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    choices = list(schema["choices"].values())
    members = [compiler.node(choice, options) for choice in choices]
    path = _discriminator_path(schema, members)
    if path is not None and all(member.tag == "M" for member in members):
        by_tag: Any = {tag: member.inner for tag, member in zip(schema["choices"], members, strict=True)}
        inner = core_schema.tagged_union_schema(by_tag, path)
        node = _build(compiler, schema, choices, members, options, read=tagged("M", inner))
        return replace(node, tag="M", inner=inner)
    whole: Any = {tag: member.read for tag, member in zip(schema["choices"], members, strict=True)}
    read = core_schema.tagged_union_schema(whole, _discriminator(schema, members))
    return _build(compiler, schema, choices, members, options, read=read)


def _discriminator_path(schema: Schema, members: list[Node]) -> list[list[str | int]] | None:
    """Return where the discriminator's text stands in the members' maps, or None if it is not text."""
    if callable(schema["discriminator"]) or not all(type(tag) is str for tag in schema["choices"]):
        return None
    attributes = [_attribute_of(member, _names(schema["discriminator"])) for member in members]
    return None if None in attributes else [[attribute, "S"] for attribute in sorted(set(filter(None, attributes)))]


def _names(discriminator: Any) -> frozenset[str]:  # noqa: ANN401 -- a name, or the paths of names and aliases
    """Return the names and aliases of the discriminating field."""
    if isinstance(discriminator, str):
        return frozenset({discriminator})
    return frozenset(str(cast("list[object]", path)[0]) for path in discriminator)


def _attribute_of(member: Node, names: frozenset[str]) -> str | None:
    """Return the attribute of the field that a payload calls by one of these names or aliases."""
    for name in names & member.fields.keys():
        return member.fields[name].attribute
    for cls in member.python:
        for field, info in getattr(cls, "__pydantic_fields__", {}).items():
            if {info.alias, info.validation_alias} & names and field in member.fields:
                return member.fields[field].attribute
    return next((found for each in member.members if (found := _attribute_of(each, names)) is not None), None)


def _discriminator(schema: Schema, members: list[Node]) -> Callable[[Any], Any]:
    """Return what tells the member of a stored value: the user's own function, or its field by value."""
    choose = schema["discriminator"]
    if callable(choose):
        names = {field.attribute: field.name for member in members for field in _fields(member)}
        return lambda stored: choose(_as_payload(stored, names))
    attributes = {found for member in members if (found := _attribute_of(member, _names(choose))) is not None}
    tags = {(type(_raw(tag)), _raw(tag)): tag for tag in schema["choices"]}

    def tag_of(stored: Mapping[str, Any]) -> object:
        entries: Mapping[str, Any] = stored.get("M", {})
        values = [decode_untyped(entries[name]) for name in attributes if name in entries]
        return next((tags[type(value), value] for value in values if (type(value), value) in tags), None)

    return tag_of


def _fields(member: Node) -> Iterator[FieldNode]:
    yield from member.fields.values()
    for each in member.members:
        yield from _fields(each)


def _as_payload(stored: Mapping[str, Any], names: Mapping[str, str]) -> object:
    """Return a stored value as the discriminator of a payload expects it: untyped, by the fields' names."""
    value = decode_untyped(stored)
    if not isinstance(value, dict):
        return value
    return {names.get(name, name): each for name, each in cast("dict[str, object]", value).items()}


def _raw(tag: object) -> object:
    return tag.value if isinstance(tag, Enum) else tag


def _build(
    compiler: Compiler,
    schema: Schema,
    choices: list[Schema],
    members: list[Node],
    options: TypeOptions,
    *,
    read: CoreSchema | None = None,
) -> Node:
    typed = [member for member in members if member.types]
    types = (
        frozenset[str]().union(*(member.types for member in typed)) if len(typed) == len(members) else frozenset[str]()
    )
    nullable = any(member.nullable for member in members)
    sets = any(map(set_within, members))
    node = Node(
        kind="union",
        types=types,
        encode=_encoder(members),
        read=read or _reader(compiler, schema, choices, members),
        nullable=nullable,
        python=tuple(dict.fromkeys(t for member in members for t in member.python)),
        members=tuple(members),
    )
    if _shared_tags(members):
        node.encode = checked(node.encode, compiler.closed, node.read, _REPAIR)
    return optional_set(node, options) if nullable and sets else node


def _shared_tags(members: list[Node]) -> set[str]:
    """Return the wire types that more than one member writes; an empty set writes NULL."""
    tags = [tag for member in members for tag in member.types]
    tags += ["NULL" for member in members if member.kind == "set"]
    if any(not member.types for member in members):
        return set(tags)
    return {tag for tag in tags if tags.count(tag) > 1}


# --- writing ------------------------------------------------------------------------------------


def _encoder(members: list[Node]) -> Encode:
    """Write with the member whose type the value has: the exact type first, then any that takes it."""

    def encode(value: object) -> AttributeValue:
        exact = [m for m in members if type(value) in m.python]
        others = [m for m in members if m not in exact and (not m.python or isinstance(value, m.python))]
        reasons: list[str] = []
        for member in [*exact, *others]:
            try:
                return member.encode(value)
            except InvalidValue as error:
                reasons.append(error.reason)
        if reasons:
            raise InvalidValue(reasons[0])
        names = " or ".join(dict.fromkeys(m.kind for m in members))
        message = f"expected {names}, got {type(value).__name__}: assign a value of the field's type"
        raise InvalidValue(message)

    return encode


# --- reading ------------------------------------------------------------------------------------


def _reader(compiler: Compiler, schema: Schema, choices: list[Schema], members: list[Node]) -> CoreSchema:
    """Read by the wire type; members that share one are tried as pydantic tries a union."""
    if any(not member.types for member in members):
        original = compiler.original(leaf(schema))
        return first_of(*(m.read for m in members if m.types), core_schema.chain_schema([UNTYPED, original]))
    groups: dict[str, list[int]] = {}
    for position, member in enumerate(members):
        for tag in sorted(member.types - {"NULL"}):
            groups.setdefault(tag, []).append(position)
    reads: list[CoreSchema] = []
    sets = [member for member in members if set_within(member)]
    if any(member.nullable for member in members) and not sets:
        reads.append(null(as_none))
    for tag, positions in groups.items():
        reads.append(_group(compiler, schema, tag, [choices[p] for p in positions], [members[p] for p in positions]))
    return first_of(*reads)


def _group(compiler: Compiler, schema: Schema, tag: str, choices: list[Schema], members: list[Node]) -> CoreSchema:
    if len(members) == 1:
        return members[0].read
    if tag == "N":
        number = core_schema.no_info_plain_validator_function(_number_reader([member.kind for member in members]))
        original = compiler.original({"type": "union", "choices": choices})
        return tagged("N", core_schema.chain_schema([number, original]))
    mode = schema.get("mode", "smart")
    inner = [member.inner for member in members if member.tag == tag and member.inner is not None]
    if len(inner) == len(members):
        return tagged(tag, core_schema.union_schema([*inner], mode=mode))
    return core_schema.union_schema([member.read for member in members], mode=mode)


def _number_reader(kinds: list[str]) -> Callable[[str], object]:
    """Return what reads a number for members of these kinds: as the first of float and Decimal that holds it."""
    numbers = [kind for kind in kinds if kind in {"float", "decimal"}]
    if numbers[:1] != ["float"]:
        return lambda text: decode_untyped({"N": text})

    def read(text: str) -> object:
        value = decode_untyped({"N": text})
        if isinstance(value, int) and "int" in kinds:
            return value
        number = float(text)
        return number if Decimal(repr(number)) == value else Decimal(text)  # as it was written, unless it is no float

    return read


COMPILERS: dict[str, TypeCompiler] = {"union": _union, "tagged-union": _tagged_union}
