"""The Python driver: `python -m tests.contract.python_driver`. Uses only the public words of dynamorm_py.

Answers the protocol of docs/reference/contract-suite.md; the ops are those of the driver in process.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from dynamorm_py import KmsEncryption, dms
from tests.contract.child import AAD_PREFIX, PROTOCOL
from tests.contract.driver import InProcess
from tests.contract.library import Library
from tests.contract.python_ops import OPS
from tests.contract.scenarios import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def answers(lines: Iterable[str]) -> Iterator[str]:
    """Yield one line for each line."""
    driver = PythonDriver()
    for line in lines:
        question = json.loads(line)
        yield json.dumps({"id": question["id"], **driver.answer(question)}, ensure_ascii=False)


class PythonDriver:
    """Answers questions. Its clients are the default ones, so they are where the environment says."""

    def __init__(self) -> None:
        """Wait for the hello, which names the KMS key."""
        self._encryption: KmsEncryption | None = None
        self._libraries: dict[str, Library] = {}

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer without its id."""
        if question["op"] == "hello":
            return self._hello(question)
        try:
            outcome = self._driver(question["tables"]).perform(
                Step(question["op"], question["arguments"], question["model"], question["encryption"])
            )
        except Exception as error:  # noqa: BLE001 -- whatever it is, the other side must hear of it
            return {"failure": f"{type(error).__name__}: {error}"}
        said = {"error": outcome.error, "message": outcome.message} if outcome.error else {}
        return {**said, "item": outcome.item, **outcome.more}

    def _hello(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if question["protocol"] != PROTOCOL:
            return {"failure": f"this driver speaks protocol {PROTOCOL}"}
        prefix = question.get("aad_prefix", AAD_PREFIX)
        self._encryption = KmsEncryption(question["kms_key_arn"], aad_prefix=prefix)
        said = {"language": "py", "dms_versions": list(dms.SUPPORTED_VERSIONS), "ops": list(OPS)}
        return {**said, "aad_prefix": prefix}

    def _driver(self, tables: Mapping[str, str]) -> InProcess:
        name = json.dumps(tables)
        if name not in self._libraries:
            self._libraries = {name: Library(tables, encryption=self._encryption)}
        return InProcess(self._libraries[name])


if __name__ == "__main__":
    for written in answers(sys.stdin):
        print(written, flush=True)  # noqa: T201 -- the protocol
