"""Limits of one's own: capacity units a second, and requests at a time, as a wrapper of a client.

    users = Repo(User, client=limited(client, reads_per_second=100, concurrency=8))

Callers are served in the order they come. What DynamoDB reports as consumed is what counts; a request is
let through for one unit and charged the rest afterwards, so that a large answer delays those after it.
Nothing here knows items or models.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from dynamorm_py._kernel.api_operations import OPERATIONS
from dynamorm_py._kernel.plans import origin_of
from dynamorm_py._kernel.response import MalformedBody, Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.arguments import check_int, check_number
from dynamorm_py._runtime.deadline import check_time, pause, seconds_left
from dynamorm_py._transport import as_client, close, lane_of
from dynamorm_py._transport.telemetry import counted, units_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping

    from dynamorm_py._kernel.api_operations import Kind
    from dynamorm_py._kernel.plans import Request, Transport
    from dynamorm_py._kernel.response import ResponseLike

__all__ = ["Consumed", "Limited", "limited"]

_NO_LIMIT = "leave it out for no limit"
_WAITING = "a request that waited for its turn"
_ENTRY = 1.0  # unit, charged before the answer tells how many it was


def limited(
    client: object = None,
    *,
    reads_per_second: float | None = None,
    writes_per_second: float | None = None,
    concurrency: int | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = pause,
) -> Limited:
    """Return a client that keeps to limits, for `Repo(..., client=)`; share it to share the limits.

    Reads and writes are counted in capacity units; one second's worth may be used at once after a pause.
    `concurrency` is the number of requests under way at a time. `clock` gives seconds. No wait outlasts a
    `deadline(...)` around it.
    Raises CallError for a limit that is not above zero, ClientNotConfigured.
    """
    buckets: dict[Kind, TokenBucket] = {}
    if reads_per_second is not None:
        buckets["reads"] = TokenBucket(_rate("reads_per_second", reads_per_second), clock)
    if writes_per_second is not None:
        buckets["writes"] = TokenBucket(_rate("writes_per_second", writes_per_second), clock)
    return Limited(
        as_client(client), buckets, None if concurrency is None else FairSemaphore(_places(concurrency)), sleep
    )


@frozen
class Consumed:
    """Capacity units that DynamoDB has reported as consumed."""

    reads: float = 0.0
    writes: float = 0.0


class Limited:
    """A client within limits. Safe to share between threads, which are served in the order they come."""

    def __init__(
        self,
        client: Transport,
        buckets: Mapping[Kind, TokenBucket],
        gate: FairSemaphore | None,
        sleep: Callable[[float], object],
    ) -> None:
        """Wrap a client; see `limited`."""
        self._client, self._buckets, self._gate, self._sleep = client, buckets, gate, sleep
        self._lock, self._consumed = threading.Lock(), Consumed()

    @property
    def origin(self) -> object:
        """What the wrapped client's requests go through: repositories that share it may share a transaction."""
        return origin_of(self._client)

    @property
    def consumed(self) -> Consumed:
        """What was consumed through this client so far."""
        return self._consumed

    def close(self) -> None:
        """End the connections of the wrapped client."""
        close(self._client)

    def lane(self) -> str | None:
        """Return which lane the wrapped client's requests take."""
        return lane_of(self._client)

    def call(self, request: Request, /) -> ResponseLike:
        """Perform the request when the limits allow; operations on tables and key services pass."""
        operation = OPERATIONS.get(request.operation) if request.service == "dynamodb" else None
        if operation is None:
            return self._client.call(request)
        kind = operation.kind
        bucket = self._buckets.get(kind)
        if bucket is not None:
            self._enter(bucket)
        with self._admitted():
            answer = self._client.call(replace(request, parameters=counted(request, "TOTAL")))
        self._charge(kind, bucket, Response.of(answer))
        return answer

    async def ask(self, request: Request, /) -> ResponseLike:
        """Perform the request as `call` does, awaited; tasks and threads wait in one line."""
        operation = OPERATIONS.get(request.operation) if request.service == "dynamodb" else None
        if operation is None:
            return await _asked(self._client, request)
        bucket = self._buckets.get(operation.kind)
        if bucket is not None:
            await self._enter_awaited(bucket)
        counting = replace(request, parameters=counted(request, "TOTAL"))
        if self._gate is None:
            answer = await _asked(self._client, counting)
        else:
            async with self._gate.passed_awaited():
                answer = await _asked(self._client, counting)
        self._charge(operation.kind, bucket, Response.of(answer))
        return answer

    def _enter(self, bucket: TokenBucket) -> None:
        """Take the first unit and wait for it; give it back after an interrupt, or when there is no time to wait."""
        wait = bucket.take(_ENTRY)
        if wait <= 0:
            return
        try:
            self._sleep(wait)
        except BaseException:  # an interrupt too: it gives the unit back, and goes on
            bucket.charge(-_ENTRY)
            raise

    async def _enter_awaited(self, bucket: TokenBucket) -> None:
        from dynamorm_py._runtime.run_async import pause_async  # noqa: PLC0415 -- see _asked
        from dynamorm_py._runtime.tasks import in_thread  # noqa: PLC0415 -- see _asked

        wait = bucket.take(_ENTRY)
        if wait <= 0:
            return
        try:
            await (pause_async(wait) if self._sleep is pause else in_thread(partial(self._sleep, wait)))
        except BaseException:  # cancelled: as above
            bucket.charge(-_ENTRY)
            raise

    def _charge(self, kind: Kind, bucket: TokenBucket | None, response: Response) -> None:
        """Take what DynamoDB says that a request consumed, beyond the unit that let it through."""
        try:
            units = units_in(response.json)
        except MalformedBody:  # which the reader of the response refuses
            units = None
        if bucket is not None and units is not None:
            bucket.charge(units - _ENTRY)
        self._count(kind, units or 0.0)

    @contextmanager
    def _admitted(self) -> Generator[None]:
        if self._gate is None:
            yield
            return
        with self._gate.passed():
            yield

    def _count(self, kind: Kind, units: float) -> None:
        with self._lock:
            self._consumed = replace(self._consumed, **{kind: getattr(self._consumed, kind) + units})


def _asked(client: Transport, request: Request) -> Awaitable[ResponseLike]:
    from dynamorm_py._runtime.run_async import asked  # noqa: PLC0415 -- only needed where calls are awaited

    return asked(client, request)


class TokenBucket:
    """So many units a second, at most one second's worth saved up; the level may be in debt."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        """Start full."""
        self._rate, self._clock = rate, clock
        # A rate below one unit a second still lets one through at once.
        self._level = self._capacity = max(rate, _ENTRY)
        self._filled, self._lock = clock(), threading.Lock()

    def take(self, units: float) -> float:
        """Take units and return how many seconds to wait for them; later callers wait longer."""
        with self._lock:
            now = self._clock()
            self._level = min(self._capacity, self._level + (now - self._filled) * self._rate)
            self._filled = now
            self._level -= units
            return max(0.0, -self._level / self._rate)

    def charge(self, units: float) -> None:
        """Take what has been used beyond what was taken; negative gives back."""
        with self._lock:
            self._level -= units


class _Turn(Protocol):
    """One waiter in the line."""

    def release(self) -> None:
        """Let this waiter pass."""
        ...


class FairSemaphore:
    """Lets a limited number through at a time, in the order they come; a semaphore may let a newcomer overtake."""

    def __init__(self, places: int) -> None:
        """Open the gate with this many places."""
        self._free, self._waiting, self._lock = places, deque[_Turn](), threading.Lock()

    @contextmanager
    def passed(self) -> Generator[None]:
        """Hold a place for the length of the block."""
        turn = threading.Lock()
        turn.acquire()
        if not self._has_place(turn):
            try:
                while not turn.acquire(timeout=_time_left()):  # released by the one that leaves the place to us
                    check_time(_WAITING)
            except BaseException:  # interrupted while waiting: the place goes to the next, and the interrupt goes on
                self._give_up(turn)
                raise
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def passed_awaited(self) -> AsyncGenerator[None]:
        """Hold a place for the length of the block; a task waits for it in the same line."""
        from dynamorm_py._runtime.tasks import TaskTurn, before_deadline  # noqa: PLC0415 -- see _asked

        turn = TaskTurn()
        if not self._has_place(turn):
            try:
                await before_deadline(turn.come(), _WAITING)
            except BaseException:  # cancelled: as above
                self._give_up(turn)
                raise
        try:
            yield
        finally:
            self._leave()

    def _has_place(self, turn: _Turn) -> bool:
        """Take a free place, or wait in line with this turn."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            self._waiting.append(turn)
            return False

    def _leave(self) -> None:
        with self._lock:
            while self._waiting:
                try:
                    self._waiting.popleft().release()
                except RuntimeError:  # of a loop that was closed: its task will never come
                    continue
                return
            self._free += 1

    def _give_up(self, turn: _Turn) -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._leave()  # the place was given to us already


def _time_left() -> float:
    """Return the seconds until the deadline, as a lock takes them: -1 without one."""
    left = seconds_left()
    return -1 if left is None else max(0.0, left)


def _rate(name: str, rate: float) -> float:
    return check_number(name, rate, "capacity units", above=True, repair=_NO_LIMIT)


def _places(concurrency: int) -> int:
    return check_int("concurrency", concurrency, repair=_NO_LIMIT)
