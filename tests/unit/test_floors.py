"""The architecture as a test: who may import whom, which paths are public, how long things may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

_ROOT = "dynamorm_py"
_PACKAGE = Path(__file__).parents[2] / _ROOT
_FILES = sorted(_PACKAGE.rglob("*.py"))

# From the ground up. A module imports from lower floors only; a folder is one module.
_FLOORS = (
    {"_kernel", "_version"},
    {"errors"},
    {"markers"},
    {"_schema"},
    {"_codec", "_expressions"},  # twins that do not know each other
    {"dms"},  # below the models: it reads compiled codecs, and a class may name the document it must equal
    {"encryption"},
    {"_model"},
    {"_operations"},
    {"_runtime"},
    {"_transport"},
    {"tables", "leases", "limits", "streams", "accounts", "aws_lambda", "clients"},
    {"_repo", "migration"},  # a migration reads and writes within limits
    {"aio"},
    {"exports"},
    {"__init__"},
    {"testing", "cli"},
    {"__main__"},
)
_FLOOR_OF = {module: number for number, floor in enumerate(_FLOORS) for module in floor}

# What users may import, and so what a release may not take away.
_PROMISED = {
    "dynamorm_py",
    "dynamorm_py.aio",
    "dynamorm_py.encryption",
    "dynamorm_py.cli",
    "dynamorm_py.dms",
    "dynamorm_py.accounts",
    "dynamorm_py.aws_lambda",
    "dynamorm_py.clients",
    "dynamorm_py.errors",
    "dynamorm_py.exports",
    "dynamorm_py.leases",
    "dynamorm_py.limits",
    "dynamorm_py.markers",
    "dynamorm_py.migration",
    "dynamorm_py.streams",
    "dynamorm_py.tables",
    "dynamorm_py.testing",
    "dynamorm_py.testing.plugin",
    "dynamorm_py.testing.strategies",
}

_LONGEST_FUNCTION = 50
_LONGEST_FILE = 350
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LONGER = {"errors.py": 580}  # one tree of errors stands in one file, drawn at its head

_TOUCH_EVERY_PUBLIC_NAME = """
import sys
import dynamorm_py
assert dynamorm_py.__all__
for name in dynamorm_py.__all__:
    getattr(dynamorm_py, name)
print(sorted({"boto3", "botocore", "cryptography", "aws_encryption_sdk"} & set(sys.modules)))
"""

_START_A_SERVICE = """
import sys
from typing import Annotated
from dynamorm_py import DynamoModel, PartitionKey, Repo

class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]

Repo(User)
loaded = {name.removeprefix("dynamorm_py.") for name in sys.modules if name.startswith("dynamorm_py.")}
late = {"_expressions", "_repo.query", "_repo.batches", "encryption"}
late |= {f"_operations.{name}" for name in ("lifecycle", "put_item", "read")}
print(sorted(late & loaded))
"""


@cache
def _nodes(source: str) -> list[ast.AST]:
    """Return every node of a source, which several rules look at."""
    return [*ast.walk(ast.parse(source))]


def _parts(file: Path) -> tuple[str, ...]:
    return file.relative_to(_PACKAGE).with_suffix("").parts


def _module_at(names: list[str], existing: set[str]) -> str:
    """Return the module of the package that a dotted path below its root leads into."""
    return names[0] if names and names[0] in existing else "__init__"


def _imported(source: str, parts: tuple[str, ...], existing: set[str]) -> set[str]:
    """Return the modules of the package that a file imports, those for the type checker included."""
    found: set[str] = set()
    for node in _nodes(source):
        match node:
            case ast.Import(names=names):
                paths = [alias.name.split(".") for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                above = [_ROOT, *parts[: len(parts) - level]] if level else []
                start = [*above, *(module.split(".") if module else [])]
                paths = [[*start, alias.name] for alias in names]
            case _:
                continue
        found |= {_module_at(path[1:], existing) for path in paths if path[0] == _ROOT}
    return found


def _violations(source: str, parts: tuple[str, ...], existing: set[str]) -> list[str]:
    """Return a sentence for everything in a file that breaks the floors."""
    own = parts[0]
    if own not in _FLOOR_OF:
        return [f"{own} stands on no floor: add it to _FLOORS, above all that it imports"]
    within = {own} if len(parts) > 1 else set[str]()
    return [
        f"{'/'.join(parts)}.py (floor {_FLOOR_OF[own]}) imports {other} (floor {_FLOOR_OF.get(other, 'none')})"
        for other in sorted(_imported(source, parts, existing) - within)
        if _FLOOR_OF.get(other, len(_FLOORS)) >= _FLOOR_OF[own]
    ]


def _untyped(source: str) -> str:
    """Return a source without what only type checkers import: errors carry values of every floor, and make none."""
    tree = ast.parse(source)
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    return ast.unparse(tree)


def test_every_module_imports_only_from_lower_floors() -> None:
    existing = {_parts(file)[0] for file in _FILES}
    sources = {file: file.read_text() for file in _FILES}
    typed = {file: _untyped(source) if file.name == "errors.py" else source for file, source in sources.items()}
    assert [line for file in _FILES for line in _violations(typed[file], _parts(file), existing)] == []


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        pytest.param(("_schema",), "from dynamorm_py._model import DynamoModel", id="upward"),
        pytest.param(("_model",), "from ._repo import Repo", id="upward, relative"),
        pytest.param(("_operations", "put_item"), "from .._runtime.run import run", id="upward, from a folder"),
        pytest.param(("_codec", "_write"), "import dynamorm_py._expressions._render", id="a twin"),
        pytest.param(("leases",), "def f():\n    from dynamorm_py import limits", id="the same floor, lazily"),
        pytest.param(
            ("_schema",),
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from dynamorm_py._model import Table",
            id="upward, for the type checker",
        ),
        pytest.param(("_repo",), "from dynamorm_py import Repo", id="the root, from below"),
        pytest.param(("_repo",), "import dynamorm_py", id="the root itself"),
        pytest.param(("_utils",), "", id="no floor"),
    ],
)
def test_an_import_that_breaks_the_floors_is_found(parts: tuple[str, ...], source: str) -> None:
    assert len(_violations(source, parts, set(_FLOOR_OF))) == 1


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        (("_schema",), "from dynamorm_py.errors import ModelDefinitionError\nfrom dynamorm_py.markers import Marker"),
        (("_codec", "__init__"), "from dynamorm_py._codec._write import writer\nfrom . import _read"),
        (("_runtime",), "import json\nfrom collections.abc import Callable"),
        (("cli",), "from dynamorm_py import Repo, _kernel"),
    ],
)
def test_an_import_from_below_is_allowed(parts: tuple[str, ...], source: str) -> None:
    assert _violations(source, parts, set(_FLOOR_OF)) == []


def test_the_public_import_paths_are_exactly_the_promised_ones() -> None:
    paths = [(_ROOT, *(part for part in _parts(file) if part != "__init__")) for file in _FILES]
    public = {".".join(path) for path in paths if not any(part.startswith("_") for part in path)}
    assert public == _PROMISED


def test_no_file_is_too_long() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in _FILES}
    assert {file: length for file, length in lengths.items() if length > _LONGER.get(file.name, _LONGEST_FILE)} == {}


def test_no_function_is_too_long() -> None:
    functions = [(file, node) for file in _FILES for node in _nodes(file.read_text()) if isinstance(node, _FUNCTIONS)]
    lengths = {(file, node.name): (node.end_lineno or 0) - node.lineno + 1 for file, node in functions}
    assert {place: length for place, length in lengths.items() if length > _LONGEST_FUNCTION} == {}


def test_no_lazy_name_is_also_a_module_beside_it() -> None:
    # Loading the module would put it in the name's place.
    for package in (_PACKAGE, _PACKAGE / "_operations"):
        source = ast.parse((package / "__init__.py").read_text())
        homes = next(
            n.value for n in source.body if isinstance(n, ast.Assign) and "_HOMES" in ast.unparse(n.targets[0])
        )
        names = {name for text in ast.literal_eval(homes).values() for name in text.split()}
        assert names & {entry.stem for entry in package.iterdir()} == set()


def test_importing_the_package_loads_neither_boto3_nor_cryptography() -> None:
    fresh = subprocess.run(
        [sys.executable, "-c", _TOUCH_EVERY_PUBLIC_NAME], capture_output=True, text=True, check=False
    )
    assert (fresh.stdout, fresh.stderr) == ("[]\n", "")


def test_a_service_that_starts_loads_what_reads_and_writes_with_its_first_call_only() -> None:
    fresh = subprocess.run([sys.executable, "-c", _START_A_SERVICE], capture_output=True, text=True, check=False)
    assert (fresh.stdout, fresh.stderr) == ("[]\n", "")
