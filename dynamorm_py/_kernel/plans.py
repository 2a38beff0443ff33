"""The plan: what an operation wants to ask, and in which order.

A plan is a generator. It yields a `Request` (or a `Sleep`, or plans to perform `Parallel`), is sent
the answer, and returns the result. It does no I/O, reads no clock and draws no random number, so a
test drives it with `next` and `send`; plans compose with `yield from`. This module knows nothing of
models, boto3 or DynamoDB's operations.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from dynamorm_py._kernel.response import ResponseLike

T = TypeVar("T")


@public("dynamorm_py.clients")
@frozen
class Request:
    """One call of an AWS API: the operation's name and its parameters in boto3's form.

    `raw` asks for a response with its body; a client that cannot give it answers with boto3's
    parsed dictionary, and the reader takes both. `client` performs this request instead of
    the client that performs the plan: one plan may ask other clients, such as sources of data keys.
    """

    operation: str
    parameters: Mapping[str, Any]
    service: str = "dynamodb"
    raw: bool = False
    client: Transport | None = field(default=None, compare=False, repr=False)


@public("dynamorm_py.clients")
@frozen
class Sleep:
    """Wait this many seconds, less a random part of at most `jitter`, a fraction from 0 to 1."""

    seconds: float
    jitter: float = 0.0


@frozen
class Parallel:
    """Perform these plans side by side, a thread each; the answer is the list of their results.

    All are finished before the first error of one, in their order, is raised inside the plan.
    """

    plans: Sequence[Plan[Any]]


Step: TypeAlias = Request | Sleep | Parallel
"""What a plan yields."""


@public("dynamorm_py.clients")
class Transport(Protocol):
    """What performs a request: the library's client, a wrapper around it, or one that you write."""

    def call(self, request: Request, /) -> ResponseLike:
        """Return DynamoDB's answer, a `Response` or what one is made from, or raise one of `errors`."""
        ...


def origin_of(client: Transport) -> object:
    """Return what a client's requests go through; a client that does not tell (`.origin`) stands for itself."""
    return getattr(client, "origin", client)


Plan: TypeAlias = Generator[Step, Any, T]


def performed_by(client: Transport, plan: Plan[T]) -> Plan[T]:
    """Return the same plan, with every request of it performed by this client."""
    with closing(plan):
        advance = partial(plan.send, None)
        while True:
            try:
                step = advance()
            except StopIteration as finished:
                return finished.value
            try:
                answer = yield _directed(client, step)
            except Exception as error:  # noqa: BLE001 -- not swallowed: raised again inside the plan
                advance = partial(plan.throw, error)
            else:
                advance = partial(plan.send, answer)


def _directed(client: Transport, step: Step) -> Step:
    """Return the step with its requests sent to a client, unless they name one already."""
    match step:
        case Request():
            return step if step.client is not None else replace(step, client=client)
        case Parallel(plans):
            return Parallel([performed_by(client, plan) for plan in plans])
        case _:
            return step


def without_none(**parameters: object) -> dict[str, Any]:
    """Return the parameters that are not None."""
    return {name: value for name, value in parameters.items() if value is not None}
