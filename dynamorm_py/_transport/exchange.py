"""One call of AWS as a plan over the wire: what to send, when to wait, when to give up. No I/O and no clock.

An executor sends each `Attempt` and gives the `Answer`, or throws `NoAnswer` or `DeadlineExceeded` into the plan;
it waits for each `Pause` and says whether there was time. The same plan serves threads and asyncio.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from os import urandom
from random import random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zlib import crc32

from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport.aws_json import FIRST_ERROR_STATUS, error_code
from dynamorm_py._transport.retry import kind_of_error
from dynamorm_py.errors import DeadlineExceeded

if TYPE_CHECKING:
    from dynamorm_py._transport.http11 import Answer
    from dynamorm_py._transport.retry import Kind, RetryMode, RetryQuota
    from dynamorm_py._transport.signing import Endpoint

Reason: TypeAlias = Literal["connect", "connect timeout", "tls", "read timeout", "closed", "malformed"]


class NoAnswer(Exception):
    """An attempt without an answer. `sent` says whether DynamoDB may have got it; the cause is the socket's error.

    `resend` says that a connection used before ended before any byte of the answer, as idle ones do: one free
    resend is due. `retries` counts the requests before the last one, `any_sent` whether one of all was sent;
    `url` is where they went.
    """

    def __init__(self, reason: Reason, text: str, *, sent: bool, resend: bool = False) -> None:
        """Say why, without a value."""
        super().__init__(text)
        self.reason: Reason = reason
        self.sent = self.any_sent = sent
        self.resend = resend
        self.retries = 0
        self.url = ""


@dataclass(slots=True, eq=False)  # not frozen, as what follows: to make one would take three times as long
class Attempt:
    """One request to send. `fresh` asks for a connection that was never used."""

    endpoint: Endpoint
    payload: bytes = field(repr=False)
    operation: str
    fresh: bool = False


@frozen
class Pause:
    """Wait before the next attempt; answered by False, at once, when the deadline comes first."""

    seconds: float


@dataclass(slots=True)
class Outcome:
    """The last answer, how many requests went before it, and whether its checksum, if there is one, is right."""

    answer: Answer
    retries: int
    whole: bool = True


Exchange: TypeAlias = Generator[Attempt | Pause, Any, Outcome]


@dataclass(slots=True, eq=False)
class Call:
    """One call: `body` is fixed, `sign` gives the head up to the signature's end, new for every attempt."""

    service: str
    operation: str
    endpoint: Endpoint
    body: bytes = field(repr=False)
    sign: Callable[[bytes], bytes] = field(repr=False)
    mode: RetryMode
    quota: RetryQuota


def exchange(call: Call) -> Exchange:
    """Ask until there is a final answer. Raises NoAnswer when the last attempt had none."""
    identity, attempt, resent, taken, any_sent = _identity(), 1, 0, 0, False
    fresh = False
    while True:
        answer, failure = None, None
        try:
            answer = yield _attempt(call, identity, attempt, fresh=fresh)
        except NoAnswer as error:
            failure = error
            any_sent = error.any_sent = any_sent or error.sent
            error.url = call.endpoint.url
            error.retries = attempt - 1 + resent
            if error.resend and not resent:
                resent, fresh = 1, True
                continue
        except DeadlineExceeded as late:
            late.sent = any_sent
            raise
        whole = answer is None or has_right_checksum(answer)
        kind = _kind(call.service, answer, whole=whole)
        if kind is not None and attempt < call.mode.attempts and (cost := call.quota.acquire(kind)):
            any_sent, taken, fresh = any_sent or answer is not None, cost, False
            if (yield Pause(_pause(call.mode, attempt, kind, answer))):
                attempt += 1
                continue
        if answer is None:
            raise failure or AssertionError
        if answer.status < FIRST_ERROR_STATUS:
            call.quota.release(taken)
        return Outcome(answer, attempt - 1 + resent, whole)


def _identity() -> str:
    """Return a random UUID of version 4; the standard library's takes three times as long."""
    text = urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _attempt(call: Call, identity: str, attempt: int, *, fresh: bool) -> Attempt:
    body = call.body
    rest = (
        f"amz-sdk-invocation-id: {identity}\r\namz-sdk-request: attempt={attempt}; max={call.mode.attempts}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Attempt(call.endpoint, b"%b%b%b" % (call.sign(body), rest.encode("ascii"), body), call.operation, fresh)


def _kind(service: str, answer: Answer | None, *, whole: bool) -> Kind | None:
    """Return how to try again after this answer; to be without one is transient."""
    if answer is None:
        return "transient"
    if answer.status >= FIRST_ERROR_STATUS:
        return kind_of_error(answer.status, error_code(answer))
    # Source: botocore.retries.special.RetryDDBChecksumError, which looks at DynamoDB only
    return "transient" if service == "dynamodb" and not whole else None


def has_right_checksum(answer: Answer) -> bool:
    """Return whether the body is the one that was sent, so far as a checksum says."""
    checksum = answer.headers.get("x-amz-crc32")
    return checksum is None or (checksum.isdecimal() and int(checksum) == crc32(answer.body))


def _pause(mode: RetryMode, attempt: int, kind: Kind, answer: Answer | None) -> float:
    retry_after = None if answer is None else answer.headers.get("x-amz-retry-after")
    return mode.pause(attempt, kind, retry_after, random())  # noqa: S311 -- spreads retries, guards nothing
