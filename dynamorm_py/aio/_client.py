"""What a repository, a table and a query of this face ask of their client in addition to requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dynamorm_py._runtime.run_async import is_awaited
from dynamorm_py._transport import close, lane_of

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Transport

_OWN = "the client's own"


async def aclose(client: Transport) -> None:
    """End the client's connections that wait, those of the running loop before this returns."""
    close(client)
    await asyncio.sleep(0)  # asyncio closes the socket of an aborted connection one turn later


def awaited_lane(client: Transport) -> str | None:
    """Return which lane a request takes now; every lane but the direct one is taken in a thread."""
    lane = lane_of(client)
    if lane == "direct" and is_awaited(client):
        return lane
    return f"{lane or _OWN}, in a thread"
