"""The pictures of the documentation are what their code draws, and each stands on a page with words for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

_ROOT = Path(__file__).parents[2]
_PICTURES = sorted((_ROOT / "docs" / "pictures").glob("*.svg"))
_SHOWN = re.compile(r"!\[([^\]]+)\]\([^)]*pictures/([a-z-]+\.svg)\)")

each_picture = pytest.mark.parametrize("picture", _PICTURES, ids=lambda picture: picture.stem)


def test_every_picture_is_as_it_is_drawn() -> None:
    check = subprocess.run(
        [sys.executable, _ROOT / "scripts" / "draw_pictures.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (check.stdout + check.stderr, check.returncode) == ("", 0)


@each_picture
def test_a_picture_says_what_it_shows_and_follows_the_colour_scheme(picture: Path) -> None:
    root = ET.fromstring(picture.read_text())  # noqa: S314 -- drawn by this project
    title, description = root.find("{*}title"), root.find("{*}desc")
    assert title is not None
    assert title.text
    assert description is not None
    assert description.text
    assert "prefers-color-scheme:dark" in picture.read_text()


@each_picture
def test_a_picture_asks_no_other_host_for_anything(picture: Path) -> None:
    addresses = re.findall(r"https?://[^\"' ]+", picture.read_text())
    assert set(addresses) == {"http://www.w3.org/2000/svg"}


def test_every_picture_is_shown_on_a_page_with_a_text_in_its_place() -> None:
    pages = [_ROOT / "README.md", *(_ROOT / "docs").rglob("*.md")]
    shown = {name for page in pages for _, name in _SHOWN.findall(page.read_text())}
    assert {picture.name for picture in _PICTURES} - shown == set()
