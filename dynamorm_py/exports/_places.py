"""Where the files of an export are: a folder, or a bucket of Amazon S3 below a prefix.

Knows names and bytes; nothing of items. The S3 client is boto3's: the caller's, or one of the default session.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import CallError
from dynamorm_py.exports._file_errors import ExportNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

Location: TypeAlias = str | os.PathLike[str]
"""A folder or a file, or `s3://bucket/prefix`."""

_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)  # S3 User Guide, bucket naming rules


class Place(Protocol):
    """Files by their names, with `/` between folders."""

    def is_empty(self) -> bool:
        """Return whether files may be added."""
        ...

    def names(self) -> list[str]:
        """Return the names of all files here, in order. Raises ExportNotFound for a place that is not there."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading. Raises ExportNotFound."""
        ...

    def find(self, manifest: str, key: str) -> str | None:
        """Return the name of a data file that a manifest lists by its key in the bucket; None where it is not."""
        ...

    def add(self, name: str, file: Path) -> None:
        """Take over a whole file under a name."""
        ...


def place_of(location: Location, s3: object = None) -> Place:
    """Return the place that a path or an address names. Raises CallError."""
    value = cast("object", location)
    if not isinstance(value, str | os.PathLike):
        raise CallError(f"an export is a folder or s3://bucket/prefix, got {type(value).__name__}")
    text = os.fspath(cast("str | os.PathLike[str]", value))
    if not text.startswith("s3:"):
        return Folder(Path(text))
    bucket, prefix = bucket_and_prefix(text)
    return Bucket(bucket, prefix, s3 if s3 is not None else _default_s3())


def _default_s3() -> Any:  # noqa: ANN401 -- a boto3 client has no static type
    import boto3  # noqa: PLC0415 -- imported lazily: only needed with a bucket and without a client

    return cast("Any", boto3).client("s3")


def bucket_and_prefix(address: str) -> tuple[str, str]:
    """Return the bucket and the key prefix of an address. Raises CallError."""
    matched = _S3.fullmatch(address)
    if matched is None:
        raise CallError(f"{address!r:.200} names no bucket: write s3://bucket/prefix")
    return matched[1], matched[2] or ""


@frozen
class Folder:
    """A folder, or one file alone."""

    path: Path

    def is_empty(self) -> bool:
        """Return whether nothing is there, or an empty folder."""
        return not self.path.exists() or (self.path.is_dir() and not any(self.path.iterdir()))

    def names(self) -> list[str]:
        """Return the names of the files below the folder."""
        if self.path.is_file():
            return [self.path.name]
        if not self.path.is_dir():
            raise ExportNotFound(f"{self.path} is neither a folder nor a file: name the folder of the export")
        return sorted(p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file())

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        path = self.path if self.path.is_file() else self.path / name
        try:
            return path.open("rb")
        except OSError as error:
            raise ExportNotFound(f"{path} cannot be read: {error.strerror}") from error

    def find(self, manifest: str, key: str) -> str | None:
        """Look for the file below the manifest's folder, and beside it: an incremental export keeps its data there."""
        parts, own = PurePosixPath(key).parts, PurePosixPath(manifest).parent
        for start in range(len(parts)):
            for above in (own, own.parent, PurePosixPath()):
                name = PurePosixPath(above, *parts[start:])
                if (self.path / name).is_file():
                    return name.as_posix()
        beside = PurePosixPath("..", "data", parts[-1])  # the export's own folder was named
        return beside.as_posix() if (self.path / beside).is_file() else None

    def add(self, name: str, file: Path) -> None:
        """Move a file here."""
        self.path.mkdir(parents=True, exist_ok=True)
        arriving = self.path / f".{name}.part"
        shutil.copyfile(file, arriving)
        arriving.replace(self.path / name)


@frozen
class Bucket:
    """The objects of a bucket whose keys start with a prefix; their names here are their whole keys."""

    bucket: str
    prefix: str
    s3: Any = field(repr=False)

    def is_empty(self) -> bool:
        """Return whether no object's key starts so."""
        return next(self._keys(), None) is None

    def names(self) -> list[str]:
        """List the objects."""
        return sorted(self._keys())

    def _keys(self) -> Iterator[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", ()) if not entry["Key"].endswith("/"))

    def open(self, name: str) -> IO[bytes]:
        """Open an object; it is streamed."""
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=name)["Body"]
        except self.s3.exceptions.NoSuchKey as error:
            raise ExportNotFound(f"s3://{self.bucket}/{name} is not there: the export is not whole") from error

    def find(self, manifest: str, key: str) -> str | None:
        """Return the key: a manifest names whole keys of its bucket."""
        del manifest
        return key

    def add(self, name: str, file: Path) -> None:
        """Upload a file."""
        prefix = f"{self.prefix.rstrip('/')}/" if self.prefix else ""
        self.s3.upload_file(str(file), self.bucket, prefix + name)
