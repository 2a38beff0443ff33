"""Writes that are read back before they leave, for types whose stored form does not tell them apart.

A value that would return as another is refused: nothing is lost or changed in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, ValidationError

from dynamorm_py._codec.validation import Validated, raised
from dynamorm_py._codec.wire import compile_schema, to_json
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Generator

    from dynamorm_py._codec.node import Encode
    from dynamorm_py._kernel.types import AttributeValue

Checker: TypeAlias = Callable[["AttributeValue"], object]
NOT_READ = object()
"""What is read where only the other fields, or what is stored, can tell."""
_NUMBERS = (int, float, Decimal)
_UNREADABLE = object()
_context: ContextVar[object] = ContextVar("dynamorm_py.validation_context", default=None)


def checked(encode: Encode, prepare: Callable[[CoreSchema], CoreSchema], read: CoreSchema, repair: str) -> Encode:
    """Return the encoder that refuses a value which would read back as another.

    `prepare` completes the reading schema; it is called on the first write, when all is compiled.
    """
    readers: list[Checker] = []

    def write(value: object) -> AttributeValue:
        if not readers:
            readers.append(_reader(prepare(read)))
        stored = encode(value)
        if not same(readers[0](stored), value):
            message = f"{kind_of(value)} would not read back as itself: {repair}"
            raise InvalidValue(message)
        return stored

    return write


def settled(back: object, stored: AttributeValue, read: Checker, encode: Encode, *, path: str, model: str) -> Validated:
    """Return a value that was read in place of another, which a whole write stores too: a set in order, whole seconds.

    Raises InvalidValue for one that is read as another each time.
    """
    again = encode(back)
    if again != stored and not same(read(again), back):
        message = "the field's validators change the value when it is read back: make them keep their own result"
        raise InvalidValue(message, path=path, model=model)
    return Validated(back, again)


@contextmanager
def reading_back_in(context: object) -> Generator[None]:
    """Have validators get this as `info.context` where what is written inside is read back."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


def _reader(schema: CoreSchema) -> Checker:
    validator = compile_schema(schema)

    def read(stored: AttributeValue) -> object:
        context = _context.get()
        try:
            return validator.validate_json(to_json(stored), context=context)
        except ValidationError:
            return _UNREADABLE
        except Exception as error:
            raise raised(error, None, context) from error

    return read


def _same_instant(left: datetime, right: datetime) -> bool:
    """Compare instants in UTC: in the doubled hour of autumn Python finds no time of another zone equal."""
    if left.utcoffset() is None or right.utcoffset() is None:
        return left == right
    return left.astimezone(UTC) == right.astimezone(UTC)


def _instant(value: object) -> object:
    """Return a time in UTC, for the same reason, and any other value as it is."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC)
    return value


def _by_instant(entries: dict[object, object]) -> dict[object, object]:
    return {_instant(key): value for key, value in entries.items()}


def same(back: object, value: object) -> bool:  # noqa: PLR0911 -- one for each kind of value
    """Compare type and value all the way down; plain numbers of another type count as the same number."""
    if type(back) in _NUMBERS and type(value) in _NUMBERS:
        return back == value
    if type(back) is float and isinstance(value, float) and not isinstance(value, Enum):
        return back == value  # of a subclass, which a float field takes as a float
    if type(back) is not type(value):
        return False
    if isinstance(back, datetime):
        return _same_instant(back, cast("datetime", value))
    if isinstance(back, list | tuple):
        left, right = cast("list[object]", back), cast("list[object]", value)
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(back, dict):
        entries, others = (
            _by_instant(cast("dict[object, object]", back)),
            _by_instant(cast("dict[object, object]", value)),
        )
        return entries.keys() == others.keys() and all(same(entries[key], others[key]) for key in entries)
    if isinstance(back, set | frozenset):
        elements, others = cast("set[object]", back), cast("set[object]", value)
        return set(map(_instant, elements)) == set(map(_instant, others))
    if isinstance(back, BaseModel):  # not ==, which looks at private attributes too
        equal = all(same(getattr(back, name), getattr(value, name)) for name in type(back).model_fields)
        return equal and same(back.model_extra, cast("BaseModel", value).model_extra)
    return back == value or type(back).__eq__ is object.__eq__  # which can compare nothing
