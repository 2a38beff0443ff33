"""Transactions over any repositories of one client.

One line over each plan; a token is made here when the caller chose none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, TypeVar, overload
from uuid import uuid4

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import refuses_missing
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import InvalidTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamorm_py._operations import Get, Write

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
J = TypeVar("J")
K = TypeVar("K")
V = TypeVar("V")


@overload
def transact_write(writes: tuple[Write[A]], *, token: str | None = None, retries: int = ...) -> tuple[A]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B]], *, token: str | None = None, retries: int = ...
) -> tuple[A, B]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C]], *, token: str | None = None, retries: int = ...
) -> tuple[A, B, C]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D]], *, token: str | None = None, retries: int = ...
) -> tuple[A, B, C, D]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E]], *, token: str | None = None, retries: int = ...
) -> tuple[A, B, C, D, E]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E], Write[F]],
    *,
    token: str | None = None,
    retries: int = ...,
) -> tuple[A, B, C, D, E, F]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E], Write[F], Write[G]],
    *,
    token: str | None = None,
    retries: int = ...,
) -> tuple[A, B, C, D, E, F, G]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E], Write[F], Write[G], Write[H]],
    *,
    token: str | None = None,
    retries: int = ...,
) -> tuple[A, B, C, D, E, F, G, H]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E], Write[F], Write[G], Write[H], Write[J]],
    *,
    token: str | None = None,
    retries: int = ...,
) -> tuple[A, B, C, D, E, F, G, H, J]: ...
@overload
def transact_write(
    writes: tuple[Write[A], Write[B], Write[C], Write[D], Write[E], Write[F], Write[G], Write[H], Write[J], Write[K]],
    *,
    token: str | None = None,
    retries: int = ...,
) -> tuple[A, B, C, D, E, F, G, H, J, K]: ...
@overload
def transact_write(
    writes: Iterable[Write[Any]], *, token: str | None = None, retries: int = ...
) -> tuple[Any, ...]: ...
@refuses_missing
def transact_write(
    writes: Iterable[Write[Any]],
    *more: Never,
    token: str | None = None,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> tuple[Any, ...]:
    """Perform 1 to 100 puts, creates, updates, deletes and checks: all of them, or none.

    Returns a tuple: what each `Put` and `Create` stored, in their order, and None for the others; in a tuple of up to
    ten writes, each element has its own type. All attempts of the call carry one token, so the transaction is applied
    once even if a response is lost; pass your own `token` to repeat exactly the same call within ten minutes.
    Raises TransactionCancelled with a reason for each action, also a ConditionFailed if a condition did not
    hold; InvalidTransaction, and what the single writes raise, before anything is sent.
    Source: API Reference, TransactWriteItems; CONTRACT 5.
    """
    operations.refuse_surplus(transact_write, more, unknown, "transact_write((a, b))")
    operations.check_int("retries", retries, 0)
    listed = list(of_one_face(operations.require_iterable("transact_write", writes), awaited=False))
    transaction = operations.prepare_transact_write(listed, str(uuid4()) if token is None else token)
    return run(transaction.actions[0].context.client, operations.transact_write(transaction, retries))


@overload
def transact_get(gets: tuple[Get[A]], *, retries: int = ...) -> tuple[A | None]: ...
@overload
def transact_get(gets: tuple[Get[A], Get[B]], *, retries: int = ...) -> tuple[A | None, B | None]: ...
@overload
def transact_get(gets: tuple[Get[A], Get[B], Get[C]], *, retries: int = ...) -> tuple[A | None, B | None, C | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E], Get[F]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None, F | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E], Get[F], Get[G]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None, F | None, G | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E], Get[F], Get[G], Get[H]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None, F | None, G | None, H | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E], Get[F], Get[G], Get[H], Get[J]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None, F | None, G | None, H | None, J | None]: ...
@overload
def transact_get(
    gets: tuple[Get[A], Get[B], Get[C], Get[D], Get[E], Get[F], Get[G], Get[H], Get[J], Get[K]], *, retries: int = ...
) -> tuple[A | None, B | None, C | None, D | None, E | None, F | None, G | None, H | None, J | None, K | None]: ...
@overload
def transact_get(gets: Iterable[Get[Any]], *, retries: int = ...) -> tuple[Any, ...]: ...
@refuses_missing
def transact_get(
    gets: Iterable[Get[Any]],
    *more: Never,
    retries: int = operations.DEFAULT_RETRIES,
    **unknown: Never,
) -> tuple[Any, ...]:
    """Return a tuple of 1 to 100 items as they were at one moment, in the requested order, None for a missing one.

    In a tuple of up to ten reads, each element has its own type.
    Raises TransactionCancelled, InvalidTransaction, InvalidKey, InvalidProjection, ItemDecodeError.
    Source: API Reference, TransactGetItems; CONTRACT 5.
    """
    operations.refuse_surplus(transact_get, more, unknown, "transact_get((a, b))")
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
