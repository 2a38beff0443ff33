"""The asynchronous face behind the words of the synchronous one, so that one test runs over both.

What is awaited is awaited in an event loop that runs in a thread of its own.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from dynamorm_py import aio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.in_loop import LoopThread


class AwaitedRepo:
    """A repository of `dynamorm_py.aio`: its calls return what they give when awaited."""

    def __init__(self, loop: LoopThread, repo: Any) -> None:  # noqa: ANN401 -- typed as awaited
        """Wrap a repository."""
        self._loop, self._repo = loop, repo

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the repository's own
        value = getattr(self._repo, name)
        return awaiting(self._loop, value) if inspect.ismethod(value) else value


class AwaitedQuery:
    """A query of `dynamorm_py.aio`."""

    def __init__(self, loop: LoopThread, query: aio.Query[Any]) -> None:
        """Wrap a query."""
        self._loop, self._query = loop, query

    def __iter__(self) -> Iterator[Any]:
        """Iterate over what `async for` gives."""

        async def items() -> list[Any]:
            return [item async for item in self._query]

        return iter(self._loop.result(items()))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the query's own
        return awaiting(self._loop, getattr(self._query, name))


def awaiting(loop: LoopThread, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives what this one gives when it is awaited."""

    def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- the function's own
        result = function(*arguments, **options)
        if isinstance(result, aio.Query):
            return AwaitedQuery(loop, result)  # pyright: ignore[reportUnknownArgumentType] -- of any model
        return loop.result(result) if inspect.isawaitable(result) else result

    return call
