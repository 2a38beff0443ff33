"""Leases, awaited: a task refreshes what a thread does in the synchronous face."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._runtime.run_async import begin_async
from dynamorm_py.errors import LeaseLost
from dynamorm_py.leases import REFRESHES
from dynamorm_py.leases import HeldLease as SyncHeldLease
from dynamorm_py.leases import Leases as SyncLeases

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from dynamorm_py._operations import Lease


@public("dynamorm_py.aio")
class Leases(SyncLeases):
    """Leases in the table of a repository; see `dynamorm_py.Leases`."""

    __slots__ = ()

    def acquire(self, key: object, *, seconds: float, token: str | None = None) -> Any:  # noqa: ANN401 -- awaited
        """Take the lease. Raises LeaseHeld, InvalidKey, CallError."""
        holder, context = uuid.uuid4().hex if token is None else token, self._context
        plan = operations.acquire_lease(context.table, key, holder, context.clock(), seconds)
        return begin_async(context.client, plan)

    def refresh(self, lease: Lease, *, seconds: float) -> Any:  # noqa: ANN401 -- awaited
        """Hold the lease for this many seconds from now and return it. Raises LeaseLost."""
        context = self._context
        return begin_async(context.client, operations.refresh_lease(context.table, lease, context.clock(), seconds))

    def release(self, lease: Lease) -> Any:  # noqa: ANN401 -- awaited
        """Give the lease up, and return whether it was still there. Raises LeaseLost when another holds it."""
        return begin_async(self._context.client, operations.release_lease(self._context.table, lease))

    @asynccontextmanager
    async def hold(self, key: object, *, seconds: float, token: str | None = None) -> AsyncGenerator[HeldLease]:
        """Hold the lease for the length of an `async with` block, refreshing it in a task, and release it after."""
        lease = await self.acquire(key, seconds=seconds, token=token)
        held = HeldLease(self, lease, seconds, self._context.clock)
        refreshing = asyncio.create_task(held._keep())  # noqa: SLF001 -- one module
        try:
            yield held
        except BaseException as error:
            try:
                await _to_the_end(self._give_up(held, refreshing))
            except Exception as failure:  # noqa: BLE001 -- named by a note on the error that is raised
                error.add_note(f"the lease was not released: {failure}")
            raise
        await _to_the_end(self._give_back(held, refreshing))

    async def _give_up(self, held: HeldLease, refreshing: asyncio.Task[None]) -> Any:  # noqa: ANN401 -- as `release`
        await _ended(refreshing)
        return await self.release(held.lease)

    async def _give_back(self, held: HeldLease, refreshing: asyncio.Task[None]) -> None:
        await _ended(refreshing)
        held.check_not_taken()
        expired = held.lost
        if not await self.release(held.lease) and expired:
            held.check()


@public("dynamorm_py.aio")
class HeldLease(SyncHeldLease):
    """A lease that is being held by `Leases.hold`."""

    async def _keep(self) -> None:
        """Refresh until the lease is lost or the task is cancelled."""
        while not self._lost:
            await asyncio.sleep(self._seconds / REFRESHES)
            await self.refresh()

    async def refresh(self) -> None:
        """Refresh once. A fault is left to the next time, and remembered for `check`, as a lost lease is."""
        try:
            refreshed: Any = self._leases.refresh(self._lease, seconds=self._seconds)
            self._lease, self._failure = await refreshed, None
        except LeaseLost:
            self._lost = True
        except Exception as failure:  # noqa: BLE001 -- of any kind: the lease is held until it expires, see `check`
            self._failure = failure


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _to_the_end(work: Coroutine[Any, Any, Any]) -> None:
    """Do work that a cancellation does not cut: it is done first, and cancelled then."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        await asyncio.wait([task])
        if not task.cancelled() and (failure := task.exception()) is not None:
            cancelled.add_note(f"the lease was not released: {failure}")
        raise
