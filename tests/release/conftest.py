"""The distributions as a release builds them, and environments that hold nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.release.environment import ROOT, Environment, build, environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="session")
def sdist(dist: Path) -> Path:
    return next(dist.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with the wheel and what it needs, no extra."""
    return environment(f"{wheel}", tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with the wheel and all its extras."""
    return environment(f"{wheel}[cli,dms,encryption,testing]", tmp_path_factory.mktemp("full"))
