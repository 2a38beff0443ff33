"""The end of what an asynchronous repository or table keeps open."""
# The stub beside each of them has the types.
# pyright: basic, reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._repo.closing import Closing as SyncClosing
from dynamorm_py.aio._client import aclose
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from typing import NoReturn, Self


class Closing(SyncClosing):
    """Ends the connections of its client, awaited."""

    __slots__ = ()

    async def aclose(self) -> None:
        """End the connections that wait for a next call; a later call opens its own."""
        await aclose(self._client)

    async def __aenter__(self) -> Self:
        """Return itself; the end of the block closes it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.aclose()

    def __enter__(self) -> NoReturn:
        """Refuse: what is asynchronous stands in an `async with`."""
        raise CallError(f"{self!r} is closed asynchronously: write async with")
