"""A server of one's own: started on a free port of the loopback, ended by its holder or with it.

Knows how a program is started, recognized and stopped; must not know which programs there are.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dynamorm_py.testing._programs import HOST, unavailable

if TYPE_CHECKING:
    from dynamorm_py.testing._programs import Program

_START_SECONDS = 60  # dynoxide needs a fiftieth of a second on an idle machine, ministack one
_STOP_SECONDS = 10
_PORTS_TO_TRY = 10  # each lost only when another program takes it within the second before the server does


def started(program: Program) -> Server:
    """Start the program and return once it listens.

    Raises:
        LocalBackendUnavailable: it does not start.
    """
    for _ in range(_PORTS_TO_TRY):
        server = Server(program, _free_port())
        if server.wait_until_it_listens():
            return server
    raise unavailable(f"{_PORTS_TO_TRY} free ports were taken by others before {program.name} had them")


class Server:
    """One attempt to run a program on one port."""

    def __init__(self, program: Program, port: int) -> None:
        """Start it."""
        self.endpoint = f"http://{HOST}:{port}"
        self._name = program.name
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by stop
        supervisor = str(Path(__file__).with_name("_supervisor.py"))
        self._process = subprocess.Popen(  # noqa: S603 -- our own script and the server
            [sys.executable, "-I", "-S", supervisor, *program.command(port)],
            env=program.environment(port),
            stdin=subprocess.PIPE,  # the supervisor ends the server when this is closed, by us or by our death
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the tests; the server has to outlive their clean-up
        )

    def wait_until_it_listens(self) -> bool:
        """Return whether the server is up; False when its port was taken."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            output = self._output()
            if b"already in use" in output:
                self.stop()
                return False
            # What it prints itself: another server may answer on a port that ours failed to get.
            if f"on {self.endpoint}".encode() in output:
                return True
            if ended:
                raise self._failure("ended as soon as it was started")
            time.sleep(0.01)
        raise self._failure(f"did not start within {_START_SECONDS} seconds")

    def stop(self) -> None:
        """End the server; harmless when it has ended already."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def _failure(self, event: str) -> Exception:
        output = self._output()[-4000:].decode(errors="replace").strip()
        self.stop()
        return unavailable(f"{self._name} {event}; its output: {output}")

    def _output(self) -> bytes:
        # pread, as the server writes at the position that a seek would move.
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
