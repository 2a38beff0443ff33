"""Derived-key contracts of the family: read, held to their rules, evaluated byte for byte."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import DynamoModel, InvalidDocument, InvalidValue, PartitionKey, dms

if TYPE_CHECKING:
    from collections.abc import Sequence

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
VECTORS = {v["name"]: v["values"] for v in json.loads((GOLDEN / "family_vectors.json").read_text())["vectors"]}
UNIT = VECTORS["key_contract.unit"]
CONTRACTS: dict[str, dict[str, Any]] = {
    "0.1": VECTORS["key_contract.v0.1"],
    "0.2": VECTORS["key_contract.v0.2"],
    "unit": {"tabletheory_model_contract_version": "0.1", "derived_keys": UNIT["derived_keys"]},
}
CASES = [
    pytest.param(name, key["name"], fixture, id=f"{key['name']}-{fixture['name']}")
    for name, contract in CONTRACTS.items()
    for key in contract["derived_keys"]
    for fixture in key["fixtures"]
]
TRIMMED = [chr(int(each.removeprefix("U+"), base=16)) for each in VECTORS["key_contract.trim_code_points"]]


def contract(
    *segments: dict[str, Any], version: str = "0.2", inputs: Sequence[object] = (), **key: object
) -> dict[str, Any]:
    derived = {"name": "K", "segments": list(segments), "inputs": list(inputs), **key}
    return {"tabletheory_model_contract_version": version, "derived_keys": [derived]}


def one(*segments: dict[str, Any], inputs: Sequence[object] = (), **key: str) -> dms.DerivedKey:
    return dms.check_key_contract(contract(*segments, inputs=inputs, **key)).key("K")


def value(name: str = "x", **more: object) -> dict[str, Any]:
    return {"value": {"input": name}, **more}


@pytest.mark.parametrize(("name", "key", "fixture"), CASES)
def test_a_fixture_of_the_family_composes_the_same_key(name: str, key: str, fixture: dict[str, Any]) -> None:
    assert dms.check_key_contract(CONTRACTS[name]).key(key).evaluate(fixture["input"]) == fixture["expect"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_all_fixtures_of_a_contract_are_run_at_once(name: str) -> None:
    assert dms.run_fixtures(dms.check_key_contract(CONTRACTS[name])) == []


def test_a_fixture_that_differs_is_reported_with_both_keys() -> None:
    fixtures: list[dict[str, object]] = [
        {"name": "a", "input": {"x": 1}, "expect": "2"},
        {"name": "b", "input": {}, "expect": "1"},
    ]
    failures = dms.run_fixtures(dms.check_key_contract(contract(value(), fixtures=fixtures)))
    assert [(f.key, f.fixture, f.expected, f.composed) for f in failures] == [
        ("K", "a", "2", "1"),
        ("K", "b", "1", None),
    ]
    assert failures[1].reason == "it is required: pass it"


@pytest.mark.parametrize(("number", "text"), [*UNIT["numbers"], (5e-324, f"0.{'0' * 323}5"), (0.1, "0.1"), (1.0, "1")])
def test_a_number_is_written_by_its_shortest_digits_without_an_exponent(number: float, text: str) -> None:
    assert one(value()).evaluate(x=number) == text


@pytest.mark.parametrize(
    ("scalar", "text"), [(True, "true"), (False, "false"), (2**70, str(2**70)), (Decimal("1.10"), "1.1")]
)
def test_other_scalars_have_one_text(scalar: object, text: str) -> None:
    assert one(value()).evaluate(x=scalar) == text


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), None, [1], {}, b"a", "\ud800"])
def test_what_is_no_scalar_is_refused_with_the_input_named(wrong: object) -> None:
    with pytest.raises(InvalidValue, match=r"^K\.x: "):
        one(value()).evaluate(x=wrong)


def test_a_missing_input_and_an_unknown_one_are_refused() -> None:
    inputs = [{"name": "x", "type": "string"}, {"name": "y", "type": "string", "optional": True}]
    key = one(value(), value("y"), inputs=inputs, join="|")
    assert key.evaluate(x="a") == "a|"
    with pytest.raises(InvalidValue, match=r"K\.x: it is required"):
        key.evaluate(y="a")
    with pytest.raises(InvalidValue, match=r"K\.z: it is not input"):
        key.evaluate(x="a", z="b")


def test_trim_takes_exactly_the_code_points_of_the_family() -> None:
    key = one(value(transforms=["trim"]))
    for letter in TRIMMED:
        assert key.evaluate(x=f"{letter}a{letter}") == "a"
    kept = {chr(point) for point in range(0x3100)} | {"\ufeff", "\ufffe", "\u200b"} - set(TRIMMED)
    for letter in kept - set(TRIMMED):
        assert key.evaluate(x=letter) != ""


def test_transforms_run_in_the_order_given() -> None:
    spaces = {"x": "  "}
    assert one(value(transforms=["trim", "wildcard_empty"])).evaluate(spaces) == "*"
    assert one(value(transforms=["wildcard_empty", "trim"])).evaluate(spaces) == ""
    assert one(value(transforms=["url_encode", "lowercase"])).evaluate(x="A/B") == "a%2fb"
    assert one(value(transforms=["lowercase", "url_encode"])).evaluate(x="A/B") == "a%2Fb"
    assert one(value(transforms=["url_encode", "url_encode"])).evaluate(x="/") == "%252F"


def test_a_star_of_the_caller_is_encoded_and_the_wildcard_is_not() -> None:
    key = one(value(transforms=["wildcard_empty"]))
    assert (key.evaluate(x="*"), key.evaluate(x="")) == ("%2A", "*")


def test_literals_and_defaults_are_not_encoded() -> None:
    assert one({"literal": "a/b"}, {"value": {"literal": "c d"}}, join="|").evaluate() == "a/b|c d"
    assert one(value(default="a/b", optional=True)).evaluate() == "a/b"
    assert one(value(default="a/b")).evaluate(x="") == "a/b"


@pytest.mark.parametrize(
    ("segment", "inputs", "expected"),
    [
        (value(optional=True), {}, "end"),
        (value(optional=True), {"x": ""}, "end"),
        (value(), {"x": ""}, "|end"),
        (value(omit_when={"empty": True}), {"x": ""}, "end"),
        (value(default="d", omit_when={"default": True}), {"x": ""}, "end"),
        (value(default="d", omit_when={"default": True}), {"x": "d"}, "end"),
        (value(default="d", omit_when={"default": True}), {"x": "e"}, "e|end"),
        (value(omit_when={"values": ["none", 0]}), {"x": 0}, "end"),
        (value(omit_when={"values": ["none", 0]}), {"x": "none"}, "end"),
        (value(prefix="p=", suffix=";"), {"x": "1"}, "p=1;|end"),
    ],
)
def test_a_segment_is_left_out_as_its_rules_say(segment: dict[str, Any], inputs: dict[str, Any], expected: str) -> None:
    assert one(segment, {"literal": "end"}, join="|").evaluate(inputs) == expected


@given(st.dictionaries(st.sampled_from("ab"), st.text(max_size=8), min_size=2))
def test_different_inputs_never_compose_the_same_key(inputs: dict[str, str]) -> None:
    key = one(value("a", prefix="a="), value("b", prefix="b="), join="|")
    parts = dict(part.split("=", 1) for part in key.evaluate(inputs).split("|"))
    from urllib.parse import unquote

    assert {name: unquote(text) for name, text in parts.items()} == inputs


# --- documents -----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", UNIT["refused_documents"], ids=lambda case: case["why"])
def test_what_the_family_refuses_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidDocument):
        dms.check_key_contract(case["doc"])


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (contract(value(), version="0.3"), "tabletheory_model_contract_version: is '0.3'"),
        ({"tabletheory_model_contract_version": "0.2", "derived_keys": []}, "derived_keys: is empty"),
        (contract(), r"derived_keys\[0\].segments: is empty"),
        (contract({"prefix": "a"}), r"segments\[0\]: must have exactly one of"),
        (contract({"literal": "a", "value": {"input": "x"}}), r"segments\[0\]: must have exactly one of"),
        (contract({"value": {"literal": "a", "input": "x"}}), r"segments\[0\]: must have exactly one of"),
        (contract(value("y"), inputs=[{"name": "x"}]), r"segments\[0\].value.input: 'y' is not one of the inputs"),
        (contract(value(), inputs=[{"name": "x"}, {"name": "x"}]), r"inputs\[1\]: 'x' appears earlier"),
        (contract(value(transforms=["lower"])), r"transforms\[0\]: is 'lower': use 'trim'"),
        (
            contract(value(transforms=["lowercase"]), version="0.1"),
            r"transforms\[0\]: 'lowercase' came with version 0.2",
        ),
        (contract(value(), fixtures=[{"name": "f", "expect": ""}] * 2), r"fixtures\[1\]: 'f' appears earlier"),
        (contract(value(omit=True)), r"segments\[0\].omit: is not a field"),
        (contract(value(default=None)), r"segments\[0\].default: is null"),
        (
            {**contract(value()), "models": [{"name": "M", "derived_keys": ["L"]}]},
            r"models\[0\].derived_keys\[0\]: 'L' is no",
        ),
    ],
)
def test_a_contract_that_breaks_a_rule_is_refused_at_its_place(document: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidDocument, match=problem):
        dms.check_key_contract(document)


def test_a_contract_in_yaml_is_refused_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "keys.yml"
    file.write_text(
        'tabletheory_model_contract_version: "0.2"\n'
        "derived_keys:\n"
        "  - name: K\n"
        "    segments:\n"
        "      - value: { input: x }\n"
        "        transforms: [lower]\n"
    )
    with pytest.raises(InvalidDocument) as refused:
        dms.load_key_contract(file)
    (problem,) = refused.value.problems
    assert (problem.line, problem.column) == (6, 22)
    file.write_text(file.read_text().replace("lower]", "lowercase]"))
    assert dms.load_key_contract(file).key("K").evaluate(x="A") == "a"


# --- binding ---------------------------------------------------------------------------------------


class Composite(DynamoModel, table="composites"):
    tenant: str
    resource: str
    number: int = 0
    pk = PartitionKey("tenant={tenant:percent}|resource={resource:percent}")
    raw = PartitionKey("tenant={tenant}|resource={resource}", index="raw")
    numbered = PartitionKey("v1|n={number}", index="numbered")


class Padded(DynamoModel, table="padded"):
    number: int = 0
    padded = PartitionKey("v1|n={number:06}", attribute="pk")


COMPOSITE = (value("tenant", prefix="tenant="), value("resource", prefix="resource="))


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_bound_key_composes_the_same_bytes(tenant: str, resource: str) -> None:
    key = one(*COMPOSITE, join="|")
    bound = dms.bind_key(key, Composite, "pk")
    assert bound.fields == {"tenant": "tenant", "resource": "resource"}
    stored = Composite(tenant=tenant, resource=resource).to_item()["pk"]
    assert stored == {"S": key.evaluate(tenant=tenant, resource=resource)}


def test_a_number_is_bound_to_an_int_and_literals_to_text() -> None:
    inputs = [{"name": "number", "type": "number"}]
    key = one({"literal": "v1"}, value("number", prefix="n="), inputs=inputs, join="|")
    assert dms.bind_key(key, Composite, "numbered").fields == {"number": "number"}
    for number in (0, -7, 10**20):
        stored = Composite(tenant="a", resource="b", number=number).to_item()["numbered"]
        assert stored == {"S": key.evaluate(number=number)}


def test_an_input_of_another_name_is_bound_where_its_field_is_named() -> None:
    key = one(value("t", prefix="tenant=", transforms=["url_encode"]), value("resource", prefix="resource="), join="|")
    with pytest.raises(InvalidDocument, match=r"segment 't': the part there is \{tenant:percent\}"):
        dms.bind_key(key, Composite, "pk")
    assert dms.bind_key(key, Composite, "pk", {"t": "tenant"}).fields == {"t": "tenant", "resource": "resource"}


@pytest.mark.parametrize(
    ("segments", "derived", "reason"),
    [
        (COMPOSITE, "raw", r"segment 'tenant': a text is percent-encoded: write \{tenant:percent\}, not \{tenant\}"),
        (
            (value("tenant", prefix="tenant=", transforms=["trim"]), COMPOSITE[1]),
            "pk",
            "segment 'tenant': trim changes",
        ),
        ((COMPOSITE[0], value("resource", prefix="resource=", optional=True)), "pk", "segment 'resource': default"),
        ((COMPOSITE[0], value("resource", prefix="r=")), "pk", r"segment 'tenant': it is followed with '\|r='"),
        (
            (value("tenant", prefix="t="), COMPOSITE[1]),
            "pk",
            "the key begins with 't=', in Composite.pk with 'tenant='",
        ),
        (COMPOSITE[:1], "pk", r"segment 'tenant': it is followed with '', in Composite.pk with '\|resource='"),
        ((*COMPOSITE, value("number", prefix="n=")), "pk", r"segment 'resource': it is followed with '\|n='"),
        (COMPOSITE, "tenant", "Composite has no derived key 'tenant'"),
    ],
)
def test_a_key_that_would_compose_other_bytes_is_not_bound(
    segments: tuple[dict[str, Any], ...], derived: str, reason: str
) -> None:
    with pytest.raises(InvalidDocument, match=f"K:cannot be bound, only evaluated: {reason}"):
        dms.bind_key(one(*segments, join="|"), Composite, derived)


def test_a_number_is_not_bound_to_a_width() -> None:
    key = one({"literal": "v1"}, value("number", prefix="n="), inputs=[{"name": "number", "type": "number"}], join="|")
    with pytest.raises(InvalidDocument, match=r"a number is bound to \{number\} of an int, without a width"):
        dms.bind_key(key, Padded, "padded")
