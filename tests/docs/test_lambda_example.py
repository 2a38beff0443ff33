"""The Lambda example, run through its handler with the recorded event."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from tests.support.streaming import event

_EXAMPLE = Path(__file__).parents[2] / "examples" / "lambda_stream.py"


def test_the_lambda_example_handles_the_recorded_event() -> None:
    example: dict[str, Any] = runpy.run_path(str(_EXAMPLE))

    assert example["handler"](event(), example["Invocation"]()) == {"batchItemFailures": []}
    assert example["seen"] == [
        "INSERT ('USER#1', 'PROFILE'): pk, sk, name, score, tags, avatar, prefs",
        "MODIFY ('USER#1', 'PROFILE'): score, prefs",
        "REMOVE ('USER#1', 'PROFILE'): expired",
    ]


def test_the_lambda_example_reports_the_record_that_it_cannot_read() -> None:
    broken = event()
    broken["Records"][2]["dynamodb"]["OldImage"]["score"] = {"S": "?"}

    example: dict[str, Any] = runpy.run_path(str(_EXAMPLE))
    response = example["handler"](broken, example["Invocation"]())

    assert response == {"batchItemFailures": [{"itemIdentifier": "333"}]}
