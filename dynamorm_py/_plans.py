"""The plan: what an operation wants to ask, and in which order.

A plan is a generator. It yields a `Request` (or a `Sleep`), is sent the answer, and returns the
result. It does no I/O and reads no clock, so a test drives it with `next` and `send`; plans compose
with `yield from`. This module knows nothing of models, boto3 or DynamoDB's operations.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an AWS API: the operation's name and its parameters in boto3's form.

    `raw` asks for the response body as bytes. A client that cannot give it answers with boto3's
    parsed dictionary; the reader takes both.
    """

    operation: str
    parameters: Mapping[str, Any]
    service: str = "dynamodb"
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait this long before going on."""

    seconds: float


Response: TypeAlias = Mapping[str, Any] | bytes


class Caller(Protocol):
    """What performs a request: our client, or a wrapper around it."""

    def call(self, request: Request, /) -> Response:
        """Return DynamoDB's answer, or raise one of `errors`."""
        ...


Plan: TypeAlias = Generator[Request | Sleep, Any, T]


def present(**parameters: object) -> dict[str, Any]:
    """Return the parameters that are not None."""
    return {name: value for name, value in parameters.items() if value is not None}
