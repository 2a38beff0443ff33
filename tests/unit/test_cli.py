"""The `dynamorm` command, as a user runs it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from dynamorm_py import dms
from dynamorm_py.cli import main

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).parents[2]
USER_DOCUMENT = str(ROOT / "fixtures" / "dms" / "v0.1" / "models" / "user.yml")

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


@pytest.fixture(autouse=True)
def _in_a_folder_with_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "shop", raising=False)


class Run(Protocol):
    def __call__(self, line: str, stdin: str = "") -> tuple[int, str, str]: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(line: str, stdin: str = "") -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        monkeypatch.setattr(sys, "argv", ["dynamorm", *line.split()])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as exited:
            main()
        out = capsys.readouterr()
        return int(exited.value.code or 0), out.out, out.err

    return run_command


def test_a_valid_document_is_valid(run: Run) -> None:
    assert run(f"dms validate {USER_DOCUMENT}") == (0, "valid\n", "")
    assert run(f"dms validate {USER_DOCUMENT} {USER_DOCUMENT}")[1] == "2 valid\n"


def test_a_wrong_document_is_told_line_by_line_and_exits_1(run: Run, tmp_path: Path) -> None:
    text = (
        Path(USER_DOCUMENT).read_text().replace('type: "SS"', 'type: "Q"').replace("optional: true", "optional: 1", 1)
    )
    (tmp_path / "bad.yml").write_text(text)
    code, out, err = run("dms validate bad.yml")
    assert (code, err) == (1, "")
    assert [line.split("\t")[:5] for line in out.splitlines()] == [
        ["bad.yml", "error", "25", "19", "models[0].attributes[2].optional"],
        ["bad.yml", "error", "35", "15", "models[0].attributes[4].type"],
    ]


def test_problems_come_as_json_when_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"dms_version": "0.1"}')
    code, out, _ = run("dms validate bad.json --json")
    assert code == 1
    (problem,) = json.loads(out)["problems"]
    assert (problem["path"], problem["problem"], problem["line"]) == ("models", "is missing", 1)


def test_a_lenient_validation_shows_warnings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_text(Path(USER_DOCUMENT).read_text() + "color: red\n")
    assert run("dms validate odd.yml")[0] == 1
    code, out, _ = run("dms validate odd.yml --lenient")
    assert code == 0
    assert "warning" in out
    assert "color" in out


def test_a_file_that_is_not_there_exits_2(run: Run) -> None:
    assert run("dms validate none.yml") == (2, "", "none.yml: No such file or directory\n")
    assert run("dms codegen none.yml -l go")[0] == 2


def test_models_are_exported_to_a_document(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("dms export shop --namespace acme")
    assert code == 0
    document = dms.loads(out)
    assert document.namespace == "acme"
    assert [model.name for model in document.models] == ["Item", "Visit"]
    assert dms.loads(run("dms export shop:Item shop:Visit --namespace acme --json")[1], json_only=True) == document
    assert run("dms export shop --namespace acme -o shop.yml") == (0, "", "")
    assert dms.load(tmp_path / "shop.yml") == document


def test_a_model_and_a_document_that_are_equal_exit_0(run: Run) -> None:
    run("dms export shop -o shop.yml")
    assert run("dms diff shop shop.yml") == (0, "", "")


def test_differences_name_both_sides_and_exit_1(run: Run, tmp_path: Path) -> None:
    run("dms export shop -o shop.yml")
    file = tmp_path / "shop.yml"
    file.write_text(
        file.read_text().replace('attribute: "size"', 'attribute: "length"').replace("shop-visits", "visits")
    )
    code, out, _ = run("dms diff shop shop.yml")
    assert code == 1
    assert [line.split("\t") for line in out.splitlines()] == [
        ["Item", "attributes[size]", "present", ""],
        ["Item", "attributes[length]", "", "present"],
        ["Visit", "table.name", "shop-visits", "visits"],
    ]
    found = json.loads(run("dms diff shop:Visit shop.yml --json")[1])
    assert found == [{"model": "Visit", "path": "table.name", "left": "shop-visits", "right": "visits"}]
    assert run("dms diff shop:Visit shop.yml --ignore-table-name")[0] == 0


@pytest.mark.parametrize("language", ["python", "typescript", "go"])
def test_code_is_generated_from_a_document(run: Run, language: dms.Language) -> None:
    code, out, _ = run(f"dms codegen {USER_DOCUMENT} --lang {language}")
    assert code == 0
    assert out == dms.generate(dms.load(USER_DOCUMENT), language)


def test_a_file_that_cannot_be_written_exits_2(run: Run) -> None:
    assert run("dms export shop -o none/shop.yml")[0] == 2


def test_the_json_schema_is_printed(run: Run) -> None:
    assert json.loads(run("dms schema")[1]) == dms.json_schema()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dms export nowhere", "cannot be imported"),
        ("dms export shop:Nothing", "names no DynamoModel class"),
        ("item decode shop", "write shop:Item"),
        ("item decode shop:Item none.json", "No such file"),
        ("dms codegen shop --lang cobol", "cobol"),
        ("dms nothing", "nothing"),
    ],
)
def test_a_wrong_word_exits_2_with_the_repair(run: Run, line: str, said: str) -> None:
    code, _, err = run(line)
    assert code == 2
    assert said in err


# --- items --------------------------------------------------------------------------------------


IMAGE = {"pk": {"S": "A"}, "photo": {"B": "AP8="}, "size": {"N": "3"}}


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(IMAGE, id="an item"),
        pytest.param({"Item": IMAGE, "ConsumedCapacity": {}}, id="an answer"),
        pytest.param(
            {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": IMAGE, "OldImage": {}}}, id="a record"
        ),
    ],
)
def test_an_item_is_read_as_its_model(run: Run, wrapped: dict[str, Any]) -> None:
    code, out, _ = run("item decode shop:Item --json", stdin=json.dumps(wrapped))
    assert code == 0
    assert json.loads(out) == {"pk": "A", "owner": None, "photo": "AP8=", "size": 3}


def test_the_old_image_of_a_record_is_read_when_asked_for(run: Run) -> None:
    record = {"dynamodb": {"NewImage": IMAGE, "OldImage": {**IMAGE, "size": {"N": "2"}}}}
    assert "size\t2" in run("item decode shop:Item --old", stdin=json.dumps(record))[1]


def test_an_item_that_does_not_fit_is_explained_and_exits_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text(json.dumps({**IMAGE, "size": {"S": "three"}}))
    code, out, _ = run("item decode shop:Item item.json")
    assert code == 1
    assert out.startswith("size\t")
    assert "three" not in out
    (problem,) = json.loads(run("item decode shop:Item item.json --json")[1])["problems"]
    assert problem["attribute"] == "size"


@pytest.mark.parametrize("text", ["[1]", "{"])
def test_what_is_no_item_exits_2(run: Run, text: str) -> None:
    assert run("item decode shop:Item", stdin=text)[0] == 2


# --- tables -------------------------------------------------------------------------------------


@pytest.fixture
def _local(monkeypatch: pytest.MonkeyPatch, dynamodb_endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_endpoint)


@pytest.mark.usefixtures("_local")
def test_a_table_is_created_and_described(run: Run, dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    try:
        assert run(f"table create shop:Item --table {unique_table_name}") == (0, f"created {unique_table_name}\n", "")
        rows = [row.split("\t") for row in run(f"table describe shop:Item -t {unique_table_name}")[1].splitlines()]
        assert [row[:4] for row in rows] == [
            ["table", unique_table_name, "pk (S)", "ACTIVE"],
            ["global index", "by-owner", "owner (S)", "ACTIVE"],
        ]
        described = json.loads(run(f"table describe shop:Item -t {unique_table_name} --json")[1])
        assert described["TableName"] == unique_table_name
        code, _, err = run(f"table create shop:Item --table {unique_table_name}")
        assert code == 3
        assert unique_table_name in err
    finally:
        dynamodb.delete_table(TableName=unique_table_name)


@pytest.mark.usefixtures("_local")
def test_a_table_that_is_not_there_exits_3(run: Run, unique_table_name: str) -> None:
    assert run(f"table describe shop:Item --table {unique_table_name}")[0] == 3
    assert run("table describe shop:Item --table ?")[0] == 2


# --- the command itself -------------------------------------------------------------------------


def test_the_package_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dynamorm_py", "--version"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.startswith("dynamorm-py 0.")


def test_help_names_the_verbs(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(verb in out for verb in ("dms", "table", "item", "--install-completion"))


def test_a_terminal_gets_tables(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "bad.json").write_text('{"dms_version": "0.1"}')
    out = run("dms validate bad.json")[1]
    assert "│" in out
    assert "is missing" in out


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    for name in [name for name in sys.modules if name.startswith("dynamorm_py.cli._")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit, match=r'pip install "dynamorm-py\[cli\]"'):
        main()
