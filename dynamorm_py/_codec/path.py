"""Places inside a model's item, for expressions: what stands there, and how a value is encoded for it."""

from __future__ import annotations

import operator
from contextlib import suppress
from dataclasses import field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec.roundtrip import NOT_READ, same, settled
from dynamorm_py._codec.scalars import ANY
from dynamorm_py._codec.unions import field_of
from dynamorm_py._codec.untyped import check_key, check_text, encode_scalar
from dynamorm_py._codec.validation import Validated
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidExpression, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynamorm_py._codec.codec import Codec
    from dynamorm_py._codec.node import Node
    from dynamorm_py._kernel.types import AttributePath, AttributeValue, Order, Place
    from dynamorm_py._schema import ModelSchema, StoredField


@frozen
class CodecPath:
    """A place of a compiled model. Implements `_kernel.types.Place`."""

    model: type[Any]
    label: str
    node: Node
    schema: ModelSchema
    path: AttributePath = ()
    roles: frozenset[str] = frozenset()
    encrypted: bool = False
    spec: StoredField | None = None
    steps: tuple[Callable[[Any], object], ...] = ()
    codec: Codec[Any] | None = None
    required: bool = False
    none_is_left_out: bool = False
    _fields: dict[str, CodecPath] = field(default_factory=dict[str, "CodecPath"], init=False, repr=False, compare=False)
    """The fields that were stepped to, since programs name the same ones in every call."""

    @property
    def closed(self) -> bool:
        """Whether only the values of an enum or a literal may stand here."""
        return self.node.is_closed()

    @property
    def whole(self) -> bool:
        """Whether a number here is always a whole one."""
        return self.node.is_whole()

    @property
    def fractional(self) -> bool:
        """Whether a number here may have a fraction."""
        return any(issubclass(each, float | Decimal) for each in self.node.python)

    def takes(self, other: Place) -> bool:
        """Return whether what another place holds may stand here, so far as enums, literals and classes tell."""
        if not isinstance(other, CodecPath):
            return True
        choices, theirs = self.node.stored_choices(), other.node.stored_choices()
        if choices:
            return bool(theirs) and theirs <= choices
        classes = _classes(self.node)
        return not classes or _classes(other.node) <= classes

    @property
    def types(self) -> frozenset[str]:
        """The wire types a value here may have."""
        return self.node.types

    @property
    def order(self) -> Order:
        """How what is stored here sorts."""
        return self.node.order

    def value(self, instance: object) -> object:
        """Return what an instance has here; None where something on the way is None."""
        value = instance
        for step in self.steps:
            if value is None:
                return None
            value = step(value)
        return value

    def field(self, name: str) -> CodecPath:
        """Step to a field. Raises InvalidExpression for one that is not there or not stored."""
        if self.node.untyped:
            return self._step(f".{name}", check_key(name), ANY, operator.itemgetter(name))
        if (known := self._fields.get(name)) is None:
            known = self._fields[name] = self._field(name)
        return known

    def _field(self, name: str) -> CodecPath:
        self._refuse_json()
        found = field_of(self.node, name)
        if found is None:
            raise InvalidExpression(self._unknown(name))
        place = self._step(f".{name}", found.attribute, found.node, operator.attrgetter(name))
        place = replace(place, required=found.required, none_is_left_out=found.omit_none)
        if self.path:
            return place
        spec = self.schema.fields[name]
        return replace(place, roles=spec.roles, encrypted=spec.encrypted, spec=spec)

    def item(self, index: int) -> CodecPath:
        """Step to an element of a list or tuple."""
        self._refuse_json()
        node = self.node.under("L")
        if node is None:
            raise InvalidExpression(f"{self.label} is not a list: only lists have elements [{index}]")
        length = node.fixed_length()
        if length is not None and index >= length:
            raise InvalidExpression(f"{self.label} has {length} elements: [{index}] is beyond them")
        place = self._step(f"[{index}]", index, node.step(index) or ANY, operator.itemgetter(index))
        return replace(place, required=length is not None)

    def key(self, key: object) -> CodecPath:
        """Step to a value of a map by its key."""
        self._refuse_json()
        node = self.node.under("M")
        entry = node and node.entry(key)
        if entry is not None:
            place = self._step(f"[{key!r}]", entry.attribute, entry.node, lambda entries: entries.get(key))
            return replace(place, required=entry.required, none_is_left_out=entry.omit_none)
        name = node and node.map_key(key)
        if node is not None and name is None and node.holds(dict):
            raise InvalidExpression(self._unknown(str(key)))
        if node is None or name is None:
            raise InvalidExpression(f"{self.label} is not a map with keys: name a field with a dot, or a list's index")
        shown = "..." if self.encrypted else repr(key)  # the keys of an encrypted map are part of the secret
        return self._step(f"[{shown}]", name, node.step(name) or ANY, lambda entries: entries.get(key))

    def encode(self, value: object) -> AttributeValue:
        """Encode a value as it is stored here. Raises InvalidValue."""
        try:
            stored = self.node.encode(value)
        except InvalidValue as error:
            raise error.at(self.label) from error.__cause__
        if "NULL" in stored and self.spec is not None and self.spec.is_index_key:
            raise InvalidValue(
                "an index key cannot be NULL: use remove() to take the item out of the index", path=self.label
            )
        return stored

    def validated(self, value: object, data: Mapping[str, object] | None = None, context: object = None) -> Validated:
        """Return a value for the whole of this place as the constructor makes it, with its stored form.

        Raises InvalidValue, also for a value that would not read back as itself.
        """
        if self.codec is None or not self.path:
            raise InvalidExpression(f"{self.label} is a whole item: name a field of it")
        if self.spec is not None:
            return self.codec.validated(self.spec.name, value, data, context)
        codec = self.codec
        return self._settled(self.node, value, context, lambda stored: codec.check_inside(self.path, stored))

    def validated_element(self, value: object, context: object = None) -> Validated:
        """Return an element for the list or set here as the constructor makes it, with its stored form."""
        node = self.node.element_node()
        if self.codec is None or node is None:
            raise InvalidExpression(f"{self.label} is neither a list nor a set: only they have elements")
        codec = self.codec
        return self._settled(node, value, context, lambda stored: codec.check_elements(self.path, [stored])[0])

    def stored(self, value: object) -> AttributeValue:
        """Encode a value for the whole of this place, after the validation that the constructor gives it."""
        if value is None or self.codec is None or not self.path or self._is_computed:
            return self.encode(value)
        return self.validated(value).stored

    @property
    def _is_computed(self) -> bool:
        """Whether the model computes what stands here, so that no field validates it."""
        return self.spec is not None and self.spec.name not in self.model.__pydantic_fields__

    def stored_elements(self, values: Iterable[object]) -> list[AttributeValue]:
        """Encode elements for the list or set here, each after its own validation."""
        if self.node.element_node() is None:
            return self.encode(list(values))["L"]
        return [self.validated_element(value).stored for value in values]

    def encode_operand(self, value: object) -> AttributeValue:
        """Encode a bound or an operand: held to the stored type only, without constraints and validators."""
        if isinstance(value, str | bytes | int | float | Decimal) and not isinstance(value, bool):
            with suppress(InvalidValue):
                stored = encode_scalar(value)
                if self.types and stored.keys() <= self.types:
                    return stored
        return self.encode(value)

    def _settled(
        self, node: Node, value: object, context: object, read: Callable[[AttributeValue], object]
    ) -> Validated:
        """Return a value as the constructor makes it and as it will be read, with its stored form."""
        made = self._made(node, value, context)
        back = read(made.stored)
        if back is NOT_READ:  # its validators ask for other fields: they have to keep their own result at least
            with suppress(InvalidValue):
                back = self._made(node, made.value, context).value
        if back is NOT_READ or same(back, made.value):
            return made
        path = self.label.partition(".")[2]
        return settled(back, made.stored, read, node.encode, path=path, model=self.model.__name__)

    def _made(self, node: Node, value: object, context: object) -> Validated:
        validation = self.codec and self.codec.validation
        try:
            if validation is not None and node.source is not None:
                value = validation.value(node.source, value, context)
            return Validated(value, node.encode(value))
        except InvalidValue as error:
            raise error.at(self.label.partition(".")[2]).of(self.model.__name__) from error.__cause__

    def encode_element(self, value: object) -> AttributeValue:
        """Encode what `contains` and `begins_with` look for: a part of a text, an element of a collection."""
        types = self.node.types
        if isinstance(value, str) and "S" in types:
            return {"S": check_text(value)}
        if isinstance(value, bytes) and "B" in types:
            return {"B": value}
        try:
            return (self.node.element_node() or ANY).encode(value)
        except InvalidValue as error:
            raise error.at(self.label) from error.__cause__

    def _step(self, label: str, step: str | int, node: Node, get: Callable[[Any], object]) -> CodecPath:
        return CodecPath(
            model=self.model,
            label=self.label + label,
            node=node.resolved(),
            schema=self.schema,
            path=(*self.path, step),
            encrypted=self.encrypted,
            steps=(*self.steps, get),
            codec=self.codec,
        )

    def _refuse_json(self) -> None:
        if not self.node.has_paths:
            raise InvalidExpression(
                f"{self.label} is stored as JSON text, which DynamoDB cannot look into: drop AsJson()"
            )

    def _unknown(self, name: str) -> str:
        spec = self.schema.fields.get(name) if not self.path else None
        if spec is not None and not spec.stored:
            return f"{self.label}.{name} is not stored: no expression can see it"
        import difflib  # noqa: PLC0415 -- for the message only

        from dynamorm_py._kernel.other_words import WORDS_OF_ATTR  # noqa: PLC0415 -- as above

        names = [field.name for field in self.node.all_fields()]
        if self.path and name in WORDS_OF_ATTR:
            reference = f"fields({self.model.__name__}).{self.label.partition('.')[2]}"
            return f"{self.label} has no field {name!r}: wrap it first, Attr({reference}).{name}"
        if not names and _is_of_elements(self.node, name):
            return f"{self.label} has no field {name!r}, its elements have: name one, as in [0].{name}"
        if not names and "M" in self.types:
            return f"{self.label} has no field {name!r}: it is a map, whose values stand under keys, [{name!r}]"
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(names) or 'no fields'}"
        return f"{self.label} has no field {name!r}: {hint}"


def _classes(node: Node) -> frozenset[type]:
    """Return the classes with fields of which a value is."""
    return frozenset(node.python) - {type(None)} if next(iter(node.all_fields()), None) is not None else frozenset()


def _is_of_elements(node: Node, name: str) -> bool:
    """Tell whether a list's elements have the field."""
    of_list = node.under("L")
    element = of_list and of_list.element_node()
    return element is not None and field_of(element, name) is not None
