"""Run one command for as long as somebody holds the other end of standard input.

Tests that crash, or are killed, cannot end the server they started; but the pipe they held is
closed by the system, whatever happened. This script waits for that, or for the end of its parent, whose forked
children may hold the pipe longer, and ends the command. It is run by its path, so it imports nothing of the
package, nor anything outside the standard library.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading

_LOOK_SECONDS = 1.0  # between two looks whether the parent is still there


def main(command: list[str]) -> int:
    """Run the command in an empty working directory of its own and return its exit code."""
    parent = os.getppid()
    with tempfile.TemporaryDirectory(prefix="local-dynamodb-", ignore_cleanup_errors=True) as directory:
        environment = {**os.environ, "TMPDIR": directory}
        child = subprocess.Popen(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 -- the caller's own
        signal.signal(signal.SIGTERM, lambda _signal, _frame: child.kill())
        threading.Thread(target=_kill_when_alone, args=(child, parent), daemon=True).start()
        return child.wait()


def _kill_when_alone(child: subprocess.Popen[bytes], parent: int) -> None:
    while os.getppid() == parent and not _closed():
        pass
    child.kill()


def _closed() -> bool:
    # os.read and not sys.stdin: a thread inside a buffered read would break the interpreter's exit.
    readable, _, _ = select.select([0], [], [], _LOOK_SECONDS)
    return bool(readable) and not os.read(0, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
