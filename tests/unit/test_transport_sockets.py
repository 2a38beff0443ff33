"""Connections under faults: a typed end for each, and never an answer that belongs to another request.

What holds for the connections of threads holds for those of an event loop: most tests run over both.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pytest

from dynamorm_py._runtime.deadline import within
from dynamorm_py._transport.exchange import Attempt, NoAnswer, Outcome, Pause
from dynamorm_py._transport.signing import Endpoint
from dynamorm_py._transport.sockets import Pool, perform
from dynamorm_py.errors import DeadlineExceeded
from tests.support.certificates import own_certificate
from tests.support.in_loop import InLoop
from tests.support.wire import always, answer, request_on, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from dynamorm_py._transport.exchange import Exchange

    MakePool = Callable[..., Pool | InLoop]

_FINE = answer(b"{}")


def _attempt(url: str, number: int = 0, *, fresh: bool = False) -> Attempt:
    endpoint = Endpoint.of(url, "eu-west-1", "dynamodb")
    body = b"%d" % number
    return Attempt(endpoint, b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), "GetItem", fresh)


@pytest.fixture(params=["threads", "loop"])
def make_pool(request: pytest.FixtureRequest) -> Iterator[Callable[..., Pool | InLoop]]:
    """Give what makes a pool of either kind."""
    with contextlib.ExitStack() as stack:

        def make(read_timeout: float = 5, size: int = 4, trust: str | None = None) -> Pool | InLoop:
            if request.param == "threads":
                return Pool(size, 5, read_timeout, trust)
            return stack.enter_context(InLoop(size, 5, read_timeout, trust))

        yield make


def test_a_connection_is_used_again_after_a_whole_answer(make_pool: MakePool) -> None:
    pool = make_pool()
    with serving(always(_FINE)) as server:
        bodies = {pool.send(_attempt(server.url)).body for _ in range(5)}
        assert (bodies, server.connections) == ({b"{}"}, 1)
        pool.send(_attempt(server.url, fresh=True))
        assert server.connections == 2


def _leave(_: socket.socket, __: int) -> None:
    pass


def _half(connection: socket.socket, _: int) -> None:
    request_on(connection)
    connection.sendall(_FINE[:-1])


def _reset(connection: socket.socket, _: int) -> None:
    request_on(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def _says(data: bytes) -> Callable[[socket.socket, int], None]:
    def serve(connection: socket.socket, _: int) -> None:
        request_on(connection)
        connection.sendall(data)
        time.sleep(1)

    return serve


def _silent(connection: socket.socket, _: int) -> None:
    request_on(connection)
    time.sleep(2)


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        pytest.param(_leave, "closed", id="closes at once"),
        pytest.param(_half, "malformed", id="answers half"),
        pytest.param(_reset, "closed", id="resets after the request"),
        pytest.param(_silent, "read timeout", id="says nothing"),
        pytest.param(_says(b"SSH-2.0\r\n\r\n"), "malformed", id="another protocol"),
        pytest.param(
            _says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"), "malformed", id="64 KB of headers"
        ),
        pytest.param(_says(_FINE.replace(b"Length: 2", b"Length: 9")), "read timeout", id="too long a length"),
    ],
)
def test_a_fault_ends_the_attempt_and_its_connection(
    serve: Callable[[socket.socket, int], None], reason: str, make_pool: MakePool
) -> None:
    pool = make_pool(read_timeout=0.5)
    with serving(lambda connection, n: serve(connection, n) if n == 0 else always(_FINE)(connection, n)) as server:
        with pytest.raises(NoAnswer) as caught:
            pool.send(_attempt(server.url))
        assert (caught.value.reason, caught.value.sent, caught.value.resend) == (reason, True, False)
        assert pool.send(_attempt(server.url)).body == b"{}"
        assert server.connections == 2


def _one_each(connection: socket.socket, number: int) -> None:
    """Answer one request with the number of the connection, then close when the next one has come."""
    request_on(connection)
    connection.sendall(answer(b'{"n": %d}' % number))
    request_on(connection)


def test_a_used_connection_that_ends_before_an_answer_asks_for_a_resend(make_pool: MakePool) -> None:
    pool = make_pool()
    with serving(_one_each) as server:
        pool.send(_attempt(server.url))
        with pytest.raises(NoAnswer) as caught:
            pool.send(_attempt(server.url))
    assert (caught.value.reason, caught.value.resend) == ("closed", True)


def test_an_idle_connection_that_was_closed_is_not_used(make_pool: MakePool) -> None:
    pool = make_pool()

    def serve(connection: socket.socket, _: int) -> None:
        request_on(connection)
        connection.sendall(_FINE)

    with serving(serve) as server:
        for _ in range(3):
            assert pool.send(_attempt(server.url)).body == b"{}"
            time.sleep(0.05)
        assert server.connections == 3


def test_a_second_answer_to_one_request_is_nobodys(make_pool: MakePool) -> None:
    pool = make_pool()

    def serve(connection: socket.socket, number: int) -> None:
        while request_on(connection) is not None:
            connection.sendall(answer(b'{"n": %d}' % number))
            time.sleep(0.02)
            connection.sendall(answer(b'{"stale": true}'))

    with serving(serve) as server:
        for number in range(3):
            assert pool.send(_attempt(server.url)).body == b'{"n": %d}' % number
            time.sleep(0.05)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + _FINE, id="100-continue"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", id="chunks"),
        pytest.param(b"HTTP/1.1 301 Moved\r\nLocation: http://h/\r\nContent-Length: 2\r\n\r\n{}", id="a redirect"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", id="closes"),
    ],
)
def test_what_http_allows_is_read(data: bytes, make_pool: MakePool) -> None:
    pool = make_pool()
    with serving(always(data)) as server:
        assert pool.send(_attempt(server.url)).body == b"{}"
        assert pool.send(_attempt(server.url)).body == b"{}"


def test_no_connection_is_told_apart_from_no_answer(make_pool: MakePool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt(f"http://127.0.0.1:{port}"))
    assert (caught.value.reason, caught.value.sent) == ("connect", False)
    with pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt("http://no-such-host.invalid:1"))
    assert (caught.value.reason, caught.value.sent) == ("connect", False)


def test_a_server_without_tls_is_refused(make_pool: MakePool) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(serve) as server, pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt(server.url.replace("http:", "https:")))
    assert (caught.value.reason, caught.value.sent) == ("tls", False)


def test_a_server_that_is_trusted_is_asked_over_tls(make_pool: MakePool, tmp_path: Path) -> None:
    tls, trusted = own_certificate(tmp_path)
    page = answer(b'{"x": "%b"}' % (b"x" * 300_000))
    pool = make_pool(trust=trusted)
    with serving(always(_FINE, page), tls) as server:
        assert [len(pool.send(_attempt(server.url)).body) for _ in range(3)] == [2, 300_009, 300_009]
        assert server.connections == 1


def test_a_server_that_is_not_trusted_is_refused(make_pool: MakePool, tmp_path: Path) -> None:
    tls, _ = own_certificate(tmp_path)
    with serving(always(_FINE), tls) as server, pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt(server.url))
    assert (caught.value.reason, caught.value.sent) == ("tls", False)


def test_a_bundle_of_certificates_that_cannot_be_read_is_a_fault_of_tls(make_pool: MakePool, tmp_path: Path) -> None:
    tls, _ = own_certificate(tmp_path)
    with serving(always(_FINE), tls) as server, pytest.raises(NoAnswer) as caught:
        make_pool(trust=str(tmp_path / "missing.pem")).send(_attempt(server.url))
    assert (caught.value.reason, caught.value.sent) == ("tls", False)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_a_handshake_that_does_not_come_to_an_end_is_cut_off(make_pool: MakePool) -> None:
    started = time.monotonic()
    with serving(_silent) as server, within(0.3), pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt(server.url.replace("http:", "https:")))
    assert (caught.value.reason, caught.value.sent) == ("connect timeout", False)
    assert time.monotonic() - started < 1.5


def test_a_deadline_cuts_an_answer_that_comes_byte_by_byte(make_pool: MakePool) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        request_on(connection)
        for byte in _FINE:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    started = time.monotonic()
    with serving(serve) as server, within(0.3), pytest.raises(NoAnswer) as caught:
        make_pool().send(_attempt(server.url))
    assert caught.value.reason == "read timeout"
    assert time.monotonic() - started < 1


def test_after_a_deadline_nothing_is_sent(make_pool: MakePool) -> None:
    with serving(always(_FINE)) as server:
        with within(0), pytest.raises(DeadlineExceeded):
            make_pool().send(_attempt(server.url))
        assert server.connections == 0


def _two_attempts(url: str) -> Exchange:
    first = yield _attempt(url)
    assert (yield Pause(0.5)) is False
    return Outcome(first, 0)


def test_a_pause_longer_than_the_deadline_is_not_begun() -> None:
    pool, slept = Pool(4, 5, 5), list[float]()
    with serving(always(_FINE)) as server, within(0.4):
        outcome = perform(_two_attempts(server.url), pool.send, slept.append)
    assert (outcome.answer.body, slept) == (b"{}", [])


def test_a_child_after_a_fork_opens_its_own_connections() -> None:
    pool = Pool(4, 5, 5)
    with serving(_numbered) as server:
        before = pool.send(_attempt(server.url, 1)).body
        child = os.fork()
        if child == 0:
            pool.close()
            os._exit(0 if pool.send(_attempt(server.url, 2)).body == b'{"n": 2}' else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert (before, pool.send(_attempt(server.url, 3)).body) == (b'{"n": 1}', b'{"n": 3}')
        assert server.connections == 2


def _numbered(connection: socket.socket, _: int) -> None:
    while (request := request_on(connection)) is not None:
        connection.sendall(answer(b'{"n": %b}' % request.rpartition(b"\n")[2]))


def test_a_dropped_or_closed_pool_leaves_no_open_socket() -> None:
    with warnings.catch_warnings(), serving(always(_FINE)) as server:
        warnings.simplefilter("error", ResourceWarning)
        pool = Pool(4, 5, 5)
        pool.send(_attempt(server.url))
        del pool
        gc.collect()
        pool = Pool(4, 5, 5)
        pool.send(_attempt(server.url))
        pool.close()
        pool.send(_attempt(server.url))  # a call after close() opens a connection for itself
        del pool
        gc.collect()


@pytest.fixture
def echo() -> Generator[str]:
    """Give a server that answers with the request's number after a moment, and closes at times."""

    def serve(connection: socket.socket, _: int) -> None:
        while (request := request_on(connection)) is not None:
            number = int(request.rpartition(b"\n")[2])
            if number % 7 == 3:
                time.sleep(0.004)
            if number % 31 == 5:
                return
            connection.sendall(answer(b'{"n": %d}' % number))

    with serving(serve) as server:
        yield server.url


_EXCHANGES = int(os.environ.get("DYNAMORM_EXCHANGES", "3000"))


def test_every_answer_carries_its_own_requests_number(echo: str, make_pool: MakePool) -> None:
    pool, wrong, lock, answered = make_pool(size=8), list[object](), threading.Lock(), list[int]()

    def ask(first: int) -> None:
        for number in range(first, _EXCHANGES, 8):
            try:
                with within(0.002 if number % 5 == 0 else 5):
                    body = pool.send(_attempt(echo, number)).body
            except (NoAnswer, DeadlineExceeded):
                continue
            with lock:
                answered.append(number)
                if body != b'{"n": %d}' % number:
                    wrong.append((number, body))

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(answered) > _EXCHANGES // 2
