"""A model bound to a table: what every operation needs to know of both.

It turns keys into items and checks what is about to be written. No operation and no client here.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from dynamorm_py._codec import document_of, to_json, told_by_keys
from dynamorm_py._kernel.passed import MISSING
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of, with_article
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py._model.item_key import ItemKey, got_instead, key_of, key_parts, refused_key
from dynamorm_py._model.kinds import is_filtered, is_other, telling_attributes
from dynamorm_py._schema import PARTITION_KEY_BYTES, SORT_KEY_BYTES
from dynamorm_py.errors import (
    EncryptionError,
    IndexNotFound,
    InvalidExpression,
    InvalidKey,
    InvalidProjection,
    InvalidValue,
    ItemDecodeError,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import AttributePath, Item
    from dynamorm_py._schema import IndexSchema, ModelSchema

    P = TypeVar("P", bound=BaseModel)
    T = TypeVar("T")

M = TypeVar("M", bound=DynamoModel)

_SHORT = SORT_KEY_BYTES // 4  # characters that fit into any key: UTF-8 has four bytes for one at most


class Cipher(Protocol):
    """Seals and opens the encrypted attributes of one model's items; a call of a key service is a step of the plan."""

    def seal(self, item: Item, key: Item) -> Plan[Item]:
        """Return the item, or the part of one, with its encrypted attributes sealed; `key` is the item's key."""
        ...

    def open(self, response: Response, requested: Collection[str]) -> Plan[Response]:
        """Return a response of any read with the encrypted attributes that are asked for in clear."""
        ...

    def concealed(self, item: Mapping[str, Any], response: Response) -> Mapping[str, Any]:
        """Return an item that was opened as the response holds it, encrypted."""
        ...

    def renewed(self, item: Item) -> Plan[Item]:
        """Return new values for the encrypted attributes of a stored item that are not of the current key and form."""
        ...

    @property
    def bound_to(self) -> tuple[str, ...]:
        """The attributes that opening an item needs in addition to the encrypted ones."""
        ...


@frozen
class ModelTable(Generic[M]):
    """One model in one table."""

    name: str
    model: type[M]
    codec: Codec[M]
    cipher: Cipher | None = None
    hides_expired: Callable[[], dt.datetime] | None = field(default=None, repr=False, compare=False)
    """The clock by which items whose time to live has passed are left out; None to read them."""

    @property
    def schema(self) -> ModelSchema:
        """The model's table as its class defines it."""
        return self.codec.schema

    def key(self, key: object) -> Item:
        """Return a key in DynamoDB's form, from a value, a `(partition, sort)` tuple, an instance or `key_of`.

        Raises InvalidKey with the shape that the model's key has.
        """
        if isinstance(key, DynamoModel):
            return self._key_of_instance(key)
        if isinstance(key, ItemKey):
            return self._item_key(cast("ItemKey[Any]", key))
        fields = self.codec.schema.keys
        item: Item = {}
        known: dict[str, object] = {}
        for each, value in zip(fields, self._key_values(key, len(fields)), strict=True):
            item[each.attribute] = self._key_value(each.name, value, each.roles, known)
        return item

    def key_of_item(self, item: Mapping[str, Any]) -> Item:
        """Return the key of an encoded item. Raises InvalidKey for an empty part."""
        key: Item = {}
        for each in self.codec.schema.keys:
            stored = key[each.attribute] = item[each.attribute]
            if not 0 < len(stored.get("S", "")) <= _SHORT:  # nearly all are short text
                self._check_key_value(each.name, stored, each.roles)
        return key

    def identity(self, item: Mapping[str, Any]) -> Hashable:
        """Return what is equal for two items, or keys, exactly when they name the same item.

        Takes boto3's form and DynamoDB's JSON, where binary is base64 text.
        """
        identity: list[Hashable] = [self.name]
        for each in self.schema.keys:
            for tag, payload in item.get(each.attribute, {}).items():
                identity.append(payload if tag == "S" else _comparable(tag, payload))
        return tuple(identity)

    def sealed(self, item: Item, key: Item) -> Plan[Item]:
        """Return the item, or the part of one, as it goes to the table."""
        if self.cipher is None:
            return item
        sealed = yield from self.cipher.seal(item, key)
        self.codec.check_size(sealed)  # an envelope is larger than its value
        return sealed

    def decode_response(self, response: Response, codec: Codec[Any]) -> Plan[dict[str, Any]]:
        """Read a response with the codec of the model or of a smaller one; see `Codec.decode_response`."""
        if self.cipher is None:
            return codec.decode_response(response)
        opened = yield from self.cipher.open(response, codec.attributes.values())
        try:
            return codec.decode_response(opened)
        except ItemDecodeError as error:
            if error.raw_item is not None:
                error.raw_item = self.cipher.concealed(error.raw_item, response)
            raise

    def decode_page(self, response: Response, codec: Codec[Any]) -> Plan[dict[str, Any]]:
        """Read a page; items of other models that a filter could not tell are left out, see `Positions`."""
        if codec.model is self.codec.model or not self.codec.composes_key:  # else a smaller model would take others
            try:
                return (yield from self.decode_response(response, codec))
            except (ItemDecodeError, EncryptionError):
                if not self.codec.told_apart:
                    raise
        document = document_of(response)
        items = document.get("Items", [])
        own = [n for n, item in enumerate(items) if not is_other(self.codec, item)]
        if len(own) == len(items):
            return (yield from self.decode_response(response, codec))
        document["Items"] = [items[n] for n in own]
        return {**(yield from self.decode_response(Response(to_json(document)), codec)), "Positions": own}

    def decode_own(self, response: Response, codec: Codec[Any]) -> Plan[Any]:
        """Read the one item of a response; None where there is none, or it is of another model of the table."""
        if self._leaves_out(response, smaller=codec is not self.codec):
            return None
        try:
            return (yield from self.decode_response(response, codec)).get("Item")
        except (ItemDecodeError, EncryptionError):
            if self._holds_other(response):
                return None
            raise

    def _leaves_out(self, response: Response, *, smaller: bool) -> bool:
        """Return whether the item of a response has expired, or is seen to be of another model before it is read."""
        if self.hides_expired is not None and self.expired(document_of(response).get("Item") or {}):
            return True
        return (smaller or bool(self.schema.unique)) and self._holds_other(response)

    @property
    def looks_at_items(self) -> bool:
        """Whether items are looked at as they are stored before they are read: opened, told apart or left out."""
        return self.cipher is not None or self.codec.told_apart or self.hides_expired is not None

    @property
    def expiry(self) -> str | None:
        """The attribute of the time to live where expired items are left out."""
        ttl = None if self.hides_expired is None else self.schema.role("ttl")
        return None if ttl is None else ttl.attribute

    def expired(self, item: Mapping[str, Any]) -> bool:
        """Return whether an item in DynamoDB's form is left out, as its time to live has passed."""
        if self.hides_expired is None or self.expiry is None:
            return False
        ends = item.get(self.expiry, {}).get("N")
        return ends is not None and Decimal(ends) <= int(self.hides_expired().timestamp())

    def _holds_other(self, response: Response) -> bool:
        return self.codec.told_apart and is_other(self.codec, document_of(response).get("Item") or {})

    def of_item(self, item: Mapping[str, Any]) -> ModelTable[M] | None:
        """Return the table of the model that an item, or what is known of it, is of; None for another's."""
        return None if self.codec.told_apart and is_other(self.codec, item) else self

    def attributes(self, codec: Codec[Any], *, keys: bool = False) -> list[AttributePath]:
        """Return what a read asks for: a smaller model's attributes and what opening them needs; nothing for all.

        `keys` adds the item's: where several items are read, they tell which is which, and whether it is there.
        """
        if codec is self.codec:
            return []
        bound_to = () if self.cipher is None else self.cipher.bound_to
        own = [*(each.attribute for each in self.schema.keys if keys), *telling_attributes(self.codec)]
        own += [] if self.expiry is None else [self.expiry]
        return [(name,) for name in dict.fromkeys((*codec.attributes.values(), *bound_to, *own))]

    def counted_by(self, carried: frozenset[str] | None) -> Sequence[str]:
        """Return the attributes by which items are counted one by one; none where the filter tells which they are.

        `carried` is what the index that is read has; None for all.
        """
        filtered = is_filtered(self.codec, carried) or not self.codec.composes_key
        return () if filtered else [each.attribute for each in self.schema.keys]

    def count(self, items: Sequence[Mapping[str, Any]]) -> int:
        """Return how many of these items, of which there is what `counted_by` names, are read."""
        return sum(not is_other(self.codec, item) for item in items)

    def told_by_keys(self, carried: frozenset[str]) -> frozenset[str]:
        """Return the attributes that an index does not carry, and that the keys which it carries tell."""
        return told_by_keys(self.codec.derived.values(), carried)

    def hides_in(self, index: str) -> bool:
        """Return whether expired items are left out of what is read through an index."""
        return self.expiry is not None and (index in self.schema.indexes or index in self.schema.vectors)

    def index(self, name: str) -> IndexSchema:
        """Return an index of the model by its name. Raises IndexNotFound with the names there are."""
        selected = next((index for index in self.schema.indexes.values() if index.name == name), None)
        if selected is None:
            known = ", ".join(self.schema.indexes) or "none"
            raise IndexNotFound(f"{self.model.__name__} has no index {name!r}: its indexes are {known}")
        return selected

    def check_model(self, model: type[Any] | None) -> None:
        """Raise InvalidExpression for an expression that was built from another model's fields."""
        if model is not None and model is not self.model:  # not a base class's either: its attributes may differ
            raise InvalidExpression(
                f"the expression is about {model.__name__}, the call about {self.model.__name__}: "
                f"build it from fields({self.model.__name__})"
            )

    def attributes_read(self, model: type[Any], codec: Codec[Any]) -> Collection[str]:
        """Return which attributes of a model's items a codec reads."""
        del model
        return codec.attributes.values()

    def results_of(self, model: type[Any], results: Iterable[T]) -> Iterable[T]:
        """Return the results that a field of a model is about."""
        del model
        return results

    def projected(self, target: type[P]) -> Codec[P]:
        """Return the codec that reads a smaller model. Raises InvalidProjection."""
        if not isinstance(cast("object", target), type) or not hasattr(target, "model_fields"):
            raise InvalidProjection("project= takes a pydantic model whose fields are a subset of the item's")
        return self.codec.projected(target)

    def _key_of_instance(self, instance: DynamoModel) -> Item:
        if type(instance) is not self.model:
            raise InvalidKey(
                f"the key is {kind_of(instance)}: pass {with_article(self.model.__name__)}, or its key's values"
            )
        if self.codec.composes_key and self.codec.changes_values:  # what was assigned is validated as in a put
            names = key_parts(self.codec)
            return self._item_key(key_of(self.model, **{name: getattr(instance, name) for name in names}))
        known = dict(instance.__dict__)
        try:
            return {
                f.attribute: self._key_value(f.name, getattr(instance, f.name), f.roles, known)
                for f in self.schema.keys
            }
        except InvalidValue as error:  # of a part that a derived key is composed from
            raise InvalidKey(str(error)) from None

    def _item_key(self, key: ItemKey[Any]) -> Item:
        if key.model is not self.model:
            raise InvalidKey(
                f"the key is of {key.model.__name__}, the call about {self.model.__name__}: "
                f"make it with key_of({self.model.__name__}, ...)"
            )
        return self.key_of_item(key.attributes)

    def _key_values(self, key: object, parts: int) -> tuple[object, ...]:
        if parts == 1:
            if isinstance(key, tuple | dict | list) or key is MISSING:
                raise refused_key(self.codec, f"has no sort key: pass the value of {self._shape()} alone", key)
            return (key,)
        values: Any = key
        if not isinstance(key, tuple) or len(values) != parts:
            raise refused_key(self.codec, f"has a sort key: pass the tuple ({self._shape()})", key)
        return values

    def _shape(self) -> str:
        return ", ".join(field.name for field in self.schema.keys)

    def _key_value(self, name: str, value: object, roles: frozenset[str], known: dict[str, object]) -> dict[str, Any]:
        if value is None and name in self.codec.derived:
            raise InvalidKey(f"{self.model.__name__}.{name}, a part of the key, cannot be None: give it a value")
        try:
            stored = self.codec.stored_key(name, value, known)
        except InvalidValue as error:
            raise InvalidKey(f"{self.model.__name__}.{name}: {error.reason}{got_instead(value, name)}") from None
        self._check_key_value(name, stored, roles)
        return stored

    def _check_key_value(self, name: str, stored: Mapping[str, Any], roles: frozenset[str]) -> None:
        ((tag, payload),) = stored.items()
        if tag == "N" or 0 < len(payload) <= _SHORT:
            return
        size = len(payload.encode()) if tag == "S" else len(payload)
        limit = PARTITION_KEY_BYTES if "pk" in roles else SORT_KEY_BYTES
        if not 0 < size <= limit:
            fault = (
                "is empty: give it a value" if not size else f"has {size} bytes, DynamoDB allows {limit}: shorten it"
            )
            raise InvalidKey(f"{self.model.__name__}.{name}, a part of the key, {fault}")


def _comparable(tag: str, payload: Any) -> Hashable:  # noqa: ANN401 -- an attribute value's payload
    """Return a key's value in one spelling: DynamoDB may write a number otherwise than we did."""
    if tag == "N":
        return Decimal(payload)
    return b64encode(payload).decode() if isinstance(payload, bytes) else payload


def bind(
    model: type[M],
    name: str,
    cipher: Cipher | None = None,
    hides_expired: Callable[[], dt.datetime] | None = None,
    validation_context: object = None,
) -> ModelTable[M]:
    """Bind a model to a table. Raises ModelDefinitionError when the model is not complete."""
    codec = codec_of(model)
    if validation_context is not None:
        codec = codec.in_context(validation_context)
    return ModelTable(name, model, codec, cipher, hides_expired)
