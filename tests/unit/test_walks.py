"""How many Python calls a public call takes: counted over a scripted client, so the same in every run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

_BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def calls() -> ModuleType:
    sys.path.insert(0, str(_BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("benchmark_calls", _BENCHMARKS / "calls.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # for the annotations of its model
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(_BENCHMARKS))
    return module


@pytest.mark.parametrize(
    ("name", "ceiling"),
    [
        ("get", 35),
        ("put", 42),  # of which 13 encode 11 attributes
        ("put of 4 texts", 30),
        ("update", 93),
        ("query page", 86),
        ("stream record", 28),
    ],
)
def test_a_public_call_takes_no_more_python_calls_than_it_did(calls: ModuleType, name: str, ceiling: int) -> None:
    walk = calls.walk(calls.public_calls()[name])
    assert len(walk) <= ceiling, walk
