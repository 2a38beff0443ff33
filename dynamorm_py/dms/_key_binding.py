"""A contract's key against a derived key of a model: bound where both compose the same bytes for every input.

Theirs percent-encodes every input, so a text is bound to a part `{field:percent}`, a number to a part of an int
without a width, whose digits need no encoding. Whatever trims, lowers, replaces or leaves out is evaluated only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py.dms._key_evaluation import constant_text
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamorm_py._codec import Codec
    from dynamorm_py._schema.templates import Part
    from dynamorm_py.dms._key_contract import DerivedKey, KeySegment

_SAME_BYTES = ({"url_encode"}, set[str]())  # the transforms that leave what is encoded anyway


class HasDerivedKeys(Protocol):
    """A model class of this package, compiled."""

    __name__: str
    __dynamorm_codec__: ClassVar[Any]


@public("dynamorm_py.dms")
@frozen
class BoundKey:
    """A derived key of a model that composes what a contract's key does; `fields` gives the field of each input."""

    key: str
    model: str
    derived: str
    fields: Mapping[str, str]


def bind_key(
    key: DerivedKey, model: type[HasDerivedKeys], derived: str, fields: Mapping[str, str] | None = None
) -> BoundKey:
    """Bind a contract's key to a model's derived key; `fields` names the field of an input called otherwise.

    Raises InvalidDocument naming the segment for which some input would compose other bytes.
    """
    codec: Codec[Any] | None = model.__dynamorm_codec__
    if codec is None or derived not in codec.derived:
        _refuse(key, f"{model.__name__} has no derived key {derived!r}")
    ours = codec.derived[derived]
    expected, parts = ours.template.head, list(ours.template.parts)
    named: dict[str, str] = {}
    for segment, literal in _literals(key):
        if segment is not None:
            label = segment.name or segment.input or ""
            if not parts:
                _refuse(key, f"segment {label!r}: {model.__name__}.{derived} has no part for it")
            part = parts.pop(0)
            named[segment.input or ""] = part.field
            _check_part(key, segment, part, (fields or {}).get(segment.input or "", segment.input or ""))
            expected = part.after
        if literal != expected:
            where = (
                "the key begins" if segment is None else f"segment {segment.name or segment.input!r}: it is followed"
            )
            _refuse(key, f"{where} with {literal!r}, in {model.__name__}.{derived} with {expected!r}")
    if parts:
        _refuse(key, f"{model.__name__}.{derived} has the further part {parts[0].spelled}")
    return BoundKey(key.name, model.__name__, derived, named)


def _literals(key: DerivedKey) -> Iterator[tuple[KeySegment | None, str]]:
    """Yield the text before the first input, then each input's segment with the text up to the next one."""
    text, current = "", None
    for at, segment in enumerate(key.segments):
        text += (key.join if at else "") + segment.prefix
        if segment.input is None:
            text += _constant(key, segment) + segment.suffix
            continue
        yield current, text
        text, current = segment.suffix, segment
    yield current, text


def _constant(key: DerivedKey, segment: KeySegment) -> str:
    text = constant_text(segment)
    if text is None:
        _refuse(key, f"segment {segment.name or segment.constant!r}: it is left out, which no derived key says")
    return text


def _check_part(key: DerivedKey, segment: KeySegment, part: Part, field: str) -> None:
    """Refuse a segment that a part does not compose byte for byte."""
    label = f"segment {segment.name or segment.input!r}"
    if part.field != field:
        _refuse(key, f"{label}: the part there is {part.spelled}: name the field of the input in fields=")
    if set(segment.transforms) not in _SAME_BYTES or len(segment.transforms) > 1:
        _refuse(key, f"{label}: {', '.join(segment.transforms)} changes the value, and a derived key takes it as it is")
    if segment.default is not None or segment.optional or segment.omit_when != type(segment.omit_when)():
        _refuse(key, f"{label}: default, optional and omit_when have no word in a derived key")
    kind = next((each.type for each in key.inputs if each.name == segment.input), None)
    is_number = part.tag == "N" and part.form == "text" and part.width is None
    if kind == "number" and not is_number:
        _refuse(key, f"{label}: a number is bound to {{{field}}} of an int, without a width, not to {part.spelled}")
    if part.form != "percent" and not (is_number and kind in {None, "number"}):
        _refuse(key, f"{label}: a text is percent-encoded: write {{{field}:percent}}, not {part.spelled}")


def _refuse(key: DerivedKey, reason: str) -> NoReturn:
    raise InvalidDocument(key.name, [Problem(f"cannot be bound, only evaluated: {reason}")])
