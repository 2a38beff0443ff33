"""Unions: the wire type tells the members apart where it can; where it cannot, the write is checked.

Two members may share a wire type (`str | UUID`). Then reading tries them as pydantic would, and
every write of such a field is read back first: a value that would return as another is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    node = _build(compiler, schema, choices, members, options)
    path = _discriminator_path(schema, members)
    if path is None or any(member.tag != "M" for member in members):
        return node
    by_tag: Any = {tag: member.inner for tag, member in zip(schema["choices"], members, strict=True)}
    inner = core_schema.tagged_union_schema(by_tag, path)
    out = node.with_read(tagged("M", inner))
    out.tag, out.inner = "M", inner
    return out


def _discriminator_path(schema: Schema, members: list[Node]) -> list[list[str | int]] | None:
    """Return where the discriminator's text stands in the members' maps, or None if it is not text."""
    name = schema["discriminator"]
    if not isinstance(name, str) or not all(isinstance(tag, str) for tag in schema["choices"]):
        return None
    attributes = {member.fields[name].attribute for member in members if name in member.fields}
    return [[attribute, "S"] for attribute in sorted(attributes)] or None


def _build(
    compiler: Compiler, schema: Schema, choices: list[Schema], members: list[Node], options: TypeOptions
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
        read=_reader(compiler, schema, choices, members),
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
        number = core_schema.no_info_plain_validator_function(lambda text: decode_untyped({"N": text}))
        original = compiler.original({"type": "union", "choices": choices})
        return tagged("N", core_schema.chain_schema([number, original]))
    mode = schema.get("mode", "smart")
    inner = [member.inner for member in members if member.tag == tag and member.inner is not None]
    if len(inner) == len(members):
        return tagged(tag, core_schema.union_schema([*inner], mode=mode))
    return core_schema.union_schema([member.read for member in members], mode=mode)


COMPILERS: dict[str, TypeCompiler] = {"union": _union, "tagged-union": _tagged_union}
