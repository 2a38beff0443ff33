"""What users may use is written down: a change of it is a change of this record, to be reviewed."""

from __future__ import annotations

import difflib

import pytest

from dynamorm_py import Repo, errors
from tests.support.api import RECORD, public_api


def _changes() -> list[str]:
    recorded = RECORD.read_text().splitlines()
    return [*difflib.unified_diff(recorded, public_api().splitlines(), "recorded", "now", lineterm="")]


def test_the_public_api_is_the_recorded_one() -> None:
    changes = _changes()
    if changes:
        pytest.fail("\n".join([*changes, "the public API changed: run `make api` to accept"]), pytrace=False)


def test_a_changed_signature_is_a_change_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    class Changed:
        def exists(self, key: object) -> bool:
            return key is self

    monkeypatch.setattr(Repo, "exists", Changed.exists)

    changed = [line for line in _changes() if line.startswith(("+ ", "- "))]

    signature = "key: object = <_NoKey>, *more: Never, consistent: bool = False, **parts: object"
    assert changed == [f"-    def exists(self, {signature}) -> bool", "+    def exists(self, key: object) -> bool"]


def test_a_new_name_is_a_change_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.DynamormError, "severity", 1, raising=False)

    assert "+    severity = 1" in _changes()
