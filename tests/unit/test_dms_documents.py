"""Reading and writing DMS documents: what is taken, what is refused, and how that is said."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dynamorm_py import dms
from dynamorm_py.errors import InvalidDocument

FIXTURES = Path(__file__).parents[2] / "fixtures"
VECTORS = json.loads((FIXTURES / "golden" / "dms_documents.json").read_text())["vectors"]
DOCUMENTS = sorted((FIXTURES / "dms").rglob("*.yml"))

DEMO = """\
dms_version: "0.1"
models:
  - name: "Demo"
    table: { name: "tbl" }
    keys:
      partition: { attribute: "PK", type: "S" }
    attributes:
      - { attribute: "PK", type: "S", required: true, roles: ["pk"] }
      - { attribute: "x", type: "S" }
"""


def refusal(text: str | bytes, *, lenient: bool = False, json_only: bool = False) -> list[tuple[int, int, str, str]]:
    """Return line, column, path and message of everything that is wrong with a text."""
    with pytest.raises(InvalidDocument) as caught:
        dms.loads(text, lenient=lenient, json_only=json_only)
    return [(p.line, p.column, p.path, p.message) for p in caught.value.problems]


def with_attribute(fields: str, then: str = "") -> str:
    """Return the demo document with another second attribute."""
    return DEMO.replace('{ attribute: "x", type: "S" }', f"{{ {fields} }}") + then


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_golden_document_is_judged_as_the_contract_says(vector: dict[str, Any]) -> None:
    if vector["accept"]:
        document = dms.loads(vector["text"])
        assert dms.loads(dms.dumps(document)) == document
    else:
        assert all(message for *_, message in refusal(vector["text"]))


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_a_document_reads_the_same_from_yaml_and_json(file: Path) -> None:
    document = dms.load(file)
    as_json = json.dumps(yaml.safe_load(file.read_text()), indent="\t")
    assert dms.loads(as_json) == dms.loads(as_json, json_only=True) == document
    assert dms.loads(dms.dumps(document, format="json")) == document


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# first\n---\n" + DEMO + "...\n", id="comment and markers"),
        pytest.param("\ufeff" + DEMO, id="byte order mark"),
        pytest.param("%YAML 1.2\n---\n" + DEMO, id="directive"),
        pytest.param(DEMO.replace('type: "S" }\n    attr', 'type: "S" }\n      sort: null\n    attr'), id="sort null"),
        pytest.param(DEMO.replace('"Demo"', "Demo").replace('"S"', "S"), id="plain scalars"),
        pytest.param(DEMO.replace('name: "Demo"', 'name:\t"Demo"\t# a tab'), id="tabs between tokens"),
        pytest.param(DEMO.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(with_attribute('attribute: "x", type: "S", tags: { on: yes, n: 1.5e3, z: null }'), id="tags"),
        pytest.param(with_attribute('attribute: "\\ud83d\\ude00", type: "S"'), id="surrogate pair"),
    ],
)
def test_what_yaml_and_json_share_is_taken(text: str) -> None:
    assert dms.loads(text).models[0].name == "Demo"
    assert dms.loads(text.encode()) == dms.loads(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("attribute: 2026-01-01, type: S", "is a timestamp"),
        ('attribute: "x", type: NULL', 'is null: write the name of a type, and "NULL" in quotes'),
        ('attribute: "x", type: "S", required: yes', "is a string: expected true or false"),
        ('attribute: "x", type: "S", tags: { a: .nan }', "is not a JSON number"),
        ('attribute: "x", type: "S", tags: { a: 1e999 }', "beyond any float"),
        (f'attribute: "x", type: "S", tags: {{ a: {"9" * 5000} }}', "too long"),
        (f'attribute: "x", type: "S", tags: {{ a: 0x{"f" * 5000} }}', "too long"),
        ('attribute: "x", type: "S", tags: { <<: { a: 1 } }', "a merge key"),
        ('attribute: "x", type: "S", tags: { 1: a }', "is not a string"),
        ('attribute: "x", type: "S", tags: { a: !!str 1 }', "a YAML tag"),
        ('attribute: "x", type: "S", tags: { a: 1, a: 2 }', "appears twice"),
        ('attribute: "x", type: "S", tags: { a: "\\ud83d" }', "half a surrogate pair"),
        ('attribute: "x", type: "S", tags: [1]', "expected a map"),
        ('attribute: "x", type: "S", tags: null', "is null"),
        (f'attribute: "x", type: "S", tags: {{ a: {"[" * 70}{"]" * 70} }}', "nested over"),
        ('attribute: "x", type: "S", format: "uuid"', "is 'uuid'"),
        ('attribute: "x", type: "S", format: "int"', "format int is of type N"),
        ('attribute: "x", type: "S", json: true, format: "rfc3339nano"', "json has no further format"),
        ('attribute: "x", type: "S", roles: ["owner"]', "is not a role"),
        ('attribute: "x", type: "S", roles: ["ttl"]', "ttl is of type N"),
        ('attribute: "x", type: "N", roles: ["created_at"]', "created_at is of type S"),
        ('attribute: "x", type: "S", roles: ["version"]', "version is of type N"),
        ('attribute: "x", type: "N", roles: ["version", "ttl"]', "cannot be version and ttl"),
        ('attribute: "x", type: "N", roles: ["version", "version"]', "appears twice"),
        ('attribute: "x", type: "N", roles: ["version"], encryption: {}', "cannot be encrypted"),
        ('attribute: "x", type: "S", roles: ["sk"]', "is not what keys and indexes say"),
        ('attribute: "x", type: "S", roles: ["index_pk:g"]', "is not what keys and indexes say"),
        ('attribute: "PK", type: "S"', "appears earlier"),
        ('attribute: "x", type: "S", encryption: true', "expected a map"),
        ('attribute: " ", type: "S"', "is blank"),
    ],
)
def test_an_attribute_that_breaks_a_rule_is_refused_where_it_does(fields: str, message: str) -> None:
    problems = refusal(with_attribute(fields))
    assert any(message in said for *_, said in problems), problems
    assert all(line == 9 for line, *_ in problems)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ('type: "GSI", partition: { attribute: "y", type: "S" }', "'y' is not one of the attributes"),
        ('type: "GSI", partition: { attribute: "x", type: "N" }', "is N here and S among the attributes"),
        ('type: "GSI", partition: { attribute: "x", type: "BOOL" }', "use 'S', 'N' or 'B'"),
        ('type: "LSI", partition: { attribute: "x", type: "S" }', "shares the table's partition key"),
        ('type: "LSI", partition: { attribute: "PK", type: "S" }', "a local index needs a sort key"),
        (
            'type: "LSI", partition: { attribute: "PK", type: "S" }, sort: { attribute: "x", type: "S" }',
            "needs a table with a sort key",
        ),
        (
            'type: "GSI", partition: { attribute: "x", type: "S" }, sort: { attribute: "x", type: "S" }',
            "is the partition key too",
        ),
        ('type: "GSI", partition: { attribute: "x", type: "S" }, projection: { type: "INCLUDE" }', "needs fields"),
        ('type: "GSI", partition: { attribute: "x", type: "S" }, projection: { type: "SOME" }', "is 'SOME'"),
        (
            'type: "GSI", partition: { attribute: "x", type: "S" }, projection: { type: "ALL", fields: ["x"] }',
            "takes no fields",
        ),
        (
            'type: "GSI", partition: { attribute: "x", type: "S" }, projection: { type: "INCLUDE", fields: ["y"] }',
            "'y' is not one of the attributes",
        ),
    ],
)
def test_an_index_that_breaks_a_rule_is_refused_where_it_does(index: str, message: str) -> None:
    problems = refusal(f'{DEMO}    indexes:\n      - {{ name: "g", {index} }}\n')
    assert [said for *_, said in problems if message in said], problems
    assert {line for line, *_ in problems} == {11}


@pytest.mark.parametrize("flag", ["optional: true", "omit_empty: true", "json: true", "encryption: {}"])
def test_a_key_is_always_there_and_in_clear(flag: str) -> None:
    text = DEMO.replace('type: "S", required: true', f'type: "S", {flag}')
    ((line, _, path, _),) = refusal(text)
    assert (line, path) == (6, "models[0].keys.partition")


def test_a_lifecycle_role_stands_once() -> None:
    entry = '      - {{ attribute: "{}", type: "N", roles: ["ttl"] }}\n'
    text = DEMO + entry.format("a") + entry.format("b")
    assert [path for *_, path, _ in refusal(text)] == ["models[0].attributes[2].roles", "models[0].attributes[3].roles"]


def test_models_have_names_of_their_own() -> None:
    again = DEMO.partition("models:\n")[2]
    assert refusal(DEMO + again) == [(10, 5, "models[1]", "'Demo' appears earlier: keep one")]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = (
        DEMO.replace('dms_version: "0.1"', "dms_version: 0.1")
        .replace('name: "tbl"', "name: &t tbl")
        .replace('type: "S" }\n    attr', 'type: "S", zzz: 1 }\n    attr')
        .replace('type: "S" }\n', 'type: "Q", json: "no" }\n')
    )
    assert [(line, path) for line, _, path, _ in refusal(text)] == [
        (1, "dms_version"),
        (4, "models[0].table.name"),
        (6, "models[0].keys.partition.zzz"),
        (9, "models[0].attributes[1].type"),
        (9, "models[0].attributes[1].json"),
    ]


def test_a_message_names_file_line_column_path_and_repair(tmp_path: Path) -> None:
    file = tmp_path / "demo.yml"
    file.write_text(DEMO.replace("0.1", "0.9"))
    with pytest.raises(InvalidDocument) as caught:
        dms.load(file)
    assert str(caught.value) == (
        f"{file}:1:14: dms_version: is '0.9': this release reads '0.1', '0.2', a string in quotes"
    )
    assert caught.value.code == "ErrInvalidModel"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"dms_version": "0.1",\n "models": [1,]}', (2, 15), "expected a JSON value"),
        ('{"a": 1 "b"}', (1, 9), "expected ','"),
        ("{'a': 1}", (1, 2), "in double quotes"),
        ('{"a" 1}', (1, 6), "expected ':'"),
        ('{"a": "\t"}', (1, 7), "Invalid control character at"),
        ('{"a": NaN}', (1, 7), "expected a JSON value"),
        ('{"a": 1e999}', (1, 12), "beyond any float"),
        ('{"a": 01}', (1, 8), "expected ','"),
        ('{"a": "\\ud83d"}', (1, 15), "half a surrogate pair"),
        ("{} {}", (1, 4), "after the end"),
        ('{"a":' + "[" * 70, (1, 70), "nested over"),
        ("", (1, 1), "expected a JSON value"),
    ],
)
def test_a_file_of_json_is_json(text: str, place: tuple[int, int], message: str) -> None:
    line, column, _, said = refusal(text, json_only=True)[0]
    assert message in said
    assert (line, column) == place


def test_a_name_that_stands_twice_in_json_is_refused() -> None:
    assert refusal('{"dms_version": "0.1", "dms_version": "0.1", "models": []}')[0][2] == "dms_version"


def test_bytes_that_are_no_utf8_are_refused() -> None:
    assert "not UTF-8" in refusal(DEMO.encode("utf-16"))[0][3]


def test_a_lenient_reading_warns_of_what_it_leaves_out() -> None:
    text = with_attribute('attribute: "x", type: "S", color: red, format: "uuid", roles: ["owner"]')
    with pytest.warns(dms.DocumentWarning) as caught:
        document = dms.loads(text, source="demo.yml", lenient=True)
    attribute = document.models[0].attributes[1]
    assert (attribute.format, attribute.roles) == (None, ())
    assert sorted(str(warning.message).split(": ")[1] for warning in caught) == [
        "models[0].attributes[1].color",
        "models[0].attributes[1].format",
        "models[0].attributes[1].roles[0]",
    ]


def test_a_lenient_reading_still_refuses_what_changes_how_items_are_stored() -> None:
    assert refusal(with_attribute('attribute: "x", type: "Q"'), lenient=True)
    assert refusal(with_attribute('attribute: "PK", type: "S"'), lenient=True)


def test_a_lenient_reading_takes_names_that_break_the_convention() -> None:
    text = with_attribute('attribute: "Bad-Name", type: "S"').replace(
        "    keys:", '    naming: { convention: "camelCase" }\n    keys:'
    )
    assert refusal(text)[0][2] == "models[0].attributes[1].attribute"
    with pytest.warns(dms.DocumentWarning, match="Bad-Name"):
        assert dms.loads(text, lenient=True).models[0].convention == "camelCase"


def test_plain_data_is_checked_like_text() -> None:
    data = yaml.safe_load(DEMO)
    assert dms.check(data) == dms.loads(DEMO)
    data["models"][0]["zzz"] = 1
    with pytest.raises(InvalidDocument, match=r"<data>:models\[0\].zzz: is not a field"):
        dms.check(data)


def _within_itself() -> dict[str, Any]:
    tags: dict[str, Any] = {}
    tags["x"] = tags
    return tags


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "is not a JSON number"),
        (float("-inf"), "is not a JSON number"),
        (dt.date(2026, 1, 1), "a date is not a JSON value"),
        (Decimal(1), "a Decimal is not a JSON value"),
        (b"x", "a bytes is not a JSON value"),
        ({"a"}, "a set is not a JSON value"),
        ({1: "x"}, "the name 1 is not text"),
        ("\ud800", "half a surrogate pair"),
        pytest.param(10**4300, "too long", id="long"),
        (_within_itself(), "nested over 64 deep"),
    ],
)
def test_plain_data_is_what_json_holds(value: object, message: str) -> None:
    data = json.loads(dms.dumps(dms.loads(DEMO), format="json"))
    data["models"][0]["attributes"][1]["tags"] = {"x": value}

    with pytest.raises(InvalidDocument, match=message) as caught:
        dms.check(data)

    (problem,) = caught.value.problems
    assert problem.path.startswith("models[0].attributes[1].tags.x")


def test_plain_data_may_hold_tuples_and_is_left_as_it_is() -> None:
    data = json.loads(dms.dumps(dms.loads(DEMO), format="json"))
    data["models"][0]["attributes"][1]["tags"] = {"x": ("a", None, True, 1, 1.5)}

    document = dms.check(data)

    assert dms.loads(dms.dumps(document)) == document
    assert data["models"][0]["attributes"][1]["tags"] == {"x": ("a", None, True, 1, 1.5)}


def test_the_supported_versions_are_declared_and_read() -> None:
    assert dms.SUPPORTED_VERSIONS == ("0.1", "0.2")
    for version in dms.SUPPORTED_VERSIONS:
        assert dms.loads(DEMO.replace("0.1", version)).dms_version == version
    assert "this release reads '0.1', '0.2'" in refusal(DEMO.replace("0.1", "0.3"))[0][3]


def test_yaml_without_its_library_is_asked_for_and_json_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "dynamorm_py.dms._yaml", None)
    monkeypatch.delattr("dynamorm_py.dms._yaml")
    assert dms.loads(json.dumps(yaml.safe_load(DEMO))).models[0].name == "Demo"
    with pytest.raises(ModuleNotFoundError, match=r'pip install "dynamorm-py\[dms\]"'):
        dms.loads(DEMO)


# --- the published JSON Schema ------------------------------------------------------------------


SCHEMAS = {
    version: json.loads((FIXTURES.parent / "docs" / "reference" / f"dms-{version}.schema.json").read_text())
    for version in dms.SUPPORTED_VERSIONS
}
VALIDATOR: Any = jsonschema.Draft202012Validator(SCHEMAS["0.1"])


@pytest.mark.parametrize("version", dms.SUPPORTED_VERSIONS)
def test_the_published_schema_is_the_documents(version: dms.DmsVersion) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[version])
    assert dms.json_schema(version) == SCHEMAS[version]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_published_schema_refuses_nothing_that_is_accepted_and_only_what_is_refused(vector: dict[str, Any]) -> None:
    fits = _fits_schema(vector["text"])
    assert fits if vector["accept"] else not fits or vector["name"] in BEYOND_SHAPES


# What only the loader sees: YAML's own words, and rules between parts of a document.
BEYOND_SHAPES = {
    *("anchor_alias", "duplicate_top_key", "pk_attr_absent", "sort_absent_attr", "encryption_on_pk"),
    *("naming_snake_violation", "index_dup"),
}


def _fits_schema(text: str) -> bool:
    try:
        VALIDATOR.validate(yaml.safe_load(text))
    except (yaml.YAMLError, jsonschema.ValidationError):
        return False
    return True
