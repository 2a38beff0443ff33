"""Clients for tests: one that answers from a script, and one that keeps what was asked.

Both stand as `client=` of a repository. They know requests and answers, and nothing of models.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Self, TypeAlias

from dynamorm_py._kernel.plans import origin_of
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport import as_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike

Answer: TypeAlias = "ResponseLike | Exception | Callable[[Request], ResponseLike]"


@public("dynamorm_py.testing")
class ScriptedClient:
    """Answers requests one after the other: with a dictionary, an exception to raise, or a function of the request.

        client = ScriptedClient({"Item": {"pk": {"S": "a"}}}, Throttled("slow down"))

    `otherwise` answers every request after these. `.requests` has what was asked. Used in a `with` block, it fails
    when answers are left at the end.
    """

    def __init__(self, *answers: Answer, otherwise: Answer | None = None) -> None:
        """Take the answers in their order, and the one for all later requests."""
        self._answers, self._otherwise = deque(answers), otherwise
        self.requests: list[Request] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raise AssertionError when answers are left, unless the block failed by itself."""
        if kind is None and self._answers:
            raise AssertionError(f"{len(self._answers)} answers of the script were not asked for")

    @property
    def operations(self) -> list[str]:
        """The operations asked for, in their order."""
        return [request.operation for request in self.requests]

    def call(self, request: Request, /) -> ResponseLike:
        """Return the next answer. Raises AssertionError when there is none."""
        self.requests.append(request)
        answer = self._answers.popleft() if self._answers else self._otherwise
        if answer is None:
            raise AssertionError(f"request {len(self.requests)}, {request.operation}, is beyond the end of the script")
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


@public("dynamorm_py.testing")
@frozen
class Exchange:
    """One request and how it went: the answer, or the error."""

    request: Request
    answer: ResponseLike | None = None
    error: Exception | None = None


@public("dynamorm_py.testing")
class Recorder:
    """Performs requests with another client and keeps them, in the order of their responses. Threads can share it."""

    def __init__(self, client: object = None) -> None:
        """Wrap a boto3 client, another wrapper, or the default client."""
        self._client, self._lock = as_client(client), threading.Lock()
        self.exchanges: list[Exchange] = []

    @property
    def origin(self) -> object:
        """What the wrapped client's requests go through: repositories that share it may share a transaction."""
        return origin_of(self._client)

    @property
    def requests(self) -> list[Request]:
        """The requests so far."""
        return [exchange.request for exchange in self.exchanges]

    @property
    def operations(self) -> list[str]:
        """The operations of these requests."""
        return [request.operation for request in self.requests]

    def parameters(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the parameters of every request for one operation."""
        return [request.parameters for request in self.requests if request.operation == operation]

    def call(self, request: Request, /) -> ResponseLike:
        """Perform the request and keep it."""
        try:
            answer = self._client.call(request)
        except Exception as error:
            self._keep(Exchange(request, error=error))
            raise
        self._keep(Exchange(request, answer))
        return answer

    def _keep(self, exchange: Exchange) -> None:
        with self._lock:
            self.exchanges.append(exchange)
