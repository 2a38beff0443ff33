"""The `dynamorm` command, as a user runs it: documents, and the command itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynamorm_py import dms
from dynamorm_py.cli import main
from tests.support.commands import SHOP

if TYPE_CHECKING:
    from tests.support.commands import Run

ROOT = Path(__file__).parents[2]
USER_DOCUMENT = str(ROOT / "fixtures" / "dms" / "v0.1" / "models" / "user.yml")


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


def test_what_a_terminal_would_obey_is_written_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil.yml").write_text('dms_version: "0.1"\n"\\e[2J\\x9b2J": 1\nmodels: []\n')

    _, out, _ = run("dms validate evil.yml")
    _, out_json, _ = run("dms validate evil.yml --json")
    _, _, err = run("dms diff evil.yml evil.yml")

    for said in (out, out_json, err):
        assert r"\u001b[2J\u009b2J" in said
        assert not {"\x1b", "\x9b"}.intersection(said)
    assert json.loads(out_json)["problems"][0]["path"] == "\x1b[2J\x9b2J"


def test_a_field_between_colons_is_no_emoji(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(
        "from typing import Annotated, Any\nfrom dynamorm_py import DynamoModel, PartitionKey\n\n\n"
        'class U(DynamoModel, table="shapes"):\n    pk: Annotated[str, PartitionKey()]\n    x: Any = None\n'
    )
    assert run("dms export shapes:U")[2].startswith("U:x: it is stored as one of several types")


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


def test_the_code_comes_within_json_when_asked_for(run: Run) -> None:
    code, out, _ = run(f"dms codegen {USER_DOCUMENT} --lang go --json")
    assert (code, json.loads(out)) == (0, {"language": "go", "source": dms.generate(dms.load(USER_DOCUMENT), "go")})


def test_a_file_that_cannot_be_written_exits_2(run: Run) -> None:
    assert run("dms export shop -o none/shop.yml")[0] == 2


def test_the_json_schema_is_printed(run: Run) -> None:
    assert json.loads(run("dms schema")[1]) == dms.json_schema()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dms export nowhere", "write module:Class"),
        ("dms export .shop", "write module:Class"),
        ("dms export shop.py:Item", "write module:Class"),
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


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom ("),
        ("import sys; sys.exit(5)", "SystemExit: 5 ("),
        ("import nowhere", "No module named 'nowhere' ("),
        ("def (", "invalid syntax (broken.py, line 1)"),
    ],
)
def test_a_module_that_fails_exits_2_with_the_place(run: Run, tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "broken.py").write_text(source)
    code, out, err = run("dms export broken")
    assert (code, out) == (2, "")
    assert err.startswith(f"broken cannot be imported: {said}")
    assert err.endswith("correct it\n")


def test_a_module_with_a_wrong_model_exits_1_with_the_repair(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("from dynamorm_py import DynamoModel\nclass W(DynamoModel): ...\n")
    code, _, err = run("dms export wrong")
    assert (code, err) == (1, "W: it has no partition key: annotate one field with PartitionKey()\n")


# --- the command itself -------------------------------------------------------------------------


def test_help_names_the_verbs(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(verb in out for verb in ("dms", "table", "cursor", "item", "--install-completion"))


Completed = Callable[..., list[str]]


@pytest.fixture
def completed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Completed:
    """Give what bash is answered at the last of some words, which it parts at colons."""
    monkeypatch.setenv("_DYNAMORM_COMPLETE", "complete_bash")

    def answer(*words: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        return run("")[1].split()

    return answer


def test_the_shell_completes_modules_and_their_models(completed: Completed, tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "__init__.py").write_text("")
    (tmp_path / "kiosk" / "papers.py").write_text(SHOP)
    begun = ("dynamorm", "item", "get")

    assert completed("dynamorm", "item", "ge") == ["get"]
    assert completed(*begun, "") == ["kiosk.", "mall:", "safe:", "shop:"]
    assert completed(*begun, "sh") == ["shop:Item", "shop:Visit"]
    assert completed(*begun, "shop", ":", "Vi") == ["Visit"]  # as bash parts it, and replaces the end
    assert completed(*begun, "shop", ":") == ["Item", "Visit"]
    assert completed(*begun, "shop:Vi") == ["shop:Visit"]  # where the user keeps bash from it
    assert completed(*begun, "kiosk.") == ["kiosk.papers:Item", "kiosk.papers:Visit"]
    url = ("--endpoint-url", "http", ":", "//localhost", ":", "8000")
    assert completed(*begun, *url, "shop", ":", "I") == ["Item"]


def test_fish_completes_modules_and_their_models(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DYNAMORM_COMPLETE", "complete_fish")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")

    def answer(line: str) -> list[str]:
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)  # what `commandline -cp` prints
        return [each.partition("\t")[0] for each in run("")[1].splitlines()]

    assert answer("dynamorm ite") == ["item"]
    assert answer("dynamorm item get shop:") == ["shop:Item", "shop:Visit"]
    assert answer("dynamorm item get shop:Vi") == ["shop:Visit"]
    assert answer("dynamorm item get shop:Visit --reg") == ["--region"]


def test_powershell_completes_modules_and_their_models(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DYNAMORM_COMPLETE", "complete_powershell")

    def answer(line: str, word: str) -> list[str]:
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", word)
        return [each.partition(":::")[0] for each in run("")[1].splitlines()]  # as its script splits a line

    assert answer("dynamorm ite", "ite") == ["item"]
    assert answer("dynamorm item get shop:", "shop:") == ["shop:Item", "shop:Visit"]
    assert answer("dynamorm item get shop:Vi", "shop:Vi") == ["shop:Visit"]


@pytest.mark.parametrize(
    "source",
    [
        "print('loaded')\nraise RuntimeError",
        "def",
        "from dynamorm_py import DynamoModel\nclass Keyless(DynamoModel, table='keyless'): ...",
    ],
)
def test_completion_of_a_module_that_cannot_be_imported_prints_nothing(
    run: Run, completed: Completed, tmp_path: Path, source: str
) -> None:
    (tmp_path / "unfinished.py").write_text(source)
    assert completed("dynamorm", "item", "get", "unfinished", ":") == []
    assert [each.strip() for each in run("")[1:]] == ["", ""]


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


@pytest.mark.parametrize(
    "verb",
    [
        *("item get", "item put", "item query", "item scan", "item delete", "item tail", "item decode", "doctor"),
        *("table create", "table ensure", "table delete", "table describe", "table compare", "table export"),
        *("table diagram", "dms validate", "dms export", "dms diff", "dms codegen", "dms schema"),
        *("cursor decode", "export read"),
    ],
)
def test_help_has_an_example(run: Run, verb: str) -> None:
    code, out, _ = run(f"{verb} --help")
    assert code == 0
    assert re.search(rf"Example: ((echo|aws) .*\| )?dynamorm {verb}", re.sub(r"\s+", " ", out))
    assert "╭" not in out
