"""`write`: models as files that ImportTable and StartBulkPutItems load.

Each item is checked and stamped as a put would do it, and its encrypted fields are sealed. A shard is made whole
in a temporary file before it gets its name. Source: Developer Guide, "DynamoDB data import formats and validation".
"""

from __future__ import annotations

import gzip
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamorm_py._codec import to_json
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import context_of
from dynamorm_py._operations import prepare_put
from dynamorm_py._operations.claims import ClaimingWrite, changes_of, claims_of
from dynamorm_py._repo import Repo
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import CallError, InvalidValue
from dynamorm_py.exports._lines import zstandard
from dynamorm_py.exports._places import place_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from dynamorm_py._model.context import Context
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations import PutRequest
    from dynamorm_py.encryption import KmsEncryption, StaticEncryption
    from dynamorm_py.exports._places import Location, Place

Compression: TypeAlias = Literal["GZIP", "ZSTD", "NONE"]

_ENDINGS = {"GZIP": ".json.gz", "ZSTD": ".json.zst", "NONE": ".json"}
_SHARD_BYTES = 64 * 1024 * 1024
_LEVEL = 6


@public("dynamorm_py.exports")
@frozen
class Written:
    """What was written: `size` is in bytes of JSON, before compression. Given to `progress` after each file."""

    items: int
    files: int
    size: int


def write(
    models: Iterable[DynamoModel],
    target: Location,
    compression: Compression = "GZIP",
    *,
    encryption: KmsEncryption | StaticEncryption | None = None,
    clock: Callable[[], dt.datetime] | None = None,
    shard_bytes: int = _SHARD_BYTES,
    progress: Callable[[Written], object] | None = None,
    s3: object = None,
) -> Written:
    """Write models as DynamoDB JSON into a folder or `s3://bucket/prefix`, ready to be loaded in bulk.

    Models of several classes may stand together, as they do in a table. Each is checked and written as `put` would:
    lifecycle fields are set, a held version counts on, encrypted fields are sealed with `encryption`. The target
    must be empty. The claims of unique fields go along, and are not counted; that a value occurs once in the files is
    not checked. A file holds about `shard_bytes` of JSON; DynamoDB loads files side by side, so let there be several.
    `compression="ZSTD"` needs the extra `exports`. Loading takes the last of two items with one key, in no order.
    Raises CallError, InvalidValue, ItemTooLarge, EncryptionError.
    """
    if isinstance(cast("object", models), DynamoModel):  # iterating over one gives its fields
        raise CallError("write() takes several models: write([model], ...)")
    if compression not in _ENDINGS:
        raise CallError(f"compression= must be one of {', '.join(_ENDINGS)}, got {compression!r:.80}")
    if not isinstance(cast("object", shard_bytes), int) or shard_bytes < 1:
        raise CallError("shard_bytes= must be a number of bytes, 1 or more")
    place = place_of(target, s3)
    if not place.is_empty():
        raise CallError(f"{target} has files already, and all of them would be loaded: name an empty place")
    shards = _Shards(place, compression, shard_bytes, progress)
    with ExitStack() as stack:
        stack.callback(shards.discard)
        for line in _lines(models, _Repositories(encryption, clock)):
            shards.add(line)
        shards.finish()
    return shards.written


class _Repositories:
    """A repository for each class of model, made when its first instance comes."""

    def __init__(
        self, encryption: KmsEncryption | StaticEncryption | None, clock: Callable[[], dt.datetime] | None
    ) -> None:
        self._encryption, self._clock = encryption, clock
        self._made: dict[type[DynamoModel], tuple[Context[Any], dt.datetime]] = {}

    def of(self, instance: DynamoModel) -> tuple[Context[Any], dt.datetime]:
        """Return what an instance is written with, and the time of the writing."""
        model = type(instance)
        if model not in self._made:
            name = model.__dynamorm_options__.table or "unnamed"
            context = context_of(Repo(model, table=name, encryption=self._encryption, clock=self._clock), "write")
            self._made[model] = context, context.clock()
        return self._made[model]


def _lines(models: Iterable[DynamoModel], repositories: _Repositories) -> Iterator[bytes]:
    for number, instance in enumerate(models, start=1):
        if not isinstance(cast("object", instance), DynamoModel):
            raise InvalidValue(f"number {number} is {kind_of(instance)}: write instances of DynamoModel classes")
        context, now = repositories.of(instance)
        yield _line(context, instance, now)


def _line(context: Context[Any], instance: DynamoModel, now: dt.datetime) -> bytes:
    request = prepare_put(context.table, instance, now)
    body = request.item.json  # which was serialized to be read back
    if context.table.cipher is not None:
        body = to_json(run(context.client, context.table.sealed(request.item, request.key)))
    line = b'{"Item":%b}\n' % (to_json(request.item) if body is None else body)
    return line + _claims(context.table, request) if context.table.schema.unique else line


def _claims(table: ModelTable[Any], request: PutRequest[Any]) -> bytes:
    """Return the lines of the claims that a put of the item makes."""
    write = ClaimingWrite(table, "Put", request)
    claims = claims_of(0, write, changes_of(write, {}), {})
    return b"".join(b'{"Item":' + to_json(claim.item) + b"}\n" for claim in claims if claim.item is not None)


class _Shards:
    """The files, one under way at a time."""

    def __init__(
        self, place: Place, compression: Compression, size: int, progress: Callable[[Written], object] | None
    ) -> None:
        self._place, self._size, self._progress = place, size, progress
        self._compression: Compression = compression
        self._shard: _Shard | None = None
        self.written = Written(0, 0, 0)

    def add(self, line: bytes) -> None:
        """Write a line, and put the file away when it is full."""
        if self._shard is None:
            self._shard = _Shard(self._compression)
        self._shard.add(line)
        if self._shard.size >= self._size:
            self.finish()

    def finish(self) -> None:
        """Put the file away, if one is under way."""
        shard, self._shard = self._shard, None
        if shard is None:
            return
        with shard:
            number = self.written.files + 1
            self._place.add(f"{number:05}{_ENDINGS[self._compression]}", shard.close())
        self.written = Written(self.written.items + shard.items, number, self.written.size + shard.size)
        if self._progress is not None:
            self._progress(self.written)

    def discard(self) -> None:
        """Drop what is under way: it is not whole."""
        if self._shard is not None:
            with self._shard:
                self._shard.close()


class _Shard:
    """A file under way, compressed while it is written; it is gone when the `with` ends."""

    def __init__(self, compression: Compression) -> None:
        self._file = tempfile.NamedTemporaryFile(delete=False)  # noqa: SIM115 -- closed before it is read again
        self._writer = _compressed(self._file, compression)
        self.items = self.size = 0

    def add(self, line: bytes) -> None:
        self._writer.write(line)
        self.items, self.size = self.items + 1, self.size + len(line)

    def close(self) -> Path:
        """End the file and return its path."""
        if self._writer is not self._file:
            self._writer.close()
        self._file.close()
        return Path(self._file.name)

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, *_: object) -> None:
        """Delete the file."""
        Path(self._file.name).unlink(missing_ok=True)


def _compressed(file: IO[bytes], compression: Compression) -> Any:  # noqa: ANN401 -- anything with write()
    if compression == "GZIP":
        return gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=_LEVEL, mtime=0)
    if compression == "ZSTD":
        return zstandard("compression='ZSTD'").ZstdCompressor().stream_writer(file, closefd=False)
    return file
