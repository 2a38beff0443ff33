"""Write the types of `dynamorm_py.aio` from the synchronous face: the same signatures, awaited. `make aio-stubs`.

The asynchronous classes inherit every rule at run time; what a checker also has to know is that what performs a
plan is awaited. With `--check` nothing is written, and a stub that is not current is named.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_PACKAGE = Path(__file__).parents[1] / "dynamorm_py"
_ASYNC = frozenset(
    (
        *("first", "one", "count", "page", "wait", "all", "count_distinct", "sum", "avg", "min", "max", "group_by"),
        *("get", "get_or_none", "exists", "batch_get", "complete", "search"),
        *("put", "create", "update", "patch", "delete"),
        *("batch_write", "update_many", "reencrypt", "transact_write", "transact_get", "migrate"),
        *("acquire", "refresh", "release", "poll", "commit"),
    )
)
_DROPPED = frozenset({"__enter__", "__exit__", "__iter__", "__bool__", "__repr__", "__await__", "start", "stop"})
_HEAD = "# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit."
_CLOSING = [
    "async def aclose(self) -> None: ...",
    "async def __aenter__(self) -> Self: ...",
    "async def __aexit__(self, *_: object) -> None: ...",
]


@dataclass(frozen=True)
class Source:
    """A stub: the synchronous modules that its names come from, and what is said by hand."""

    stub: str
    modules: tuple[str, ...]
    names: tuple[str, ...]
    merged: str | None = None  # one class made of all of them
    more: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    imports: tuple[str, ...] = ()


_SELF = "from typing import Self"
_QUERY = "from dynamorm_py.aio._query import Query"
_OPERATIONS = "from dynamorm_py.aio._table import TableOperations"
_ITERATOR = "from collections.abc import AsyncIterator"
_SOURCES = (
    Source(
        "_query",
        ("_repo/query.py",),
        ("Query",),
        more={"Query": ["def __aiter__(self) -> AsyncIterator[P]: ..."]},
        imports=(_ITERATOR, "from dynamorm_py._repo.query import Page"),
    ),
    Source(
        "_repo",
        ("_repo/closing.py", "_repo/connection.py", "_repo/reading.py", "_repo/writing.py", "_repo/__init__.py"),
        ("Closing", "Connection", "Reading", "Writing", "Repo"),
        merged="Repo",
        more={"Repo": _CLOSING},
        imports=(_SELF, "from dynamorm_py.aio._many import BatchWriter", _QUERY, _OPERATIONS),
    ),
    Source(
        "_table", ("tables.py",), ("TableOperations", "BulkPut"), imports=("from dynamorm_py.tables import Progress",)
    ),
    Source(
        "_several",
        ("_repo/closing.py", "_repo/table_reading.py", "_repo/table.py"),
        ("Closing", "TableReading", "Table"),
        merged="Table",
        more={"Table": _CLOSING},
        imports=(
            _SELF,
            _QUERY,
            "from dynamorm_py.aio._repo import Repo",
            _OPERATIONS,
            "from dynamorm_py._repo.table import TableOptions",
            "from dynamorm_py._repo.table_reading import QueryOptions, ScanOptions",
        ),
    ),
    Source(
        "_many",
        ("_repo/batches.py", "_repo/transactions.py"),
        ("BatchWriter", "batch_write", "transact_write", "transact_get"),
        more={"BatchWriter": _CLOSING[1:]},
        imports=(_SELF,),
    ),
    Source(
        "_leases",
        ("leases.py",),
        ("Leases", "HeldLease"),
        imports=("from contextlib import AbstractAsyncContextManager",),
    ),
    Source("_streams", ("streams/_reader.py",), ("StreamReader",), imports=(_ITERATOR,)),
    Source(
        "_migration",
        ("migration/__init__.py",),
        ("migrate",),
        imports=("from dynamorm_py.migration import MigrationProgress, MigrationReport, Transform",),
    ),
)
_REPLACED = {"Query", "Repo", "TableOperations", "BatchWriter"}


def stub(source: Source) -> str:
    """Return the text of a stub."""
    trees = [ast.parse((_PACKAGE / module).read_text()) for module in source.modules]
    own = {*source.names, *_REPLACED}
    found = _signatures([node for tree in trees for node in tree.body if getattr(node, "name", None) in source.names])
    body = _merged(source, found) if source.merged else "\n".join(_converted(source, node) for node in found)
    variables = {ast.unparse(node) for tree in trees for node in _statements(tree) if _is_variable(node)}
    variables = {text for text in variables if re.search(rf"\b{text.partition(' ')[0]}\b", body)}
    text = "\n".join([*sorted(variables), "", body])
    imports = {line for tree in trees for name, line in _imports(tree) if name not in own and _used(name, text)}
    return "\n".join([_HEAD, *sorted(imports | set(source.imports)), "", text, ""])


def _signatures(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Leave out the implementations of what is overloaded."""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    overloaded = {node.name for node in functions if _marks(node, "overload")}
    hidden = [node for node in functions if node.name in overloaded and not _marks(node, "overload")]
    return [node for node in nodes if node not in hidden]


def _used(name: str, text: str) -> bool:
    return re.search(rf"(?<!def )\b{name}\b", text) is not None


def _merged(source: Source, nodes: list[ast.stmt]) -> str:
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    init = source.merged != "Table"
    members = [line for each in classes for line in _members(each, keep_init=init or each.name == "Table")]
    lines = [*members, *source.more.get(source.merged or "", ())]
    return f"class {source.merged}(Generic[M]):\n" + "\n".join(f"    {line}" for line in lines)


def _converted(source: Source, node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef):
        bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
        lines = [*_members(node), *source.more.get(node.name, ())]
        return f"class {node.name}{bases}:\n" + "\n".join(f"    {line}" for line in lines)
    return "\n".join(_function(node)) if isinstance(node, ast.FunctionDef) else ""


def _members(node: ast.ClassDef, *, keep_init: bool = True) -> list[str]:
    overloaded = {each.name for each in node.body if isinstance(each, ast.FunctionDef) and _marks(each, "overload")}
    lines: list[str] = []
    for each in node.body:
        if (
            not isinstance(each, ast.FunctionDef)
            or each.name in _DROPPED
            or (each.name == "__init__" and not keep_init)
        ):
            continue
        private = each.name.startswith("_") and not each.name.startswith("__")
        if private or (each.name in overloaded and not _marks(each, "overload")):
            continue
        lines += _function(each)
    return lines


def _function(node: ast.FunctionDef) -> list[str]:
    decorators = [
        f"@{ast.unparse(each)}" for each in node.decorator_list if ast.unparse(each) in {"overload", "property"}
    ]
    _hide_defaults(node.args)
    returns = "None" if node.returns is None else ast.unparse(node.returns)
    name, is_async = node.name, _performs(node)
    if name == "hold":
        return [f"def hold({ast.unparse(node.args)}) -> AbstractAsyncContextManager[HeldLease]: ..."]
    if name == "follow":
        return [f"def follow({ast.unparse(node.args)}) -> {returns.replace('Iterator', 'AsyncIterator')}: ..."]
    return [*decorators, f"{'async ' if is_async else ''}def {name}({ast.unparse(node.args)}) -> {returns}: ..."]


def _hide_defaults(arguments: ast.arguments) -> None:
    """Put an ellipsis for a default that only the module knows."""
    for values in (arguments.defaults, arguments.kw_defaults):
        for index, value in enumerate(values):
            if value is not None and not isinstance(value, ast.Constant | ast.Tuple):
                values[index] = ast.Constant(...)


def _performs(node: ast.FunctionDef) -> bool:
    names = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    called = "_perform" in names or node.name in _ASYNC
    return called and not node.name.startswith("__")


def _marks(node: ast.FunctionDef, name: str) -> bool:
    return any(ast.unparse(each) == name for each in node.decorator_list)


def _imports(tree: ast.Module) -> list[tuple[str, str]]:
    """Return each imported name with the line that imports it."""
    found: list[tuple[str, str]] = []
    for node in _statements(tree):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            lines = [(alias, ast.ImportFrom(node.module, [alias], node.level)) for alias in node.names]
            found += [(alias.asname or alias.name, ast.unparse(line)) for alias, line in lines]
        elif isinstance(node, ast.Import):
            found += [(alias.asname or alias.name, ast.unparse(ast.Import([alias]))) for alias in node.names]
    return found


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements of a module, those for the type checker included."""
    blocks = [tree.body, *(each.body for each in tree.body if isinstance(each, ast.If))]
    return [each for block in blocks for each in block]


def _is_variable(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "TypeVar"
    )


def _formatted(text: str, path: Path) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 -- ruff


def main() -> int:
    """Write the stubs, or name those that are not current."""
    stale = 0
    for source in _SOURCES:
        path = _PACKAGE / "aio" / f"{source.stub}.pyi"
        text = _formatted(stub(source), path)
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path.name} is not current: make aio-stubs")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
