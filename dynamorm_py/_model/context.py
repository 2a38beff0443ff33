"""A table together with what performs its requests and tells the time: what a repository is made of.

It lets operations take repositories without knowing them. No operation here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast

from dynamorm_py._kernel.plans import origin_of, performed_by
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel
from dynamorm_py.errors import CallError, InvalidCall

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Plan, Transport
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._model.several import SeveralTable

    T = TypeVar("T")

M = TypeVar("M", bound=DynamoModel)


@frozen
class Context(Generic[M]):
    """One model in one table, reached by one client."""

    table: ModelTable[M]
    client: Transport
    clock: Callable[[], dt.datetime]

    def own(self, plan: Plan[T]) -> Plan[T]:
        """Return a plan whose requests this client performs, also within a plan over several repositories.

        They may be to a key service that another repository's client does not know.
        """
        return performed_by(self.client, plan)

    def shares_client(self, other: Context[Any]) -> bool:
        """Return whether both reach the same DynamoDB, so that one request may be about both."""
        return self is other or origin_of(self.client) == origin_of(other.client)

    def check_shares_client(self, other: Context[Any], kind: type[CallError]) -> None:
        """Raise this kind of error unless both reach the same DynamoDB."""
        if not self.shares_client(other):
            raise kind(
                f"the repositories of {self.table.model.__name__} and {other.table.model.__name__} have different "
                "clients, and one request has one: make both with the same client="
            )


class HasContext(Protocol[M]):
    """What has a context: a repository."""

    @property
    def __dynamorm_context__(self) -> Context[M]:
        """Its table, client and clock."""
        ...


class SeveralContext(NamedTuple, Generic[M]):
    """Several models in one table, reached by one client; M is their union."""

    table: SeveralTable
    client: Transport


class HasSeveral(Protocol[M]):
    """What has several models: a `Table`."""

    @property
    def __dynamorm_several__(self) -> SeveralContext[M]:
        """The models in their table, and what performs the requests."""
        ...


if TYPE_CHECKING:
    Source: TypeAlias = HasContext[M] | HasSeveral[M]


def reading_of(source: Source[M], caller: str) -> tuple[ModelTable[M], Transport]:
    """Return the table and the client of a repository, or of a `Table`. Raises CallError for anything else."""
    several: Any = getattr(source, "__dynamorm_several__", None)
    if isinstance(several, SeveralContext):
        return cast("ModelTable[M]", several.table), several.client
    context = context_of(cast("HasContext[M]", source), caller)
    return context.table, context.client


def context_of(repo: HasContext[M], caller: str) -> Context[M]:
    """Return a repository's context. Raises CallError for anything else; `caller` is the function that was called."""
    context: Any = getattr(repo, "__dynamorm_context__", None)
    if context.__class__ is not Context or isinstance(repo, type):
        raise InvalidCall(f"{caller} takes a repository first, not {kind_of(repo)}: {caller}(users, ...)")
    checked: Context[M] = context
    return checked
