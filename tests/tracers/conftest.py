"""A loopback DynamoDB and an environment with credentials and nothing else, for tools that patch botocore."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.tracers.rows import Rows

# Their tools are in a group of their own, which `make test-tracers` installs; the other tests run without them.
collect_ignore = [] if find_spec("aws_xray_sdk") else ["test_tracers.py"]

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing of the developer's settings; the other tests' conftest is not read here."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "DYNAMORM_"))]:
        monkeypatch.delenv(name)
    for name, value in {"ACCESS_KEY_ID": "AKID", "SECRET_ACCESS_KEY": "s", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def rows() -> Generator[Rows]:
    """Give the repository and its server."""
    rows = Rows()
    yield rows
    rows.close()
