"""Unions: the wire type tells the members apart where it can; where it cannot, the write is checked.

Two members may share a wire type (`str | UUID`). Then reading tries them as pydantic would, and
every write of such a field is read back first: a value that would return as another is refused.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, core_schema

from dynamorm_py._codec.enums import by_value
from dynamorm_py._codec.node import Encode, Node
from dynamorm_py._codec.normalize import plain_number
from dynamorm_py._codec.read_schemas import UNTYPED, as_none, first_of, leaf, null, tagged
from dynamorm_py._codec.roundtrip import checked
from dynamorm_py._codec.untyped import decode_untyped
from dynamorm_py._codec.wrappers import optional_set
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions
    from dynamorm_py._codec.node import FieldNode
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_REPAIR = "another member of the union is stored alike; use a discriminated union, or a field for each type"


@frozen(kw_only=True, eq=False, repr=False)
class UnionNode(Node):
    """A value of one of several types."""

    members: tuple[Node, ...]
    tags: frozenset[str] = frozenset()
    """The fields that tell the members apart, without which none is read."""

    def holds(self, *types: type) -> bool:  # noqa: ARG002 -- whatever is asked
        """Return False: it is several types."""
        return False

    def is_whole(self) -> bool:
        """Return whether each member that is a number is a whole one."""
        numbers = [member for member in self.members if "N" in member.types]
        return bool(numbers) and all(member.is_whole() for member in numbers)

    def is_closed(self) -> bool:
        """Return whether each member that is a number is one of a fixed list."""
        numbers = [member for member in self.members if "N" in member.types]
        return bool(numbers) and all(member.is_closed() for member in numbers)

    def tells_apart(self, name: str) -> bool:
        """Return whether a field is the discriminator."""
        return name in self.tags

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return a plain number, and the map of the one member that has fields in the form that it is read from."""
        with_fields = [member for member in self.members if next(iter(member.all_fields()), None) is not None]
        if "M" in value and len(with_fields) == 1:
            return with_fields[0].normalize(value)
        return plain_number(value)

    def under(self, tag: str) -> Node | None:
        """Return the first member that is stored under a tag."""
        return next((found for member in self.members if (found := member.under(tag)) is not None), None)

    def all_fields(self) -> Iterator[FieldNode]:
        """Yield the fields of each member."""
        for member in self.members:
            yield from member.all_fields()

    def attribute_called(self, names: frozenset[str]) -> str | None:
        """Return the attribute of the field that a payload calls by one of these names, of the first that has it."""
        return next((found for each in self.members if (found := each.attribute_called(names)) is not None), None)

    def element_node(self) -> Node | None:
        """Return the node of the elements of the first member that is a collection."""
        return next((found for each in self.members if (found := each.element_node()) is not None), None)

    def empty_is_null(self) -> bool:
        """Return whether a member is a set."""
        return any(member.empty_is_null() for member in self.members)


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
        return replace(_tagged(node, schema), tag="M", inner=inner)
    whole: Any = {tag: member.read for tag, member in zip(schema["choices"], members, strict=True)}
    read = core_schema.tagged_union_schema(whole, _discriminator(schema, members))
    return _tagged(_build(compiler, schema, choices, members, options, read=read), schema)


def _tagged(node: Node, schema: Schema) -> Node:
    """Return the node that knows which fields of its members are the discriminator."""
    discriminator = schema["discriminator"]
    if callable(discriminator) or not isinstance(node, UnionNode):
        return node
    names = _names(discriminator)
    called = {field.name for field in node.all_fields() if field.name in names}
    return replace(node, tags=frozenset(called))


def _discriminator_path(schema: Schema, members: list[Node]) -> list[list[str | int]] | None:
    """Return where the discriminator's text is in the members' maps, or None if it is not text."""
    if callable(schema["discriminator"]) or not all(type(tag) is str for tag in schema["choices"]):
        return None
    attributes = [member.attribute_called(_names(schema["discriminator"])) for member in members]
    return None if None in attributes else [[attribute, "S"] for attribute in sorted(set(filter(None, attributes)))]


def _names(discriminator: Any) -> frozenset[str]:  # noqa: ANN401 -- a name, or the paths of names and aliases
    """Return the names and aliases of the discriminating field."""
    if isinstance(discriminator, str):
        return frozenset({discriminator})
    return frozenset(str(cast("list[object]", path)[0]) for path in discriminator)


def _discriminator(schema: Schema, members: list[Node]) -> Callable[[Any], Any]:
    """Return what tells the member of a stored value: the user's own function, or its field by value."""
    choose = schema["discriminator"]
    if callable(choose):
        names = {field.attribute: field.name for member in members for field in member.all_fields()}
        return lambda stored: choose(_as_payload(stored, names))
    attributes = {found for member in members if (found := member.attribute_called(_names(choose))) is not None}
    tags = by_value(schema["choices"])

    def tag_of(stored: Mapping[str, Any]) -> object:
        entries: Mapping[str, Any] = stored.get("M", {})
        values = [decode_untyped(entries[name]) for name in attributes if name in entries]
        return next((tags[type(value), value] for value in values if (type(value), value) in tags), None)

    return tag_of


def _as_payload(stored: Mapping[str, Any], names: Mapping[str, str]) -> object:
    """Return a stored value as the discriminator of a payload expects it: untyped, by the fields' names."""
    value = decode_untyped(stored)
    if not isinstance(value, dict):
        return value
    return {names.get(name, name): each for name, each in cast("dict[str, object]", value).items()}


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
    encode, read = _encoder(members), read or _reader(compiler, schema, choices, members)
    node = UnionNode(
        name="union",
        encode=checked(encode, compiler.closed, read, _REPAIR) if _shared_tags(members) else encode,
        read=read,
        types=types,
        nullable=nullable,
        python=tuple(dict.fromkeys(each for member in members for each in member.python)),
        members=tuple(members),
    )
    return optional_set(node, options) if nullable and node.empty_is_null() else node


def _shared_tags(members: list[Node]) -> set[str]:
    """Return the wire types that more than one member writes; an empty set writes NULL."""
    tags = [tag for member in members for tag in member.types]
    tags += ["NULL" for member in members if member.empty_is_null()]
    if any(not member.types for member in members):
        return set(tags)
    return {tag for tag in tags if tags.count(tag) > 1}


# --- paths ------------------------------------------------------------------------------------


def field_of(node: Node, name: str) -> FieldNode | None:
    """Return a field by its name; of a union, with what each member that stores it alike may hold there."""
    fields = [field for field in node.all_fields() if field.name == name]
    first = next(iter(fields), None)
    if first is None:
        return None
    required = node.tells_apart(name) or all(field.required for field in fields)
    if all(_alike(field, first) for field in fields):
        return replace(first, required=required) if required != first.required else first
    together = _any_of([field.node for field in fields if field.attribute == first.attribute])
    return replace(first, node=together, required=required)


def _alike(one: FieldNode, other: FieldNode) -> bool:
    mine, theirs = one.node, other.node
    same_form = type(mine) is type(theirs) and mine.types == theirs.types and mine.python == theirs.python
    return same_form and mine.source == theirs.source


def _any_of(members: list[Node]) -> UnionNode:
    """Return what takes a value of any of these nodes."""
    sources = [member.source for member in members if member.source is not None]
    typed = all(member.types for member in members)
    return UnionNode(
        name="union",
        encode=_encoder(members),
        read=first_of(*(member.read for member in members)),
        types=frozenset[str]().union(*(member.types for member in members)) if typed else frozenset[str](),
        nullable=any(member.nullable for member in members),
        python=tuple(dict.fromkeys(each for member in members for each in member.python)),
        source={"type": "union", "choices": sources} if len(sources) == len(members) else None,
        members=tuple(members),
    )


# --- writing ------------------------------------------------------------------------------------


def _encoder(members: list[Node]) -> Encode:
    """Write with the member whose type the value has: the exact type first, then any that takes it."""

    def encode(value: object) -> AttributeValue:
        reasons: list[str] = []
        for member in _takers(members, value):
            try:
                return member.encode(value)
            except InvalidValue as error:
                reasons.append(error.reason)
        if reasons:
            raise InvalidValue(reasons[0])
        names = " or ".join(dict.fromkeys(m.name for m in members))
        message = f"expected {names}, got {type(value).__name__}: assign a value of the field's type"
        raise InvalidValue(message)

    return encode


def _takers(members: list[Node], value: object) -> list[Node]:
    """Return the members that may take a value, those of exactly its type first."""
    exact = [m for m in members if type(value) in m.python]
    return exact + [m for m in members if m not in exact and _may_take(m, value)]


def _may_take(member: Node, value: object) -> bool:
    """Return whether a member's classes, where it knows them all, have a value."""
    if isinstance(member, UnionNode):
        return isinstance(value, member.python) or any(_may_take(each, value) for each in member.members)
    return not member.python or isinstance(value, member.python)


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
    sets = [member for member in members if member.empty_is_null()]
    if any(member.nullable for member in members) and not sets:
        reads.append(null(as_none))
    for tag, positions in groups.items():
        reads.append(_group(compiler, schema, tag, [choices[p] for p in positions], [members[p] for p in positions]))
    return first_of(*reads)


def _group(compiler: Compiler, schema: Schema, tag: str, choices: list[Schema], members: list[Node]) -> CoreSchema:
    if len(members) == 1:
        return members[0].read
    if tag == "N":
        number = core_schema.no_info_plain_validator_function(
            _number_reader([t for member in members for t in member.python])
        )
        original = compiler.original({"type": "union", "choices": choices})
        return tagged("N", core_schema.chain_schema([number, original]))
    mode = schema.get("mode", "smart")
    inner = [member.inner for member in members if member.tag == tag and member.inner is not None]
    if len(inner) == len(members):
        return tagged(tag, core_schema.union_schema([*inner], mode=mode))
    return core_schema.union_schema([member.read for member in members], mode=mode)


def _number_reader(types: list[type]) -> Callable[[str], object]:
    """Return what reads a number for members of these types: as the first of float and Decimal that holds it."""
    numbers = [each for each in types if each in {float, Decimal}]
    if numbers[:1] != [float]:
        return lambda text: decode_untyped({"N": text})

    def read(text: str) -> object:
        value = decode_untyped({"N": text})
        if isinstance(value, int) and int in types:
            return value
        number = float(text)
        return number if Decimal(repr(number)) == value else Decimal(text)  # as it was written, unless no float is it

    return read


COMPILERS: dict[str, TypeCompiler] = {"union": _union, "tagged-union": _tagged_union}
