"""The pages beside the README name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dynamorm_py

_ROOT = Path(__file__).parents[2]
_PAGES = [_ROOT / "CONTRIBUTING.md", _ROOT / "SECURITY.md"]
_LINK = re.compile(r"\]\(([^)#]+)\)")
_PATH = re.compile(r"`((?:dynamorm_py|tests|docs|fixtures|requirements|scripts)/[\w./]*|\.ci/run)`")
_TARGET = re.compile(r"\bmake (?:PYTHON=\S+ )?([a-z-]+)")

each_page = pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)


@each_page
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    named = [*_LINK.findall(text), *_PATH.findall(text)]
    assert named
    assert [path for path in named if not (_ROOT / path).exists()] == []


def test_every_command_that_a_page_names_exists() -> None:
    named = {
        target for page in _PAGES for line in page.read_text().splitlines() for target in _TARGET.findall(_code(line))
    }
    targets = set(re.findall(r"^([a-z-]+):", (_ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"install", "test", "check", "api", "release-check"} <= named
    assert named - targets == set()


def _code(line: str) -> str:
    """Return the code of a line: what is marked as such in prose, or all of a command."""
    return line.partition("#")[0] if line.startswith("$ ") else " ".join(re.findall(r"`([^`]+)`", line))


def test_the_supported_version_is_the_packages() -> None:
    minor = dynamorm_py.__version__.rpartition(".")[0]
    assert f"| {minor} | yes |" in (_ROOT / "SECURITY.md").read_text()


def test_the_readme_leads_to_the_pages() -> None:
    readme = (_ROOT / "README.md").read_text()
    assert [page.name for page in _PAGES if f"]({page.name})" not in readme] == []
