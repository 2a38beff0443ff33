"""Leases: one holder at a time, across processes and machines.

    leases = Leases(jobs)
    with leases.hold("nightly-report", seconds=30) as held:
        ...                                              # refreshed in the background
        held.check()                                     # raises LeaseLost when it was lost

What a lease guards is safe under `held.lease.condition` in the write itself, not under a clock. The plans
are in `_operations`; here are the thread that refreshes and what it shares with its holder.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py import _operations as operations
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import context_of
from dynamorm_py._operations import Lease
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dynamorm_py._expressions import Condition
    from dynamorm_py._model.context import HasContext

__all__ = ["HeldLease", "Lease", "Leases"]

M = TypeVar("M", bound=DynamoModel)

REFRESHES = 3  # within the time of a lease: one may fail, and the next still comes in time


class Leases:
    """Leases in the table of a repository: items of their own, under keys of the repository's model.

    The clock is the repository's. Two holders need clocks that agree to within less than a lease's length;
    where they do not, the one that was overtaken gets LeaseLost.
    """

    __slots__ = ("_context",)

    def __init__(self, repo: HasContext[Any]) -> None:
        """Keep leases in the table of this repository; nothing is sent. Raises CallError for anything else."""
        self._context = context_of(repo, "Leases")

    def acquire(self, key: object, *, seconds: float, token: str | None = None) -> Lease:
        """Take the lease for this many seconds, at least 1; its end is stored in whole seconds.

        `key` is as in `Repo.get`. `token` names the holder, by default a new one for each lease; passing the
        token of a lease that is held has it again. Raises LeaseHeld, InvalidKey, CallError.
        """
        holder = uuid.uuid4().hex if token is None else token
        context = self._context
        return run(context.client, operations.acquire_lease(context.table, key, holder, context.clock(), seconds))

    def refresh(self, lease: Lease, *, seconds: float) -> Lease:
        """Hold the lease for this many seconds from now and return it. Raises LeaseLost."""
        context = self._context
        return run(context.client, operations.refresh_lease(context.table, lease, context.clock(), seconds))

    def release(self, lease: Lease) -> bool:
        """Give the lease up, and return whether it was still there; the next may take it at once.

        Raises LeaseLost when another holds it.
        """
        return run(self._context.client, operations.release_lease(self._context.table, lease))

    @contextmanager
    def hold(self, key: object, *, seconds: float, token: str | None = None) -> Generator[HeldLease]:
        """Hold the lease for the length of a `with` block, refreshing it in a thread, and release it after.

        A refresh that fails is tried again, until the lease has expired. Raises LeaseHeld at the start;
        LeaseLost at the end when the lease was lost meanwhile, unless the block raised by itself.
        """
        held = HeldLease(self, self.acquire(key, seconds=seconds, token=token), seconds, self._context.clock)
        held.start()
        try:
            yield held
        except BaseException as error:
            held.stop()
            self._release_quietly(held, error)
            raise
        held.stop()
        held.check_not_taken()
        expired = held.lost
        if not self.release(held.lease) and expired:
            held.check()  # it is gone: another held it after it had expired, and has released it

    def _release_quietly(self, held: HeldLease, error: BaseException) -> None:
        """Release after the block failed: its own error is the news."""
        try:
            self.release(held.lease)
        except Exception as failure:  # noqa: BLE001 -- added as a note to the error that is raised
            error.add_note(f"the lease was not released: {failure}")


class HeldLease:
    """A lease that is being held by `Leases.hold`. Safe to share between threads."""

    def __init__(self, leases: Leases, lease: Lease, seconds: float, clock: Callable[[], Any]) -> None:
        """Hold a lease that was got; nothing is refreshed yet."""
        self._leases, self._seconds, self._clock = leases, seconds, clock
        self._lease, self._lost = lease, False
        self._failure: Exception | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._refresh_until_stopped, name="dynamorm_py lease", daemon=True)

    @property
    def lease(self) -> Lease:
        """The lease as it was refreshed last."""
        return self._lease

    @property
    def condition(self) -> Condition:
        """The fence: see `Lease.condition`."""
        return self._lease.condition

    @property
    def lost(self) -> bool:
        """Whether the lease was taken by another, or has expired before a refresh could reach DynamoDB."""
        return self._lost or self._clock() >= self._lease.expires_at

    def check(self) -> None:
        """Raise LeaseLost when the lease is no longer held: call it before a step that is not fenced.

        Its cause is what the last refresh failed with, None where none was due.
        """
        self.check_not_taken()
        if self.lost:
            why = "" if self._failure is None else f" (the last one failed with {type(self._failure).__name__})"
            message = f"the lease has expired, as no refresh came through in time{why}: another may hold it now"
            raise LeaseLost(message) from self._failure

    def check_not_taken(self) -> None:
        """Raise LeaseLost when a refresh found that another has taken the lease."""
        if self._lost:
            raise LeaseLost("another has taken the lease while it was thought to be held: what it guards may be mixed")

    def start(self) -> None:
        """Refresh in the background from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End the refreshing and wait until a refresh under way is done."""
        self._stopped.set()
        self._thread.join()

    def refresh(self) -> None:
        """Refresh once. A fault is left to the next time, and remembered for `check`, as a lost lease is."""
        try:
            self._lease, self._failure = self._leases.refresh(self._lease, seconds=self._seconds), None
        except LeaseLost:
            self._lost = True
        except Exception as failure:  # noqa: BLE001 -- of any kind: the lease is held until it expires, see `check`
            self._failure = failure

    def _refresh_until_stopped(self) -> None:
        while not self._lost and not self._stopped.wait(self._seconds / REFRESHES):
            self.refresh()
