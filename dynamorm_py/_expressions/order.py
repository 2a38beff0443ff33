"""Where the order of what is stored is not the order of the values: instants with a trimmed fraction, and durations.

DynamoDB compares text by its bytes. RFC 3339 with its fraction trimmed puts `…05.6Z` before `…05Z`, so a
comparison of instants is asked as one that is exact for their text. What has no such form is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py._expressions.conditions import Comparison, Condition, Membership
from dynamorm_py._expressions.operands import Constant, Operand
from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from dynamorm_py._types import AttributeValue

Ordering: TypeAlias = Literal["<", "<=", ">", ">="]

_TRIMMED = re.compile(r"(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?P<fraction>\.\d*[1-9])?Z")


def check_order(label: str, value: object) -> None:
    """Refuse to order a value whose text has another order. Raises InvalidExpression."""
    if isinstance(value, dt.timedelta):
        raise InvalidExpression(
            f"{label}: a timedelta is stored as ISO 8601 text, whose order is not that of durations: "
            "store its seconds in a number field and compare that"
        )
    if type(value).__module__ == "ipaddress":
        raise InvalidExpression(
            f"{label}: an IP address is stored as text, whose order is not that of addresses: "
            "store int(address) in a field and compare that"
        )


def trimmed_text(value: object, encoded: AttributeValue) -> str | None:
    """Return the text of an instant that is stored with its fraction trimmed; None for any other value."""
    text = encoded.get("S")
    return text if isinstance(value, dt.datetime) and text is not None and _TRIMMED.fullmatch(text) else None


def in_time(value: object, encoded: AttributeValue) -> AttributeValue:
    """Return an encoded value in a form whose order is that of the values."""
    text = trimmed_text(value, encoded)
    return encoded if text is None else {"S": text.removesuffix("Z")}


def compared_in_time(model: type[object] | None, operand: Operand, comparator: Ordering, text: str) -> Condition:
    """Hold for the stored instants before or after this one, whatever fractions they have.

    Without its `Z` the text stands before itself and all that is later. Of what is earlier, only a text that is its
    beginning but for the `Z` stands behind it too: `…05Z` and `…05.6Z` behind `…05.61`. Those few are named.
    """
    matched = _TRIMMED.fullmatch(text)
    second, fraction = matched.group("second", "fraction") if matched else (text, None)
    bound = f"{second}{fraction or '.'}"
    named = [f"{second}{fraction[:end]}Z" for end in range(len(fraction)) if end != 1] if fraction else []
    if comparator in {">", "<="}:
        named.append(text)
    later = comparator in {">", ">="}
    condition = Comparison(model, operand, ">=" if later else "<", Constant({"S": bound}))
    if not named:
        return condition
    among = Membership(model, operand, tuple(Constant({"S": other}) for other in named))
    return condition & ~among if later else condition | among
