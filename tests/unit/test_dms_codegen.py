"""Code from documents: golden outputs for each language, and Python that reads and writes items."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dynamorm_py import DynamoModel, InvalidDocument, PartitionKey, SortKey, dms

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "fixtures" / "codegen"
MODELS = ROOT / "fixtures" / "dms" / "v0.1" / "models"
LANGUAGES: dict[str, dms.Language] = {"py": "python", "ts": "typescript", "go": "go"}


def contract() -> dms.Document:
    """Return the models of the contract as one document."""
    read = [dms.load(MODELS / f"{name}.yml") for name in ("user", "order", "sample")]
    return read[0].model_copy(update={"models": tuple(document.models[0] for document in read)})


DOCUMENTS = {"contract": contract(), "everything": dms.load(ROOT / "fixtures" / "dms" / "everything.yml")}
DOCUMENTS["everything-0.2"] = dms.load(ROOT / "fixtures" / "dms" / "everything-0.2.yml")


def classes(document: dms.Document) -> dict[str, Any]:
    """Return the classes of the generated Python."""
    module = ModuleType("generated")
    sys.modules["generated"] = module  # where pydantic looks the annotations up
    exec(dms.generate(document, "python"), module.__dict__)  # noqa: S102 -- our own code
    return vars(module)


@pytest.mark.parametrize("suffix", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_generated_code_is_the_golden_one(name: str, suffix: str) -> None:
    assert dms.generate(DOCUMENTS[name], LANGUAGES[suffix]) == (GOLDEN / f"{name}.{suffix}").read_text()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_generated_class_equals_its_document(name: str) -> None:
    document = DOCUMENTS[name]
    generated = classes(document)
    assert [dms.compare(generated[model.name], document) for model in document.models] == [[] for _ in document.models]


def test_generated_python_reads_and_writes_items() -> None:
    user = classes(DOCUMENTS["contract"])["User"]
    item = {"PK": {"S": "A"}, "SK": {"S": "B"}, "emailHash": {"S": "h"}, "tags": {"SS": ["a"]}, "ttl": {"N": "17"}}
    read = user.from_item(item)
    assert (read.email_hash, read.tags, read.ttl) == ("h", {"a"}, 17)
    assert {name: read.to_item()[name] for name in item} == item


def demo(*, model: str = "Demo", table: str = "demos", attribute: str = "x", index: str = "") -> dms.Document:
    attributes = [{"attribute": "id", "type": "S", "required": True}, {"attribute": attribute, "type": "S"}]
    key = {"attribute": attribute, "type": "S"}
    entry: dict[str, Any] = {"name": model, "table": {"name": table}, "attributes": attributes}
    entry["keys"] = {"partition": {"attribute": "id", "type": "S"}}
    if index:
        entry["indexes"] = [{"name": index, "type": "GSI", "partition": key}]
    return dms.check({"dms_version": "0.1", "models": [entry]})


@pytest.mark.parametrize(
    ("attribute", "field"),
    [
        ("emailHash", "email_hash"),
        ("EMAIL", "email"),
        ("userIDs", "user_i_ds"),
        ("a b-c", "a_b_c"),
        ("class", "class_"),
        ("json", "json_"),
        ("to_item", "to_item_"),
        ("__private", "private"),
        ("9lives", "n9_lives"),
        ("ñ", "field"),
        ("id_", "id_2"),
        ('quote"s', "quote_s"),
        ("it's", "it_s"),
        ("back\\slash", "back_slash"),
        ("str", "str_"),
        ("modelDumpSize", "field_model_dump_size"),
    ],
)
def test_any_attribute_name_becomes_a_field_of_that_attribute(attribute: str, field: str) -> None:
    document = demo(attribute=attribute)
    generated = classes(document)["Demo"]
    assert list(generated.model_fields) == ["id", field]
    assert dms.compare(generated, document) == []


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_a_name_that_cannot_be_a_class_is_refused(language: dms.Language) -> None:
    with pytest.raises(InvalidDocument, match="is not a name of a class"):
        dms.generate(demo(model="my model"), language)


@pytest.mark.parametrize(
    "model", ["Any", "Decimal", "DynamoModel", "Field", "None", "True", "False", "Version", "Attribute", "PartitionKey"]
)
def test_a_class_hides_nothing_that_the_generated_module_uses(model: str) -> None:
    with pytest.raises(InvalidDocument, match="is not a name of a class"):
        dms.generate(demo(model=model), "python")


@pytest.mark.parametrize("names", [{"table": "t"}, {"index": "g"}])
def test_a_name_that_dynamodb_does_not_take_is_refused(names: dict[str, str]) -> None:
    with pytest.raises(InvalidDocument, match="3 to 255 characters"):
        dms.generate(demo(**names), "python")


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_a_namespace_does_not_end_the_comment_it_stands_in(language: dms.Language) -> None:
    document = demo().model_copy(update={"namespace": 'a"""\nimport os\u2028b'})
    assert "import os" not in [line.strip() for line in dms.generate(document, language).splitlines()]
    assert classes(document)["Demo"]


def test_a_version_that_may_be_omitted_is_no_class() -> None:
    model = demo().models[0]
    version = dms.Attribute(attribute="v", type="N", roles=("version",), omit_empty=True)
    document = demo().model_copy(
        update={"models": (model.model_copy(update={"attributes": (*model.attributes, version)}),)}
    )
    with pytest.raises(InvalidDocument, match="is never omitted"):
        dms.generate(document, "python")


def test_fields_named_like_types_hide_none() -> None:
    names = ["str", "int", "bytes", "bool", "dict", "list", "set", "datetime"]
    model = demo().models[0]
    more = [dms.Attribute(attribute=name, type="SS", optional=True) for name in names]
    more += [dms.Attribute(attribute=f"{kind}2", type=kind, optional=True) for kind in ("S", "B", "BOOL", "M", "L")]
    document = demo().model_copy(
        update={"models": (model.model_copy(update={"attributes": (*model.attributes, *more)}),)}
    )
    assert dms.compare(classes(document)["Demo"], document) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"attribute": 'a"b'}, "is not a camelCase name"),
        ({"attribute": "a-b"}, "is not a camelCase name"),
        ({"attribute": "Xy"}, "is not a camelCase name"),
        ({"index": "by,x"}, "cannot be written in a struct tag"),
        ({"index": "lsi-x"}, "is a global index"),
    ],
)
def test_what_go_would_not_register_is_refused(names: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidDocument, match=message):
        dms.generate(demo(**names), "go")


def test_go_is_told_the_convention_that_the_names_keep() -> None:
    assert '`dynamorm:"naming:snake_case"`' in dms.generate(demo(attribute="snake_case"), "go")
    assert "naming:" not in dms.generate(demo(attribute="camelCase"), "go")


@pytest.mark.parametrize(
    ("attribute", "kind", "field"),
    [
        ("tableName", {"type": "S", "required": True}, "TableName2 string"),
        ("createdAt", {"type": "S", "format": "rfc3339nano", "required": True}, "CreatedAtTime time.Time"),
        ("updatedat", {"type": "S", "roles": ["created_at"]}, "UpdatedatTime time.Time"),
        ("createdAt", {"type": "S", "roles": ["created_at"]}, "CreatedAt time.Time"),
        ("createdAt", {"type": "N"}, "CreatedAt float64"),
    ],
)
def test_a_go_field_has_no_name_that_would_change_its_meaning(attribute: str, kind: dict[str, Any], field: str) -> None:
    attributes = [{"attribute": "id", "type": "S", "required": True}, {"attribute": attribute, **kind}]
    keys = {"partition": {"attribute": "id", "type": "S"}}
    model = {"name": "Demo", "table": {"name": "demos"}, "keys": keys, "attributes": attributes}
    source = dms.generate(dms.check({"dms_version": "0.1", "models": [model]}), "go")
    assert field in [" ".join(line.split()[:2]) for line in source.splitlines()]


@pytest.mark.parametrize("model", ["Record", "Uint8Array"])
def test_an_interface_hides_no_type_that_typescript_uses(model: str) -> None:
    with pytest.raises(InvalidDocument, match="is not a name of a class"):
        dms.generate(demo(model=model), "typescript")


def test_a_definition_in_typescript_has_only_what_the_library_types() -> None:
    assert "tags" in dms.dumps(DOCUMENTS["everything"])
    assert "tags:" not in dms.generate(DOCUMENTS["everything"], "typescript")


def test_typescript_quotes_what_is_no_name() -> None:
    written = dms.generate(demo(attribute="it's"), "typescript")
    assert "  'it\\'s'?: string;" in written


# --- what the sister libraries read back ---------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_generated_go_has_nothing_that_go_does_not_read_back(name: str) -> None:
    assert not re.search(r"\bany\b|interface\{", dms.generate(DOCUMENTS[name], "go"))


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ({"type": "M"}, r"'x' is M, which needs a Go type of its own: name it with tags: { go"),
        ({"type": "L"}, "'x' is L, which needs a Go type of its own"),
        ({"type": "N", "format": "decimal_string"}, "'x' is an exact number, which needs a Go type"),
        ({"type": "M", "tags": {"go": "map[string]any"}}, "the go type of 'x' cannot be read back"),
        ({"type": "L", "tags": {"go": "[]interface{}"}}, "the go type of 'x' is not the name of one"),
        ({"type": "M", "tags": {"go": 3}}, "the go type of 'x' is not the name of one"),
    ],
)
def test_what_go_could_not_read_back_is_refused(attribute: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidDocument, match=message):
        dms.generate(of(attribute), "go")


def of(attribute: dict[str, Any], **model: object) -> dms.Document:
    """Return a document of 0.2 with a model whose attribute `x` is as given."""
    keys = {"partition": {"attribute": "id", "type": "S"}}
    attributes = [{"attribute": "id", "type": "S", "required": True}, {"attribute": "x", **attribute}]
    entry = {"name": "Demo", "table": {"name": "demos"}, "keys": keys, "attributes": attributes, **model}
    return dms.check({"dms_version": "0.2", "models": [entry]})


def go_field(attribute: dict[str, Any], **model: object) -> str:
    (line,) = (line for line in dms.generate(of(attribute, **model), "go").splitlines() if "attr:x" in line)
    return " ".join(line.split())


def test_an_optional_attribute_is_a_pointer_in_go_and_omitted_only_where_the_document_says_so() -> None:
    optional = {"optional": True}
    assert go_field({"type": "BOOL", **optional}) == 'X *bool `theorydb:"attr:x" json:"x"`'
    assert go_field({"type": "BOOL", **optional, "omit_empty": True}) == (
        'X bool `theorydb:"attr:x,omitempty" json:"x,omitempty"`'
    )
    assert go_field({"type": "M", **optional, "omit_empty": True, "tags": {"go": "Address"}}) == (
        'X *Address `theorydb:"attr:x,omitempty" json:"x,omitempty"`'
    )
    index = {"name": "by-x", "type": "GSI", "partition": {"attribute": "x", "type": "N"}}
    assert go_field({"type": "N", **optional}, indexes=[index]) == (
        'X *float64 `theorydb:"attr:x,omitempty,index:by-x,pk" json:"x,omitempty"`'
    )


@pytest.mark.parametrize(
    ("library", "tag", "module", "package"),
    [
        ("dynamorm", "`dynamorm:", "github.com/pay-theory/dynamorm.", "@pay-theory/dynamorm-ts"),
        ("tabletheory", "`theorydb:", "github.com/theory-cloud/tabletheory/v3.", "@theory-cloud/tabletheory-ts"),
    ],
)
def test_code_is_written_for_the_library_named(library: dms.Library, tag: str, module: str, package: str) -> None:
    document = DOCUMENTS["contract"]
    written = dms.generate(document, "go", library=library)
    assert (tag in written, module in written) == (True, True)
    assert f"from '{package}';" in dms.generate(document, "typescript", library=library)


def test_without_a_library_the_version_decides() -> None:
    assert "`dynamorm:" in dms.generate(DOCUMENTS["contract"], "go")
    assert "`theorydb:" in dms.generate(DOCUMENTS["everything-0.2"], "go")


@pytest.mark.parametrize(
    "document",
    [
        of({"type": "S"}, write_policy={"mode": "write_once"}),
        of({"type": "S"}, naming={"convention": "dynamorm"}),
        of({"type": "N", "json": True}),
    ],
)
def test_what_only_tabletheory_has_is_refused_for_dynamorm(document: dms.Document) -> None:
    with pytest.raises(InvalidDocument, match="use the library tabletheory"):
        dms.generate(document, "typescript", library="dynamorm")


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="'theory' is not a sister library: use 'dynamorm' or 'tabletheory'"):
        dms.generate(demo(), "go", library="theory")  # pyright: ignore[reportArgumentType] -- on purpose


def test_the_table_can_be_named() -> None:
    document = demo()
    assert 'var DemoTable = "others"' in dms.generate(document, "go", table="others")
    assert "(table = 'others')" in dms.generate(document, "typescript", table="others")
    assert 'table="others"' in dms.generate(document, "python", table="others")


# --- derived keys ----------------------------------------------------------------------------------


class Order(DynamoModel, table="shop", naming="camelCase"):
    customer_id: str
    number: int
    status: str = "open"
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}")
    gsi1pk = PartitionKey("ORDERS#{status}", index="gsi1", attribute="gsi1PK")


def test_generated_python_has_the_derived_keys_of_the_document() -> None:
    document = dms.check({"dms_version": "0.1", "models": [Order.to_dms()]})
    generated = classes(document)["Order"]
    assert dms.compare(generated, document) == []
    values = {"customer_id": "7", "number": 2, "status": "paid"}
    assert generated(**values).to_item() == Order(**values).to_item()  # pyright: ignore[reportArgumentType] -- as text


@pytest.mark.parametrize("template", ["A#{missing}", "A#{x", "A#{x:09}", "A#{x:upper}", "", 3])
def test_a_template_that_the_fields_cannot_fill_is_a_field(template: object) -> None:
    keys = {"partition": {"attribute": "id", "type": "S"}}
    attributes = [
        {"attribute": "id", "type": "S", "required": True, "tags": {"template": template}},
        {"attribute": "x", "type": "S", "required": True},
    ]
    model = {"name": "Demo", "table": {"name": "demos"}, "keys": keys, "attributes": attributes}
    document = dms.check({"dms_version": "0.1", "models": [model]})
    assert "id: Annotated[str, PartitionKey()]" in dms.generate(document, "python")
    assert dms.compare(classes(document)["Demo"], document) == []
