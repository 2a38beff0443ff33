"""Values out of a fixed list: enumerations and Literals, stored by the value's own type."""

from __future__ import annotations

import enum
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import core_schema

from dynamorm_py._codec.compiling import Compiler, TypeCompiler, TypeOptions, describe
from dynamorm_py._codec.node import Encode, Node, UnsupportedType
from dynamorm_py._codec.normalize import plain_number
from dynamorm_py._codec.read_schemas import leaf
from dynamorm_py._codec.untyped import decode_untyped, encode_scalar
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_SCALAR_TYPES = (str, int, float, Decimal, bytes, type(None))


@frozen(kw_only=True, eq=False)
class ChoiceNode(Node):
    """A value out of a fixed list."""

    closed: ClassVar[bool] = True
    choices: frozenset[object] = frozenset()
    """The values as they are stored; none where the enumeration makes members as needed."""

    def stored_choices(self) -> frozenset[object]:
        """Return the only values that may stand here, as they are stored."""
        return self.choices

    def holds(self, *types: type) -> bool:  # noqa: ARG002 -- whatever is asked
        """Return False: a list of values is less than their type."""
        return False

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return a number without exponent and trailing zeros."""
        return plain_number(value)


def _literal(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    return _choice("literal", schema, schema["expected"], schema["expected"])


def _enum(_: Compiler, schema: Schema, options: TypeOptions) -> Node:
    options.refuse(schema)
    cls = schema["cls"]
    node = _choice("enum", schema, [*schema["members"], *(m.value for m in schema["members"])], schema["members"])
    return replace(node, python=(cls,))


def _choice(kind: str, schema: Schema, accepted: list[Any], members: list[Any]) -> ChoiceNode:
    """Compile an enumeration or a Literal: text goes to pydantic directly, others through a table."""
    stored = [_scalar_form(schema, member) for member in members]
    by_form = {_form_key(value): member for value, member in zip(stored, members, strict=True)}
    if any(by_form[_form_key(value)] is not member for value, member in zip(stored, members, strict=True)):
        message = "two values of the Literal are stored alike, and would read back as one: keep one of them"
        raise UnsupportedType(message)
    encode = _choice_encoder(accepted, describe(schema), _open_enum(schema))
    types = frozenset(tag for value in stored for tag in value)
    own_texts = kind == "enum" or all(
        isinstance(member, str) and not isinstance(member, enum.Enum) for member in members
    )
    if types == frozenset({"S"}) and own_texts and "missing" not in schema:
        return ChoiceNode.of_one_tag(
            kind, "S", encode, leaf(schema), python=(str,), direct=True, choices=frozenset(by_form)
        )

    def look_up(value: dict[str, Any]) -> object:
        decoded = decode_untyped(value)
        if isinstance(decoded, list | dict | set):
            return decoded  # pyright: ignore[reportUnknownVariableType] -- of whatever kind, to be refused
        return by_form.get(_form_key(value), decoded)

    read = core_schema.chain_schema([core_schema.no_info_plain_validator_function(look_up), leaf(schema)])
    tag = next(iter(types)) if len(types) == 1 else None
    is_open = "missing" in schema or _open_enum(schema) is not None
    node = ChoiceNode(
        name=kind,
        encode=encode,
        read=read,
        types=types,
        python=tuple(set(map(_type_of, members))),
        choices=frozenset() if is_open else frozenset(by_form),
    )
    if tag not in {"S", "N"}:
        return node
    value = core_schema.no_info_plain_validator_function(lambda payload: look_up({tag: payload}))
    inner = core_schema.chain_schema([value, leaf(schema)])
    return replace(node, tag=tag, inner=inner)  # for a set and a map's key, where it stands without its tag


def taking_values(schema: Schema, encode: Encode) -> Encode:
    """Return the encoder of a Literal that also takes its members' values, which use_enum_values puts for them."""
    members = by_value(schema["expected"])

    def encode_value(value: object) -> AttributeValue:
        try:
            return encode(members.get((type(value), value), value))
        except TypeError:  # it cannot be looked up
            return encode(value)

    return encode_value


def _choice_encoder(accepted: list[Any], name: str, open_enum: type[enum.Enum] | None) -> Encode:
    """Write by the table. An enumeration that makes members as needed (a Flag) has values beyond it."""
    forms: dict[tuple[type, object], AttributeValue] = {
        (type(value), value): encode_scalar(member_value(value)) for value in accepted
    }
    allowed = ", ".join(sorted({_shown(value, forms) for value in accepted}))
    kinds = {kind for kind, _ in forms}

    def encode(value: object) -> AttributeValue:
        try:
            return forms[type(value), value]
        except (KeyError, TypeError):  # which hold the value: refused outside of their handler
            pass
        if open_enum is not None and isinstance(value, open_enum):
            return encode_scalar(value.value)
        got = "another" if type(value) in kinds else "a"
        message = f"expected one of {allowed} ({name}), got {got} {type(value).__name__}"
        raise InvalidValue(message)

    return encode


def _open_enum(schema: Schema) -> type[enum.Enum] | None:
    """Return an enumeration that has more values than its members: a Flag, or one that makes them as asked."""
    cls = schema.get("cls")
    return cls if cls is not None and ("missing" in schema or issubclass(cls, enum.Flag)) else None


def _type_of(value: object) -> type[object]:
    return type(value)


def _shown(member: object, forms: Mapping[tuple[type, object], object]) -> str:
    """Return a value that would do: a member's own value, or the member where only that is accepted."""
    raw = member_value(member)
    if isinstance(member, enum.Enum) and (type(raw), raw) not in forms:
        return f"{type(member).__name__}.{member.name}"
    return str(raw)


def member_value(member: object) -> object:
    """Return the value of an enumeration's member; any other value as it is."""
    return member.value if isinstance(member, enum.Enum) else member


def by_value(members: Iterable[object]) -> dict[tuple[type, object], Any]:
    """Return members of an enumeration, and plain values, by their values and these values' types."""
    return {(type(value), value): member for member in members for value in (member_value(member),)}


def _scalar_form(schema: Schema, member: object) -> AttributeValue:
    value = member_value(member)
    if not isinstance(value, _SCALAR_TYPES):
        message = f"{describe(schema)} has the value of {kind_of(value)}, which is not a scalar: use a converter="
        raise UnsupportedType(message)
    return encode_scalar(value)


def _form_key(value: AttributeValue) -> tuple[str, object]:
    ((tag, payload),) = value.items()
    return (tag, payload if tag != "B" else bytes(decode_untyped(value)))  # pyright: ignore[reportArgumentType] -- B decodes to bytes


COMPILERS: dict[str, TypeCompiler] = {"literal": _literal, "enum": _enum}
