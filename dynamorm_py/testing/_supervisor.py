"""Run one command for as long as somebody holds the other end of standard input.

Tests that crash, or are killed, cannot end the server they started; but the pipe they held is
closed by the system, whatever happened. This script waits for that and ends the command. It is run
by its path, so it imports nothing of the package, nor anything outside the standard library.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading


def main(command: list[str]) -> int:
    """Run the command in an empty working directory and return its exit code."""
    with tempfile.TemporaryDirectory(prefix="dynamodb-local-", ignore_cleanup_errors=True) as directory:
        child = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL)  # noqa: S603 -- the caller's own
        signal.signal(signal.SIGTERM, lambda _signal, _frame: child.kill())
        threading.Thread(target=_kill_when_alone, args=(child,), daemon=True).start()
        return child.wait()


def _kill_when_alone(child: subprocess.Popen[bytes]) -> None:
    # os.read and not sys.stdin: a thread inside a buffered read would break the interpreter's exit.
    while os.read(0, 1):
        pass
    child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
