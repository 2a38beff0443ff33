"""Keys of items by the names of their parts: `key_of(Order, customer_id="7", number=2)`.

Names and types are checked when the key is made; no table is known here.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamorm_py._kernel.other_words import meant_argument
from dynamorm_py._kernel.passed import MISSING, refuses_missing
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.shown import shown
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py.errors import CallError, InvalidCall, InvalidKey, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.types import Item

M = TypeVar("M", bound=DynamoModel)

_BESIDE_A_KEY = ("consistent", "project", "condition", "expected_version")


class _NoKey:
    """Stands for a key that was not passed."""


NO_KEY = _NoKey()


@public()
@frozen(repr=False)
class ItemKey(Generic[M]):
    """The key of an item of a model; made by `key_of`. `attributes` is the key in DynamoDB's form."""

    model: type[M]
    attributes: Item = field(repr=False)
    parts: Item = field(repr=False, compare=False)
    """The attributes of the fields that the key was composed from."""
    written: tuple[tuple[str, object], ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        """Return the code that makes it."""
        parts = "".join(f", {name}={shown(value)}" for name, value in self.written)
        return f"key_of({self.model.__name__}{parts})"

    def __hash__(self) -> int:
        """Hash by model and key."""
        return hash((self.model, repr(sorted(self.attributes.items()))))


@refuses_missing
def key_of(model: type[M], /, *values: Never, **parts: object) -> ItemKey[M]:
    """Return the key of an item by its parts: the fields of its derived keys, or its key fields.

    `key_of(Order, customer_id="7", number=2)` works wherever a key is accepted. Raises InvalidKey for a part
    missing, unknown or of another type. Source: CONTRACT 1, "Derived keys".
    """
    if not isinstance(cast("object", model), type) or not issubclass(cast("type[object]", model), DynamoModel):
        raise InvalidKey("key_of() takes a model class first: key_of(Order, customer_id=...)")
    codec = codec_of(model)
    names = key_parts(codec)
    if values:
        raise InvalidCall(f"key_of() takes parts by name: key_of({model.__name__}, {_by_name(names)})")
    _check_names(model, names, parts)
    known: dict[str, object] = {}
    in_order = sorted(names, key=list(codec.node.fields).index)  # a validator gets the fields before its own
    stored = {name: _encoded(codec, name, parts[name], known) for name in in_order}
    attributes = {codec.node.fields[name].attribute: value for name, value in stored.items()}
    return ItemKey(model, _composed(codec, stored), attributes, tuple(parts.items()))


def key_parts(codec: Codec[Any]) -> tuple[str, ...]:
    """Return the fields that the table's key follows from, in the order of the key."""
    names: list[str] = []
    for each in codec.schema.keys:
        names += codec.derived[each.name].template.fields if each.name in codec.derived else (each.name,)
    return tuple(dict.fromkeys(names))


def chosen_key(model: type[M], key: object, parts: Mapping[str, object], more: tuple[object, ...] = ()) -> object:
    """Return the key that a call names, by a key or by its parts.

    Raises CallError for both, InvalidKey for none, InvalidCall for a key whose parts stand side by side.
    """
    if more:
        raise second_key(model)
    if not parts:
        if key is NO_KEY:
            raise InvalidKey(f"pass a key, or its parts: {', '.join(f'{n}=' for n in key_parts(codec_of(model)))}")
        return key
    if key is not NO_KEY:
        unknown = next((name for name in parts if name not in key_parts(codec_of(model))), None)
        if unknown is not None:
            raise InvalidCall(f"there is no argument {unknown}=: {meant_argument(unknown, _BESIDE_A_KEY)}")
        raise CallError(f"pass a key or its parts ({', '.join(f'{name}=' for name in parts)}), not both")
    return key_of(model, **parts)


def second_key(model: type[DynamoModel]) -> InvalidCall:
    """Return the refusal of a second argument where one key is taken."""
    names = key_parts(codec_of(model))
    if len(codec_of(model).schema.keys) == 1:
        return InvalidCall(
            f"a key is one argument: pass {names[0]} alone; several keys belong in "
            "batch_get([...]) or batch_write(delete=[...])"
        )
    keys = ", ".join(each.name for each in codec_of(model).schema.keys)
    return InvalidCall(f"a key is one argument: pass the tuple ({keys}), or its parts by name, {_by_name(names)}")


def refused_key(codec: Codec[Any], fault: str, key: Any) -> CallError:  # noqa: ANN401 -- whatever was passed
    """Return the refusal of what has not the shape of a model's key; InvalidCall where nothing was passed."""
    refusal = InvalidCall if key is MISSING else InvalidKey
    return refusal(f"{codec.model.__name__} {fault}{_or_by_name(codec, key)}")


def _or_by_name(codec: Codec[Any], key: Any) -> str:  # noqa: ANN401 -- whatever was passed
    """Return what else may be meant by what is not a key: its parts by name, or several keys."""
    if isinstance(key, list):
        return "; several keys belong in batch_get([...]) or batch_write(delete=[...])"
    if isinstance(key, dict) or codec.composes_key:
        return f", or its parts by name, {_by_name(key_parts(codec))}"
    return ""


def got_instead(value: object, name: str) -> str:
    """Say what was passed as a part of a key that is not a value, such as an expression; nothing of a value."""
    if isinstance(value, str | bytes | int | float | Decimal):
        return ""
    return f", got {kind_of(value)}: pass the value of {name}"


def _by_name(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}=..." for name in names)


def _check_names(model: type[DynamoModel], names: tuple[str, ...], parts: Mapping[str, object]) -> None:
    unknown = [name for name in parts if name not in names]
    missing = [name for name in names if name not in parts]
    if unknown or missing:
        wrong = f"has no part {', '.join(unknown)}" if unknown else f"needs {', '.join(missing)} too"
        raise InvalidKey(f"the key of {model.__name__} {wrong}: its parts are {', '.join(names) or 'none'}")


def _encoded(codec: Codec[Any], name: str, value: object, known: dict[str, object]) -> dict[str, Any]:
    try:
        stored = codec.stored_key(name, value, known)
    except InvalidValue as error:
        raise InvalidKey(f"{codec.model.__name__}.{name}: {error.reason}") from None
    return stored


def _composed(codec: Codec[Any], stored: Mapping[str, dict[str, Any]]) -> Item:
    key: Item = {}
    for each in codec.schema.keys:
        if each.name not in codec.derived:
            key[each.attribute] = stored[each.name]
            continue
        try:
            text = codec.derived[each.name].template.compose(stored.get)
        except InvalidValue as error:
            raise InvalidKey(f"{codec.model.__name__}.{error.path}: {error.reason}") from None
        if text is None:
            raise InvalidKey(f"{codec.model.__name__}.{each.name}, a part of the key, cannot be None")
        key[each.attribute] = {"S": text}
    return key
