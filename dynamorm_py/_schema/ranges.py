"""Ranges of keys by the parts of a template: bounds that stay within the literal around the parts.

Keys sort by the bytes of UTF-8, which is the order of code points, and have a limited number of bytes; so every bound
here is a text that DynamoDB takes as a key. Source: Developer Guide, "Key condition expressions"; CONTRACT 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._kernel.types import AttributeValue
    from dynamorm_py._schema.templates import Part

RangeOperator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "between", "begins_with"]

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_LAST_BY_BYTES = ("", "\x7f", "\u07ff", "\uffff")  # the last text of 0, 1, 2 and 3 bytes


@frozen
class KeyRange:
    """A condition on a whole key; when not `exact`, the condition on the part has to filter as well."""

    operator: RangeOperator
    texts: tuple[str, ...]
    exact: bool = True


def range_of(
    prefix: str, part: Part, operator: RangeOperator, values: Sequence[AttributeValue], *, last: bool, limit: int
) -> KeyRange:
    """Return the keys that begin with a prefix and whose next part satisfies a condition.

    `last` says that nothing follows the part, `limit` how many bytes a key has at most.
    """
    if operator == "begins_with":
        text = part.bound(values[0])
        return KeyRange("begins_with", (prefix + text,), exact=last or not _overlaps(text, part.after))
    bounds = _Bounds(prefix, part, limit, last=last)
    low = bounds.low(">=" if operator == "between" else operator, values[0])
    high = bounds.high("<=" if operator == "between" else operator, values[-1])
    exact = part.form != "percent" and (last or part.width is not None)
    if not low:
        return KeyRange("<=", (high,), exact)
    return KeyRange("between", (low, max(low, high)), exact)


@frozen
class _Bounds:
    prefix: str
    part: Part
    limit: int
    last: bool

    def low(self, operator: str, value: AttributeValue) -> str:
        """Return the first key that may satisfy `part operator value`."""
        if operator in {"<", "<="} or self.part.form == "percent":
            return self.prefix
        text, beyond = self._text(value)
        if beyond > 0 or (operator == ">" and beyond == 0 and self.part.width is not None):
            return _after_all(self.prefix + text)
        if operator == ">" and self.last and beyond == 0:
            return _next(self.prefix + text, self.limit)
        return self.prefix + text

    def high(self, operator: str, value: AttributeValue) -> str:
        """Return the last key that may satisfy `part operator value`."""
        if operator in {">", ">="} or self.part.form == "percent":
            return _filled(self.prefix, self.limit)
        text, beyond = self._text(value)
        if beyond < 0 or (operator == "<" and beyond == 0 and (self.last or self.part.width is not None)):
            return _before(self.prefix + text, self.limit)
        if self.part.width is not None:
            return _filled(self.prefix + text, self.limit)
        return self.prefix + text if self.last else self._after_prefixes(text)

    def _text(self, value: AttributeValue) -> tuple[str, int]:
        """Return the part's text, and whether the value lies below (-1) or above (1) every number of its width."""
        if self.part.form == "digits" and self.part.width is not None:
            number, most = int(value["N"]), 10**self.part.width - 1
            beyond = -1 if number < 0 else int(number > most)
            return str(min(max(number, 0), most)).rjust(self.part.width, "0"), beyond
        return self.part.bound(value), 0

    def _after_prefixes(self, text: str) -> str:
        """Return the last key whose part is at most this text: one that the text begins with may stand after it."""
        ends = (_filled(self.prefix + text[:n] + self.part.after, self.limit) for n in range(1, len(text) + 1))
        return max(self.prefix + text, *ends)


def _overlaps(text: str, literal: str) -> bool:
    """Return whether a text may end within the literal that follows it, so that more begins so than should."""
    return literal in text or any(literal.startswith(text[i:]) for i in range(len(text)))


def _filled(text: str, limit: int) -> str:
    """Return the last key that begins with a text."""
    whole, rest = divmod(limit - len(text.encode()), 4)
    return text + chr(_LAST) * max(whole, 0) + (_LAST_BY_BYTES[rest] if whole >= 0 else "")


def _after_all(text: str) -> str:
    """Return the first text after all that begin with this one."""
    kept = text.rstrip(chr(_LAST))
    if not kept:
        return text
    code = ord(kept[-1]) + 1
    return kept[:-1] + chr(_SURROGATES.stop if code in _SURROGATES else code)


def _next(text: str, limit: int) -> str:
    """Return the first text after this one."""
    return text + "\0" if len(text.encode()) < limit else _after_all(text)


def _before(text: str, limit: int) -> str:
    """Return the last text before this one."""
    code = ord(text[-1]) - 1
    if code < 0:
        return text[:-1]
    return _filled(text[:-1] + chr(_SURROGATES.start - 1 if code in _SURROGATES else code), limit)
