"""Whether two templates can compose one and the same text: then an item could claim another model's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._schema.templates import Part, Template

_DIGITS = frozenset("0123456789")


@frozen
class _Step:
    """Characters that may stand next: these only, or any but those excluded; `repeated` for any number of them."""

    only: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    repeated: bool = False

    def meets(self, other: _Step) -> bool:
        """Return whether one character may stand for both."""
        if self.only is not None and other.only is not None:
            return bool((self.only & other.only) - self.excluded - other.excluded)
        only = self.only if self.only is not None else other.only
        return only is None or bool(only - self.excluded - other.excluded)


def overlap(one: Template | None, other: Template | None) -> bool:
    """Return whether both can compose one text; None stands for any text."""
    left, right = _steps(one), _steps(other)
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        if state == (len(left), len(right)):
            return True
        waiting += _after(left, right, *state)
    return False


def _after(left: list[_Step], right: list[_Step], i: int, j: int) -> Iterator[tuple[int, int]]:
    if i < len(left) and left[i].repeated:
        yield i + 1, j
    if j < len(right) and right[j].repeated:
        yield i, j + 1
    if i < len(left) and j < len(right) and left[i].meets(right[j]):
        yield (i if left[i].repeated else i + 1), (j if right[j].repeated else j + 1)


def _steps(template: Template | None) -> list[_Step]:
    if template is None:
        return [_Step(), _Step(repeated=True)]
    steps = [_Step(frozenset(char)) for char in template.head]
    for part in template.parts:
        steps += _of_part(part)
        steps += [_Step(frozenset(char)) for char in part.after]
    return steps


def _of_part(part: Part) -> list[_Step]:
    only = _DIGITS if part.form == "digits" else None
    if part.width is not None:
        return [_Step(only)] * part.width
    excluded = frozenset(part.after) if len(part.after) == 1 else frozenset[str]()
    return [_Step(only, excluded), _Step(only, excluded, repeated=True)]
