"""The schedules of faults once more, over the transport itself: a server on the loopback fails as the wire can.

Each request meets what its schedule says: a fault of the server, a connection that is cut, half an answer, a damaged
one, two. None is late: what a client has given up may be performed after its next call, and nobody could tell.
`DYNAMORM_FAULT_SCHEDULES=100000` runs that many schedules.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
from collections import Counter
from contextlib import ExitStack
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dynamorm_py import Repo
from dynamorm_py._kernel.plans import Request
from dynamorm_py._runtime.run import run
from dynamorm_py._transport import Client, direct
from dynamorm_py._transport.botocore_session import Limits, OwnClients
from dynamorm_py._transport.sockets import perform
from dynamorm_py.errors import IdempotentParameterMismatch
from tests.properties import test_fault_schedules as schedules
from tests.support.wire import answer, request_on, serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._kernel.plans import Plan
    from tests.support.faulty import Fault, Faulty

_TARGET = re.compile(rb"\r\nx-amz-target: *DynamoDB_20120810\.(\w+)", re.IGNORECASE)
_SCHEDULES = int(os.environ.get("DYNAMORM_FAULT_SCHEDULES", "240"))
_STEPS = 40  # schedules in each run of the machine
_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
_REFUSALS = {
    "throttled": ("400 Bad Request", b'{"__type":"x#ProvisionedThroughputExceededException","message":"slow down"}'),
    "500": ("500 Internal Server Error", b'{"__type":"x#InternalServerError","message":"again"}'),
    "html": ("502 Bad Gateway", b"<html><body>Bad Gateway</body></html>"),
}
# What each fault of the schedules is on the wire, in turns: what is answered, and whether it was performed before.
_ON_THE_WIRE: Mapping[Fault, Sequence[str]] = {
    "none": ["none", "none", "chunked after", "twice after"],
    "throttled": ["throttled before"],
    "lost before": ["reset before"],
    "lost after": ["reset after", "end after", "half after"],
    "500 before": ["500 before", "html before"],
    "500 after": ["500 after", "html after"],
    "broken": ["damaged after"],
}


_met: Counter[str] = Counter()
"""How often each was met."""


class _Server:
    """Answers requests with the truth, as the script says; one at a time, since the truth is one dictionary."""

    def __init__(self, inner: Faulty) -> None:
        self._inner, self._lock = inner, Lock()
        self.script: list[Fault] = []

    def serve(self, connection: socket.socket, _number: int) -> None:
        while (request := request_on(connection)) is not None:
            with self._lock:
                fault = self.script.pop(0) if self.script else "none"
                name, _, when = self._on_the_wire(fault).partition(" ")
                body = (
                    None if when == "before" else self._performed(request, fault if isinstance(fault, int) else "none")
                )
            if not _send(connection, name, body):
                return

    def _on_the_wire(self, fault: Fault) -> str:
        """Return what a fault is this time."""
        if isinstance(fault, int):
            return "none"
        forms = _ON_THE_WIRE[fault]
        form = forms[_met.total() % len(forms)]
        _met[form] += 1
        return form

    def _performed(self, request: bytes, fault: Fault) -> bytes:
        """Return the body of the answer, empty for a token that came with something else before."""
        target = _TARGET.search(request)
        assert target is not None
        self._inner.script = iter((fault,))
        try:
            answered = self._inner.call(Request(target[1].decode(), json.loads(request.partition(b"\r\n\r\n")[2])))
        except IdempotentParameterMismatch:
            return b""
        return json.dumps(answered).encode()


def _send(connection: socket.socket, name: str, body: bytes | None) -> bool:
    """Send what a fault makes of an answer; return whether the connection goes on."""
    if name in _REFUSALS:
        status, refusal = _REFUSALS[name]
        connection.sendall(answer(refusal, status))
        return True
    if name == "reset" or body is None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    if not body:
        connection.sendall(answer(b'{"__type":"x#IdempotentParameterMismatchException"}', "400 Bad Request"))
        return True
    whole = answer(body)
    if name == "half":
        whole = whole[: len(whole) // 2 + 1]
    elif name == "damaged":
        whole = whole[:-1] + b" "
    elif name == "chunked":
        whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    elif name == "twice":
        whole += answer(b'{"Responses":{},"UnprocessedItems":{}}')
    if name != "end":
        connection.sendall(whole)
    return name not in {"end", "half"}


class WireSchedules(schedules.Schedules):
    """The same laws; the faults are the wire's, so that attempts, pools and the reading of answers take part."""

    def __init__(self) -> None:
        super().__init__()
        self._ends = ExitStack()
        self._ends.enter_context(patch.dict(os.environ, _ENVIRONMENT))
        self._ends.enter_context(patch.object(direct, "perform", partial(perform, sleep=lambda _: None)))
        self._server = _Server(self.transport)
        url = self._ends.enter_context(serving(self._server.serve)).url
        limits = Limits(connections=3)
        self._client = Client(OwnClients("us-east-1", url, None, limits))
        self.counters, self.tallies = (
            Repo(model, client=self._client) for model in (schedules.Counter, schedules.Tally)
        )

    def teardown(self) -> None:
        super().teardown()
        self._client.close()
        self._ends.close()

    def _run(self, plan: Plan[Any], schedule: Sequence[Fault]) -> Any:  # noqa: ANN401 -- any plan's result
        self._server.script = list(schedule)
        return run(self._client, plan, sleep=lambda _: None)


def test_what_is_said_is_true_over_the_wire() -> None:
    runs = max(1, _SCHEDULES // _STEPS)
    run_state_machine_as_test(
        WireSchedules,
        settings=settings(max_examples=runs, stateful_step_count=_STEPS, phases=[Phase.generate], database=None),
    )
    assert _met.keys() == {form for forms in _ON_THE_WIRE.values() for form in forms}
