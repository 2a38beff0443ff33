"""TransactGetItems: 1 to 100 items over any tables, as they were at one moment.

Source: API Reference, TransactGetItems; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import KW_ONLY  # noqa: TC003 -- the decorator looks it up
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast, overload

from pydantic import BaseModel

from dynamorm_py._codec import answer_of, damaged
from dynamorm_py._expressions import Placeholders, render_projection
from dynamorm_py._kernel.passed import MISSING, refuses_missing_values
from dynamorm_py._kernel.plans import Plan, Request, without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import Context, HasContext, context_of
from dynamorm_py._operations.retries import retried
from dynamorm_py._operations.surplus import missing_subject, unknown_arguments
from dynamorm_py._operations.transaction_actions import Action, check_actions, complete_reasons, may_go_through
from dynamorm_py.errors import InvalidTransaction, TransactionCancelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._codec import Codec

M = TypeVar("M", bound=DynamoModel)
P = TypeVar("P", bound=BaseModel)
P_co = TypeVar("P_co", covariant=True)


@public()
@refuses_missing_values
@frozen
class Get(Generic[P_co]):
    """Read an item by its key, whole or through a smaller model; as `Repo.get`."""

    repo: HasContext[Any]
    key: object
    _: KW_ONLY
    project: type[BaseModel] | None = None

    if TYPE_CHECKING:

        @overload
        def __init__(self: Get[M], repo: HasContext[M], key: object, *, project: None = None) -> None: ...
        @overload
        def __init__(self: Get[P], repo: HasContext[Any], key: object, *, project: type[P]) -> None: ...
        def __init__(self, repo: HasContext[Any], key: object, *, project: type[BaseModel] | None = None) -> None: ...

    def _refuse_unknown(self, unknown: Mapping[str, object]) -> NoReturn:
        """Refuse keyword arguments that it does not take. Raises InvalidCall."""
        raise unknown_arguments(Get, unknown)

    def __post_init__(self) -> None:
        """Refuse what names no repository, or no key. Raises CallError."""
        _ = self.context
        if self.key is MISSING:
            raise missing_subject("Get", "key")

    @property
    def context(self) -> Context[Any]:
        """The repository's table, client and clock."""
        return context_of(self.repo, "Get")

    @property
    def codec(self) -> Codec[Any]:
        """What reads the item. Raises InvalidProjection."""
        table = self.context.table
        return table.codec if self.project is None else table.projected(self.project)

    def parameters(self) -> dict[str, Any]:
        """Return the action as the request has it. Raises InvalidKey, InvalidProjection."""
        table, placeholders = self.context.table, Placeholders()
        paths = table.attributes(self.codec, keys=True)
        return without_none(
            TableName=table.name,
            Key=table.key(self.key),
            ProjectionExpression=render_projection(paths, placeholders) if paths else None,
            ExpressionAttributeNames=placeholders.names,
        )


def prepare_transact_get(gets: Sequence[Get[Any]]) -> list[Action]:
    """Check the reads. Raises InvalidTransaction, InvalidKey, InvalidProjection."""
    for get in gets:
        if not isinstance(cast("object", get), Get):
            raise InvalidTransaction(f"transact_get takes Get(users, key), not {kind_of(get)}")
    actions = [Action(get, get.context, get.context.table.key(get.key)) for get in gets]
    check_actions(actions)
    return actions


def transact_get(actions: Sequence[Action], retries: int) -> Plan[tuple[Any, ...]]:
    """Read all at one moment, in the order asked, None where no item is. Raises TransactionCancelled."""
    items = [{"Get": action.value.parameters()} for action in actions]
    try:
        response: Any = yield from retried(
            Request("TransactGetItems", {"TransactItems": items}), retries, may_go_through
        )
    except TransactionCancelled as error:
        yield from complete_reasons(error, actions)
        raise
    results: list[Any] = []
    parts: list[dict[str, Any]] = answer_of(response, "TransactGetItems")["Responses"]
    if len(parts) != len(actions):
        raise damaged("TransactGetItems")
    for action, part in zip(actions, parts, strict=True):
        results.append((yield from _read(action, part)))
    return tuple(results)


def _read(action: Action, part: dict[str, Any]) -> Plan[Any]:
    if not part.get("Item"):
        return None
    return (yield from action.context.own(action.context.table.decode_own(Response(document=part), action.value.codec)))
