"""`dynamorm export read`: an export as Parquet, Arrow or JSON lines."""

from __future__ import annotations

import gzip
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.commands import Run

ipc: Any = importlib.import_module("pyarrow.ipc")  # pyarrow ships no types
parquet: Any = importlib.import_module("pyarrow.parquet")


@pytest.fixture
def folder(run: Run) -> Path:
    """Give the folder of an export, in the working directory of the command."""
    del run  # which has made that its own
    lines = [json.dumps({"Item": {"pk": {"S": f"I#{n}"}, "size": {"N": str(n)}}}) for n in range(1500)]
    Path("data").mkdir()
    Path("data/a.json.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return Path("data")


def test_an_export_becomes_parquet(run: Run, folder: Path) -> None:
    code, out, _ = run(f"export read shop:Item {folder} --to parquet --out items.parquet")
    assert (code, out) == (0, "wrote 1500 rows to items.parquet\n")
    table: Any = parquet.read_table("items.parquet")
    assert table["size"].to_pylist() == list(range(1500))
    assert table["pk"][3].as_py() == "I#3"


def test_an_export_becomes_arrow_and_json_lines(run: Run, folder: Path) -> None:
    assert run(f"export read shop:Item {folder} --to arrow")[0] == 0
    with ipc.open_file("item.arrow") as file:
        assert file.read_all().num_rows == 1500
    assert run(f"export read shop:Item {folder} --to jsonl --out items.jsonl") == (
        0,
        "wrote 1500 rows to items.jsonl\n",
        "",
    )
    first = json.loads(Path("items.jsonl").read_text().splitlines()[0])
    assert first == {"pk": "I#0", "owner": None, "photo": "", "size": 0}


def test_an_export_of_several_kinds_becomes_json_lines(run: Run) -> None:
    items = [
        {"pk": {"S": "C#1"}, "sk": {"S": "PROFILE"}, "customer_id": {"S": "1"}},
        {"pk": {"S": "C#1"}, "sk": {"S": "ORDER#0001"}, "customer_id": {"S": "1"}, "number": {"N": "1"}},
    ]
    Path("kinds.py").write_text(
        "from dynamorm_py import DynamoModel, PartitionKey, SortKey\n"
        "class Customer(DynamoModel, table='kinds'):\n    customer_id: str\n"
        "    pk = PartitionKey('C#{customer_id}')\n    sk = SortKey('PROFILE')\n"
        "class Order(DynamoModel, table='kinds'):\n    customer_id: str\n    number: int\n"
        "    pk = PartitionKey('C#{customer_id}')\n    sk = SortKey('ORDER#{number:04}')\n"
    )
    Path("data").mkdir()
    Path("data/a.json").write_text("".join(f"{json.dumps({'Item': item})}\n" for item in items))
    assert run("export read kinds data --to jsonl")[:2] == (0, "wrote 2 rows to kinds.jsonl\n")
    assert [json.loads(line) for line in Path("kinds.jsonl").read_text().splitlines()] == [
        {"customer_id": "1"},
        {"customer_id": "1", "number": 1},
    ]
    code, _, err = run("export read kinds data --to parquet")
    assert (code, "--to jsonl" in err) == (2, True)
    assert run("export read kinds:Order data --to jsonl")[:2] == (0, "wrote 1 rows to order.jsonl\n")


def test_a_damaged_line_leaves_no_file_or_is_counted(run: Run, folder: Path) -> None:
    (folder / "b.json").write_text("nonsense\n")
    code, _, err = run(f"export read shop:Item {folder} --to parquet")
    assert code == 1
    assert "b.json, line 1" in err
    assert not Path("item.parquet").exists()
    code, out, _ = run(f"export read shop:Item {folder} --to jsonl --skip-damaged")
    assert (code, out) == (0, "wrote 1500 rows to item.jsonl, 1 damaged lines left out\n")


def test_damaged_lines_are_counted_in_parquet_too(run: Run, folder: Path) -> None:
    (folder / "b.json").write_text("nonsense\n")
    code, out, _ = run(f"export read shop:Item {folder} --to parquet --skip-damaged")
    assert (code, out) == (0, "wrote 1500 rows to item.parquet, 1 damaged lines left out\n")


def test_what_cannot_be_done_is_told(run: Run, folder: Path) -> None:
    Path("there.parquet").write_text("")
    code, _, err = run(f"export read shop:Item {folder} --out there.parquet")
    assert code == 2
    assert "there already" in err
    assert run("export read shop:Item nowhere")[0] == 2
    assert run(f"export read safe:Secret {folder}")[0] == 2
    (folder / "b.json").write_text('{"Keys":{"pk":{"S":"x"}}}\n')
    for target in ("jsonl", "parquet"):
        code, _, err = run(f"export read shop:Item {folder} --to {target}")
        assert code == 2
        assert "deletions" in err
        assert run(f"export read shop:Item {folder} --to {target} --skip-deleted")[0] == 0
