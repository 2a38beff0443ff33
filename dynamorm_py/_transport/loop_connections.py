"""Connections of one event loop, kept alive, with TLS and time limits. The asynchronous twin of `sockets`.

The rules are the same: a connection is used again only after its answer was read whole. A call that was cancelled,
timed out or got a malformed answer closes its connection, since what comes on it later would answer nobody's request.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from functools import partial
from typing import TYPE_CHECKING, cast

from dynamorm_py._runtime.deadline import check_time
from dynamorm_py._runtime.tasks import Places, SharedWork, before_deadline
from dynamorm_py._transport.exchange import NoAnswer
from dynamorm_py._transport.http11 import AnswerReader, MalformedAnswer
from dynamorm_py._transport.sockets import closed, poll_of, remaining, when_time_ends

if TYPE_CHECKING:
    import select
    from collections.abc import AsyncGenerator

    from dynamorm_py._transport.exchange import Attempt
    from dynamorm_py._transport.http11 import Answer
    from dynamorm_py._transport.signing import Endpoint

_RECEIVE = 64 * 1024  # bytes of the one buffer that a connection receives into


class Connection(asyncio.BufferedProtocol):
    """One connection to one endpoint. Used by one task at a time."""

    __slots__ = (
        "_buffer",
        "_ends",
        "_expires",
        "_fires",
        "_loop",
        "_poll",
        "_reader",
        "_timeout",
        "_timer",
        "_transport",
        "_used",
        "_waiting",
        "pool",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, pool: LoopPool) -> None:
        """Wait to be connected. Who holds the connection holds its pool: see `LoopPool`."""
        self._loop, self.pool = loop, pool
        self._buffer = memoryview(bytearray(_RECEIVE))
        self._transport: asyncio.Transport | None = None
        self._poll: select.poll | None = None
        self._reader: AnswerReader | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = self._expires = self._fires = 0.0
        self._ends: float | None = None
        self._used = False

    def ask(self, payload: bytes, timeout: float) -> asyncio.Future[Answer]:
        """Send a request, and return what its whole answer comes to: an answer, or NoAnswer. Raises NoAnswer.

        After anything but an answer the connection must be aborted. A future and no coroutine, since it costs less.
        """
        if self._transport is None:
            raise closed(reused=self._used)
        waiting = self._loop.create_future()
        self._reader, self._waiting = AnswerReader(), waiting
        self._transport.write(payload)
        self._timeout, self._ends = timeout, when_time_ends()
        self._progressed()
        if self._timer is None or self._expires < self._fires:
            self._set_timer()
        return waiting

    def is_idle(self) -> bool:
        """Return whether it is open and nothing has come since the last answer."""
        return self._transport is not None and not (self._poll is not None and self._poll.poll(0))

    def abort(self) -> None:
        """End the connection, with what it has not sent yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._reader, self._waiting = self._waiting, None, None
        if waiting is not None and waiting.done() and not waiting.cancelled():
            waiting.exception()  # a task that was cancelled in the same moment never asks for it
        if self._transport is not None:
            transport, self._transport = self._transport, None
            if not self._loop.is_closed():  # else nothing can be ended in it: its sockets go with it
                transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport that asyncio made."""
        self._transport = cast("asyncio.Transport", transport)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._poll = poll_of(raw)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 -- asyncio's
        """Return where asyncio receives into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came; what nobody asked for ends the connection."""
        if self._reader is None:
            self.abort()
        else:
            self._feed(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> None:
        """Take the end of what comes: an answer may end with its connection."""
        if self._reader is not None:
            self._feed(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the task that waits."""
        self._transport = None
        if self._reader is not None:
            self._fail(closed(reused=self._used and not self._reader.begun), exc)
        self.abort()

    def resume_writing(self) -> None:
        """Count the sending of a large request as progress."""
        self._progressed()

    def _feed(self, data: bytes) -> None:
        reader, waiting = self._reader, self._waiting
        if reader is None or waiting is None or waiting.done():
            return self.abort()
        try:
            answer = reader.feed(data)
        except MalformedAnswer as error:
            reason = NoAnswer("malformed", str(error), sent=True) if reader.begun else closed(reused=self._used)
            return self._fail(reason, error)
        if answer is not None:
            self._reader = self._waiting = None  # what comes now is beyond it
            self._used = True
            waiting.set_result(answer)
            return None
        return self._progressed()

    def _fail(self, failure: NoAnswer, cause: BaseException | None) -> None:
        failure.__cause__ = cause
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(failure)

    def _progressed(self) -> None:
        self._expires = time.monotonic() + (
            self._timeout if self._ends is None else remaining(self._timeout, self._ends)
        )

    def _set_timer(self) -> None:
        """See that a timer fires when time is up: one serves call after call, and looks again when it fires.

        Only a call with less time than that replaces it.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._fires = self._expires
        self._timer = self._loop.call_later(max(0.0, self._expires - time.monotonic()), self._look_at_time)

    def _look_at_time(self) -> None:
        self._timer = None
        if self._waiting is None or self._waiting.done():
            return
        if self._expires <= time.monotonic():
            self._fail(NoAnswer("read timeout", "no answer came in time", sent=True), TimeoutError("timed out"))
        else:
            self._set_timer()


class LoopPool:
    """The connections of one event loop: at most `size` requests under way, served in the order they came.

    Only its connections hold it, and the loop holds these: dropping a loop drops all. When the loop shuts down its
    asynchronous generators, as `asyncio.run` does at its end, the connections are ended.
    """

    def __init__(self, size: int, connect_timeout: float, read_timeout: float, trust: str | None) -> None:
        """Keep the limits, in seconds; nothing is opened yet."""
        self._connect_timeout, self._read_timeout, self._trust = connect_timeout, read_timeout, trust
        self._places = Places(size)
        self._idle: dict[Endpoint, list[Connection]] = {}
        self._last: tuple[Endpoint | None, list[Connection]] = None, []
        self._closings = 0
        self._tls = SharedWork()
        self._end = _at_the_end(self._idle)

    async def send(self, attempt: Attempt) -> Answer:
        """Send one request and return its answer. Raises NoAnswer, DeadlineExceeded."""
        check_time(attempt.operation)
        if not self._places.take():
            await before_deadline(self._places.come(), attempt.operation)
        try:
            closings, idle = self._closings, self._idle_at(attempt.endpoint)
            connection = None if attempt.fresh else _take(idle)
            if connection is None:
                connection = await self._connected(attempt.endpoint)
            try:
                answer = await connection.ask(attempt.payload, self._read_timeout)
            except BaseException:  # a cancelled task too: what comes on this connection later is nobody's answer
                connection.abort()
                raise
            if answer.reusable and closings == self._closings:
                idle.append(connection)
            else:
                connection.abort()
            return answer
        finally:
            self._places.release()

    async def keep_until_the_end(self) -> None:
        """Have the loop end the connections when it shuts down. Awaited once, in the loop."""
        await anext(self._end)

    def close(self) -> None:
        """End the connections that wait; one in use ends after its answer. A later call opens its own."""
        self._closings += 1
        _abort_all(self._idle)

    def _idle_at(self, endpoint: Endpoint) -> list[Connection]:
        """Return what waits at an endpoint; the last one's is at hand, since to hash an endpoint takes a while."""
        if endpoint is not self._last[0]:
            self._last = endpoint, self._idle.setdefault(endpoint, [])
        return self._last[1]

    async def _connected(self, endpoint: Endpoint) -> Connection:
        loop = asyncio.get_running_loop()
        secure = endpoint.scheme == "https"
        try:
            async with asyncio.timeout(remaining(self._connect_timeout, when_time_ends())):
                _, connection = await loop.create_connection(
                    partial(Connection, loop, self),
                    endpoint.host,
                    endpoint.port,
                    ssl=await self._context() if secure else None,
                    server_hostname=endpoint.host if secure else None,
                )
        except TimeoutError as error:
            raise NoAnswer("connect timeout", "no connection could be made in time", sent=False) from error
        except (OSError, UnicodeError) as error:
            if secure and isinstance(error, ssl.SSLError | ConnectionResetError | ConnectionAbortedError):
                raise NoAnswer("tls", "TLS could not be agreed", sent=False) from error
            raise NoAnswer("connect", "no connection could be made", sent=False) from error
        return connection

    async def _context(self) -> ssl.SSLContext:
        """Return the certificates that are trusted, read in a thread, since it takes a while. Raises NoAnswer."""
        from dynamorm_py._transport.trust import tls_context  # imported lazily: only needed for https

        try:
            return await self._tls.result(partial(tls_context, self._trust))
        except OSError as error:
            raise NoAnswer("tls", "TLS could not be agreed", sent=False) from error


def _take(idle: list[Connection]) -> Connection | None:
    """Take the connection that was used last, so that the others can age and end."""
    while idle:
        connection = idle.pop()
        if connection.is_idle():
            return connection
        connection.abort()
    return None


def _abort_all(idle: dict[Endpoint, list[Connection]]) -> None:
    for connections in idle.values():
        while connections:
            connections.pop().abort()


async def _at_the_end(idle: dict[Endpoint, list[Connection]]) -> AsyncGenerator[None]:
    """End the connections when the loop closes its asynchronous generators, this one among them."""
    try:
        yield
    finally:
        _abort_all(idle)
        await asyncio.sleep(0)  # asyncio closes the socket of an aborted connection one turn later
