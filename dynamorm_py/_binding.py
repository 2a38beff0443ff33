"""A table together with what performs its requests and tells the time: what a repository is made of.

It lets leases and migrations take repositories without knowing them. No operation here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from dynamorm_py._model import DynamoModel
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from dynamorm_py._plans import Caller
    from dynamorm_py._table import Table

M = TypeVar("M", bound=DynamoModel)


@dataclass(frozen=True, slots=True)
class Binding(Generic[M]):
    """One model in one table, reached by one client."""

    table: Table[M]
    client: Caller
    clock: Callable[[], dt.datetime]


class Bound(Protocol[M]):
    """What has a binding: a repository."""

    @property
    def __dynamorm_binding__(self) -> Binding[M]:
        """Its table, client and clock."""
        ...


def binding_of(repo: Bound[M], word: str) -> Binding[M]:
    """Return a repository's binding. Raises CallError when it is none; `word` is what was called."""
    binding = getattr(cast("object", repo), "__dynamorm_binding__", None)
    if not isinstance(binding, Binding) or isinstance(repo, type):
        raise CallError(f"{word} takes a repository first, not a {type(repo).__name__}: {word}(users, ...)")
    return cast("Binding[M]", binding)
