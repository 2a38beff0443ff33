"""Lists, tuples, sets and maps of types."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.laws.enumerations import choice
from tests.laws.shapes import SCALARS, STRING, Shape, integers, names
from tests.laws.wrappers import wrapped

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_L, _M = frozenset("L"), frozenset("M")


def sequence(draw: DrawFn, inner: Shape) -> Shape:
    """Draw an ordered collection of a type."""
    several = st.lists(inner.values, max_size=3)
    kept = replace(inner, tags=_L, element=False, key=False, empty=None, hashable=False)
    fixed = st.tuples(inner.values, integers)
    return draw(
        st.sampled_from(
            [
                replace(kept, annotation=list[inner.annotation], values=several, empty=list),
                replace(kept, annotation=tuple[inner.annotation, ...], values=several.map(tuple), empty=tuple),
                replace(kept, annotation=tuple[inner.annotation, int], values=fixed),
                replace(kept, annotation=deque[inner.annotation], values=several.map(deque), empty=deque),
                replace(kept, annotation=Sequence[inner.annotation], values=several, sure=False),
            ]
        )
    )


def mapping(draw: DrawFn, inner: Shape) -> Shape:
    """Draw a map of a type, with keys of any type that a key may have."""
    key = draw(st.just(replace(STRING, values=names)) | st.sampled_from([s for s in SCALARS if s.key]))
    if draw(st.booleans()):
        key = choice(draw)
    if draw(st.integers(0, 3)) == 0:
        key = replace(wrapped(draw, key), sure=False)
    entries = st.dictionaries(key.values, inner.values, max_size=3)
    sure = inner.sure and key.sure and key.key
    kept = replace(inner, tags=_M, element=False, key=False, empty=None, hashable=False, sure=sure)
    return draw(
        st.sampled_from(
            [
                replace(kept, annotation=dict[key.annotation, inner.annotation], values=entries, empty=dict),
                replace(kept, annotation=Mapping[key.annotation, inner.annotation], values=entries, sure=False),
                replace(
                    kept,
                    annotation=OrderedDict[key.annotation, inner.annotation],
                    values=entries.map(OrderedDict),
                    sure=False,
                ),
            ]
        )
    )


def a_set(draw: DrawFn, _: Shape) -> Shape:
    """Draw a set of any type that an element may have."""
    element: Any = draw(st.sampled_from([s for s in SCALARS if s.element]))
    if draw(st.booleans()):
        element = choice(draw)
    if draw(st.integers(0, 3)) == 0:
        element = replace(wrapped(draw, element), sure=False)
    elements = st.lists(element.values, max_size=3)
    tags = frozenset(f"{tag}S" for tag in element.tags)
    kept = replace(element, tags=tags, key=False, element=False, hashable=False, sure=False)
    return draw(
        st.sampled_from(
            [
                replace(kept, annotation=set[element.annotation], values=elements.map(set), empty=set),
                replace(
                    kept, annotation=frozenset[element.annotation], values=elements.map(frozenset), empty=frozenset
                ),
            ]
        )
    )
