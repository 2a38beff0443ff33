"""Sockets for the exchange: connections that are kept alive, TLS, time limits. The synchronous executor.

A connection goes back to the pool only after its answer was read whole. A call that was interrupted, timed out or
got a malformed answer closes its connection, since what comes on it later would answer nobody's request.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from typing import TYPE_CHECKING
from weakref import finalize

from dynamorm_py._runtime.deadline import check_time, seconds_left
from dynamorm_py._transport.exchange import Attempt, NoAnswer, Pause
from dynamorm_py._transport.http11 import AnswerReader, MalformedAnswer
from dynamorm_py.errors import DeadlineExceeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._transport.exchange import Exchange, Outcome
    from dynamorm_py._transport.http11 import Answer
    from dynamorm_py._transport.signing import Endpoint

_FIRST_RECEIVE = 16 * 1024  # bytes: an item; a larger buffer costs more to get than to fill
_RECEIVE = 256 * 1024  # bytes at most: a page of 1 MB in a few reads; more than is to come costs time too


class Connection:
    """One socket to one endpoint. Used by one thread at a time."""

    __slots__ = ("_poll", "_socket", "used")

    def __init__(self, endpoint: Endpoint, timeout: float, trust: str | None) -> None:
        """Connect. Raises NoAnswer."""
        self.used = False
        self._socket = _connected(endpoint, timeout, trust)
        self._poll = poll_of(self._socket)

    def ask(self, payload: bytes, timeout: float) -> Answer:
        """Send a request and return its whole answer. Raises NoAnswer; the connection must be closed then."""
        reused, self.used = self.used, True
        reader = AnswerReader()
        ends = when_time_ends()
        try:
            self._socket.settimeout(remaining(timeout, ends))
            self._socket.sendall(payload)
            size = _FIRST_RECEIVE
            while True:
                answer = reader.feed(self._socket.recv(size))
                if answer is not None:
                    return answer
                # One byte more, since bytes that nobody asked for end the connection.
                size = _RECEIVE if reader.missing is None else min(reader.missing + 1, _RECEIVE)
                if ends is not None:
                    self._socket.settimeout(remaining(timeout, ends))
        except TimeoutError as error:
            raise NoAnswer("read timeout", "no answer came in time", sent=True) from error
        except MalformedAnswer as error:
            if not reader.begun:
                raise closed(reused=reused) from error
            raise NoAnswer("malformed", str(error), sent=True) from error
        except OSError as error:
            raise closed(reused=reused and not reader.begun) from error

    def is_idle(self) -> bool:
        """Return whether nothing has come since the last answer: neither an end nor bytes that nobody asked for."""
        if self._poll is None:
            return not select.select([self._socket], [], [], 0)[0]
        return not self._poll.poll(0)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


def poll_of(of: socket.socket) -> select.poll | None:
    """Return what tells whether a socket can be read; None on Windows, which has no poll."""
    if not hasattr(select, "poll"):
        return None
    poll = select.poll()
    poll.register(of, select.POLLIN)
    return poll


def closed(*, reused: bool) -> NoAnswer:
    """Return the failure of a connection that ended; `reused` where it ended before any byte of an answer."""
    return NoAnswer("closed", "the connection was closed before an answer was whole", sent=True, resend=reused)


def when_time_ends() -> float | None:
    """Return the deadline by `time.monotonic`, None without one."""
    left = seconds_left()
    return None if left is None else time.monotonic() + left


def remaining(timeout: float, ends: float | None) -> float:
    """Return how long the next step on the socket may take; at least a moment, since 0 would mean not to wait."""
    return timeout if ends is None else max(min(timeout, ends - time.monotonic()), 0.001)


def _connected(endpoint: Endpoint, timeout: float, trust: str | None) -> socket.socket:
    try:
        plain = socket.create_connection((endpoint.host, endpoint.port), timeout=timeout)
    except TimeoutError as error:
        raise NoAnswer("connect timeout", "no connection could be made in time", sent=False) from error
    except (OSError, UnicodeError) as error:
        raise NoAnswer("connect", "no connection could be made", sent=False) from error
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if endpoint.scheme == "http":
            return plain
        from dynamorm_py._transport.trust import tls_context  # imported lazily: ssl is only needed for https

        return tls_context(trust).wrap_socket(plain, server_hostname=endpoint.host)
    except TimeoutError as error:
        plain.close()
        raise NoAnswer("connect timeout", "TLS could not be agreed in time", sent=False) from error
    except OSError as error:  # an SSLError is one, and so is what a CA file that cannot be read raises
        plain.close()
        raise NoAnswer("tls", "TLS could not be agreed", sent=False) from error
    except BaseException:  # an interrupt: nobody else knows the socket
        plain.close()
        raise


class Pool:
    """Connections that wait for their next request. Safe to share between threads; empty after a fork."""

    def __init__(self, size: int, connect_timeout: float, read_timeout: float, trust: str | None = None) -> None:
        """Keep the limits, in seconds; nothing is opened yet."""
        self._size, self._connect_timeout, self._read_timeout, self._trust = size, connect_timeout, read_timeout, trust
        self._idle: dict[Endpoint, deque[Connection]] = {}
        self._closings = 0
        finalize(self, _close_all, self._idle)

    def send(self, attempt: Attempt) -> Answer:
        """Send one request and return its answer. Raises NoAnswer, DeadlineExceeded."""
        check_time(attempt.operation)
        closings = self._closings
        connection = None if attempt.fresh else self._take(attempt.endpoint)
        if connection is None:
            timeout = remaining(self._connect_timeout, when_time_ends())
            connection = Connection(attempt.endpoint, timeout, self._trust)
        try:
            answer = connection.ask(attempt.payload, self._read_timeout)
        except BaseException:  # an interrupt too: what comes on this connection later is nobody's answer
            connection.close()
            raise
        if answer.reusable and closings == self._closings:
            self._keep(attempt.endpoint, connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """End the connections that wait; one in use ends after its answer. A later call opens its own."""
        self._closings += 1
        _close_all(self._idle)

    def _take(self, endpoint: Endpoint) -> Connection | None:
        idle = self._idle.get(endpoint)
        while idle:
            try:
                connection = idle.pop()  # the one used last, so that the others can age and end
            except IndexError:  # another thread was faster
                return None
            if connection.is_idle():
                return connection
            connection.close()
        return None

    def _keep(self, endpoint: Endpoint, connection: Connection) -> None:
        idle = self._idle.get(endpoint)
        if idle is None:
            idle = self._idle.setdefault(endpoint, deque())
        if len(idle) >= self._size:
            connection.close()
        else:
            idle.append(connection)


def _close_all(idle: dict[Endpoint, deque[Connection]]) -> None:
    for connections in tuple(idle.values()):
        while connections:
            try:
                connections.pop().close()
            except IndexError:
                break


def perform(
    plan: Exchange, send: Callable[[Attempt], Answer], sleep: Callable[[float], object] = time.sleep
) -> Outcome:
    """Perform an exchange and return its outcome; the plan is closed in any case."""
    try:
        step = next(plan)
        while True:
            try:
                value = send(step) if isinstance(step, Attempt) else _waited(step, sleep)
            except (NoAnswer, DeadlineExceeded) as error:
                step = plan.throw(error)
            else:
                step = plan.send(value)
    except StopIteration as finished:
        return finished.value
    finally:
        plan.close()


def _waited(pause: Pause, sleep: Callable[[float], object]) -> bool:
    left = seconds_left()
    if left is not None and left <= pause.seconds:
        return False
    sleep(pause.seconds)
    return True
