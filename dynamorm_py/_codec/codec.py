"""The codec of one model, compiled once: instance to item, response to instances, places for expressions."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from dynamorm_py._codec.certain import reads_back
from dynamorm_py._codec.compiler import SchemaCompiler
from dynamorm_py._codec.key_composition import DerivedKey, check_table_keys
from dynamorm_py._codec.literals import single_literals
from dynamorm_py._codec.node import UnsupportedType
from dynamorm_py._codec.partial import partial_node
from dynamorm_py._codec.path import CodecPath
from dynamorm_py._codec.projections import projected_fields, projections_to, require_same_types
from dynamorm_py._codec.reader import Reader
from dynamorm_py._codec.roundtrip import NOT_READ, reading_back_in, same, settled
from dynamorm_py._codec.schemas import complete_schema
from dynamorm_py._codec.size import ITEM_LIMIT, item_size
from dynamorm_py._codec.validation import Validated, Validation
from dynamorm_py._codec.wire import to_json
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.serialized import SerializedItem
from dynamorm_py._schema import SET_BY_LIBRARY
from dynamorm_py.errors import InvalidProjection, InvalidValue, ItemDecodeError, ItemTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import CoreSchema

    from dynamorm_py._codec.node import Node
    from dynamorm_py._codec.structs import StructNode
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py._kernel.types import AttributePath, AttributeValue, Item
    from dynamorm_py._schema import ModelSchema, StoredField

M = TypeVar("M", bound=BaseModel)


class Codec(Generic[M]):
    """Writes instances of one model as items and reads items back. Thread-safe: after creation only caches grow."""

    model: type[M]
    schema: ModelSchema
    node: StructNode
    root: CodecPath

    def __init__(
        self, model: type[M], schema: ModelSchema, fields: Mapping[str, StoredField], *, partial: bool = False
    ) -> None:
        """Compile. Raises UnsupportedType with every field that cannot be stored; `partial` is for a smaller model."""
        self.model, self.schema = model, schema
        compiler = SchemaCompiler(complete_schema(model), {model: fields}, partial=partial)
        self.node = compiler.item_node()
        self._keys = [field.attribute for field in schema.fields.values() if field.is_key]
        self._reader: Reader[M] = Reader(model.__name__, self.node, compiler, self._keys)
        self.validation: Validation = compiler.validation()
        self.root = CodecPath(model, model.__name__, self.node, schema, codec=self)
        self._plain_types: dict[str, type | None] = {}
        self._types_as_is: dict[str, type | None] = {}
        self._context: object = None
        self._fields = fields
        self._partials: dict[tuple[str, frozenset[str]], Codec[M]] = {}
        self.parts: dict[tuple[str, ...], type[BaseModel]] = {}
        self.derived: dict[str, DerivedKey] = {}
        self.attributes: dict[str, str] = {f.name: f.attribute for f in self.node.fields.values()}

    def in_context(self, context: object) -> Codec[M]:
        """Return the codec whose validators get this as `info.context`, in reads and in writes."""
        codec = copy.copy(self)
        codec.root = replace(self.root, codec=codec)
        codec._reader = self._reader.in_context(context)  # noqa: SLF001 -- its own copy
        codec._partials = {}  # noqa: SLF001 -- its own copy
        codec._context = context  # noqa: SLF001 -- its own copy
        return codec

    def partial(self, index: str, carried: frozenset[str]) -> Codec[M]:
        """Return the codec of what an index carries: its instances have no value where the attribute is not there."""
        known = {*self.discriminators, *(name for name, attribute in self.attributes.items() if attribute in carried)}
        fields = self.node.fields.values()
        if all(field.name in known or field.computed for field in fields):
            return self
        if (index, carried) not in self._partials:
            compiler = SchemaCompiler(complete_schema(self.model), {self.model: self._fields})
            codec = copy.copy(self)
            codec.node = partial_node(compiler, self.node, index, known)
            codec.attributes = {name: self.attributes[name] for name in self.attributes if name in known}
            reader: Reader[M] = Reader(self.model.__name__, codec.node, compiler, self._keys)
            codec._reader = reader.in_context(self._context)  # noqa: SLF001 -- its own copy
            self._partials[index, carried] = codec
        return self._partials[index, carried]

    def encode(self, instance: M) -> Item:
        """Return the item of an instance. Raises InvalidValue with the path to what has no form."""
        try:
            return (self.node.encode(instance) if self._context is None else self._written(self.node, instance))["M"]
        except InvalidValue as error:
            raise error.of(self.model.__name__) from error.__cause__

    def _written(self, node: Node, value: object) -> AttributeValue:
        if self._context is None:
            return node.encode(value)
        with reading_back_in(self._context):
            return node.encode(value)

    def encode_field(self, name: str, value: object) -> AttributeValue:
        """Return the attribute value of one field. Raises InvalidValue."""
        try:
            return self._written(self.node.fields[name].node, value)
        except InvalidValue as error:
            if self.node.fields[name].encrypted:
                error = InvalidValue(error.reason)
            raise error.at(name).of(self.model.__name__) from error.__cause__

    @cached_property
    def required(self) -> frozenset[str]:
        """The attributes without which no item is read, but for those that the library sets."""
        by_library = {field.attribute for field in self.schema.stored if field.roles & SET_BY_LIBRARY}
        return frozenset(f.attribute for f in self.node.fields.values() if f.required) - by_library

    @cached_property
    def kind(self) -> dict[str, tuple[AttributeValue, ...]]:
        """The attributes that tell models of one table apart, with the literal values that the model's items hold."""
        values = self.discriminators.items()
        return {self.node.fields[name].attribute: (self.encode_field(name, value),) for name, value in values}

    def told_by(self, literals: Mapping[str, tuple[AttributeValue, ...]]) -> Codec[M]:
        """Return the codec of a model whose items these literals tell from those of other models, too."""
        codec = copy.copy(self)
        codec._partials = {}  # noqa: SLF001 -- its own copy
        codec.kind, codec.told_apart = {**self.kind, **literals}, True
        return codec

    def validated(
        self, name: str, value: object, data: Mapping[str, object] | None = None, context: object = None
    ) -> Validated:
        """Return what the constructor makes of a field's value, with its stored form.

        `data` are the values of other fields that its validators may ask for. Raises InvalidValue, also for a value
        that would not read back as itself.
        """
        if type(value) is self._type_as_is(name):
            return Validated(value, self.encode_field(name, value))
        context = self._context if context is None else context
        try:
            value = self.validation.field(name, value, data, context)
            with reading_back_in(context):
                stored = self.node.fields[name].node.encode(value)
        except InvalidValue as error:
            raise error.at(name).of(self.model.__name__) from error.__cause__
        return self.settled(name, value, stored, data)

    def settled(
        self, name: str, value: object, stored: AttributeValue, data: Mapping[str, object] | None = None
    ) -> Validated:
        """Return a field's value as it will be read, with its stored form. Raises InvalidValue as `validated`."""
        read = partial(self._read_field, name, data or {})
        back = read(stored)
        if back is NOT_READ or same(back, value):
            return Validated(value, stored)
        return settled(back, stored, read, partial(self.encode_field, name), path=name, model=self.model.__name__)

    def _read_field(self, name: str, data: Mapping[str, object], stored: AttributeValue) -> object:
        attribute = self.attributes[name]
        try:
            alone = self._reader.check({attribute: stored}).get(attribute, NOT_READ)
            return self._reader.read_beside(name, stored, data) if alone is NOT_READ else alone
        except ItemDecodeError as error:
            raise self._unreadable(error) from error.__cause__

    def _type_as_is(self, name: str) -> type | None:
        """Return the type whose values a field takes, and reads back, as they are; None where that is not sure."""
        if name not in self._types_as_is:
            sure = reads_back(self.node.fields[name].node, self.validation.definitions)
            self._types_as_is[name] = self.validation.plain_type(name) if sure else None
        return self._types_as_is[name]

    @cached_property
    def composes_key(self) -> bool:
        """Whether the table's key, or a part of it, is composed from fields."""
        return any(key.field.is_key for key in self.derived.values())

    @cached_property
    def told_apart(self) -> bool:
        """Whether the model's items differ from other models' by what they hold."""
        return bool(self.kind or self.composes_key or self.schema.unique)

    @cached_property
    def reads_all_it_writes(self) -> bool:
        """Whether every item that it encodes is sure to be read back."""
        return not self.derived and reads_back(self.node, self.validation.definitions)

    @cached_property
    def changes_values(self) -> bool:
        """Whether validators or constraints of the model may make another value of one that was assigned."""
        return self.validation.changes_values

    def stored_key(self, name: str, value: object, known: dict[str, object]) -> AttributeValue:
        """Return a part of a key as it is stored, after the validation that the constructor gives it.

        `known` are the values of other fields, to which the validated one is added.
        """
        if name in self.derived or self.node.fields[name].computed:
            return self.encode_field(name, value)
        if name not in self._plain_types:
            self._plain_types[name] = self.validation.plain_type(name)
        if type(value) is self._plain_types[name]:
            known[name] = value
            return self.encode_field(name, value)
        made = self.validated(name, value, known)
        known[name] = made.value
        return made.stored

    @cached_property
    def discriminators(self) -> dict[str, object]:
        """The fields of one literal value only that have it as default, with the value."""
        return single_literals(self.model, self.node.fields)

    def validate_field(self, name: str, value: object, known: Mapping[str, object] | None = None) -> object:
        """Return what a field's validation makes of a value; `known` are other fields' values. Raises InvalidValue."""
        try:
            return self.validation.field(name, value, known, context=self._context)
        except InvalidValue as error:
            raise error.at(name).of(self.model.__name__) from error.__cause__

    def compose(self, name: str, instance: M) -> str | None:
        """Return a derived key of an instance; None where a part is None. Raises InvalidValue."""
        try:
            return self.derived[name].of_instance(instance)
        except InvalidValue as error:
            raise error.of(self.model.__name__) from error.__cause__

    def derive(self, item: Item) -> None:
        """Set the derived keys of an encoded item from its other attributes. Raises InvalidValue."""
        for key in self.derived.values():
            try:
                text = key.of_item(item)
            except InvalidValue as error:
                raise error.at(key.name).of(self.model.__name__) from error.__cause__
            item.pop(key.attribute, None)
            if text is not None:
                item[key.attribute] = self.node.fields[key.name].node.encode(text)

    @property
    def item_schema(self) -> CoreSchema:
        """The schema that reads one item, for a reader of several models."""
        return self._reader.item_schema

    def check_derived(self, instance: M, stored: Mapping[str, str | None]) -> None:
        """Raise pydantic's error when a stored key of the table is not what the fields of an instance compose."""
        check_table_keys(self.derived.values(), instance, stored)

    def decode_response(self, response: ResponseLike) -> dict[str, Any]:
        """Read a response: its `Item`, `Attributes` and `Items` become models, paging entries stay.

        Raises ItemDecodeError.
        """
        whole = response if type(response) is Response else Response.of(response)
        return self._reader.decode(self._reader.body_of(whole.document) if whole.body is None else whole.body)

    def decode_at_once(self, response: Response) -> dict[str, Any] | None:
        """Read the body of a response in one pass; None where there is none, or something in it does not fit."""
        return None if response.body is None else self._reader.decode_at_once(response.body)

    def load(self, item: Mapping[str, AttributeValue]) -> M:
        """Read one item in DynamoDB's form. Raises ItemDecodeError."""
        return self._reader.item(item)

    @property
    def validation_context(self) -> object:
        """What validators get as `info.context`; None where nothing was bound."""
        return self._context

    def serialized(self, item: Item) -> SerializedItem:
        """Return an item with its bytes. Raises ItemTooLarge over 400 KB, InvalidValue for what JSON cannot say."""
        body = to_json(item)
        if len(body) > ITEM_LIMIT:  # the JSON is never the shorter one
            self.check_size(item)
        return SerializedItem.of(item, body)

    def read_back(self, item: SerializedItem) -> M:
        """Return what will be read when this item is stored. Raises InvalidValue when the model would not take it."""
        body = to_json(item) if item.json is None else item.json
        try:
            return self._reader.decode(b'{"Item":%b}' % body)["Item"]
        except ItemDecodeError as error:
            raise self._unreadable(error) from error.__cause__

    def check_size(self, item: Item) -> None:
        """Raise ItemTooLarge over 400 KB."""
        size = item_size(item)
        if size > ITEM_LIMIT:
            error = ItemTooLarge(
                f"the item has {size} bytes, DynamoDB stores {ITEM_LIMIT}: split it, or keep the large part in S3",
                model=self.model.__name__,
            )
            error.size = size
            raise error

    def check_fields(self, item: Item) -> dict[str, object]:
        """Return what is read from these attributes of an item. Raises InvalidValue for one that would not be."""
        try:
            return self._reader.check(item)
        except ItemDecodeError as error:
            raise self._unreadable(error) from error.__cause__

    def check_inside(self, path: AttributePath, value: AttributeValue) -> object:
        """Return what is read at a place inside an attribute, or NOT_READ. Raises InvalidValue when it is not."""
        try:
            return self._reader.check_inside(path, value)
        except ItemDecodeError as error:
            raise self._unreadable(error) from error.__cause__

    def check_elements(self, path: AttributePath, elements: Iterable[AttributeValue]) -> list[object]:
        """Return what is read from elements of a list or set at a place. Raises InvalidValue as `check_inside`."""
        try:
            return self._reader.check_elements(path, elements)
        except ItemDecodeError as error:
            raise self._unreadable(error) from error.__cause__

    def _unreadable(self, error: ItemDecodeError) -> InvalidValue:
        return InvalidValue(
            f"{error.reason}: stored so, it could not be read back", path=error.path, model=self.model.__name__
        )

    def projected(self, target: type[P]) -> Codec[P]:
        """Return the codec that reads a smaller model out of this one's items.

        Raises InvalidProjection for a field that is not there, or is stored as another type.
        """
        known = projections_to(target)
        if self in known:
            return known[self]
        fields = projected_fields(self, target)
        try:
            codec = Codec(target, self.schema, fields, partial=True)
        except UnsupportedType as error:
            raise InvalidProjection(
                f"{target.__name__} cannot be read from {self.model.__name__}: {error.args[0]}"
            ) from None
        require_same_types(self, codec)
        return known.setdefault(self, codec if self._context is None else codec.in_context(self._context))


P = TypeVar("P", bound=BaseModel)
