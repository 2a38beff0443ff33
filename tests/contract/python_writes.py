"""Writes of one item: create, put, update, delete; and waiting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dynamorm_py import ANY, Attr
from tests.contract.conditions import condition as condition_of
from tests.contract.conditions import field_name, place, value_of
from tests.contract.expectations import Outcome
from tests.contract.library import Library, key_of, model_of, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py import Action, Repo

Json = dict[str, Any]
_ACTIONS = ("set", "if_not_exists", "add", "delete", "remove")


def create(_: Library, repo: Repo[Any], *, item: Json, if_not_exists: bool = False) -> Outcome:
    """Write a new item; without `if_not_exists`, over one that is there."""
    write = repo.create if if_not_exists else repo.put
    return Outcome(item=written(write(model_of(repo, item))))


def put(
    _: Library, repo: Repo[Any], *, item: Json, expected_version: int | str | None = None, condition: object = None
) -> Outcome:
    """Replace an item."""
    return Outcome(item=written(repo.put(model_of(repo, item), **_guard(repo, expected_version, condition))))


def update(_: Library, repo: Repo[Any], **arguments: object) -> Outcome:
    """Set fields from an item, or change one by actions."""
    key, actions, settings = update_of(repo, arguments)
    return Outcome(item=written(repo.update(key, *actions, **settings)))


def update_of(repo: Repo[Any], arguments: Mapping[str, Any]) -> tuple[object, list[Action], Json]:
    """Return the key, the actions and the settings of an update; of a transaction's too."""
    given = dict(arguments)
    changes = {word: given.pop(word) for word in _ACTIONS if word in given}
    settings = _guard(repo, given.pop("expected_version", None), given.pop("condition", None))
    if "fields" in given:
        settings["fields"] = [field_name(repo.model, name) for name in given.pop("fields")]
    if "must_exist" in given:
        settings["must_exist"] = given.pop("must_exist")
    key = model_of(repo, given.pop("item")) if "item" in given else key_of(given.pop("key"))
    assert not given, f"unknown arguments: {sorted(given)}"
    return key, [action for word, parts in changes.items() for action in _actions(repo, word, parts)], settings


def _actions(repo: Repo[Any], word: str, parts: Any) -> list[Action]:  # noqa: ANN401 -- JSON
    if word == "remove":
        return [Attr(place(repo.model, path)).remove() for path in parts]
    return [
        getattr(Attr(place(repo.model, path)), word)(value_of(repo.model, path, value)) for path, value in parts.items()
    ]


def delete(
    _: Library,
    repo: Repo[Any],
    *,
    key: Json | None = None,
    item: Json | None = None,
    condition: object = None,
) -> Outcome:
    """Delete an item; of an `item`, only the version it has. Give the old one."""
    guard = _guard(repo, None, condition)
    return Outcome(item=written(repo.delete(key_of(key) if key else model_of(repo, item or {}), **guard)))


def _guard(repo: Repo[Any], expected_version: int | str | None, condition: object) -> Json:
    guard: Json = {}
    if expected_version is not None:
        guard["expected_version"] = ANY if expected_version == "ANY" else expected_version
    if condition is not None:
        guard["condition"] = condition_of(repo.model, condition)
    return guard


def sleep(_: Library, __: Repo[Any], *, ms: int) -> Outcome:
    """Wait."""
    time.sleep(ms / 1000)
    return Outcome()
