"""A client whose requests fail as DynamoDB's do: throttled, done in part, done with the answer lost.

    client = FaultyClient(boto_client, [Throttle(times=2), LostAnswer("PutItem")])

Every fault happens a set number of times, to the requests it is for, in the order they come; then all goes well.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from dynamorm_py._kernel.plans import origin_of
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport import as_client
from dynamorm_py.errors import ConnectionFailed, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike

_BATCHES = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}


class Fault(Protocol):
    """What happens to some requests. `after` requests of its kind pass first, then `times` fail."""

    @property
    def operation(self) -> str | None:
        """The operation it is for; None for all."""
        ...

    @property
    def times(self) -> int:
        """How many requests fail."""
        ...

    @property
    def after(self) -> int:
        """How many requests pass before."""
        ...

    def happen(self, request: Request, perform: Callable[[Request], ResponseLike]) -> ResponseLike:
        """Return or raise what the caller sees; `perform` reaches DynamoDB."""
        ...


@public("dynamorm_py.testing")
@frozen
class Throttle:
    """DynamoDB refuses the request: Throttled, nothing is done."""

    operation: str | None = None
    times: int = 1
    after: int = 0

    def happen(self, request: Request, perform: Callable[[Request], ResponseLike]) -> ResponseLike:
        """Raise Throttled."""
        del perform
        raise Throttled(
            f"{request.operation}: throttled by the test",
            operation=request.operation,
            aws_code="ProvisionedThroughputExceededException",
        )


@public("dynamorm_py.testing")
@frozen
class LostAnswer:
    """DynamoDB performs the request, but its answer does not arrive: ConnectionFailed."""

    operation: str | None = None
    times: int = 1
    after: int = 0

    def happen(self, request: Request, perform: Callable[[Request], ResponseLike]) -> ResponseLike:
        """Perform the request, then raise ConnectionFailed; an error of DynamoDB is lost as well."""
        try:
            perform(request)
        except Exception as error:
            raise _connection_lost(request) from error
        raise _connection_lost(request)


@public("dynamorm_py.testing")
@frozen
class Fail:
    """The request fails with an error of your choice; nothing is done."""

    error: Exception
    operation: str | None = None
    times: int = 1
    after: int = 0

    def happen(self, request: Request, perform: Callable[[Request], ResponseLike]) -> ResponseLike:
        """Raise the error."""
        del request, perform
        raise self.error


@public("dynamorm_py.testing")
@frozen
class Leftovers:
    """DynamoDB does the first `keep` elements of a batch, and gives the others back as unprocessed."""

    keep: int = 0
    operation: str | None = None
    times: int = 1
    after: int = 0

    def happen(self, request: Request, perform: Callable[[Request], ResponseLike]) -> ResponseLike:
        """Perform a part of the batch; what is not a batch goes through."""
        unprocessed = _BATCHES.get(request.operation)
        if unprocessed is None:
            return perform(request)
        first, rest = _split(request.parameters["RequestItems"], self.keep)
        answer: Mapping[str, Any] = {"Responses": {name: [] for name in rest}} if unprocessed.endswith("Keys") else {}
        if first:
            part = replace(request, parameters={**request.parameters, "RequestItems": first}, raw=False)
            answer = Response.of(perform(part))
        return {**answer, unprocessed: _merged(rest, answer.get(unprocessed) or {})}


@public("dynamorm_py.testing")
class FaultyClient:
    """A client whose requests meet faults, one after the other. Threads can share it."""

    def __init__(self, client: object = None, faults: Iterable[Fault] = ()) -> None:
        """Wrap a boto3 client, another wrapper, or the default client."""
        self._client, self._lock = as_client(client), threading.Lock()
        self._due_faults = [_Due(fault, fault.after, fault.times) for fault in faults]

    @property
    def origin(self) -> object:
        """What the wrapped client's requests go through: repositories that share it may share a transaction."""
        return origin_of(self._client)

    @property
    def exhausted(self) -> bool:
        """Whether every fault has happened as often as it should."""
        return not any(due.times for due in self._due_faults)

    def call(self, request: Request, /) -> ResponseLike:
        """Perform the request, or have the first fault that is due happen to it."""
        fault = self._due(request)
        return self._client.call(request) if fault is None else fault.happen(request, self._client.call)

    def _due(self, request: Request) -> Fault | None:
        with self._lock:
            for due in self._due_faults:
                if due.is_for(request) and due.happens():
                    return due.fault
        return None


@dataclass(slots=True)
class _Due:
    """A fault, how many requests it still lets pass, and how often it still happens."""

    fault: Fault
    after: int
    times: int

    def is_for(self, request: Request) -> bool:
        """Return whether this request is of its kind."""
        batch = request.operation in _BATCHES or not isinstance(self.fault, Leftovers)
        return batch and self.times > 0 and self.fault.operation in {None, request.operation}

    def happens(self) -> bool:
        """Count a request of its kind, and return whether the fault happens to it."""
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


def _connection_lost(request: Request) -> ConnectionFailed:
    return ConnectionFailed(f"{request.operation}: the test lost the answer", operation=request.operation)


def _split(items: Mapping[str, Any], keep: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide RequestItems after this many elements, counted over all tables."""
    first: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, requested in items.items():
        elements = _elements(requested)
        done, left = elements[:keep], elements[keep:]
        keep -= len(done)
        if done:
            first[name] = _with_elements(requested, done)
        if left:
            rest[name] = _with_elements(requested, left)
    return first, rest


def _merged(rest: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was held back together with what DynamoDB itself left over."""
    merged = dict(rest)
    for name, requested in more.items():
        here = _elements(merged[name]) if name in merged else []
        merged[name] = _with_elements(requested, [*_elements(requested), *here])
    return merged


def _elements(requested: Any) -> list[Any]:  # noqa: ANN401 -- a list of writes, or a dictionary with keys to read
    return requested if isinstance(requested, list) else requested["Keys"]  # pyright: ignore[reportUnknownVariableType] -- JSON


def _with_elements(requested: Any, elements: list[Any]) -> Any:  # noqa: ANN401 -- the same
    return elements if isinstance(requested, list) else {**requested, "Keys": elements}
