"""What a call was: for hooks and the log. Names and numbers only; the answer is looked into when asked.

The log is `logging.getLogger("dynamorm_py")` at DEBUG. No attribute's value is in it, a key's neither.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamorm_py._kernel.answers import fits
from dynamorm_py._kernel.api_operations import OPERATIONS
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import MalformedBody, Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.functions import require_value
from dynamorm_py._transport.settings import tables_of

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request

_CONSUMED = {"CapacityUnits?": (int, float)}
LOG = logging.getLogger("dynamorm_py")

OnCall: TypeAlias = Callable[["Call"], object]
Capacity: TypeAlias = Literal["TOTAL", "INDEXES"]


@public()
@frozen
class Call:
    """One call as it went: `on_call` gets it after the answer, or after the error.

    `seconds` is the whole time with the client's retries, `attempts` how many requests that took (None when no
    answer reported). `error` is what was raised (also an interrupt), None after a success. `capacity` units are known
    only when they were asked for with `observed(capacity=...)`. `lane` is how it went: direct, watched or botocore.
    """

    operation: str
    service: str
    tables: tuple[str, ...]
    index: str | None
    seconds: float
    error: BaseException | None
    _response: Response = field(repr=False)
    _parameters: Mapping[str, Any] = field(repr=False)
    lane: str = "botocore"

    @property
    def attempts(self) -> int | None:
        """The requests that were sent, the last one included."""
        retries = self._response.retries
        return None if retries is None else retries + 1

    @property
    def items(self) -> int | None:
        """The items that came back from a read, or were sent in a write; None for other operations."""
        operation = OPERATIONS.get(self.operation)
        if operation is None:
            return None
        if operation.sent is not None:
            return operation.sent(self._parameters)
        if operation.returned is None or self.error:
            return None
        return operation.returned(self._document())

    @property
    def scanned(self) -> int | None:
        """The items that a query or scan looked at before its filter."""
        return self._document().get("ScannedCount")

    @property
    def capacity(self) -> float | None:
        """The capacity units consumed, over all tables and indexes."""
        return units_in(self._document())

    def _document(self) -> Mapping[str, Any]:
        """Return the answer, {} for a damaged one."""
        try:
            return self._response.document
        except MalformedBody:
            return {}


class Observation:
    """One call that a hook watches: begun when it is made, reported when it is done or has failed."""

    __slots__ = ("_begun", "_lane", "_on_call", "request")

    def __init__(self, request: Request, lane: Callable[[], str], on_call: OnCall | None) -> None:
        """Take the time."""
        self.request, self._lane, self._on_call = request, lane, on_call
        self._begun = time.perf_counter()

    def failed(self, error: BaseException) -> None:
        """Tell of what was raised."""
        self._tell(Response.of(getattr(error.__cause__, "response", None) or {}), error)

    def done(self, response: Response) -> None:
        """Tell of the answer."""
        self._tell(response, None)

    def _tell(self, response: Response, error: BaseException | None) -> None:
        request, seconds = self.request, time.perf_counter() - self._begun
        parameters = request.parameters
        call = Call(
            request.operation,
            request.service,
            tuple(tables_of(parameters)),
            parameters.get("IndexName"),
            seconds,
            error,
            response,
            parameters,
            self._lane(),
        )
        log(call)
        if self._on_call is not None:
            tell(self._on_call, call)


def counted(request: Request, capacity: Capacity | None) -> Mapping[str, Any]:
    """Return a request's parameters, asking for the consumed capacity where the operation can report it."""
    if capacity is None or request.operation not in OPERATIONS:
        return request.parameters
    return {"ReturnConsumedCapacity": capacity, **request.parameters}


def units_in(answer: Mapping[str, Any]) -> float | None:
    """Return the capacity units that an answer tells of, over all its tables; None when it tells of none."""
    consumed: Any = answer.get("ConsumedCapacity")
    tables: list[Mapping[str, float]] = cast("Any", consumed) if isinstance(consumed, list) else [consumed]
    if not consumed or not fits([_CONSUMED], tables):
        return None
    return sum(table.get("CapacityUnits") or 0.0 for table in tables)


def log(call: Call) -> None:
    """Write a line about a call."""
    LOG.debug(
        "%s on %s%s: %s in %.3f s, %s attempt(s), %s lane",
        call.operation,
        ", ".join(call.tables) or call.service,
        f" index {call.index}" if call.index else "",
        type(call.error).__name__ if call.error else "done",
        call.seconds,
        call.attempts or "?",
        call.lane,
    )


def tell(on_call: OnCall, call: Call) -> None:
    """Give a call to the user's hook; what the hook raises is logged, since the call itself is done.

    Its text is logged at DEBUG only: it may quote values.
    """
    try:
        require_value("on_call", on_call(call))
    except Exception as error:
        LOG.error("on_call raised %s after %s", type(error).__name__, call.operation)  # noqa: TRY400 -- see above
        LOG.debug("on_call's error", exc_info=error)
