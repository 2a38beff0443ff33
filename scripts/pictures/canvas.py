"""A small drawing surface for the pictures of the documentation: boxes of text, arrows between them, one look.

A picture is one SVG that follows the reader's colour scheme by a media query and stands on a panel of its own, so
that it can be read on any page. Text that does not fit into its box is an error: nothing overflows in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Literal

Tone = Literal["plain", "accent", "good", "bad", "muted"]

_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_SIZE = 13  # pixels; a glyph of a monospace font is 0.602 of its size wide
_GLYPH = _SIZE * 0.602
_LINE = 19
_PAD = 12
_TONES: dict[Tone, tuple[tuple[str, str], tuple[str, str]]] = {  # (fill, stroke) in light, in dark
    "plain": (("#ffffff", "#8b98a9"), ("#1f2733", "#66758a")),
    "accent": (("#e8f0fe", "#3f6fd1"), ("#1c2d4d", "#7aa2f7")),
    "good": (("#e6f6ec", "#2e8b57"), ("#17352a", "#5fcf94")),
    "bad": (("#fdecec", "#c94a4a"), ("#3f1f22", "#f08080")),
    "muted": (("#f0f2f5", "#b4bdc9"), ("#262d38", "#4a5666")),
}


def _style() -> str:
    def rules(scheme: int) -> str:
        panel, ink, soft = (("#f7f9fb", "#1b2430", "#5b6878"), ("#141a22", "#e4eaf2", "#9aa8ba"))[scheme]
        tones = "".join(
            f".{tone}{{fill:{pair[scheme][0]};stroke:{pair[scheme][1]}}}"
            f".line-{tone}{{stroke:{pair[scheme][1]}}}.tip-{tone}{{fill:{pair[scheme][1]}}}"
            for tone, pair in _TONES.items()
        )
        return f".panel{{fill:{panel}}}text{{fill:{ink}}}.soft{{fill:{soft}}}{tones}"

    return (
        f"text{{font-family:{_FONT};font-size:{_SIZE}px}}.bold{{font-weight:700}}"
        f".box{{stroke-width:1.5}}.line{{fill:none;stroke-width:1.5}}{rules(0)}"
        f"@media (prefers-color-scheme:dark){{{rules(1)}}}"
    )


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box stands, with the points that arrows begin and end at."""

    x: float
    y: float
    width: float
    height: float

    def at(self, side: Literal["left", "right", "top", "bottom"], share: float = 0.5) -> tuple[float, float]:
        """Return a point on a side, `share` of its length from the left or the top."""
        if side in {"left", "right"}:
            return (self.x if side == "left" else self.x + self.width), self.y + self.height * share
        return self.x + self.width * share, (self.y if side == "top" else self.y + self.height)


@dataclass(slots=True)
class Canvas:
    """One picture being drawn. `title` and `description` are read out by screen readers."""

    title: str
    description: str
    width: int
    height: int
    _parts: list[str] = field(default_factory=list[str])

    def box(
        self, x: float, y: float, width: float, lines: list[str], *, title: str | None = None, tone: Tone = "plain"
    ) -> Box:
        """Draw a box around lines of text, with a bold first line where `title` is there."""
        rows = [(title, "bold")] if title is not None else []
        rows += [(line, "") for line in lines]
        height = len(rows) * _LINE + _PAD * 1.5
        widest = max((len(row) for row, _ in rows), default=0) * _GLYPH + 2 * _PAD
        self._require(widest <= width, f"a box of {width} is too narrow for {widest:.0f}: {rows}")
        self._require(x >= 0 and x + width <= self.width and y + height <= self.height, f"off the canvas: {rows}")
        self._parts.append(f'<rect class="box {tone}" x="{x}" y="{y}" width="{width}" height="{height}" rx="7"/>')
        for number, (row, weight) in enumerate(rows):
            self._text(x + _PAD, y + _PAD + 9 + number * _LINE, row, weight)
        return Box(x, y, width, height)

    def text(
        self, x: float, y: float, text: str, *, bold: bool = False, soft: bool = False, middle: bool = False
    ) -> None:
        """Write a line of text; `middle` centres it at x."""
        half = len(text) * _GLYPH / 2
        left, right = (x - half, x + half) if middle else (x, x + 2 * half)
        self._require(left >= 0 and right <= self.width and y <= self.height, f"off the canvas: {text!r}")
        self._text(left, y, text, " ".join(name for name, on in (("bold", bold), ("soft", soft)) if on))

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        label: str = "",
        *,
        tone: Tone = "plain",
        above: float = 7,
    ) -> None:
        """Draw a straight arrow with its label over the middle."""
        (x1, y1), (x2, y2) = start, end
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1)
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        bx, by = x2 - dx * 9, y2 - dy * 9
        self._parts.append(f'<path class="line line-{tone}" d="M{x1:.1f} {y1:.1f}L{bx:.1f} {by:.1f}"/>')
        tip = f"{x2:.1f},{y2:.1f} {bx - dy * 5:.1f},{by + dx * 5:.1f} {bx + dy * 5:.1f},{by - dx * 5:.1f}"
        self._parts.append(f'<polygon class="tip-{tone}" points="{tip}"/>')
        if label:
            self.text((x1 + x2) / 2, (y1 + y2) / 2 - above, label, soft=True, middle=True)

    def svg(self) -> str:
        """Return the picture as an SVG document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-labelledby="title description">\n'
            f'<title id="title">{escape(self.title)}</title>\n'
            f'<desc id="description">{escape(self.description)}</desc>\n'
            f"<style>{_style()}</style>\n"
            f'<rect class="panel" width="{self.width}" height="{self.height}" rx="12"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )

    def _text(self, x: float, y: float, text: str, names: str) -> None:
        names = f' class="{names}"' if names else ""
        self._parts.append(f'<text{names} x="{x:.1f}" y="{y:.1f}" xml:space="preserve">{escape(text)}</text>')

    def _require(self, holds: bool, problem: str) -> None:  # noqa: FBT001 -- a condition, as in assert
        if not holds:
            raise ValueError(f"{self.title}: {problem}")
