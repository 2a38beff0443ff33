"""HTTP/1.1 as DynamoDB speaks it, without I/O: a request as bytes, an answer from bytes.

It knows nothing of AWS. A reader is fed what a connection receives, and says when the answer is whole and
whether the connection may be used again. What it does not understand it refuses: the connection is closed then.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_HEAD = 64 * 1024  # bytes: what http.client allows one line; DynamoDB sends about 300
_LONGEST_BODY = 64 * 1024 * 1024  # bytes: four times the largest answer, BatchGetItem's 16 MB
_INTERIM = range(100, 200)
_SWITCHING = 101  # nothing of HTTP follows it: RFC 9110, 15.2.2
_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-5]\d\d)(?: |$)", re.ASCII)
_MOST_DIGITS = 10
_CHUNK_SIZE = rb"[0-9A-Fa-f]{1,8}"  # compiled with its first use: DynamoDB sends no chunks
_EMPTY = frozenset({204, 304})
_OFTEN_THE_SAME = frozenset({"connection", "content-length", "content-type", "date", "server"})
_MOST_LINES, _LONGEST_LINE = 256, 100


class MalformedAnswer(Exception):
    """What came is not an HTTP answer that can be trusted; the text says why and quotes nothing of it."""


@frozen
class Answer:
    """A whole HTTP answer. Names of headers are lower case; `reusable` says whether the connection may go on."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    reusable: bool = True


class _Head(NamedTuple):
    status: int
    headers: dict[str, str]
    persistent: bool


class AnswerReader:
    """Reads one answer. `begun` says whether a byte of it has come."""

    __slots__ = ("_chunked", "_expected", "_head", "_received", "begun")

    def __init__(self) -> None:
        """Wait for the first byte."""
        self._received = bytearray()
        self._head: _Head | None = None
        self._expected: int | None = None
        self._chunked: _Chunks | None = None
        self.begun = False

    @property
    def missing(self) -> int | None:
        """How many bytes of the body are still to come; None where that is not known."""
        return None if self._expected is None else self._expected - len(self._received)

    def feed(self, data: bytes) -> Answer | None:
        """Take what was received, b"" when the connection has ended; return the answer once it is whole.

        Raises MalformedAnswer.
        """
        if not data:
            return self._end()
        first, self.begun = not self.begun, True
        if first and (answer := _at_once(data)) is not None:
            return answer
        self._received += data
        while self._head is None:
            if not self._read_head():
                return None
        if self._chunked is not None:
            return self._read_chunks()
        if self._expected is None or len(self._received) < self._expected:
            return self._within_limit()
        body = bytes(memoryview(self._received)[: self._expected])
        return self._whole(body, len(self._received) - self._expected)

    def _end(self) -> Answer:
        """Return an answer that ends with its connection. Raises MalformedAnswer for one that was cut."""
        if self._head is None or self._expected is not None or self._chunked is not None:
            raise MalformedAnswer("the connection ended in the middle of an answer")
        return Answer(self._head.status, self._head.headers, bytes(self._received), reusable=False)

    def _read_head(self) -> bool:
        """Read the next status line and headers; False until they have come. Interim answers are passed over."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or end > _LONGEST_HEAD:
            if len(self._received) > _LONGEST_HEAD:
                raise MalformedAnswer("the headers exceed 64 KB")
            if b"\n\n" in self._received:  # to wait for more would end in a time-out
                raise MalformedAnswer("the header lines end without a carriage return")
            return False
        head = _parse_head(self._received[:end])
        if head.status == _SWITCHING:
            raise MalformedAnswer("the server switches protocols, which was not asked for")
        del self._received[: end + 4]
        if head.status not in _INTERIM:
            self._head = head
            self._expect_body(head)
        return True

    def _expect_body(self, head: _Head) -> None:
        coding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
        if head.status in _EMPTY:
            self._expected = 0
        elif coding is not None:
            # RFC 9112, 6.3: a message with both may be an attempt at smuggling
            if coding.lower() != "chunked" or length is not None:
                raise MalformedAnswer("the transfer coding is not understood")
            self._chunked = _Chunks()
        elif length is not None:
            self._expected = _parse_length(length)

    def _read_chunks(self) -> Answer | None:
        chunks = self._chunked
        if chunks is None or not chunks.read(self._received):
            return self._within_limit()
        return self._whole(bytes(chunks.body), len(self._received))

    def _within_limit(self) -> None:
        chunked = 0 if self._chunked is None else len(self._chunked.body)
        if len(self._received) + chunked > _LONGEST_BODY:
            raise MalformedAnswer("the body exceeds 64 MB")

    def _whole(self, body: bytes, beyond: int) -> Answer | None:
        """Return the answer; bytes beyond it answer nothing that was asked, so the connection ends here."""
        head = self._head
        return head and Answer(head.status, head.headers, body, head.persistent and not beyond)


def _at_once(data: bytes) -> Answer | None:
    """Return the answer that came in one piece, as most do; None for any other, which is read step by step."""
    end = data.find(b"\r\n\r\n")
    if not 0 <= end <= _LONGEST_HEAD:
        return None
    status, headers, persistent = _parse_head(data[:end])
    length = headers.get("content-length")
    if length is None or status in _INTERIM or status in _EMPTY or "transfer-encoding" in headers:
        return None
    whole = _parse_length(length) == len(data) - end - 4
    return Answer(status, headers, data[end + 4 :], persistent) if whole else None


class _Lines(dict[str, tuple[str, str]]):
    """The name and the value of each header line; lines that are the same in answer after answer are parsed once."""

    def __missing__(self, line: str) -> tuple[str, str]:
        name, colon, value = line.partition(":")
        if not colon or not name or " " in name or "\t" in name:
            raise MalformedAnswer("a header line has no name")
        parsed = name.lower(), value.strip(" \t")
        if parsed[0] in _OFTEN_THE_SAME and len(line) <= _LONGEST_LINE:
            if len(self) >= _MOST_LINES:
                self.clear()
            self[line] = parsed
        return parsed


_line_of = _Lines().__getitem__


def _parse_head(head: bytes | bytearray) -> _Head:
    """Parse the status line and the headers. Source: RFC 9112, 4 and 5."""
    status_line, *lines = head.decode("latin-1").split("\r\n")
    status = _STATUS_LINE.match(status_line)
    if status is None:
        raise MalformedAnswer("the status line is not HTTP/1.1's")
    parsed = list(map(_line_of, lines))
    headers = dict(parsed)
    if len(headers) < len(parsed):
        headers = _joined(parsed)
    connection = headers.get("connection")
    persistent = status[1] == "1" and (connection is None or "close" not in connection.lower())
    return _Head(int(status[2]), headers, persistent)


def _joined(parsed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, the values of one name in one, with commas: RFC 9110, 5.3."""
    headers: dict[str, str] = {}
    for name, value in parsed:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _parse_length(text: str) -> int:
    """Return Content-Length. Two that agree are one: RFC 9112, 6.3."""
    if len(text) < _MOST_DIGITS and text.isdecimal() and text.isascii():  # as a rule
        return _within_limit(int(text))
    texts = {part.strip() for part in text.split(",")}
    length = texts.pop()
    if texts or not (length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS):
        raise MalformedAnswer("the content length is not a number")
    return _within_limit(int(length))


def _within_limit(length: int) -> int:
    if length > _LONGEST_BODY:
        raise MalformedAnswer("the body exceeds 64 MB")
    return length


class _Chunks:
    """The chunked coding. Source: RFC 9112, 7.1."""

    __slots__ = ("_last", "body")

    def __init__(self) -> None:
        self.body = bytearray()
        self._last = False

    def read(self, received: bytearray) -> bool:
        """Move whole chunks out of what was received; return whether the last one and the trailer came."""
        while not self._last:
            end = received.find(b"\r\n")
            if end < 0:
                self._check_line(len(received))
                return False
            size = _chunk_size(received[:end])
            if size == 0:
                del received[: end + 2]
                self._last = True
            elif len(received) < end + 2 + size + 2:
                return False
            else:
                self._take(received, end + 2, size)
        return self._trailer(received)

    def _take(self, received: bytearray, start: int, size: int) -> None:
        if not received.startswith(b"\r\n", start + size):
            raise MalformedAnswer("a chunk is longer than it says")
        self.body += received[start : start + size]
        del received[: start + size + 2]

    def _trailer(self, received: bytearray) -> bool:
        """Pass over the trailer: lines up to an empty one."""
        while (end := received.find(b"\r\n")) >= 0:
            del received[: end + 2]
            if end == 0:
                return True
        self._check_line(len(received))
        return False

    @staticmethod
    def _check_line(length: int) -> None:
        if length > _LONGEST_HEAD:
            raise MalformedAnswer("a line of the chunked coding exceeds 64 KB")


def _chunk_size(line: bytearray) -> int:
    digits = line.partition(b";")[0].strip()
    if not re.fullmatch(_CHUNK_SIZE, digits):
        raise MalformedAnswer("a chunk has no size")
    size = int(digits, 16)
    if size > _LONGEST_BODY:
        raise MalformedAnswer("the body exceeds 64 MB")
    return size
