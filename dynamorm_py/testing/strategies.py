"""hypothesis strategies for models: instances as a table gives them back.

    @given(from_model(User))
    def test_...(user: User) -> None: ...

Every instance can be stored, and is what a read returns: dates are aware, numbers fit DynamoDB's, keys are not
empty, sets are sorted where the model has them as lists. Knows pydantic's and the library's types; a field whose
type or validator is not known here takes a strategy by its name.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import AwareDatetime, BaseModel, SecretBytes, SecretStr, ValidationError

from dynamorm_py._model import DynamoModel
from dynamorm_py._model.model_table import bind
from dynamorm_py.errors import InvalidKey, InvalidValue
from dynamorm_py.markers import Marker, PartitionKey, SortKey

try:
    from hypothesis import assume
    from hypothesis import strategies as st
except ModuleNotFoundError as _absent:
    _message = 'strategies need hypothesis: pip install "dynamorm-py[testing]"'
    raise ModuleNotFoundError(_message, name=_absent.name) from _absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic.fields import FieldInfo

__all__ = ["from_model"]

M = TypeVar("M", bound=DynamoModel)
Strategy = st.SearchStrategy[Any]

_DIGITS = 38  # significant digits of a number: Developer Guide, "Supported data types"
_LARGEST_FLOAT = 9.99e125  # the same page
_SMALLEST_FLOAT = 1e-130  # the same page
_KEY_CHARACTERS = 100  # far below the 1,024 bytes of a sort key, at four bytes each
_ELEMENTS = 5  # of a collection: enough to find what depends on their number, small enough to be quick
_EPOCH_LIMIT = 10**11  # a time to live above is taken for milliseconds: CONTRACT 2
_LATEST = dt.datetime(2999, 1, 1)  # noqa: DTZ001 -- hypothesis takes naive bounds and adds the zone


def from_model(model: type[M], **fields: Strategy) -> st.SearchStrategy[M]:
    """Return a strategy for instances of a model, as a table gives them back.

    `fields` names strategies for fields, where the type alone does not say what the model accepts.
    Raises TypeError for a name that is not a field, or a type without strategy.
    """
    if unknown := fields.keys() - model.model_fields.keys():
        raise TypeError(f"{model.__name__} has no field {', '.join(sorted(unknown))}")
    codec = bind(model, "strategies").codec
    chosen = {name: _field(field) for name, field in model.model_fields.items() if name not in fields} | fields
    chosen = {name: each for name, each in chosen.items() if name in codec.node.fields}  # what is not stored is default
    ttl = codec.schema.role("ttl")
    if ttl is not None and ttl.name not in fields and codec.node.fields[ttl.name].node.holds(int):
        chosen[ttl.name] = st.integers(0, _EPOCH_LIMIT - 1)
    return st.fixed_dictionaries(chosen).map(lambda values: _stored(model, values))


def _stored(model: type[M], values: Mapping[str, object]) -> M:
    """Return the instance as a read would, or tell hypothesis to try other values."""
    table = bind(model, "strategies")
    try:
        instance = model.model_validate(dict(values), by_name=True, by_alias=False)
        item = table.codec.encode(instance)
        table.key_of_item(item)
        return table.codec.read_back(table.codec.serialized(item))
    except (ValidationError, InvalidValue, InvalidKey):
        assume(condition=False)
        raise  # not reached: assume raises


def _field(field: FieldInfo) -> Strategy:
    metadata = list(field.metadata)
    key = any(isinstance(marker, PartitionKey | SortKey) for marker in metadata)
    return _type(field.annotation, [*metadata, MinLen(1), MaxLen(_KEY_CHARACTERS)] if key else metadata)


def _type(annotation: Any, metadata: Iterable[object] = ()) -> Strategy:  # noqa: ANN401 -- an annotation is any object
    """Return the strategy of a type under the constraints of its metadata."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], [*arguments[1:], *metadata])
    if hasattr(annotation, "__value__"):  # an alias of the `type` statement
        return _type(annotation.__value__, metadata)
    if origin in {Union, UnionType}:
        return st.one_of([_type(each, metadata) for each in arguments])
    kind = origin or annotation
    if kind in _SCALARS:
        return _SCALARS[kind](_bounds(metadata))
    if kind in _COLLECTIONS:
        return _COLLECTIONS[kind](arguments, _bounds(metadata))
    return st.sampled_from(arguments) if origin is Literal else _class(annotation)


def _class(annotation: Any) -> Strategy:  # noqa: ANN401
    if annotation is Any or annotation is object:
        return _json()
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return st.deferred(lambda: _nested(annotation))
    return st.from_type(annotation)


def _nested(model: type[BaseModel]) -> Strategy:
    """Return a strategy for a nested model; its validators may refuse values, which are then drawn again."""
    required = {name: _field(field) for name, field in model.model_fields.items() if field.is_required()}
    optional = {name: _field(field) for name, field in model.model_fields.items() if not field.is_required()}
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: _validated(model, values))


def _validated(model: type[BaseModel], values: Mapping[str, object]) -> BaseModel:
    try:
        return model.model_validate(dict(values), by_name=True, by_alias=False)
    except ValidationError:
        assume(condition=False)
        raise  # not reached: assume raises


# --- constraints ----------------------------------------------------------------------------------


def _bounds(metadata: Iterable[object]) -> dict[str, Any]:
    """Return what annotated_types and pydantic say of a value, by pydantic's words; a later one wins."""
    found: dict[str, Any] = {}
    for constraint in metadata:
        if isinstance(constraint, GroupedMetadata):
            found |= _bounds(constraint)
        elif isinstance(constraint, Ge | Gt | Le | Lt | MinLen | MaxLen | MultipleOf):
            found |= {name: getattr(constraint, name) for name in constraint.__slots__}
        elif not isinstance(constraint, Marker):  # pydantic's own metadata has attributes named as these
            words = ("pattern", "min_length", "max_length", "ge", "gt", "le", "lt", "multiple_of", "max_digits")
            bounds = {name: getattr(constraint, name, None) for name in words}
            found |= {name: value for name, value in bounds.items() if value is not None}
    return found


def _sizes(bounds: Mapping[str, Any], largest: int) -> dict[str, Any]:
    least = bounds.get("min_length", 0)
    return {"min_size": least, "max_size": min(bounds.get("max_length") or largest, max(largest, least))}


def _integers(bounds: Mapping[str, Any]) -> Strategy:
    least = max(bounds.get("ge", -(10**_DIGITS)), bounds.get("gt", -(10**_DIGITS)) + 1)
    most = min(bounds.get("le", 10**_DIGITS), bounds.get("lt", 10**_DIGITS) - 1)
    step = int(bounds.get("multiple_of", 1))
    return st.integers(-(-int(least) // step), int(most) // step).map(lambda number: number * step)


def _floats(bounds: Mapping[str, Any]) -> Strategy:
    least, most = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    made = st.floats(
        -_LARGEST_FLOAT if least is None else least,
        _LARGEST_FLOAT if most is None else most,
        exclude_min="gt" in bounds,
        exclude_max="lt" in bounds,
        allow_nan=False,
    )
    return made.filter(lambda number: number == 0 or abs(number) >= _SMALLEST_FLOAT)


def _decimals(bounds: Mapping[str, Any]) -> Strategy:
    """Return numbers of few digits, most with a fraction; what does not fit the bounds is left out by the model."""
    most = Decimal(bounds.get("le", bounds.get("lt", 10**12)))
    least = Decimal(bounds.get("ge", bounds.get("gt", -(10**12))))
    return st.decimals(least, most, places=2, allow_nan=False, allow_infinity=False)


def _text(bounds: Mapping[str, Any]) -> Strategy:
    pattern = bounds.get("pattern")
    characters = st.characters(exclude_categories=["Cs"])  # a surrogate has no UTF-8
    if pattern is not None:
        return st.from_regex(re.compile(pattern), fullmatch=True, alphabet=characters)
    return st.text(characters, **_sizes(bounds, _KEY_CHARACTERS))


def _times(_: Mapping[str, Any]) -> Strategy:
    return st.datetimes(dt.datetime(1970, 1, 1), _LATEST, timezones=st.just(dt.UTC))  # noqa: DTZ001 -- see _LATEST


def _json() -> Strategy:
    """Return what `Any` holds in DynamoDB: text, numbers, booleans, None, and lists and maps of them."""
    plain = st.none() | st.booleans() | _integers({}) | _text({})
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=_ELEMENTS) | st.dictionaries(_name(), inner, max_size=_ELEMENTS)
    )


def _name() -> Strategy:
    return _text({"min_length": 1, "max_length": 20})


_SCALARS: dict[Any, Callable[[Mapping[str, Any]], Strategy]] = {
    str: _text,
    int: _integers,
    float: _floats,
    Decimal: _decimals,
    bool: lambda _: st.booleans(),
    bytes: lambda bounds: st.binary(**_sizes(bounds, _KEY_CHARACTERS)),
    NoneType: lambda _: st.none(),
    dt.datetime: _times,
    AwareDatetime: _times,
    dt.time: lambda _: st.times(),
    SecretStr: lambda bounds: _text(bounds).map(SecretStr),
    SecretBytes: lambda bounds: st.binary(**_sizes(bounds, _KEY_CHARACTERS)).map(SecretBytes),
}


def _tuples(arguments: tuple[Any, ...], bounds: Mapping[str, Any]) -> Strategy:
    if len(arguments) == 2 and arguments[1] is ...:  # noqa: PLR2004 -- tuple[T, ...]
        return st.lists(_type(arguments[0]), **_sizes(bounds, _ELEMENTS)).map(tuple)
    return st.tuples(*map(_type, arguments))


def _maps(arguments: tuple[Any, ...], bounds: Mapping[str, Any]) -> Strategy:
    key = _type(arguments[0], [MinLen(1)]) if arguments else _name()
    return st.dictionaries(key, _type(arguments[1]) if arguments else _json(), **_sizes(bounds, _ELEMENTS))


def _of(make: Callable[..., Strategy]) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Strategy]:
    def made(arguments: tuple[Any, ...], bounds: Mapping[str, Any]) -> Strategy:
        return make(_type(arguments[0]) if arguments else _json(), **_sizes(bounds, _ELEMENTS))

    return made


_COLLECTIONS: dict[Any, Callable[[tuple[Any, ...], Mapping[str, Any]], Strategy]] = {
    list: _of(st.lists),
    set: _of(st.sets),
    frozenset: _of(st.frozensets),
    tuple: _tuples,
    dict: _maps,
}
