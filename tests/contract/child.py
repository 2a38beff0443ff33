"""A driver in a process of its own: any language, asked by JSON lines. Knows the protocol and no library.

The protocol is described in docs/reference/contract-suite.md.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from tests.contract.expectations import Outcome, Unsupported

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tests.contract.scenarios import Step

PROTOCOL = 1
AAD_PREFIX = "dynamorm"  # of the envelopes of a driver that names no other
_ANSWER_SECONDS = 30.0  # a driver that needs longer for one step hangs
_GOODBYE_SECONDS = 5.0


class DriverFailed(Exception):
    """The driver itself broke: it ended, kept silent, or answered what the protocol does not know."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a driver says of itself: its language, the DMS versions it reads, its ops, the prefix of its envelopes."""

    language: str
    dms_versions: tuple[str, ...]
    ops: frozenset[str]
    aad_prefix: str = AAD_PREFIX


class Child:
    """A running driver. One question at a time, each answered by one line."""

    def __init__(self, process: subprocess.Popen[str], *, key_arn: str, seconds: float) -> None:
        """Say hello to a process that was just started."""
        self._process, self._seconds, self._asked = process, seconds, 0
        self._lines: Queue[str | None] = Queue()
        Thread(target=self._read, args=(process.stdout,), daemon=True).start()
        said = self.ask({"op": "hello", "protocol": PROTOCOL, "kms_key_arn": key_arn, "aad_prefix": AAD_PREFIX})
        try:
            prefix = str(said.get("aad_prefix", AAD_PREFIX))
            self.hello = Hello(str(said["language"]), tuple(said["dms_versions"]), frozenset(said["ops"]), prefix)
        except (KeyError, TypeError) as error:
            raise DriverFailed(f"its hello lacks {error}: {said}") from error

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Send one question and return its answer. Raises DriverFailed."""
        self._asked += 1
        line = json.dumps({"id": self._asked, **question})
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answered = self._lines.get(timeout=self._seconds)
        except BrokenPipeError:
            answered = None
        except Empty:
            raise DriverFailed(f"no answer in {self._seconds:g} s to {line}") from None
        if answered is None:
            raise DriverFailed(f"it ended with code {self._process.wait(_GOODBYE_SECONDS)} instead of answering {line}")
        return self._checked(answered, line)

    def _checked(self, answered: str, line: str) -> dict[str, Any]:
        try:
            answer = json.loads(answered)
        except ValueError:
            raise DriverFailed(f"its answer is not JSON: {answered.strip()!r:.200} (to {line})") from None
        if not isinstance(answer, dict) or answer.get("id") != self._asked:  # pyright: ignore[reportUnknownMemberType] -- JSON
            raise DriverFailed(f"its answer is not to question {self._asked}: {answered.strip():.200}")
        if "failure" in answer:
            raise DriverFailed(f"it failed: {answer['failure']} (at {line})")
        return answer  # pyright: ignore[reportUnknownVariableType] -- JSON

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            self._lines.put(line)
        self._lines.put(None)


@dataclass(frozen=True, slots=True)
class ChildDriver:
    """Performs the steps of one scenario through a child; the same shape as a driver in this process."""

    child: Child
    tables: Mapping[str, str]
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])

    def perform(self, step: Step) -> Outcome:
        """Send the op with its arguments; a refusal is an outcome. Raises DriverFailed."""
        if step.op not in self.child.hello.ops:
            known = ", ".join(sorted(self.child.hello.ops))
            raise DriverFailed(f"the {self.child.hello.language} driver has no op {step.op!r}: it has {known}")
        asked = {"op": step.op, "model": step.model, "tables": self.tables, "types": self.types}
        asked["encryption"] = step.encryption
        answer = self.child.ask({**asked, "arguments": step.arguments})
        if "unsupported" in answer:
            raise Unsupported(str(answer["unsupported"]))
        more = {name: value for name, value in answer.items() if name not in {"id", "error", "item", "message"}}
        ours = self.child.hello.language == "py"
        return Outcome(answer.get("error"), answer.get("item"), more, str(answer.get("message", "")), own_words=ours)


@contextmanager
def started(
    command: str, environment: Mapping[str, str], *, key_arn: str = "", seconds: float = _ANSWER_SECONDS
) -> Generator[Child]:
    """Start a driver and end it. Its standard error goes to ours."""
    process = subprocess.Popen(
        shlex.split(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )
    with process:
        try:
            yield Child(process, key_arn=key_arn, seconds=seconds)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Close its input, which tells a driver to end; kill one that does not."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(_GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
