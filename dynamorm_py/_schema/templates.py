"""Templates of derived keys: `"ORDER#{number:06}"` as text and parts, composed so that it can be taken apart again.

The text of a part may hold the literal that follows it only at the end of both together, or has a fixed
width: so two different sets of parts never compose one key. Fields and their types are not known here
before `Template.typed` is handed them. Source: CONTRACT 1, "Derived keys".
"""

from __future__ import annotations

import re
from dataclasses import replace
from string import Formatter
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import quote, unquote

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynamorm_py._kernel.types import AttributeValue

PartForm: TypeAlias = Literal["text", "digits", "hex", "percent", "nano"]
"""How a part's text follows from what its field stores; `nano` gives a time nine digits of a fraction."""

_WIDTH = r"0[1-9][0-9]?"
_UNRESERVED = "-._~"  # RFC 3986, beside letters and digits
_FRACTION = 9
_NANO_WIDTH = len("0001-01-01T00:00:00.000000000Z")


@frozen
class Part:
    """`{field:format}` and the literal that follows it; `width` is the fixed number of its characters."""

    field: str
    format: str = ""
    after: str = ""
    tag: Literal["S", "N", "B"] = "S"
    form: PartForm = "text"
    width: int | None = None

    @property
    def spelled(self) -> str:
        """The part as the template spells it."""
        return "{" + self.field + (f":{self.format}" if self.format else "") + "}"

    def text(self, stored: AttributeValue) -> str:
        """Return the part's text for what its field stores. Raises InvalidValue for what would not be unique."""
        ((_, payload),) = stored.items()
        text = _AS_TEXT[self.form](payload, self)
        if not text:
            message = "a part of a key cannot be empty: give the field a value"
            raise InvalidValue(message, path=self.field)
        if self.width is not None:
            if len(text) != self.width:
                raise InvalidValue(f"{self.spelled} has {self.width} characters: widen it", path=self.field)
        elif self.after and (text + self.after).find(self.after) != len(text):
            message = f"its text and {self.after!r}, which follows it in the key, would run together: use another value"
            raise InvalidValue(message, path=self.field)
        return text

    def bound(self, stored: AttributeValue) -> str:
        """Return the part's text for a bound or a prefix, which need not be a whole value."""
        ((_, payload),) = stored.items()
        return _AS_TEXT[self.form](payload, self)

    def value(self, text: str) -> AttributeValue | None:
        """Return what the field stores where its part has this text; None where no value has it."""
        stored = _FROM_TEXT[self.form](text, self)
        try:
            return stored if stored is not None and self.text(stored) == text else None
        except InvalidValue:
            return None


@frozen
class Template:
    """The literal that a key begins with, and its parts."""

    source: str
    head: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that it is composed from."""
        return tuple(part.field for part in self.parts)

    def compose(self, stored: Callable[[str], AttributeValue | None]) -> str | None:
        """Return the key for what its fields store; None where one stores nothing. Raises InvalidValue."""
        texts = [self.head]
        for part in self.parts:
            value = stored(part.field)
            if value is None or "NULL" in value:
                return None
            texts += [part.text(value), part.after]
        return "".join(texts)

    def prefix(self, stored: Mapping[str, AttributeValue], known: int) -> str:
        """Return how a key begins whose first `known` parts are these. Raises InvalidValue."""
        return self.head + "".join(part.text(stored[part.field]) + part.after for part in self.parts[:known])

    def parse(self, text: str) -> dict[str, AttributeValue] | None:
        """Return what the fields of a key store; None for a text that it never composes."""
        if not text.startswith(self.head):
            return None
        rest, values = text[len(self.head) :], dict[str, "AttributeValue"]()
        for part in self.parts:
            end = _end(part, rest)
            value = part.value(rest[:end]) if end > 0 else None
            if value is None or not rest.startswith(part.after, end):
                return None
            if values.setdefault(part.field, value) != value:
                return None
            rest = rest[end + len(part.after) :]
        return None if rest else values


def _end(part: Part, text: str) -> int:
    if part.width is not None:
        return part.width
    return text.find(part.after) if part.after else len(text)


def parse_template(source: str) -> tuple[Template, list[str]]:
    """Take a template apart. Returns it with everything that is wrong in its spelling, each with the repair."""
    try:
        pieces = list(Formatter().parse(source))
    except ValueError as error:
        return Template(source), [f"template {source!r} cannot be read ({error}): write a brace itself as {{{{ or }}}}"]
    head, parts, problems = "", list[Part](), list[str]()
    for literal, field, spec, conversion in pieces:
        if parts:
            parts[-1] = replace(parts[-1], after=parts[-1].after + literal)
        else:
            head += literal
        if field is not None:
            problems += _spelling(source, field, conversion)
            parts.append(_part(field, spec or ""))
    if not source:
        problems.append("the template is empty: write text, {field} parts, or both")
    return Template(source, head, tuple(parts)), problems


def _spelling(source: str, field: str, conversion: str | None) -> Iterator[str]:
    if not field.isidentifier():
        yield f"template {source!r} has the part {{{field}}}: write {{field}} or {{field:format}}"
    if conversion:
        yield f"template {source!r}: drop !{conversion}, a part's text is what the field stores"


def _part(field: str, spec: str) -> Part:
    if re.fullmatch(_WIDTH, spec):
        return Part(field, spec, form="digits", width=int(spec[1:]))
    if spec == "hex":
        return Part(field, spec, form="hex")
    return Part(field, spec, form="percent" if spec == "percent" else "text")


def format_problem(part: Part) -> str | None:
    """Say what is wrong with the format of a part in itself."""
    if not part.format or part.form != "text":
        return None
    return f"{part.spelled}: format {part.format!r} is unknown: use a width such as 06, hex or percent, or leave it out"


def as_nano(part: Part) -> Part:
    """Return the part as a time in a fixed width."""
    return replace(part, form="nano", width=_NANO_WIDTH)


def adjacency_problems(template: Template) -> Iterator[str]:
    """Yield each pair of parts that nothing separates."""
    for part, following in zip(template.parts, template.parts[1:], strict=False):
        if not part.after and part.width is None:
            yield (
                f"{part.spelled} and {following.spelled} are adjacent, so two items could have the same key: "
                "write a literal between them, or give the first a fixed width"
            )


def _digits(payload: str, part: Part) -> str:
    if not (payload.isascii() and payload.isdigit()):
        message = f"{part.spelled} takes whole numbers from 0 on, whose text sorts as they do: use another value"
        raise InvalidValue(message, path=part.field)
    width = part.width or 0
    if len(payload) > width:
        message = f"{part.spelled} has {width} digits, and this number more: widen it in every item"
        raise InvalidValue(message, path=part.field)
    return payload.rjust(width, "0")


def _plain(payload: str, _: Part) -> str:
    return payload


def _hex(payload: bytes, _: Part) -> str:
    return payload.hex()


def _percent(payload: str, _: Part) -> str:
    return quote(payload, safe=_UNRESERVED)


def _nano(payload: str, _: Part) -> str:
    instant, _dot, fraction = payload.removesuffix("Z").partition(".")
    return f"{instant}.{fraction.ljust(_FRACTION, '0')}Z"


def _trimmed(text: str, _: Part) -> AttributeValue:
    return {"S": text.removesuffix("Z").rstrip("0").removesuffix(".") + "Z"}


def _from_digits(text: str, _: Part) -> AttributeValue | None:
    return {"N": text.lstrip("0") or "0"} if text.isascii() and text.isdigit() else None


def _from_hex(text: str, _: Part) -> AttributeValue | None:
    try:
        return {"B": bytes.fromhex(text)}
    except ValueError:
        return None


_AS_TEXT: dict[PartForm, Callable[..., str]] = {
    "text": _plain,
    "digits": _digits,
    "hex": _hex,
    "percent": _percent,
    "nano": _nano,
}
_FROM_TEXT: dict[PartForm, Callable[[str, Part], AttributeValue | None]] = {
    "text": lambda text, part: {part.tag: text},
    "digits": _from_digits,
    "hex": _from_hex,
    "percent": lambda text, _: {"S": unquote(text)},
    "nano": _trimmed,
}
