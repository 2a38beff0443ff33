"""Enumerations and Literals, of text, numbers and both; each drawn as a class of its own."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

from tests.laws.shapes import Shape

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_VALUES: dict[str, list[Any]] = {
    "S": ["red", "blue", "", "1", "true"],
    "N": [0, 1, 10, 2.5, -3],
    "mixed": ["red", 1, 2.5, "1", b"x", True],
}
_TAGS: dict[type, str] = {str: "S", bool: "BOOL", bytes: "B"}
_MIXINS: dict[str, list[tuple[type, ...]]] = {
    "S": [(enum.Enum,), (str, enum.Enum), (enum.StrEnum,)],
    "N": [(enum.Enum,), (float, enum.Enum)],
    "int": [(enum.Enum,), (int, enum.Enum), (enum.IntEnum,)],
    "mixed": [(enum.Enum,)],
}


def choice(draw: DrawFn) -> Shape:
    """Draw an enumeration or a Literal, with its members as values."""
    return draw(st.sampled_from([_enumeration, _literal, _literal_of_members]))(draw)


def _drawn(draw: DrawFn) -> tuple[str, list[Any]]:
    kind = draw(st.sampled_from(["S", "N", "int", "mixed"]))
    pool = [v for v in _VALUES["N"] if isinstance(v, int)] if kind == "int" else _VALUES[kind]
    values = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique_by=lambda v: (type(v), v)))
    return kind, values


def _made(draw: DrawFn) -> tuple[str, Any]:
    kind, values = _drawn(draw)
    bases = draw(st.sampled_from(_MIXINS[kind]))
    body = enum.EnumMeta.__prepare__("Choice", bases)
    for number, value in enumerate(values):
        body[f"M{number}"] = value
    return kind, enum.EnumMeta("Choice", bases, body)


def _enumeration(draw: DrawFn) -> Shape:
    kind, made = _made(draw)
    return _shape(kind, made, list(made))


def _literal(draw: DrawFn) -> Shape:
    kind, values = _drawn(draw)
    values = [value for value in values if not isinstance(value, float)] or ["a"]  # no float is a Literal
    kind = "S" if values == ["a"] else kind
    return _shape(kind, Literal[tuple(values)], values)


def _literal_of_members(draw: DrawFn) -> Shape:
    kind, made = _made(draw)
    return _shape(kind, Literal[tuple(made)], list(made))


def _shape(kind: str, annotation: Any, values: list[Any]) -> Shape:  # noqa: ANN401 -- an annotation
    raw = [value.value if isinstance(value, enum.Enum) else value for value in values]
    tags = frozenset(map(_tag_of, raw))
    alone = kind != "mixed" and len(tags) == 1
    sure = kind != "mixed"
    return Shape(
        annotation,
        st.sampled_from(values),
        tags,
        sure=sure,
        element=alone and "" not in raw,
        key=alone and "" not in raw,
    )


def _tag_of(value: object) -> str:
    return _TAGS.get(type(value), "N")
