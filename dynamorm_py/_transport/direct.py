"""The direct lane: one service asked over our own wire. Requests become exchanges, outcomes become responses.

`exchange` and `response` do no I/O, so an asynchronous executor shares them; `call` performs them over sockets.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from dynamorm_py._codec import damaged
from dynamorm_py._kernel.response import MalformedBody, Response
from dynamorm_py._transport import interception
from dynamorm_py._transport.aws_json import FIRST_ERROR_STATUS, SERVICES, encode, response_metadata
from dynamorm_py._transport.exchange import Call, NoAnswer, exchange
from dynamorm_py._transport.retry import RetryQuota
from dynamorm_py._transport.signing import Signer, Target
from dynamorm_py._transport.sockets import perform
from dynamorm_py._version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._transport.exchange import Attempt, Exchange, Outcome
    from dynamorm_py._transport.http11 import Answer
    from dynamorm_py._transport.settings import Settings
    from dynamorm_py._transport.signing import Endpoint
    from dynamorm_py._transport.sockets import Pool

_MOST_TARGETS = 1000


class DirectLane:
    """Asks one service. Safe to share between threads."""

    __slots__ = ("_in_lambda", "_quota", "_signer", "_targets", "pool", "service", "settings")

    def __init__(self, service: str, settings: Settings, pool: Pool) -> None:
        """Take what to ask with, and the connections."""
        self.service, self.settings, self.pool = service, settings, pool
        self._signer, self._quota = Signer(), RetryQuota()
        self._targets: dict[tuple[Endpoint, str], Target] = {}
        self._in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in os.environ

    def call(self, request: Request) -> Response:
        """Perform a request. Raises botocore's exceptions, DeadlineExceeded, ConnectionFailed for a damaged answer."""
        return self.response(self.outcome(self.exchange(request)), request)

    def trace(self, request: Request, tracer: Tracer) -> Response:
        """Perform a request within a span. Raises what `call` raises."""
        from dynamorm_py._transport.spans import CallSpan

        with CallSpan(tracer, request, self.settings) as span:
            return span.ends_with(self.call(span.request))

    def outcome(self, plan: Exchange) -> Outcome:
        """Perform an exchange over sockets. Raises botocore's exception for one without an answer."""
        try:
            return perform(plan, self.send)
        except NoAnswer as failure:
            from dynamorm_py._transport.failures import connection_error

            raise connection_error(failure, failure.url) from failure.__cause__

    def send(self, attempt: Attempt) -> Answer:
        """Send one request, unless something in this process answers in DynamoDB's place, such as moto."""
        answer = interception.answer_of(attempt, self.service)
        return self.pool.send(attempt) if answer is None else answer

    def exchange(
        self, request: Request, endpoint: Endpoint | None = None, body: bytes | None = None, extra: str = ""
    ) -> Exchange:
        """Return the exchange that performs a request; endpoint and body where a caller knows them already.

        `extra` has whole lines of headers that are not signed.
        """
        endpoint = endpoint or self.settings.endpoint(request)
        target = self._target(endpoint, request.operation)
        body = encode(request.operation, request.parameters) if body is None else body
        mode, sign = self.settings.mode, partial(self._sign, target, extra)
        return exchange(Call(self.service, request.operation, endpoint, body, sign, mode, self._quota))

    def response(self, outcome: Outcome, request: Request) -> Response:
        """Return the answer. Raises botocore's ClientError, ConnectionFailed for a damaged answer."""
        answer = outcome.answer
        if answer.status >= FIRST_ERROR_STATUS:
            from dynamorm_py._transport.failures import client_error

            raise client_error(outcome, request.operation)
        response = Response(answer.body, metadata=response_metadata(answer, outcome.retries))
        if not (outcome.whole and is_object(answer, response)):
            raise damaged(request.operation, answer.headers.get("x-amzn-requestid"))
        return response

    def _target(self, endpoint: Endpoint, operation: str) -> Target:
        target = self._targets.get((endpoint, operation))
        if target is None:
            if len(self._targets) > _MOST_TARGETS:
                self._targets.clear()
            service = SERVICES[self.service]
            target = Target.of(endpoint, f"{service.target_prefix}.{operation}", service.content_type, user_agent())
            self._targets[endpoint, operation] = target
        return target

    def _sign(self, target: Target, extra: str, body: bytes) -> bytes:
        head = self._signer.headers(target, body, self.settings.credentials(), time.time())
        if extra:
            head += extra
        if self._in_lambda and "X-Amzn-Trace-Id" not in extra and (trace := os.environ.get("_X_AMZN_TRACE_ID")):
            # As botocore.handlers does it in add_recursion_detection_header.
            head += f"X-Amzn-Trace-Id: {quote(trace, safe=_TRACE_CHARACTERS)}\r\n"
        return target.head + head.encode("latin-1")


_TRACE_CHARACTERS = "-=;:+&[]{}\"',"


def user_agent() -> str:
    """Return the user agent, in the form of AWS's clients."""
    python = ".".join(map(str, sys.version_info[:3]))
    runtime = os.environ.get("AWS_EXECUTION_ENV")
    environment = f" exec-env/{quote(runtime, safe='.-_')}" if runtime else ""
    return (
        f"dynamorm_py/{__version__} ua/2.1 os/{sys.platform} lang/python#{python}{environment} cfg/retry-mode#standard"
    )


def is_object(answer: Answer, response: Response) -> bool:
    """Return whether a successful answer is a JSON object, as DynamoDB's are.

    Without a checksum the body is parsed here, since nothing else tells that it was cut.
    """
    body = answer.body
    if not (body.startswith(b"{") and (body.endswith(b"}") or body.rstrip().endswith(b"}"))):
        return False
    if "x-amz-crc32" in answer.headers:
        return True
    with suppress(MalformedBody):
        return isinstance(response.document, dict)
    return False
