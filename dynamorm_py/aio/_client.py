"""What a repository, a table and a query of this face ask of their client in addition to requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dynamorm_py._runtime.run_async import is_awaited
from dynamorm_py._runtime.tasks import running_loop
from dynamorm_py._transport import close, lane_of

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Transport

_TURNS = 4  # of the loop, until it has closed the sockets of aborted connections, and ended what watched over them
_OWN = "the client's own"


async def aclose(client: Transport) -> None:
    """End the client's connections that wait, those of the running loop before this returns."""
    running_loop()
    close(client)
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def awaited_lane(client: Transport) -> str | None:
    """Return which lane a request takes now; every lane but the direct one is taken in a thread."""
    lane = lane_of(client)
    if lane == "direct" and is_awaited(client):
        return lane
    return f"{lane or _OWN}, in a thread"
