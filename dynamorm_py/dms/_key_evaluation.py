"""Composes a derived key from its inputs, byte for byte as the sister libraries do.

A segment's value becomes text, is transformed in the contract's order, and is percent-encoded when it comes from an
input, unless the segment says `url_encode` itself or `wildcard_empty` made the `*`. An empty one takes the default,
which is never encoded; then it is left out or joined. Source: the family's model contract, 0.1 and 0.2.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py.dms._key_contract import DerivedKey, KeyContract, KeySegment

TRIMMED = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What `trim` takes off both ends: 26 code points, neither Python's whitespace nor another language's."""
_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
_WILDCARD = "*"


@public("dynamorm_py.dms")
@frozen
class FixtureFailure:
    """A fixture whose key is another one here; `.composed` is None when it cannot be composed, as `.reason` says."""

    key: str
    fixture: str
    expected: str
    composed: str | None = None
    reason: str = ""


def run_fixtures(contract: KeyContract) -> list[FixtureFailure]:
    """Compose the key of every fixture of a contract; return those that differ, an empty list when all agree."""
    failures: list[FixtureFailure] = []
    for key in contract.derived_keys:
        for fixture in key.fixtures:
            try:
                composed = evaluate(key, fixture.input)
            except InvalidValue as error:
                failures.append(FixtureFailure(key.name, fixture.name, fixture.expect, reason=error.reason))
            else:
                if composed != fixture.expect:
                    failures.append(FixtureFailure(key.name, fixture.name, fixture.expect, composed))
    return failures


def evaluate(key: DerivedKey, inputs: Mapping[str, object]) -> str:
    """Return the key of some inputs. Raises InvalidValue."""
    declared = {each.name: each.optional for each in key.inputs}
    unknown = sorted(set(inputs) - declared.keys()) if declared else []
    if unknown:
        raise InvalidValue("it is not input of the key: leave it out", path=unknown[0], model=key.name)
    for name, optional in declared.items():
        if name not in inputs and not optional:
            raise InvalidValue("it is required: pass it", path=name, model=key.name)
    written = (_segment(key, segment, inputs, declared) for segment in key.segments)
    return key.join.join(text for text in written if text is not None)


def _segment(
    key: DerivedKey, segment: KeySegment, inputs: Mapping[str, object], declared: Mapping[str, bool]
) -> str | None:
    """Return a segment as it is written, None when it is left out."""
    name = segment.input
    if name is not None and name not in inputs and not segment.optional and not declared.get(name, False):
        raise InvalidValue("it is required: pass it", path=name, model=key.name)
    try:
        value = _value(segment, inputs)
    except ValueError as error:
        raise InvalidValue(str(error), path=name or segment.name or "", model=key.name) from None
    text = _kept(segment, value)
    return None if text is None else f"{segment.prefix}{text}{segment.suffix}"


def constant_text(segment: KeySegment) -> str | None:
    """Return what a literal segment always has between prefix and suffix, None when it is left out."""
    return _kept(segment, _value(segment, {}))


def _kept(segment: KeySegment, value: str) -> str | None:
    """Return the value or its default, None where the rules leave the segment out."""
    default = None if segment.default is None else scalar_text(segment.default)
    if not value and default is not None:
        value = default
    return None if _is_omitted(segment, value, default) else value


def _value(segment: KeySegment, inputs: Mapping[str, object]) -> str:
    """Return a segment's value, transformed and encoded; empty for an input that is not there. Raises ValueError."""
    source: object = segment.constant if segment.input is None else inputs.get(segment.input, "")
    text = scalar_text(source)
    wildcard = False
    for transform in segment.transforms:
        wildcard = wildcard or (transform == "wildcard_empty" and not text)
        text = _TRANSFORMS[transform](text)
    if segment.input is None or wildcard or "url_encode" in segment.transforms:
        return text
    return percent_encoded(text)


def _is_omitted(segment: KeySegment, value: str, default: str | None) -> bool:
    omit = segment.omit_when
    if not value and (segment.optional or omit.empty):
        return True
    if omit.default and default is not None and value == default:
        return True
    return value in {scalar_text(each) for each in omit.values}


def scalar_text(value: object) -> str:
    """Return the text of a scalar: numbers by their shortest digits without an exponent. Raises ValueError."""
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("half a surrogate pair is not text")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number_text(value)
    kind = kind_of(value)
    raise ValueError(f"must be a str, a finite number or a bool, got {kind}")


def _number_text(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError("must be a finite number, got NaN or an infinity")
    digits = format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")
    text = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if text == "-0" else text


def percent_encoded(text: str) -> str:
    """Return text with everything but `A-Z a-z 0-9 - . _ ~` percent-encoded, as UTF-8."""
    return quote(text, safe="")


_TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "trim": lambda text: text.strip(TRIMMED),
    "wildcard_empty": lambda text: text or _WILDCARD,
    "lowercase": lambda text: text.translate(_LOWER),
    "url_encode": percent_encoded,
}
