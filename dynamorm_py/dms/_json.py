"""Strict JSON with the place of every value. Knows RFC 8259, and nothing of DMS.

The standard library reads JSON but forgets where things stood; only its reading of strings is used here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import count
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Any, NoReturn

from dynamorm_py.dms._parsed import DEPTH_LIMIT, Parsed, Unreadable

if TYPE_CHECKING:
    from dynamorm_py.dms._parsed import Mark, Path

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_STRINGS = JSONDecoder()
_WORDS = {"true": True, "false": False, "null": None}


def parse(text: str) -> Parsed:
    """Parse a JSON text. Whatever is wrong is in `.problems`; duplicate names do not stop it."""
    reader = _Reader(text)
    try:
        reader.parsed.value = reader.value((), 0)
        reader.space()
        if reader.at < len(text):
            reader.stop((), "text after the end of the document: remove it")
    except Unreadable:
        pass
    return reader.parsed


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.parsed = text, 0, Parsed()
        self._line_ends = [found.start() for found in re.finditer("\n", text)]

    def value(self, path: Path, depth: int) -> Any:  # noqa: ANN401 -- any JSON value
        self.space()
        self.parsed.values[path] = self.here()
        if depth > DEPTH_LIMIT:
            self.stop(path, f"nested over {DEPTH_LIMIT} deep")
        match self.text[self.at : self.at + 1]:
            case "{":
                return self._object(path, depth)
            case "[":
                return self._array(path, depth)
            case '"':
                return self._string(path)
            case _:
                return self._word(path)

    def _object(self, path: Path, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self.at += 1
        while not self._closes("}", path, first=not out):
            mark = self.here()
            if self.text[self.at : self.at + 1] != '"':
                self.stop(path, "expected a name in double quotes")
            name = self._string(path)
            inside = (*path, name)
            if name in out:
                self.parsed.fault(inside, mark, "appears twice: keep one")
            self.parsed.names.setdefault(inside, mark)
            self._expect(":", inside)
            out.setdefault(name, self.value(inside, depth + 1))
        return out

    def _array(self, path: Path, depth: int) -> list[Any]:
        out: list[Any] = []
        self.at += 1
        for index in count():
            if self._closes("]", path, first=not index):
                return out
            out.append(self.value((*path, index), depth + 1))
        return out

    def _closes(self, bracket: str, path: Path, *, first: bool) -> bool:
        """Step over what stands between two elements; say whether the bracket closes instead."""
        self.space()
        if self.text[self.at : self.at + 1] == bracket:
            self.at += 1
            return True
        if not first:
            self._expect(",", path)
            self.space()
        return False

    def _expect(self, sign: str, path: Path) -> None:
        self.space()
        if self.text[self.at : self.at + 1] != sign:
            self.stop(path, f"expected {sign!r}")
        self.at += 1

    def _string(self, path: Path) -> str:
        try:
            value, self.at = _STRINGS.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            self.stop(path, error.msg)
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            self.stop(path, "half a surrogate pair is not text")
        return value

    def _word(self, path: Path) -> Any:  # noqa: ANN401 -- a number, a boolean or null
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        number = _NUMBER.match(self.text, self.at)
        if number is None:
            self.stop(path, "expected a JSON value")
        self.at = number.end()
        try:
            value = float(number[0]) if number[1] or number[2] else int(number[0])
        except ValueError:  # more digits than Python turns into an int
            self.stop(path, "the number is too long")
        if value in {float("inf"), float("-inf")}:
            self.stop(path, "the number is beyond any float")
        return value

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def here(self) -> Mark:
        """Return line and column of where the reader stands."""
        line = bisect_left(self._line_ends, self.at)
        return line + 1, self.at - (self._line_ends[line - 1] if line else -1)

    def stop(self, path: Path, message: str) -> NoReturn:
        """Give up where the reader stands."""
        self.parsed.stop(path, self.here(), message)
