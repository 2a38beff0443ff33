"""What the documents say is so: their code runs, the demo prints what is quoted, links lead somewhere.

Every page starts with an empty DynamoDB in process (moto), AWS settings that reach nothing else,
and nothing imported: what stands on the page is all a reader needs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from moto import mock_aws
from opentelemetry import trace
from opentelemetry.util._once import Once
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser

from dynamorm_py import DynamormError, Query, Repo, errors
from dynamorm_py._transport import adapters
from dynamorm_py.tables import TableOperations

_ROOT = Path(__file__).parents[2]
_README = _ROOT / "README.md"
_LLMS = _ROOT / "docs" / "llms.txt"
_PAGES = [_README, *sorted((_ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

_TUTORIAL = (
    _ROOT / "docs" / "tutorial" / "first-service.md"
)  # it is one file with a DynamoDB of its own: test_tutorial.py


@pytest.mark.parametrize(
    "page", [page for page in _PAGES if page != _TUTORIAL], ids=lambda page: str(page.relative_to(_ROOT))
)
def test_the_code_of_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_defaults", {})  # a client made before moto came would call AWS
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)  # a page may set one, once in a process, for that page
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    document = Document.parse(str(page), PythonCodeBlockParser())
    document.namespace["__name__"] = "__main__"
    try:
        with mock_aws():
            for example in document.examples():
                example.evaluate()
    finally:
        if instrumentor := document.namespace.get("BotocoreInstrumentor"):
            instrumentor().uninstrument()  # what a page switched on is for that page


@pytest.mark.parametrize("page", [*_PAGES, _LLMS], ids=lambda page: str(page.relative_to(_ROOT)))
def test_the_links_of_a_page_lead_to_what_is_there(page: Path) -> None:
    prose = _CODE.sub("", page.read_text())
    dead = [
        (target, anchor)
        for target, anchor in _LINK.findall(prose)
        if not _leads_somewhere(page.parent / target if target else page, anchor)
    ]
    assert dead == []


def _leads_somewhere(target: Path, anchor: str) -> bool:
    if not anchor or anchor.startswith("dynamorm_py."):  # a name of the reference: the build of the site looks for it
        return target.exists()
    headings = _HEADING.findall(_CODE.sub("", target.read_text()))
    return anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_demo_prints_what_its_page_quotes() -> None:
    demo = subprocess.run(
        [sys.executable, _ROOT / "examples" / "quickstart.py"], capture_output=True, text=True, check=False
    )
    assert (demo.returncode, demo.stderr) == (0, "")
    assert f"```text\n{demo.stdout}```" in (_ROOT / "docs" / "tutorial" / "demo.md").read_text()


def test_the_readme_fits_two_screens_and_starts_with_boto3() -> None:
    readme = _README.read_text()
    assert len(readme.splitlines()) <= 100
    assert "boto3" in readme.split("\n\n")[1]


def test_every_page_is_reached_from_the_index() -> None:
    index = _ROOT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target, _ in _LINK.findall(index.read_text()) if target}
    assert {page for page in _PAGES if page not in {index, _README}} - linked == set()


def test_the_errors_page_draws_the_tree_of_the_errors() -> None:
    drawn = (_ROOT / "docs" / "reference" / "errors.md").read_text().split("```text\n")[1].split("```")[0]
    assert textwrap.indent(drawn, "    ") in (errors.__doc__ or "")


def test_the_errors_page_has_a_cause_and_a_repair_for_every_error() -> None:
    page = (_ROOT / "docs" / "reference" / "errors.md").read_text().split("## What to do")[1]
    told = {
        name
        for row in re.findall(r"^\| (`.+?) \| .+ \| .+ \|$", page, re.MULTILINE)
        for name in re.findall(r"\w+", row)
    }
    tree = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DynamormError)}
    drawn_elsewhere = {"DynamormError", "KmsError"}  # the root; and one that dynamorm_py.encryption has
    assert told - drawn_elsewhere == tree - drawn_elsewhere


def test_the_code_and_the_words_of_llms_txt_are_the_package_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_defaults", {})
    document = Document.parse(str(_LLMS), PythonCodeBlockParser())
    with mock_aws():
        for example in document.examples():
            example.evaluate()
    words: dict[type, list[str]] = {
        Repo: re.findall(r"\w+", _said("Repo: ").partition(";")[0]),
        TableOperations: re.findall(r"\w+", _said("Repo: ").partition("`.table`:")[2]),
        Query: re.findall(r"\w+", _said("Query (lazy): iterate, ")),
    }
    assert [(kind.__name__, word) for kind, said in words.items() for word in said if not hasattr(kind, word)] == []


def _said(about: str) -> str:
    (line,) = re.findall(rf"^- {re.escape(about)}(.*)\.$", _LLMS.read_text(), re.MULTILINE)
    return line
