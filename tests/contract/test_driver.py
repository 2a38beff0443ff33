"""The scenarios through a driver of any language (`--driver`)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import dms
from tests.contract import parity
from tests.contract.child import PROTOCOL
from tests.contract.expectations import PORTABLE, WORDS, Unsupported
from tests.contract.python_driver import answers
from tests.contract.python_ops import OPS
from tests.contract.runner import StepFailed, Tally
from tests.contract.scenarios import FIXTURES, load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.child import Child
    from tests.contract.conftest import Play

FILES = sorted((FIXTURES / "scenarios").rglob("*.yml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_scenario_runs_through_the_driver(file: Path, play: Play) -> None:
    played = play(load(file))
    if isinstance(played, Unsupported):
        pytest.skip(f"unsupported: {played}")
    assert not isinstance(played, StepFailed), str(played)
    assert not played.failed, "\n".join([f"{played.passed}/{played.steps} steps", *played.failed])
    if played.unsupported:
        pytest.skip("\n".join([f"unsupported, {played.passed}/{played.steps} steps:", *played.unsupported]))


def test_the_driver_reads_the_dms_versions_of_the_scenarios(child: Child) -> None:
    assert {load(file).dms_version for file in FILES} <= set(child.hello.dms_versions)


def test_every_dms_version_that_the_package_declares_has_scenarios_and_a_line_in_its_reference() -> None:
    assert {load(file).dms_version for file in FILES} == set(dms.SUPPORTED_VERSIONS)
    page = (FIXTURES.parent / "docs" / "reference" / "dms.md").read_text().partition("## Versions")[2]
    assert re.findall(r"^\| (\d+\.\d+) \|", page, re.MULTILINE) == [*dms.SUPPORTED_VERSIONS]


def test_the_matrix_of_features_shows_what_the_scenarios_did(child: Child, play: Play) -> None:
    """To renew it, write what `parity.renewed` gives into the page."""
    if child.hello.language != "py":
        return  # the page's column is ours
    played = {scenario.name: play(scenario) for scenario in map(load, FILES)}
    passed = {
        name: each.passed if isinstance(each, Tally) and not each.failed else None for name, each in played.items()
    }
    page = parity.PAGE.read_text()
    assert page == parity.renewed(page, passed)


def test_the_reference_names_every_op_and_every_word() -> None:
    page = (FIXTURES.parent / "docs" / "reference" / "contract-suite.md").read_text()
    assert [word for word in (*OPS, *WORDS) if f"`{word}`" not in page and f"`{word}: " not in page] == []
    assert f"## The protocol, version {PROTOCOL}" in page
    assert [code for code in PORTABLE if code not in page] == []


def test_every_scenario_shows_a_feature() -> None:
    shown = [name for row in parity.rows() for name in row.get("scenarios", [])]
    assert sorted(shown) == sorted(load(file).name for file in FILES)


# --- our driver ---------------------------------------------------------------------------------


KEY_ARN = "arn:aws:kms:us-east-1:111111111111:key/test"
ASKED = {"op": "get", "tables": {"Nothing": "users"}, "encryption": "kms"}


def answer(**question: Any) -> dict[str, Any]:  # noqa: ANN401 -- any question
    return json.loads(next(answers([json.dumps({"id": 7, **question})])))


def test_our_driver_says_what_it_can() -> None:
    said = answer(op="hello", protocol=1, kms_key_arn=KEY_ARN)
    assert said == {
        "id": 7,
        "language": "py",
        "dms_versions": list(dms.SUPPORTED_VERSIONS),
        "ops": list(OPS),
        "aad_prefix": "dynamorm",
    }


def test_our_driver_refuses_another_protocol() -> None:
    assert answer(op="hello", protocol=2) == {"id": 7, "failure": "this driver speaks protocol 1"}


def test_our_driver_tells_its_own_failures_from_refusals() -> None:
    assert answer(**ASKED, model="Nothing", arguments={})["failure"] == "KeyError: 'Nothing'"
