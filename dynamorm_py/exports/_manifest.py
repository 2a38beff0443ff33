"""What an export consists of: its manifest read, or the data files that lie in a folder without one.

Source: Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import CallError
from dynamorm_py.exports._file_errors import ExportNotFound

if TYPE_CHECKING:
    from dynamorm_py.exports._places import Place

SUMMARY = "manifest-summary.json"
_FILES = "manifest-files.json"
_DATA = (".json", ".json.gz", ".json.zst", ".jsonl", ".jsonl.gz", ".jsonl.zst")


class _Entry(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Summary(_Entry):
    """The summary manifest; what is not read here is ignored."""

    output_format: str = "DYNAMODB_JSON"
    item_count: int | None = None


class _DataFile(_Entry):
    """A line of the files manifest."""

    item_count: int | None = None
    data_file_s3_key: Annotated[str, Field(alias="dataFileS3Key")]


_T = TypeVar("_T", bound=_Entry)


@frozen
class DataFile:
    """A data file: its name in its place, and how many lines the manifest says it has."""

    name: str
    items: int | None = None


@frozen
class Contents:
    """The data files of an export, in the order in which they are read."""

    files: tuple[DataFile, ...]
    items: int | None = None


def contents_of(place: Place) -> Contents:
    """Return what an export consists of. Raises ExportNotFound, and CallError for a format that is not read."""
    names = place.names()
    manifests = [name for name in names if posixpath.basename(name) == SUMMARY]
    if len(manifests) > 1:
        folders = ", ".join(posixpath.dirname(name) or "." for name in manifests)
        raise CallError(f"there are {len(manifests)} exports here ({folders}): name the folder of one")
    if manifests:
        return _listed(place, manifests[0])
    files = tuple(DataFile(name) for name in names if name.endswith(_DATA) and not _is_manifest(name))
    if not files:
        raise ExportNotFound("there is no manifest and no data file here: name the folder of an export")
    return Contents(files)


def _is_manifest(name: str) -> bool:
    return posixpath.basename(name).startswith(("manifest-", "."))


def _listed(place: Place, summary_name: str) -> Contents:
    with place.open(summary_name) as file:
        summary = _parsed(_Summary, file.read(), summary_name, 1)
    if summary.output_format != "DYNAMODB_JSON":
        raise CallError(f"the export is in {summary.output_format}: export it as DYNAMODB_JSON")
    files_name = posixpath.join(posixpath.dirname(summary_name), _FILES)
    with place.open(files_name) as file:
        lines = enumerate(file.read().splitlines(), start=1)
    entries = [_parsed(_DataFile, line, files_name, number) for number, line in lines if line.strip()]
    return Contents(tuple(_located(place, files_name, entry) for entry in entries), summary.item_count)


def _parsed(kind: type[_T], text: bytes, name: str, line: int) -> _T:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    raise ExportNotFound(f"{name}, line {line}, is not a manifest of an export: {where}: {first['msg']}")


def _located(place: Place, manifest: str, entry: _DataFile) -> DataFile:
    name = place.find(manifest, entry.data_file_s3_key)
    if name is None:
        raise ExportNotFound(f"the manifest lists {entry.data_file_s3_key}, which is not here: copy the whole export")
    return DataFile(name, entry.item_count)
