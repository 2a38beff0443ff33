"""The end of what a repository or a table keeps open: by hand, or by the end of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._transport import close
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from typing import Self

    from dynamorm_py._kernel.plans import Transport


class Closing:
    """Ends the connections of its client."""

    __slots__ = ()

    _client: Transport

    def __enter__(self) -> Self:
        """Return itself; the end of the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    if not TYPE_CHECKING:

        def __aenter__(self) -> object:
            """Refuse, which needs no static type."""
            raise CallError(f"{self!r} is closed synchronously: write with, or take it from dynamorm_py.aio")

        __aexit__ = __exit__  # `async with` asks for both first

    def close(self) -> None:
        """End the connections that wait for a next call; a later call opens its own.

        What shares a client shares its connections. A boto3 client that was passed stays its owner's to close.
        """
        close(self._client)
