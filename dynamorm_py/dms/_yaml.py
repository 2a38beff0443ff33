"""YAML 1.2 restricted to JSON's data model, with the place of every value.

Works on PyYAML's events, which still show anchors, aliases and tags, and resolves plain scalars by
YAML 1.2's core schema (PyYAML's own resolver is YAML 1.1's). Knows nothing of DMS.
Source: YAML 1.2.2, chapters 10.2 and 10.3; CONTRACT 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from dynamorm_py.dms._parsed import DEPTH_LIMIT, INTEGER_LIMIT, Mark, Parsed, Path, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(\.inf|\.Inf|\.INF|Infinity)|\.nan|\.NaN|\.NAN|NaN")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?")


def parse(text: str) -> Parsed:
    """Parse a YAML text. Whatever is wrong is in `.problems`; most of it does not stop the reading."""
    builder = _Builder(text)
    try:
        builder.document()
    except Unreadable:
        pass
    except MarkedYAMLError as error:
        builder.parsed.fault((), _mark(error.problem_mark or error.context_mark), _said(error))
    except ReaderError as error:
        before = text[: error.position]
        mark = (before.count("\n") + 1, error.position - before.rfind("\n"))
        builder.parsed.fault((), mark, "a character that YAML does not allow: remove it, or write it as an escape")
    return builder.parsed


def _said(error: MarkedYAMLError) -> str:
    return ": ".join(part for part in (error.context, error.problem) if part)


class _HasPlace(Protocol):
    """PyYAML's mark: line and column from 0."""

    line: int
    column: int


def _mark(mark: _HasPlace | None) -> Mark:
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)


class _Scanner(Scanner):
    """PyYAML's scanner, which also takes a tab between two tokens where YAML 1.2 does."""

    def scan_to_next_token(self) -> None:
        """Skip spaces, tabs outside of indentation, comments and line ends."""
        source: Any = self
        if source.index == 0 and source.peek() == "\ufeff":
            source.forward()
        while True:
            while source.peek() == " " or (
                source.peek() == "\t" and (source.flow_level or not source.allow_simple_key)
            ):
                source.forward()
            if source.peek() == "#":
                while source.peek() not in "\0\r\n\x85\u2028\u2029":
                    source.forward()
            if not source.scan_line_break():
                return
            if not source.flow_level:
                source.allow_simple_key = True


class _Events(Reader, _Scanner, Parser):
    """Text to events: PyYAML's parts without its composer, resolver and constructor."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        _Scanner.__init__(self)
        Parser.__init__(self)

    def __iter__(self) -> Iterator[Event]:
        """Yield the events in their order."""
        source: Any = self
        while source.check_event():
            yield source.get_event()


class _Builder:
    """Builds the values, refusing what JSON has not."""

    def __init__(self, text: str) -> None:
        self.parsed = Parsed()
        self._text = text

    def document(self) -> None:
        self._events = iter(_Events(self._text))
        documents = 0
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                self.parsed.stop((), _mark(event.start_mark), "a second document begins: a file holds one")
            self.parsed.value = self._value(next(self._events), (), 0)
        if not documents:
            self.parsed.fault((), (1, 1), "the document is empty")

    def _value(self, event: Event, path: Path, depth: int) -> Any:  # noqa: ANN401 -- any JSON value
        mark = _mark(event.start_mark)
        self.parsed.values[path] = mark
        self._check_properties(event, path, mark)
        if depth > DEPTH_LIMIT:
            self.parsed.stop(path, mark, f"nested over {DEPTH_LIMIT} deep")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        return self._scalar(event, path, mark) if isinstance(event, ScalarEvent) else None

    def _check_properties(self, event: Event, path: Path, mark: Mark) -> None:
        """Note what only YAML has: aliases, anchors, tags."""
        if isinstance(event, AliasEvent):
            self.parsed.fault(path, mark, f"an alias (*{event.anchor}): write the value out")
        elif isinstance(event, NodeEvent) and event.anchor is not None:
            self.parsed.fault(path, mark, f"an anchor (&{event.anchor}): remove it")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.parsed.fault(path, mark, f"a YAML tag ({tag}): remove it")

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return out
            name = self._name(event, path, depth)
            inside = (*path, name)
            mark = _mark(event.start_mark)
            if name in out:
                self.parsed.fault(inside, mark, "appears twice: keep one")
            self.parsed.names.setdefault(inside, mark)
            out.setdefault(name, self._value(next(self._events), inside, depth + 1))
        return out

    def _name(self, event: Event, path: Path, depth: int) -> str:
        """Read the name of an entry: a string, as in JSON."""
        mark = _mark(event.start_mark)
        if not isinstance(event, ScalarEvent):
            self._value(event, (*path, "?"), depth + 1)
            self.parsed.fault(path, mark, "a name that is not a string: names are strings, as in JSON")
            return f"?{mark[0]}:{mark[1]}"
        self._check_properties(event, path, mark)
        name: object = self._scalar(event, path, mark)
        if event.value == "<<" and _is_plain(event):
            self.parsed.fault(path, mark, "a merge key (<<): write the entries out")
        elif not isinstance(name, str):
            self.parsed.fault(path, mark, f"the name {event.value!r} is not a string: put it in quotes")
        return event.value

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        out: list[Any] = []
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                break
            out.append(self._value(event, (*path, len(out)), depth + 1))
        return out

    def _scalar(self, event: ScalarEvent, path: Path, mark: Mark) -> Any:  # noqa: ANN401 -- any JSON scalar
        text = event.value
        if not _is_plain(event):
            return self._text_of(text, path, mark)
        if _NOT_FINITE.fullmatch(text):
            self.parsed.fault(path, mark, f"{text} is not a JSON number: leave it out, or put it in quotes")
        elif _TIMESTAMP.fullmatch(text):
            self.parsed.fault(path, mark, f"{text} is a timestamp in YAML, which JSON does not have: put it in quotes")
        try:
            return _resolve(text)
        except ValueError:
            self.parsed.fault(path, mark, "the number is too long, or beyond any float: put it in quotes")
            return 0

    def _text_of(self, text: str, path: Path, mark: Mark) -> str:
        """Join the halves of surrogate pairs, which JSON's escapes write apart."""
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            self.parsed.fault(path, mark, "half a surrogate pair is not text")
            return ""


def _is_plain(event: ScalarEvent) -> bool:
    return not event.style


def _resolve(text: str) -> object:
    """Resolve a plain scalar. Raises ValueError for a number that JSON's readers do not hold."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        integer = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        if integer >= INTEGER_LIMIT:  # octal or hexadecimal, which Python reads at any length
            raise ValueError(text)
        return integer
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number
