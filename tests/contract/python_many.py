"""Many items at once: batches and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py import Check, Create, Delete, Get, Put, Update
from tests.contract.conditions import condition as condition_of
from tests.contract.expectations import Outcome
from tests.contract.library import Library, key_in_json, key_of, model_of, written
from tests.contract.python_reads import projection
from tests.contract.python_writes import update_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py import Repo

Json = dict[str, Any]


def batch_get(
    _: Library, repo: Repo[Any], *, keys: list[Json], consistent: bool = False, project: list[str] | None = None
) -> Outcome:
    """Read items by their keys."""
    smaller: Any = projection(repo, project)
    found = repo.batch_get(map(key_of, keys), consistent=consistent, project=smaller)
    missing = [key_in_json(key) for key in found.missing]
    return Outcome(more={"items": [written(item) for item in found], "missing": missing})


def batch_write(_: Library, repo: Repo[Any], *, put: list[Json] = [], delete: list[Json] = []) -> Outcome:  # noqa: B006 -- never changed
    """Put and delete items."""
    puts, deletes = [model_of(repo, item) for item in put], [key_of(key) for key in delete]
    return Outcome(more={"count": repo.batch_write(put=puts, delete=deletes)})


def transact_write(
    library: Library, repo: Repo[Any], *, actions: list[Mapping[str, Json]], token: str | None = None
) -> Outcome:
    """Perform writes together, or none of them."""
    library.function("transact_write")([_write(library, repo, action) for action in actions], token=token)
    return Outcome()


def _write(library: Library, repo: Repo[Any], action: Mapping[str, Json]) -> Any:  # noqa: ANN401 -- any write
    ((word, given),) = action.items()
    arguments = dict(given)
    model = arguments.pop("model", None)
    return _WRITES[word](library.repo(model) if model else repo, arguments)


def _put(repo: Repo[Any], arguments: Json) -> Put[Any]:
    return Put(repo, model_of(repo, arguments.pop("item")), **_guard(repo, arguments))


def _create(repo: Repo[Any], arguments: Json) -> Create[Any]:
    return Create(repo, model_of(repo, arguments.pop("item")), **_guard(repo, arguments))


def _update(repo: Repo[Any], arguments: Json) -> Update[Any]:
    key, actions, settings = update_of(repo, arguments)
    return Update(repo, key, *actions, **settings)


def _delete(repo: Repo[Any], arguments: Json) -> Delete[Any]:
    key = model_of(repo, arguments.pop("item")) if "item" in arguments else key_of(arguments.pop("key"))
    return Delete(repo, key, **_guard(repo, arguments))


def _check(repo: Repo[Any], arguments: Json) -> Check[Any]:
    return Check(repo, key_of(arguments.pop("key")), **_guard(repo, arguments))


def _guard(repo: Repo[Any], arguments: Json) -> Json:
    if "condition" in arguments:
        arguments["condition"] = condition_of(repo.model, arguments["condition"])
    return arguments


_WRITES: Mapping[str, Callable[[Repo[Any], Json], Any]] = {
    "put": _put,
    "create": _create,
    "update": _update,
    "delete": _delete,
    "check": _check,
}


def transact_get(library: Library, repo: Repo[Any], *, gets: list[Json]) -> Outcome:
    """Read items as they are at one moment."""
    wanted = [Get(library.repo(get["model"]) if "model" in get else repo, key_of(get["key"])) for get in gets]
    return Outcome(more={"items": [written(item) for item in library.function("transact_get")(wanted)]})
