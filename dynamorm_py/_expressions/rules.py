"""What may be done at which place: wire types, keys, lifecycle attributes, encryption.

Every rule that refuses an expression because of *where* it is applied is here. It knows
places and encoded values; the words of the user and the text of expressions are elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._expressions.operands import Constant, IfNotExists, Operand, Reference, Source, Unvalidated
from dynamorm_py._expressions.recorder import Recorder, bare
from dynamorm_py._kernel.passed import MISSING, Missing
from dynamorm_py._kernel.types import SET_TYPES
from dynamorm_py._schema import LIFECYCLE
from dynamorm_py.errors import EncryptedFieldNotQueryable, InvalidCall, InvalidExpression, InvalidKey, OtherFieldsNeeded

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import AttributeValue, Place

ANYTHING: frozenset[str] = frozenset()
TEXT = frozenset({"S", "B"})
NUMBER = frozenset({"N"})
LIST = frozenset({"L"})
SETS = SET_TYPES
ORDERED = TEXT | NUMBER
COUNTABLE = TEXT | SETS | {"L", "M"}
SEARCHABLE = TEXT | SETS | LIST

_CHOICE_LIMIT = 100  # operands of IN: AWS Developer Guide, "Quotas", expression parameters
_OF_THE_KEY = "is the key, which cannot change: put an item with the new key and delete this one"
_UNCHANGEABLE_ROLES = {"pk": _OF_THE_KEY, "sk": _OF_THE_KEY} | {
    name: role.refusal for name, role in LIFECYCLE.items() if role.refusal is not None
}
_ENCRYPTABLE_ACTIONS = frozenset({"set", "if_not_exists", "remove"})


def admit_condition(place: Place, method: str, types: Collection[str] = ANYTHING) -> None:
    """Refuse a condition that cannot be asked at this place.

    Raises: EncryptedFieldNotQueryable, InvalidExpression.
    """
    if place.encrypted:
        raise EncryptedFieldNotQueryable(f"{place.label} is encrypted: it cannot be used in a condition, filter or key")
    _admit_types(place, method, types)


def admit_order(place: Place, method: str) -> None:
    """Refuse to ask for before and after where DynamoDB's order is not that of the values.

    Raises: InvalidExpression.
    """
    if place.order == "none":
        raise InvalidExpression(
            f"{place.label} is stored as a text such as PT2H, which does not sort by its length: {method} would "
            "compare the letters, so store the seconds as a number instead"
        )


def admit_action(place: Place, method: str, types: Collection[str] = ANYTHING) -> None:
    """Refuse an action that cannot be done at this place.

    Raises: EncryptedFieldNotQueryable, InvalidExpression.
    """
    for role in place.roles & _UNCHANGEABLE_ROLES.keys():
        raise InvalidExpression(f"{place.label} {_UNCHANGEABLE_ROLES[role]}")
    if place.encrypted and len(place.path) > 1:
        raise EncryptedFieldNotQueryable(f"{place.label} lies in an encrypted attribute: set that as a whole")
    if place.encrypted and method not in _ENCRYPTABLE_ACTIONS:
        raise EncryptedFieldNotQueryable(
            f"{place.label} is encrypted: it takes set(value), if_not_exists(value) and remove()"
        )
    _admit_types(place, method, types)


def admit_removal(place: Place) -> None:
    """Refuse to take away what the model cannot be read without.

    Raises: InvalidExpression.
    """
    if place.required:
        raise InvalidExpression(
            f"{place.label} is required: without it the item could not be read back, so set() another value"
        )


def admit_calculation(place: Place, method: str) -> None:
    """Refuse to calculate where only some values may stand: the result may be none of them.

    Raises: InvalidExpression.
    """
    if place.closed:
        raise InvalidExpression(f"{place.label} holds an enum or a literal: {method} could leave none of its values")


def admit_operand(place: Place, method: str, types: Collection[str]) -> None:
    """Refuse to calculate with this place.

    Raises: EncryptedFieldNotQueryable, InvalidExpression.
    """
    _refuse_encrypted_operands(place)
    _admit_types(place, method, types)


def _refuse_encrypted_operands(*places: Place) -> None:
    for place in places:
        if place.encrypted:
            raise EncryptedFieldNotQueryable(
                f"{place.label} is encrypted: it cannot be compared, copied or calculated with"
            )


def _admit_types(place: Place, method: str, types: Collection[str]) -> None:
    if types and place.types and place.types.isdisjoint(types):
        raise InvalidExpression(f"{place.label} is stored as {spelled(place.types)}; {method} needs {spelled(types)}")


def spelled(types: Collection[str]) -> str:
    """Return wire types as a message lists them."""
    return " or ".join(sorted(types))


def encode(
    place: Place, value: object, method: str, types: Collection[str] = ANYTHING, *, whole: bool = False
) -> AttributeValue:
    """Encode a value as it is stored at the place, for an operator that takes these wire types.

    What stands for the `whole` value of the place is validated as the constructor does; a bound or an operand is
    held to the stored type only. Raises: InvalidValue from the place, InvalidExpression.
    """
    if isinstance(value, Recorder):
        raise bare(value)
    if isinstance(value, Source):
        raise InvalidExpression(f"{place.label}: {method} takes a value, not another attribute")
    if value is None and place.types and "NULL" not in place.types:
        raise InvalidExpression(f"{place.label} is never stored as None: {_repair_of_none(method)}")
    encoded = place.stored(value) if whole else place.encode_operand(value)
    if method == "ADD" and place.whole and has_fraction(Constant(encoded)):
        raise InvalidExpression(f"{place.label} holds whole numbers: add a whole one, or make the field a Decimal")
    if types and encoded.keys().isdisjoint(types):
        raise InvalidExpression(f"{place.label}: {method} takes {spelled(types)}, and this value is {spelled(encoded)}")
    return encoded


def admit_none(place: Place, method: str) -> None:
    """Refuse to ask for None where no None can be.

    Raises: InvalidExpression.
    """
    if place.types and "NULL" not in place.types and not place.none_is_left_out:
        raise InvalidExpression(f"{place.label} is never None: {_repair_of_none(method)}")


def _repair_of_none(method: str) -> str:
    if method in _ENCRYPTABLE_ACTIONS:
        return "take the attribute away with remove()"
    return "ask for its presence with exists() or not_exists()"


def check_passed(place: Place, high: object) -> None:
    """Refuse `between` without its second value. Raises InvalidCall."""
    if high is MISSING:
        raise InvalidCall(f"{place.label}: between takes two values: write between(low, high)")


def check_choices(place: Place, values: Collection[object], more: tuple[object, ...] = ()) -> None:
    """Refuse what `is_in` cannot choose from.

    Raises: InvalidExpression.
    """
    kind = type(cast("object", values))
    if more or kind is Missing:
        raise InvalidCall(f"{place.label}: is_in takes one list of values: write is_in([a, b])")
    if not issubclass(kind, Collection) or issubclass(kind, str | bytes | Mapping | Recorder):
        raise InvalidExpression(f"{place.label}: is_in takes a list of values, as in is_in([a, b])")
    if not 1 <= len(values) <= _CHOICE_LIMIT:
        raise InvalidExpression(f"{place.label}: is_in takes 1 to {_CHOICE_LIMIT} values, not {len(values)}")


def encode_part(place: Place, value: object, types: Collection[str]) -> AttributeValue:
    """Encode what is looked for inside the place: a prefix, a part, an element."""
    if isinstance(value, Recorder):
        raise bare(value)
    encoded = place.encode_element(value)
    if types and encoded.keys().isdisjoint(types):
        raise InvalidExpression(
            f"{place.label}: a part to look for is {spelled(types)}, and this value is {spelled(encoded)}"
        )
    return encoded


def encode_bounds(place: Place, low: object, high: object) -> tuple[Constant, Constant]:
    """Encode the two ends of `between`, which DynamoDB wants of one type and in order.

    Source: AWS Developer Guide, "Condition and filter expressions": `a BETWEEN b AND c`.
    """
    first, last = (encode(place, bound, "between", ORDERED) for bound in (low, high))
    check_bounds(place.label, first, last)
    return Constant(first), Constant(last)


def check_bounds(label: str, low: AttributeValue, high: AttributeValue) -> None:
    """Refuse bounds of two types, or in the wrong order.

    Raises: InvalidExpression.
    """
    if low.keys() != high.keys():
        raise InvalidExpression(
            f"{label}: between takes two values of one type, not {spelled(low)} and {spelled(high)}"
        )
    if ordered(low) > ordered(high):
        raise InvalidExpression(f"{label}: between takes the lower value first: exchange the two")


def ordered(value: AttributeValue) -> Any:  # noqa: ANN401 -- one type for each wire type, and two of one compare
    """Return a string, number or binary as DynamoDB orders it: numbers by value, text by its UTF-8 bytes."""
    ((kind, payload),) = value.items()
    if kind == "N":
        return Decimal(payload)
    return payload.encode() if kind == "S" else payload


def encode_key(place: Place, value: object, *, whole: bool = False) -> AttributeValue:
    """Encode a key's value, or a bound of one.

    Raises: InvalidKey when it is empty, InvalidValue from the place, InvalidExpression.
    """
    encoded = encode(place, value, "a key", ORDERED, whole=whole)
    check_key(place, encoded)
    return encoded


def check_key(place: Place, encoded: AttributeValue) -> None:
    """Refuse an empty key value.

    Raises: InvalidKey.
    """
    if "" in encoded.values() or b"" in encoded.values():
        raise InvalidKey(f"{place.label}: a key's value may not be empty: give it one")


def operand_of(
    place: Place, value: object, method: str, types: Collection[str] = ANYTHING, *, whole: bool = False
) -> Operand:
    """Return what a user put beside this place as an operand: a value encoded, or another attribute.

    Raises: as `encode`; EncryptedFieldNotQueryable, InvalidExpression for an attribute that does not fit.
    """
    if not isinstance(value, Source):
        return Constant(encode(place, value, method, types, whole=whole))
    other = value.place
    if not _is_own_default(place, value):
        _refuse_encrypted_operands(place, other)
    if other.model is not place.model:
        raise InvalidExpression(
            f"{other.label} and {place.label} belong to different models, and so to different items"
        )
    if place.types and other.types and place.types.isdisjoint(other.types):
        stored = f"{spelled(place.types)} and {spelled(other.types)}"
        raise InvalidExpression(
            f"{place.label} and {other.label} are stored as {stored}: one cannot take the other's place"
        )
    _admit_types(other, method, types)
    if method in _ENCRYPTABLE_ACTIONS:
        _admit_copy(place, value)
    return value.operand


def _is_own_default(place: Place, source: Source) -> bool:
    """Whether it is `if_not_exists` of the place itself, of a value: nothing is compared or copied."""
    operand = source.operand
    if not isinstance(operand, IfNotExists) or not isinstance(operand.default, Constant):
        return False
    return operand.path == place.path and source.place.model is place.model


def assigned_operand_of(place: Place, value: object, method: str) -> Operand:
    """Return what a place is set to: a value validated as the constructor does it, or another attribute.

    A value of a field whose validator asks for others is validated by the update. Raises: as `operand_of`.
    """
    try:
        return operand_of(place, value, method, whole=True)
    except OtherFieldsNeeded:
        if len(place.path) > 1:
            raise
        return Unvalidated(encode(place, value, method), value)


def has_fraction(operand: Operand) -> bool:
    """Return whether an operand is a number that is not whole."""
    number = operand.value.get("N") if isinstance(operand, Constant) else None
    return number is not None and Decimal(number).as_integer_ratio()[1] != 1  # exact, whatever the context is


def _admit_copy(place: Place, source: Source) -> None:
    """Refuse to set what the item could not be read back with."""
    if place.whole and source.is_fractional:
        raise InvalidExpression(
            f"{place.label} holds whole numbers, and this may have a fraction: make the field a Decimal"
        )
    if not place.takes(source.place):
        raise InvalidExpression(
            f"{place.label} does not take what {source.place.label} holds: set a value, or give both one type"
        )


def simple_operand_of(
    place: Place, value: object, method: str, types: Collection[str] = ANYTHING, *, whole: bool = False
) -> Constant | Reference:
    """Return an operand that is a value or an attribute, where DynamoDB takes no function or sign.

    Raises: as `operand_of`.
    """
    return _simple(place, method, operand_of(place, value, method, types, whole=whole))


def default_operand_of(place: Place, value: object) -> Constant | Reference:
    """Return what `if_not_exists` sets: as `assigned_operand_of`, without functions and signs."""
    return _simple(place, "if_not_exists", assigned_operand_of(place, value, "if_not_exists"))


def _simple(place: Place, method: str, operand: Operand) -> Constant | Reference:
    if not isinstance(operand, Constant | Reference):
        raise InvalidExpression(f"{place.label}: {method} takes a value or an attribute, not a calculation")
    return operand
