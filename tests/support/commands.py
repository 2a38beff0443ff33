"""The `dynamorm` command as a user runs it, in this process: a line, and what it prints."""

from __future__ import annotations

import io
import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol

import pytest

from dynamorm_py.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer import Typer

SHOP = """
from typing import Annotated
from dynamorm_py import AsBinary, DynamoModel, OmitEmpty, PartitionKey, SortKey

class Item(DynamoModel, table="shop-items"):
    pk: Annotated[str, PartitionKey()]
    owner: Annotated[str | None, PartitionKey(index="by-owner")] = None
    photo: Annotated[bytes, AsBinary(), OmitEmpty()] = b""
    size: int = 0

class Visit(DynamoModel, table="shop-visits"):
    pk: Annotated[str, PartitionKey()]
    at: Annotated[int, SortKey()]
"""


MALL = """
from typing import Literal
from dynamorm_py import DynamoModel, PartitionKey, SortKey

class Customer(DynamoModel, table="mall"):
    kind: Literal["customer"] = "customer"
    customer: str
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("PROFILE")

class Order(DynamoModel, table="mall"):
    kind: Literal["order"] = "order"
    customer: str
    number: int
    status: str = "open"
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("ORDER#{number:06}")
    gsi1pk = PartitionKey("ORDERS#{status}", index="by-status")
"""


SAFE = """
from typing import Annotated
from dynamorm_py import DynamoModel, Encrypted, PartitionKey

class Secret(DynamoModel, table="shop-secrets"):
    pk: Annotated[str, PartitionKey()]
    ssn: Annotated[str | None, Encrypted()] = None
    size: int = 0

class Nameless(DynamoModel):
    pk: Annotated[str, PartitionKey()]
"""


class Run(Protocol):
    """Runs one command line; words stand between spaces."""

    def __call__(self, line: str, stdin: str = "") -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        ...


@cache
def _as_click() -> Callable[[Typer], object]:
    """Return typer's way to make click's commands of its own, which makes them once, not at each run."""
    from typer.main import get_command

    return cache(get_command)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give the command, in a folder with the modules `shop`, `mall` and `safe`."""
    for name, source in (("shop", SHOP), ("safe", SAFE), ("mall", MALL)):
        (tmp_path / f"{name}.py").write_text(source)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("typer.main.get_command", _as_click())

    def run_command(line: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dynamorm", *line.split()])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as exited:
            main()
        out = capsys.readouterr()
        return int(exited.value.code or 0), out.out, out.err

    return run_command
