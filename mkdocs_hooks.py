"""What the site does beyond MkDocs: its navigation follows docs/index.md, and links out of docs/ lead to copies.

The index is the one list of pages; a page that it does not link fails the build, as nothing navigates to it.
Each page is there as Markdown too, at its own path: llms.txt links to these.
"""

from __future__ import annotations

import os
import re
import shutil
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parent
_COPIED = ("examples", "benchmarks")  # folders that pages link to; their files stand under `source/` in the site
_CODE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"<t[dh][ >].*?</t[dh]>", re.DOTALL)
_CODE_OF_CELL = re.compile(r"(?<=<code>)([^<]*[ -][^<]*)(?=</code>)")
_OF_HOME = frozenset({"Why", "Install", "Two commands"})
_ERRORS = "reference/api/errors.md"
_UNTOUCHED = re.compile(r"(<(?P<tag>a|pre|h\d|title)\b.*?</(?P=tag)>|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"\b([A-Z][A-Za-z]+)\b")
_LINK = re.compile(r"\[([^\]]*)\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> None:
    """Take the navigation from the headings and links of the index, and the links out of the site from settings."""
    config.edit_uri = "edit/main/docs/" if config.repo_url else None
    if os.environ.get("DOCS_VERSIONS"):  # set where `mike` publishes several: the chooser asks for their list
        config.extra["version"] = {"provider": "mike"}
    config.nav = ["index.md", *_navigation((Path(config.docs_dir) / "index.md").read_text(), "##")]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add copies of what the pages link to outside docs/."""
    for path in sorted(each for folder in _COPIED for each in (_ROOT / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            uri = f"source/{path.relative_to(_ROOT).as_posix()}"
            files.append(File.generated(config, uri, abs_src_path=str(path), inclusion=InclusionLevel.NOT_IN_NAV))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links out of docs/ to the copies; what has no copy is not a link in the site."""
    del config
    source = page.file.src_uri

    def led(link: re.Match[str]) -> str:
        target = _in_site(source, link[2])
        if target.startswith("source/") and files.get_file_from_path(target) is None:
            return link[1]
        return f"[{link[1]}]({os.path.relpath(target, PurePosixPath(source).parent)}{link[3] or ''})"

    parts = _CODE.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(led, part) for part in parts)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    r"""Link errors to the reference; show `\|` in a table's code as a bar: Python-Markdown prints the escape."""
    del config, files
    html = _CELL.sub(lambda cell: _CODE_OF_CELL.sub(_with_whole_words, cell[0].replace(r"\|", "|")), html)
    errors = os.path.relpath("reference/api/errors", page.url) if page.url else "reference/api/errors"
    return html if page.file.src_uri == _ERRORS else _with_errors_linked(html, errors)


def _with_whole_words(code: re.Match[str]) -> str:
    """Mark each word of code, so that a narrow table breaks lines between words: a browser breaks at hyphens too."""
    return " ".join(f"<span>{word}</span>" for word in code[1].split(" "))


def _with_errors_linked(html: str, folder: str) -> str:
    """Link the names of errors, in code and in the prose of docstrings, but not in headings, links and blocks."""
    anchors = _error_anchors()

    def linked(match: re.Match[str]) -> str:
        name = match[1]
        return f'<a href="{folder}/#{anchors[name]}">{name}</a>' if name in anchors else match[0]

    texts, end = list[str](), 0
    for untouched in _UNTOUCHED.finditer(html):
        texts += [_NAME.sub(linked, html[end : untouched.start()]), untouched[0]]
        end = untouched.end()
    return "".join([*texts, _NAME.sub(linked, html[end:])])


@cache
def _error_anchors() -> dict[str, str]:
    """Return the anchor of each error in the reference, by its name."""
    paths = re.findall(r"^::: (\S+)", (_ROOT / "docs" / _ERRORS).read_text(), re.MULTILINE)
    return {path.rpartition(".")[2]: path for path in paths}


def on_post_build(config: MkDocsConfig) -> None:
    """Lay the pages' Markdown beside them."""
    docs, site = Path(config.docs_dir), Path(config.site_dir)
    for page in docs.rglob("*.md"):
        shutil.copyfile(page, site / page.relative_to(docs))


def _navigation(text: str, heading: str) -> list[object]:
    """Return the links of a text, those under headings of this level and below in lists of their own."""
    first, *sections = re.split(rf"^{heading} ", text, flags=re.MULTILINE)
    targets = [] if heading == "##" else [_in_site("index.md", target) for _, target, _ in _LINK.findall(first)]
    links = [target for target in targets if target.endswith(".md")]
    if heading == "##":  # what stands before the tutorial is the home page's own
        sections = [section for section in sections if section.partition("\n")[0] not in _OF_HOME]
    titled = (section.partition("\n") for section in sections)
    return [*links, *({title: _navigation(below, f"{heading}#")} for title, _, below in titled)]


def _in_site(source: str, target: str) -> str:
    """Return where a link of a page of the site leads in the site."""
    copied = source.startswith("source/")
    folder = PurePosixPath(source.removeprefix("source/") if copied else f"docs/{source}").parent
    path = os.path.normpath(folder / target)
    return path.removeprefix("docs/") if path.startswith("docs/") else f"source/{path}"
