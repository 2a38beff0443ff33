"""The workflows call what is there, on every supported Python. Pins, rights and injection: zizmor, in `make check`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).parents[2]
_FILES = sorted((_ROOT / ".github" / "workflows").glob("*.yml"))
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
_CALLED = re.compile(r"\bmake ([a-z-]+)")

each_workflow = pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)


def _workflow(file: Path) -> dict[str, Any]:
    """Read every scalar as text: YAML 1.1 takes the key `on` for true."""
    return yaml.load(file.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 -- it makes texts, lists and maps alone


def _steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in _workflow(file)["jobs"].values() for step in job.get("steps", [])]


def _commands(file: Path) -> list[str]:
    return [step["run"] for step in _steps(file) if "run" in step]


def test_there_are_workflows_for_changes_for_tags_and_for_known_vulnerabilities() -> None:
    triggers = {file.stem: set(_workflow(file)["on"]) for file in _FILES}
    assert {"pull_request", "push"} <= triggers["ci"]
    assert set(_workflow(_ROOT / ".github" / "workflows" / "release.yml")["on"]["push"]) == {"tags"}
    assert "schedule" in triggers["audit"]


@pytest.mark.parametrize("file", [*_FILES, _ROOT / ".ci" / "run"], ids=lambda file: file.stem)
def test_every_make_target_that_is_called_exists(file: Path) -> None:
    called = {target for line in file.read_text().splitlines() for target in _CALLED.findall(line.partition("#")[0])}
    assert called
    assert called - {*_TARGET.findall((_ROOT / "Makefile").read_text())} == set()


def test_the_tests_run_on_every_python_that_the_package_names() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    named = [text.rpartition(" ")[2] for text in project["classifiers"] if re.search(r":: 3\.\d+$", text)]
    job = _workflow(_ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"
    assert {step["with"]["python-version"] for step in job["steps"] if "python-version" in step.get("with", {})} == {
        "${{ matrix.python }}"
    }


def test_every_backend_is_tested_and_dynamodb_local_is_a_pinned_service() -> None:
    job = _workflow(_ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["backends"]
    images = {each["backend"]: each.get("image") for each in job["strategy"]["matrix"]["include"]}
    assert images == {"ministack": None, "dynoxide": None, "dynamodb-local": "amazon/dynamodb-local:2.6.1"}
    assert job["services"]["dynamodb"]["image"] == "${{ matrix.image }}"


@each_workflow
def test_the_files_that_a_workflow_names_exist(file: Path) -> None:
    named = re.findall(r"hashFiles\('([^']+)'\)|cache-dependency-path: (\S+)|uses: \./(\S+)", file.read_text())
    assert [path for groups in named for path in groups if path and not (_ROOT / path).exists()] == []


def test_a_release_is_checked_before_it_is_built_and_built_before_it_is_made() -> None:
    workflow = _workflow(_ROOT / ".github" / "workflows" / "release.yml")
    commands = "\n".join(step["run"] for step in workflow["jobs"]["release"]["steps"] if "run" in step)
    order = [commands.index(part) for part in ("make release-check", "make build", "sha256sum", "gh release create")]
    assert order == sorted(order)
    assert workflow["jobs"]["release"]["needs"] == "ci"


def test_no_release_goes_to_a_registry() -> None:
    commands = "\n".join(command for file in _FILES for command in _commands(file))
    assert [word for word in ("twine", "publish", "upload") if word in commands] == []
