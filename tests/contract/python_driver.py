"""The Python driver: `python -m tests.contract.python_driver`. Uses only the public words of dynamorm_py.

Answers the protocol of docs/reference/contract-suite.md; the ops are those of the driver in process.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from dynamorm_py import Repo, dms
from tests.contract.child import PROTOCOL
from tests.contract.driver import InProcess
from tests.contract.models import MODELS
from tests.contract.scenarios import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OPS = ("create", "put", "get", "update", "delete", "sleep")


def answers(lines: Iterable[str]) -> Iterator[str]:
    """Yield one line for each line."""
    for line in lines:
        question = json.loads(line)
        yield json.dumps({"id": question["id"], **_answer(question)}, ensure_ascii=False)


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    if question["op"] == "hello":
        if question["protocol"] != PROTOCOL:
            return {"failure": f"this driver speaks protocol {PROTOCOL}"}
        return {"language": "py", "dms_versions": list(dms.SUPPORTED_VERSIONS), "ops": list(OPS)}
    try:
        outcome = _driver(question["model"], question["table"]).perform(
            Step(question["op"], question["arguments"], {}, {})
        )
    except Exception as error:  # noqa: BLE001 -- whatever it is, the other side must hear of it
        return {"failure": f"{type(error).__name__}: {error}"}
    return {"error": outcome.error} if outcome.error else {"item": outcome.item}


def _driver(model: str, table: str) -> InProcess:
    return InProcess(Repo(MODELS[model], table=table))


if __name__ == "__main__":
    for written in answers(sys.stdin):
        print(written, flush=True)  # noqa: T201 -- the protocol
