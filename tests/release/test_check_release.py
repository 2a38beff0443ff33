"""A release goes out only when its tag, the package and the changelog name the same version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dynamorm_py
from scripts.check_release import notes, problems

_SCRIPT = Path(__file__).parents[2] / "scripts" / "check_release.py"

_SOURCE = '__version__ = "0.2.0"\n'
_CHANGELOG = """\
# Changelog

## [Unreleased]

## [0.2.0] - 2026-01-02

### Added

* Streams.

## [0.1.0] - 2026-01-01

* The beginning.
"""


def test_a_tag_a_package_and_a_changelog_that_agree_have_no_problem() -> None:
    assert problems("v0.2.0", _SOURCE, _CHANGELOG) == []


def test_a_candidate_for_a_release_is_checked_alike() -> None:
    source, changelog = (text.replace("0.2.0", "0.2.0rc1") for text in (_SOURCE, _CHANGELOG))
    assert problems("v0.2.0rc1", source, changelog) == []


@pytest.mark.parametrize(
    ("tag", "source", "changelog", "problem"),
    [
        pytest.param("v0.2.1", _SOURCE, _CHANGELOG, "the tag is v0.2.1, the package 0.2.0", id="another tag"),
        pytest.param("0.2.0", _SOURCE, _CHANGELOG, "tag it v0.2.0", id="a tag without its v"),
        pytest.param("v0.2.0", '__version__ = "0.2"\n', _CHANGELOG, "of the form 1.2.3", id="half a version"),
        pytest.param(
            "v0.3.0", _SOURCE.replace("2", "3"), _CHANGELOG, "add '## [0.3.0]", id="a version the changelog lacks"
        ),
        pytest.param(
            "v0.1.0", _SOURCE.replace("2", "1"), _CHANGELOG, "newest section is not", id="a version before the newest"
        ),
        pytest.param("v0.2.0", _SOURCE, _CHANGELOG.replace(" - 2026-01-02", ""), "has no date", id="no date"),
        pytest.param(
            "v0.2.0",
            _SOURCE,
            _CHANGELOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n* Leases.\n"),
            "[Unreleased] is not empty",
            id="a change that is in no version",
        ),
        pytest.param(
            "v0.2.0", _SOURCE, _CHANGELOG.replace("## [Unreleased]\n", ""), "put an empty one", id="no place for more"
        ),
        pytest.param(
            "v0.2.0",
            _SOURCE,
            _CHANGELOG.replace("### Added\n\n* Streams.\n", ""),
            "says nothing of 0.2.0",
            id="a section without a word",
        ),
    ],
)
def test_a_disagreement_is_told_with_its_repair(tag: str, source: str, changelog: str, problem: str) -> None:
    assert [problem in told for told in problems(tag, source, changelog)] == [True]


def test_every_disagreement_is_told_at_once() -> None:
    assert len(problems("v1.0.0", _SOURCE, _CHANGELOG.replace("0.2.0", "0.1.9"))) == 2


def test_the_notes_of_a_release_are_its_section_alone() -> None:
    assert notes(_CHANGELOG, "0.2.0") == "### Added\n\n* Streams."
    assert notes(_CHANGELOG, "0.1.0") == "* The beginning."


def test_a_release_that_agrees_prints_its_notes(tmp_path: Path) -> None:
    for name, text in {
        "scripts/check_release.py": _SCRIPT.read_text(),
        "dynamorm_py/_version.py": _SOURCE,
        "docs/changelog.md": _CHANGELOG,
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    command = [sys.executable, tmp_path / "scripts" / "check_release.py", "v0.2.0"]

    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "### Added\n\n* Streams.\n", "")


def test_a_tag_that_is_not_the_packages_stops_the_release() -> None:
    checked = subprocess.run([sys.executable, _SCRIPT, "v0.0.0"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (1, "")
    assert f"the tag is v0.0.0, the package {dynamorm_py.__version__}" in checked.stderr
