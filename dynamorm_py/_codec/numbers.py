"""Numbers as DynamoDB writes them: exact text, checked against its precision and range."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from dynamorm_py.errors import InvalidValue

_DIGITS = 38  # significant digits of a number: Developer Guide, "Supported data types and naming rules"
_MAX_EXPONENT = 125  # 9.99…E+125, the same page
_MIN_EXPONENT = -130  # 1E-130, the same page
_NUMBER = re.compile(
    r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,3})?", re.ASCII
)  # bounded: so is the work
SAFE_INT = 10**_DIGITS
_HUGE_BITS = 450  # 10**126 has 419 bits; a longer int is refused before it is turned into text


def int_text(value: int) -> str:
    """Return an int's digits. Raises InvalidValue over 38 significant digits."""
    if abs(value) < SAFE_INT:
        return str(value)
    if value.bit_length() > _HUGE_BITS:
        raise _out_of_range()
    return decimal_text(Decimal(value))


def decimal_text(value: Decimal) -> str:
    """Return a Decimal's plain digits, exactly. Raises InvalidValue for what DynamoDB cannot hold."""
    if not value.is_finite():
        message = f"{value} is not a number that DynamoDB stores: store None or leave the attribute out"
        raise InvalidValue(message)
    if not value:
        return "0"
    text = str(value)
    if len(text) <= _DIGITS and "E" not in text:  # nearly all: few digits, none far from the point
        return text
    _, digits, _ = value.as_tuple()
    if len(digits) > _DIGITS and (significant := len("".join(map(str, digits)).strip("0"))) > _DIGITS:
        message = f"the number has {significant} significant digits, DynamoDB keeps {_DIGITS}: round it, or store a str"
        raise InvalidValue(message)
    if not _MIN_EXPONENT <= value.adjusted() <= _MAX_EXPONENT:
        raise _out_of_range()
    return format(value, "f")


def float_text(value: float) -> str:
    """Return the shortest text that reads back as the same float, without an exponent."""
    if not math.isfinite(value):
        message = f"{value} is not a number that DynamoDB stores: store None or leave the attribute out"
        raise InvalidValue(message)
    return decimal_text(Decimal(repr(value))).removesuffix(".0")


def untyped_number(text: str) -> int | Decimal:
    """Return what an untyped number reads as: int when it is integral, else Decimal. Raises ValueError."""
    if not _NUMBER.fullmatch(text):
        message = "not a number of DynamoDB"
        raise ValueError(message)
    try:
        return int(text)
    except ValueError:
        number = Decimal(text)  # exact, whatever the caller's context
        _, digits, exponent = number.as_tuple()
        is_integral = not number or int(exponent) >= 0 or not any(digits[int(exponent) :])
        return int(number) if is_integral else number


def _out_of_range() -> InvalidValue:
    return InvalidValue("the number is beyond DynamoDB's range of 1E-130 to 9.99E+125: scale it, or store a str")
