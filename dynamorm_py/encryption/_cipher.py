"""Seals and opens the encrypted attributes of one model's items; the steps of plans that do so.

It knows which attributes are encrypted and asks for data keys by requests. It knows neither the
operation that sends the item nor where the keys come from.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field
from importlib.util import find_spec
from os import urandom
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import answer_with
from dynamorm_py._kernel.plans import Parallel
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py.encryption._aad import ITEM_VERSION, parts
from dynamorm_py.encryption._data_key import DataKey, decrypt_request, generate_request, read_data_key
from dynamorm_py.encryption._envelope import NONCE_BYTES, is_envelope, read_envelope, seal, unseal
from dynamorm_py.encryption._envelope_errors import NestedEnvelope, locate
from dynamorm_py.errors import EncryptionError, EncryptionNotConfigured, InvalidEncryptedEnvelope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan, Request, Transport
    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py.encryption._aad import Rules
    from dynamorm_py.encryption._envelope import Envelope

_LIBRARIES = ("aws_encryption_sdk", "cryptography")  # of the extra; looked for here, loaded with the first value
_ONE = ("Item", "Attributes")
_HOLDS_ITEMS = {"Item?": dict, "Attributes?": dict, "Items?": [dict]}  # whatever their attributes are


@frozen
class ItemCipher:
    """Encrypts the attributes of one model as its repository's encryption says."""

    model: str
    attributes: frozenset[str]
    keys: tuple[str, ...]
    rules: Rules
    arn: str
    source: Transport = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)

    @property
    def bound_to(self) -> tuple[str, ...]:
        """The key attributes that must be read with an envelope: those of the item where it is bound to it."""
        return self.keys if ITEM_VERSION in self.rules.accepted else ()

    def seal(self, item: Item, key: Item) -> Plan[Item]:
        """Return the item, or the part of one, with its encrypted attributes sealed. Raises EncryptionError."""
        sealed = dict(item)
        for name in item:
            if name in self.attributes:
                sealed[name] = yield from self._seal(name, item[name], key)
        return sealed

    def open(self, response: Response, requested: Collection[str]) -> Plan[Response]:
        """Return a response with the encrypted attributes of its items in clear; only those asked for are opened.

        Key attributes that were read for the envelopes alone are left out. Raises EncryptionError.
        """
        body = _members(response)
        names = self.attributes.intersection(requested)
        unread = set(self.bound_to).difference(requested)
        sealed = [place for item in _items(body) for place in self._places(item, names)]
        data_keys = yield from self._unwrapped(sealed)
        clear = {id(item): _without(item, unread) for item in _items(body)}
        for place in sealed:
            value, _ = self._unseal(place, data_keys[place.envelope.edk])
            self._refuse_nested(place, value)
            clear[id(place.item)][place.name] = value
        return Response(document=_with_items(body, lambda item: clear[id(item)]))

    def renewed(self, item: Item) -> Plan[Item]:
        """Return new envelopes for the attributes of a stored item that are not under current key, prefix, version.

        What was encrypted twice is so once again.
        """
        places = list(self._places(item, self.attributes))
        data_keys = yield from self._unwrapped(places)
        renewed: Item = {}
        for place in places:
            data_key = data_keys[place.envelope.edk]
            value, prefix = self._unseal(place, data_key)
            written = (place.envelope.version, prefix, data_key.arn)
            inner = yield from self._unnested(place, value)
            if inner is not value or written != (self.rules.version, self.rules.prefix, self.arn):
                renewed[place.name] = yield from self._seal(place.name, inner, self._key(item))
        return renewed

    def concealed(self, item: Mapping[str, Any], response: Response) -> Mapping[str, Any]:
        """Return an opened item as the response holds it, encrypted; without those attributes if it is not there."""
        stored = _items(_members(response))
        if len(stored) > 1 and len(self._key(item)) == len(self.keys):
            identity = parts(self._key(item))
            stored = [other for other in stored if parts(self._key(other)) == identity]
        return stored[0] if len(stored) == 1 else _without(item, self.attributes)

    def _seal(self, name: str, value: AttributeValue, key: Item) -> Plan[AttributeValue]:
        with _located(self.model, name):
            answer = yield generate_request(self.arn, self.source)
            nonce = self.random(NONCE_BYTES)
            if len(nonce) != NONCE_BYTES:
                raise EncryptionError(f"random= returned {len(nonce)} bytes, and a nonce has {NONCE_BYTES}")
            data_key = read_data_key(answer, self.arn)
        aad = self.rules.aad(self.rules.version, self.rules.prefix, name, key)
        return seal(value, self.rules.version, aad, data_key, nonce)

    def _places(self, item: Item, names: Iterable[str]) -> Iterator[_Place]:
        for name in sorted(names):
            if name in item:
                with _located(self.model, name, item):
                    envelope = read_envelope(item[name], self.rules.accepted)
                yield _Place(item, name, envelope)

    def _unwrapped(self, places: list[_Place]) -> Plan[dict[bytes, DataKey]]:
        """Return the data key of each wrapped one, all distinct ones asked for at once."""
        first: dict[bytes, _Place] = {}
        for place in places:
            first.setdefault(place.envelope.edk, place)
        if not first:
            return {}
        answers = yield Parallel([_attempt(decrypt_request(self.arn, edk, self.source)) for edk in first])
        data_keys: dict[bytes, DataKey] = {}
        for (edk, place), answer in zip(first.items(), answers, strict=True):
            with _located(self.model, place.name, place.item):
                if isinstance(answer, Exception):
                    raise answer
                data_keys[edk] = read_data_key(answer, None, edk)
        return data_keys

    def _unseal(self, place: _Place, data_key: DataKey) -> tuple[AttributeValue, str]:
        key = self._key(place.item)
        with _located(self.model, place.name, place.item):
            if place.envelope.version == ITEM_VERSION and len(key) < len(self.keys):
                raise InvalidEncryptedEnvelope("it is bound to its item, whose key was not read with it")
            return unseal(place.envelope, place.name, key, self.rules, data_key)

    def _refuse_nested(self, place: _Place, value: AttributeValue) -> None:
        with _located(self.model, place.name, place.item):
            if is_envelope(value, self.rules.accepted):
                raise NestedEnvelope(
                    "the envelope holds another: a repeated batch encrypted the value twice; reencrypt() unwraps it"
                )

    def _unnested(self, place: _Place, value: AttributeValue) -> Plan[AttributeValue]:
        """Return the value inside all further envelopes; the same object when there is none."""
        while is_envelope(value, self.rules.accepted):
            inner = _Place(place.item, place.name, read_envelope(value, self.rules.accepted))
            data_keys = yield from self._unwrapped([inner])
            value, _ = self._unseal(inner, data_keys[inner.envelope.edk])
        return value

    def _key(self, item: Mapping[str, Any]) -> Item:
        return {name: item[name] for name in self.keys if name in item}


@frozen
class _Place:
    """An envelope, and where it was found."""

    item: Item
    name: str
    envelope: Envelope


@contextmanager
def _located(model: str, name: str, item: Item | None = None) -> Generator[None]:
    """Say on an error of encryption where it happened."""
    try:
        yield
    except EncryptionError as error:
        locate(error, model, name, item)
        raise


def _attempt(request: Request) -> Plan[Response | Exception]:
    """Ask for one of several data keys; a failure is its answer, so that the others are still opened."""
    try:
        return (yield request)
    except Exception as error:  # noqa: BLE001 -- not swallowed: raised for the value that needs this key
        return error


def _members(response: Response) -> dict[str, Any]:
    return {name: value for name, value in answer_with(_HOLDS_ITEMS, response).items() if value is not None}


def _items(body: Mapping[str, Any]) -> list[Item]:
    return [*(body[name] for name in _ONE if name in body), *body.get("Items", ())]


def _with_items(body: Mapping[str, Any], change: Callable[[Item], Item]) -> dict[str, Any]:
    changed = dict(body) | {name: change(body[name]) for name in _ONE if name in body}
    if "Items" in body:
        changed["Items"] = [change(item) for item in body["Items"]]
    return changed


def _without(item: Mapping[str, Any], names: Collection[str]) -> Item:
    return {name: value for name, value in item.items() if name not in names}


def item_cipher(
    codec: Codec[Any], rules: Rules, arn: str, source: Transport, random: Callable[[int], bytes] = urandom
) -> ItemCipher:
    """Return the cipher of a model's items. Raises EncryptionNotConfigured."""
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise EncryptionNotConfigured(f"{' and '.join(missing)} missing: pip install 'dynamorm-py[encryption]'")
    schema = codec.schema
    encrypted = frozenset(f.attribute for f in schema.stored if f.encrypted)
    keys = tuple(f.attribute for f in schema.keys)
    return ItemCipher(schema.name, encrypted, keys, rules.of_table(schema.table), arn, source, random)
