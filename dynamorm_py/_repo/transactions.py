"""Transactions over any repositories of one client.

One line over each plan; the token that nobody chose is made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Never, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from dynamorm_py import _operations as operations
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import InvalidTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import Get, Write

P = TypeVar("P", bound=BaseModel)
V = TypeVar("V")


def transact_write(
    writes: Iterable[Write], *more: Never, token: str | None = None, retries: int = operations.DEFAULT_RETRIES
) -> list[DynamoModel | None]:
    """Perform 1 to 100 puts, creates, updates, deletes and checks: all of them, or none.

    Returns what each `Put` and `Create` stored, in their order, and None for the others. All attempts of the
    call carry one token, so the transaction is applied once also when an answer is lost; `token` names it for
    calls of your own with the very same content, within ten minutes.
    Raises TransactionCancelled with a reason for each action, a ConditionFailed too when a condition did not
    hold; InvalidTransaction and what the single writes raise before anything is sent.
    Source: API Reference, TransactWriteItems; CONTRACT 5.
    """
    operations.refuse_more("transact_write", more, "transact_write((a, b))")
    operations.check_int("retries", retries, 0)
    listed = list(of_one_face(operations.require_iterable("transact_write", writes), awaited=False))
    transaction = operations.prepare_transact_write(listed, str(uuid4()) if token is None else token)
    return run(transaction.actions[0].context.client, operations.transact_write(transaction, retries))


def transact_get(gets: Iterable[Get[P]], *more: Never, retries: int = operations.DEFAULT_RETRIES) -> list[P | None]:
    """Return 1 to 100 items as they were at one moment, in the order asked, None where there is none.

    Raises TransactionCancelled, InvalidTransaction, InvalidKey, InvalidProjection, ItemDecodeError.
    Source: API Reference, TransactGetItems; CONTRACT 5.
    """
    operations.refuse_more("transact_get", more, "transact_get((a, b))")
    operations.check_int("retries", retries, 0)
    listed = list(of_one_face(operations.require_iterable("transact_get", gets), awaited=False))
    actions = operations.prepare_transact_get(listed)
    return run(actions[0].context.client, operations.transact_get(actions, retries))


_REPAIRS = {
    True: "names a synchronous repository: pass one of dynamorm_py.aio, or call the synchronous function",
    False: "names an asynchronous repository: await the function of dynamorm_py.aio",
}


def of_one_face(values: Iterable[V], *, awaited: bool) -> Iterator[V]:
    """Yield the values. Raises InvalidTransaction for one that names a repository of the other face.

    Its caller would not await what has to be awaited, or would block a loop.
    """
    for value in values:
        repo: object = getattr(value, "repo", None)
        if repo is not None and getattr(repo, "__dynamorm_async__", False) is not awaited:
            raise InvalidTransaction(f"{type(value).__name__} {_REPAIRS[awaited]}")
        yield value
