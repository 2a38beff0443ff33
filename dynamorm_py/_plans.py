"""The plan: what an operation wants to ask, and in which order.

A plan is a generator. It yields a `Request` (or a `Sleep`, or several requests `Together`), is sent
the answer, and returns the result. It does no I/O and reads no clock, so a test drives it with `next`
and `send`; plans compose with `yield from`. This module knows nothing of models, boto3 or DynamoDB's operations.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an AWS API: the operation's name and its parameters in boto3's form.

    `raw` asks for the response body as bytes. A client that cannot give it answers with boto3's
    parsed dictionary; the reader takes both. `via` performs this request instead of the client that
    performs the plan: one plan may touch tables whose data keys come from different places.
    """

    operation: str
    parameters: Mapping[str, Any]
    service: str = "dynamodb"
    raw: bool = False
    via: Caller | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait this long before going on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Together:
    """Ask all of these at once.

    The answer is a list in their order; a request that failed has its exception in its place.
    """

    requests: tuple[Request, ...]


Step: TypeAlias = Request | Sleep | Together
"""What a plan yields."""
Response: TypeAlias = Mapping[str, Any] | bytes


class Caller(Protocol):
    """What performs a request: our client, or a wrapper around it."""

    def call(self, request: Request, /) -> Response:
        """Return DynamoDB's answer, or raise one of `errors`."""
        ...


Plan: TypeAlias = Generator[Step, Any, T]


def present(**parameters: object) -> dict[str, Any]:
    """Return the parameters that are not None."""
    return {name: value for name, value in parameters.items() if value is not None}
