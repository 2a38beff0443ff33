"""The site as it is built: strictly, with every public name in the reference, and asking no other host for anything."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import dynamorm_py
from dynamorm_py import errors

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"
# Public modules that list their names; `errors` and those without a list are told below.
_LISTING = (
    "",
    ".accounts",
    ".aws_lambda",
    ".clients",
    ".dms",
    ".encryption",
    ".exports",
    ".leases",
    ".migration",
    ".streams",
    ".tables",
    ".testing",
)
_UNLISTED = {
    "dynamorm_py.limits.Limited",
    "dynamorm_py.limits.Consumed",
    "dynamorm_py.markers.Format",
    "dynamorm_py.markers.Distance",
    "dynamorm_py.markers.Projection",
    "dynamorm_py.testing.strategies.from_model",
    *(
        f"dynamorm_py.testing.plugin.{fixture}"
        for fixture in (
            *("dynamorm_client", "dynamorm_endpoint", "dynamorm_repo", "MakeRepo"),
            *("dynamorm_table", "MakeTable"),
            *("dynamorm_streams", "dynamorm_stream_reader", "MakeReader", "dynamorm_kms", "dynamorm_s3"),
            *("unique_table_name", "frozen_clock", "fixed_randomness"),
        )
    ),
}
_WITH_METHODS = (
    *("Attr", "BatchWriter", "DynamoModel", "Key", "Leases", "Query", "Repo", "tables.TableOperations"),
    *("streams.Change", "streams.StreamReader", "streams.StreamRouter", "exports.ExportReader"),
)


@pytest.fixture(scope="module")
def inventory(site: Path) -> set[str]:
    """Give the names that the reference has; the format is Sphinx's, four lines of text before the rest."""
    lines = zlib.decompress((site / "objects.inv").read_bytes().split(b"\n", 4)[4]).decode().splitlines()
    return {line.split()[0] for line in lines}


def _public_names() -> set[str]:
    names = {
        f"dynamorm_py{module}.{name}"
        for module in _LISTING
        for name in importlib.import_module(f"dynamorm_py{module}").__all__
    }
    tree = {f"dynamorm_py.errors.{name}" for name, kind in vars(errors).items() if inspect.isclass(kind)}
    return names | {name for name in tree if name.rpartition(".")[2] not in {"Any", "ClassVar"}} | _UNLISTED


def test_every_public_name_is_in_the_reference(inventory: set[str]) -> None:
    assert _public_names() - inventory == {"dynamorm_py.__version__"}  # which has no docstring; the index tells of it


def test_every_method_of_the_main_classes_is_in_the_reference(inventory: set[str]) -> None:
    for path in _WITH_METHODS:
        module, _, name = f"dynamorm_py.{path}".rpartition(".")
        kind: object = getattr(importlib.import_module(module), name)
        methods = {
            f"dynamorm_py.{path}.{method}"
            for method, value in inspect.getmembers(kind)
            if not method.startswith("_")
            and getattr(getattr(value, "fget", value), "__module__", "").startswith("dynamorm_py")
        }
        assert methods, path
        assert methods - inventory == set()


def test_every_page_is_in_the_navigation(site: Path) -> None:
    home = (site / "index.html").read_text()
    missing = [
        page
        for page in _DOCS.rglob("*.md")
        if f'href="{_address(page.relative_to(_DOCS))}"' not in home.partition("</nav>")[2]
    ]
    assert missing == []


def _address(page: Path) -> str:
    folder = page.parent if page.name == "index.md" else page.with_suffix("")
    return "." if folder == Path() else f"{folder.as_posix()}/"


def test_the_home_pages_own_sections_are_no_tabs(site: Path) -> None:
    tabs = (site / "index.html").read_text().partition('class="md-tabs"')[2].partition("</nav>")[0]
    titles = [re.sub(r"<[^>]*>", "", each).strip() for each in re.findall(r"<a .*?</a>", tabs, re.DOTALL)]
    assert titles == ["dynamorm_py", "Tutorial", "How to", "Reference", "Explanation", "Project"]


def test_errors_are_linked_to_the_reference(site: Path, inventory: set[str]) -> None:
    for page in ("reference/api/repo", "reference/query", "reference/errors"):
        links = re.findall(r'href="([^"]*api/errors|../errors)/#([^"]+)"', (site / page / "index.html").read_text())
        assert links, page
        assert {anchor for _, anchor in links} <= inventory
        assert all((site / page / folder).resolve() == site / "reference/api/errors" for folder, _ in links)


def test_no_signature_shows_what_is_refused(site: Path) -> None:
    pages = {page: re.sub(r"<[^>]*>", "", page.read_text()) for page in site.rglob("reference/api/*/index.html")}
    assert [page for page, text in pages.items() if ": Never" in text] == []


def test_the_repository_is_one_setting(tmp_path: Path) -> None:
    address = "https://git.example/dynamorm_py"
    for repository in ("", address):
        folder = tmp_path / (repository and "linked")
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DOCS_REPOSITORY": repository}
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder / "site")]
        subprocess.run(command, cwd=_ROOT, env=environment, check=True)
        page = (folder / "site/how-to/query/index.html").read_text()
        assert (f"{address}/edit/main/docs/how-to/query.md" in page) is bool(repository)
        assert ("md-source__repository" in page) is bool(repository)


def test_a_bar_in_the_code_of_a_table_is_shown_without_its_escape(site: Path) -> None:
    pages = [page.read_text() for page in (site / "reference").glob("*/index.html")]
    assert any("<code><span>|</span> <span>None</span></code>" in page for page in pages)
    assert [page for page in pages if re.search(r"<code>[^<]*\\\|[^<]*</code>", page)] == []


def test_a_line_in_a_table_breaks_between_words_of_code(site: Path) -> None:
    page = (site / "reference/cli/index.html").read_text()
    assert "<code><span>--json</span></code>" in page
    assert "<span>--ignore-table-name]</span>" not in page
    assert "<span>[--ignore-table-name]</span> <span>[--json]</span></code>" in page


def test_what_llms_txt_links_to_is_in_the_site(site: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", (site / "llms.txt").read_text().partition("\n## Pages\n")[2])
    assert links
    assert [link for link in links if not (site / link).is_file()] == []


def test_the_site_asks_no_other_host_for_anything(site: Path) -> None:
    loaded = re.compile(r'(?:<(?:script|img|iframe)[^>]*\ssrc|<link[^>]*\shref|@import|url\()=?\s*["\'(]?(https?:)?//')
    asking = [page for page in site.rglob("*.html") if loaded.search(page.read_text())]
    assert asking == []


def test_what_the_package_exports_has_a_docstring() -> None:
    silent = [name for name in dynamorm_py.__all__ if not getattr(dynamorm_py, name).__doc__]
    assert silent == []
