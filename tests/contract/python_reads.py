"""Reads: one item, queries and scans; cursors and stream records, which are read too."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, create_model

import dynamorm_py
from dynamorm_py.streams import read_change, read_image
from tests.contract.conditions import condition, field_name, key_condition
from tests.contract.expectations import Outcome
from tests.contract.library import Library, key_of, written
from tests.contract.models import attribute_name

if TYPE_CHECKING:
    from dynamorm_py import Query, Repo

Json = dict[str, Any]


def get(
    _: Library, repo: Repo[Any], *, key: Json, consistent: bool = True, project: list[str] | None = None
) -> Outcome:
    """Read an item."""
    smaller: Any = projection(repo, project)
    return Outcome(item=written(repo.get(key_of(key), consistent=consistent, project=smaller)))


def projection(repo: Repo[Any], names: list[str] | None) -> type[BaseModel] | None:
    """Return a smaller model of these attributes."""
    if names is None:
        return None
    known = repo.model.model_fields
    chosen = [field_name(repo.model, name) for name in names]
    parts: Json = {field: (known[field].annotation, known[field]) for field in chosen}
    config = ConfigDict(alias_generator=attribute_name, populate_by_name=True)
    return create_model("Projection", __config__=config, **parts)


def query(_: Library, repo: Repo[Any], *, where: list[Any], **arguments: object) -> Outcome:
    """Read what the key conditions select."""
    keys = [key_condition(repo.model, leaf) for leaf in where]
    page, settings = _settings(repo, arguments)
    return _results(repo.query(*keys, **settings), **page)


def scan(_: Library, repo: Repo[Any], **arguments: object) -> Outcome:
    """Read the table, or an index."""
    page, settings = _settings(repo, arguments)
    return _results(repo.scan(**settings), **page)


def _settings(repo: Repo[Any], arguments: Json) -> tuple[Json, Json]:
    """Divide the arguments into those of a page and those of the read."""
    settings = dict(arguments)
    page = {name: settings.pop(name) for name in ("size", "cursor", "count") if name in settings}
    if "filter" in settings:
        settings["filter"] = condition(repo.model, settings["filter"])
    if "project" in settings:
        settings["project"] = projection(repo, settings["project"])
    return page, settings


def _results(found: Query[Any], *, size: int | None = None, cursor: str | None = None, count: bool = False) -> Outcome:
    if count:
        return Outcome(more={"count": found.count()})
    if size is None and cursor is None:
        return Outcome(more={"items": [written(item) for item in found]})
    page = found.page(size, cursor)
    return Outcome(more={"items": [written(item) for item in page], "cursor": page.cursor})


def encode_cursor(_: Library, __: Repo[Any], *, last_key: Json, index: str | None, sort: str | None) -> Outcome:
    """Write a cursor."""
    token = dynamorm_py.encode_cursor(_bytes_in(last_key), index=index, sort=sort)
    return Outcome(more={"cursor": token})


def decode_cursor(_: Library, __: Repo[Any], *, cursor: str) -> Outcome:
    """Read a cursor of any language."""
    said = dynamorm_py.decode_cursor(cursor)
    return Outcome(more={"decoded": {"last_key": _text_in(said.last_key), "index": said.index, "sort": said.sort}})


def unmarshal_stream(_: Library, repo: Repo[Any], *, record: Json | None = None, image: Json | None = None) -> Outcome:
    """Read a stream's record, or one image of it."""
    if image is not None:
        return Outcome(item=written(read_image(repo, image)))
    change = read_change(repo, record)
    keys = {attribute_name(name): value for name, value in change.keys.items()}
    return Outcome(
        more={
            "change": {
                "kind": change.kind,
                "keys": keys,
                "old": written(change.old),
                "new": written(change.new),
                "sequence_number": change.sequence_number,
                "at": None if change.at is None else change.at.timestamp(),
                "expired": change.expired,
                "table": change.table,
            }
        }
    )


def _bytes_in(value: Any) -> Any:  # noqa: ANN401 -- DynamoDB's JSON
    """Return DynamoDB's JSON in boto3's form, whose binary is bytes."""
    if isinstance(value, list):
        return [_bytes_in(part) for part in value]  # pyright: ignore[reportUnknownVariableType] -- JSON
    if not isinstance(value, dict):
        return value
    parts: Json = value  # pyright: ignore[reportUnknownVariableType] -- JSON
    if isinstance(binary := parts.get("B"), str) and len(parts) == 1:
        return {"B": base64.b64decode(binary)}
    if isinstance(parts.get("BS"), list) and len(parts) == 1:
        return {"BS": [base64.b64decode(part) for part in parts["BS"]]}
    return {name: _bytes_in(part) for name, part in parts.items()}


def _text_in(value: Any) -> Any:  # noqa: ANN401 -- boto3's form
    """Return boto3's form as JSON, whose binary is base64 text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_text_in(part) for part in value]  # pyright: ignore[reportUnknownVariableType] -- any values
    if not isinstance(value, dict):
        return value
    return {name: _text_in(part) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType] -- any values
