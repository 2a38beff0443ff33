"""What a release hands out: the files of the wheel and of the sdist, and the package's metadata."""

from __future__ import annotations

import email
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dynamorm_py
from tests.release.environment import build

if TYPE_CHECKING:
    from email.message import Message

_PACKAGE = Path(dynamorm_py.__path__[0])


_SOURCES = {".py", ".pyi"}


@pytest.fixture(scope="module")
def info(wheel: Path) -> dict[str, str]:
    """Give the files of the wheel's dist-info, by name."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name]
        return {name.partition("/")[2]: archive.read(name).decode() for name in names}


@pytest.fixture(scope="module")
def metadata(info: dict[str, str]) -> Message:
    return email.message_from_string(info["METADATA"])


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(_PACKAGE.parent).as_posix() for path in _PACKAGE.rglob("*.py*") if path.suffix in _SOURCES
    }
    assert held == {*sources, "dynamorm_py/py.typed", "dynamorm_py/testing/ministack.txt"}


def test_the_sdist_holds_the_package_and_its_documents_but_no_tests(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert tops == {
        *("dynamorm_py", "docs", "examples"),
        *("README.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"),
    }


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "again", "-t", "wheel")
    assert (tmp_path / "again" / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_metadata_has_the_packages_version_and_license(metadata: Message, info: dict[str, str]) -> None:
    assert (metadata["Name"], metadata["Version"]) == ("dynamorm-py", dynamorm_py.__version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert info["licenses/LICENSE"] == (_PACKAGE.parent / "LICENSE").read_text()
    assert metadata["Description-Content-Type"] == "text/markdown"


def test_the_metadata_tells_the_pythons_that_are_supported(metadata: Message) -> None:
    assert metadata["Requires-Python"] == ">=3.11"
    assert {text for text in metadata.get_all("Classifier", []) if "Python :: 3." in text} == {
        f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13, 14)
    }


def test_the_metadata_offers_the_extras_and_needs_no_more_than_boto3_and_pydantic(metadata: Message) -> None:
    required = [text.partition(";") for text in metadata.get_all("Requires-Dist", [])]
    assert {text.split(">")[0].split("<")[0] for text, _, marker in required if not marker} == {"boto3", "pydantic"}
    assert metadata.get_all("Provides-Extra") == [
        *("analytics", "cli", "dms", "encryption", "exports", "otel", "testing"),
    ]


def test_the_command_and_the_pytest_plugin_are_entry_points(info: dict[str, str]) -> None:
    assert "dynamorm = dynamorm_py.cli:main\n" in info["entry_points.txt"]
    assert "[pytest11]\ndynamorm_py.testing.plugin = dynamorm_py.testing.plugin\n" in info["entry_points.txt"]
