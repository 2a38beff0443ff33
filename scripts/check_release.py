"""Check that the tag, the package and the changelog name the same version, and print what the changelog says of it.

    python scripts/check_release.py v0.2.0

Exit code 1, with every disagreement and its repair, when they do not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "(?P<version>\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"$', re.MULTILINE)


def problems(tag: str, source: str, changelog: str) -> list[str]:
    """Return each disagreement with its repair. `source` is the text of dynamorm_py/_version.py."""
    found = _VERSION.search(source)
    if found is None:
        return ["dynamorm_py/_version.py holds no version of the form 1.2.3 or 1.2.3rc1"]
    version = found["version"]
    wrong = [] if tag == f"v{version}" else [f"the tag is {tag}, the package {version}: tag it v{version}"]
    return [*wrong, *_problems_of_changelog(version, changelog)]


def _problems_of_changelog(version: str, changelog: str) -> list[str]:
    headings = [*_HEADING.finditer(changelog)]
    if not headings or headings[0]["name"] != "Unreleased":
        return ["the changelog's first section is not [Unreleased]: put an empty one at its head"]
    if notes(changelog, "Unreleased"):
        return [f"[Unreleased] is not empty: put the heading '## [{version}] - YYYY-MM-DD' over what it lists"]
    if len(headings) == 1 or headings[1]["name"] != version:
        return [f"the changelog's newest section is not the package's version: add '## [{version}] - YYYY-MM-DD'"]
    if headings[1]["date"] is None:
        return [f"the changelog's section [{version}] has no date: write '## [{version}] - YYYY-MM-DD'"]
    return [] if notes(changelog, version) else [f"the changelog says nothing of {version}"]


def notes(changelog: str, name: str) -> str:
    """Return what the changelog says of a version, Markdown; empty when it says nothing."""
    headings = [*_HEADING.finditer(changelog)]
    ends = [*(heading.start() for heading in headings[1:]), len(changelog)]
    for heading, end in zip(headings, ends, strict=False):
        if heading["name"] == name:
            return changelog[heading.end() : end].strip()
    return ""


def main() -> None:
    """Check the working tree against the tag on the command line."""
    match sys.argv[1:]:
        case [tag]:
            changelog = (_ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
            wrong = problems(tag, (_ROOT / "dynamorm_py" / "_version.py").read_text(encoding="utf-8"), changelog)
        case _:
            sys.exit("usage: check_release.py TAG")
    if wrong:
        sys.exit("\n".join(wrong))
    print(notes(changelog, tag.removeprefix("v")))


if __name__ == "__main__":
    main()
