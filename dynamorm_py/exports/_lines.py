"""A data file as chunks of whole lines, decompressed on the way, with bounded memory.

Knows compression and line breaks; nothing of JSON. A file that breaks off gives the lines before that first.
"""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

from dynamorm_py._kernel.values import frozen
from dynamorm_py.exports._file_errors import DamagedLine, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 16 * 1024  # its items are too few to start Python's collector, which costs a tenth of the time and more
_ZSTD_STEP = 2 * 1024  # a block of four bytes may stand for 128 KB: RFC 8878, 3.1.1.2
_LONGEST_LINE = 16 * 1024 * 1024  # two images of 400 KB, each byte of them written as six, are well below


@frozen
class Chunk:
    """Some whole lines of a file; `first` is the number of the first one. `last` tells that the file ends here."""

    file: str
    first: int
    text: bytes
    last: bool = False
    damage: DamagedLine | None = None
    """What ended the file after these lines."""

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line that is not blank, with its number."""
        for number, line in enumerate(self.text.split(b"\n"), start=self.first):
            if line and not line.isspace():
                yield number, line


def chunks(name: str, file: IO[bytes], size: int = CHUNK) -> Iterator[Chunk]:
    """Yield the lines of a file, about `size` bytes at a time.

    Raises CallError when its compression needs a library that is missing.
    """
    first, begun, length = 1, list[bytes](), 0
    reader = _decompressed(name, file)
    damage = None
    while True:
        try:
            block = reader.read(size)
        except (EOFError, OSError, zlib.error, *_zstd_errors()) as error:
            damage, block = error, b""
        if not block:
            break
        text, found, tail = block.rpartition(b"\n")
        if not found:
            begun.append(tail)
            length += len(tail)
            if length > _LONGEST_LINE:
                damage = ValueError("the line has no end")
                break
            continue
        text = b"".join((*begun, text)) if begun else text
        begun, length = [tail], len(tail)
        yield Chunk(name, first, text)
        first += text.count(b"\n") + 1
    yield _end(name, first, b"".join(begun), damage)


def _end(name: str, first: int, rest: bytes, damage: Exception | None) -> Chunk:
    """Return the last chunk; what a damaged file breaks off with is not a line."""
    if damage is None:
        return Chunk(name, first, rest, last=True)
    line = DamagedLine(name, first, f"the file breaks off here ({type(damage).__name__}): copy it again")
    line.__cause__ = damage
    return Chunk(name, first, b"", last=True, damage=line)


def _decompressed(name: str, file: IO[bytes]) -> Any:  # noqa: ANN401 -- anything with read()
    if name.endswith(".gz"):
        return gzip.GzipFile(fileobj=file)
    if name.endswith(".zst"):
        return _Zstandard(file, zstandard("reading .zst files"))
    return file


class _Zstandard:
    """Frames of Zstandard, read in small steps. The library's own reader does not tell a frame that breaks off."""

    def __init__(self, file: IO[bytes], library: Any) -> None:  # noqa: ANN401 -- the library ships no types for this
        self._file, self._start = file, library.ZstdDecompressor().decompressobj
        self._frame: Any = None

    def read(self, size: int) -> bytes:
        """Return about this much; nothing at the end. Raises EOFError for a frame that breaks off."""
        parts: list[bytes] = []
        while sum(map(len, parts)) < size:
            block = self._file.read(_ZSTD_STEP)
            if not block:
                break
            parts.extend(self._decompressed(block))
        found = b"".join(parts)
        if not found and self._frame is not None:  # a step may have given nothing yet
            message = "the last frame has no end"
            raise EOFError(message)
        return found

    def _decompressed(self, block: bytes) -> Iterator[bytes]:
        while block:
            frame = self._frame = self._frame or self._start()
            yield frame.decompress(block)
            block = frame.unused_data
            if frame.eof:
                self._frame = None


def zstandard(purpose: str) -> Any:  # noqa: ANN401 -- the library ships no types for this
    """Return the zstandard library. Raises CallError without it."""
    try:
        import zstandard as library  # noqa: PLC0415 -- imported lazily: only needed with this compression
    except ImportError:
        raise missing_extra("zstandard", "exports", purpose) from None
    return library


def _zstd_errors() -> tuple[type[Exception], ...]:
    """Return the errors of zstandard, if it is loaded."""
    import sys  # noqa: PLC0415

    loaded: Any = sys.modules.get("zstandard")
    return () if loaded is None else (cast("type[Exception]", loaded.ZstdError),)
