"""DMS 0.2 beside 0.1: what the newer version says, and what the older one refuses by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import computed_field

from dynamorm_py import DynamoModel, InvalidDocument, PartitionKey, SortKey, dms

FIXTURES = Path(__file__).parents[2] / "fixtures"
VECTORS = {v["name"]: v for v in json.loads((FIXTURES / "golden" / "family_vectors.json").read_text())["vectors"]}
ACCEPTED = [name for name in VECTORS if name.startswith("dms.") and name != "dms.refused"]
REFUSED = VECTORS["dms.refused"]["values"]


class Event(DynamoModel, table="events", write_policy="write_once", protected=("total",)):
    pk: Annotated[str, PartitionKey()]
    total: int = 0


class Named(DynamoModel, table="named", naming="dynamorm"):
    pk: Annotated[str, PartitionKey()]
    SK: Annotated[str, SortKey()]
    user_id: str = ""


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_document_of_the_family_is_read_and_written_back(name: str) -> None:
    document = dms.check(VECTORS[name]["values"])
    assert dms.loads(dms.dumps(document)) == document
    assert dms.loads(dms.dumps(document, format="json"), json_only=True) == document


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["why"])
def test_what_the_family_refuses_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidDocument):
        dms.check(case["doc"])


@pytest.mark.parametrize("version", ["0.3", "1.0", "0.10", "", "0.2 "])
def test_an_unknown_version_is_refused_by_name_and_nothing_else_is_said(version: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        dms.check({"dms_version": version, "models": [{"name": "X", "new_word": 1}]})
    (problem,) = refused.value.problems
    assert problem.path == "dms_version"
    assert repr(version) in problem.message
    assert "'0.1', '0.2'" in problem.message


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"write_policy": {"mode": "write_once"}}, "models[0].write_policy"),
        ({"naming": {"convention": "dynamorm"}}, "models[0].naming.convention"),
        ({"attributes": [{"format": "decimal_string", "type": "N"}]}, "models[0].attributes[1].format"),
        ({"attributes": [{"json": True, "type": "M"}]}, "models[0].attributes[1].json"),
    ],
)
def test_what_came_with_the_newer_version_is_refused_in_the_older_with_the_repair(
    change: dict[str, Any], path: str
) -> None:
    def document(version: str) -> dict[str, Any]:
        attributes = [{"attribute": "id", "type": "S"}]
        attributes += [{"attribute": "x", **each} for each in change.get("attributes", ())]
        keys = {"partition": {"attribute": "id", "type": "S"}}
        model = {"name": "Demo", "table": {"name": "demos"}, "keys": keys, **change, "attributes": attributes}
        return {"dms_version": version, "models": [model]}

    assert dms.check(document("0.2")).dms_version == "0.2"
    with pytest.raises(InvalidDocument, match=r'dms_version: "0\.2"') as refused:
        dms.check(document("0.1"))
    assert [problem.path for problem in refused.value.problems] == [path]


@pytest.mark.parametrize("kind", ["SS", "NS", "BS", "B"])
def test_json_is_stored_as_no_set_and_no_binary(kind: str) -> None:
    attributes = [{"attribute": "id", "type": "S"}, {"attribute": "x", "type": kind, "json": True}]
    model: dict[str, Any] = {"name": "Demo", "table": {"name": "demos"}, "attributes": attributes}
    model["keys"] = {"partition": {"attribute": "id", "type": "S"}}
    with pytest.raises(InvalidDocument, match="json is stored as"):
        dms.check({"dms_version": "0.2", "models": [model]})


@pytest.mark.parametrize(("model", "word"), [(Event, "write policies"), (Named, "convention dynamorm")])
def test_a_model_that_only_the_newer_version_can_say_is_refused_in_the_older(
    model: type[DynamoModel], word: str
) -> None:
    with pytest.raises(InvalidDocument, match=rf'{word}.*version="0\.2"'):
        model.to_dms()
    document = dms.check({"dms_version": "0.2", "models": [model.to_dms(version="0.2")]})
    assert dms.compare(model, document) == []
    assert dms.loads(dms.dumps(document)) == document


def test_to_dms_refuses_a_version_by_name() -> None:
    with pytest.raises(InvalidDocument, match=r"'0\.9' is not a version of DMS known here"):
        Event.to_dms(version="0.9")  # pyright: ignore[reportArgumentType] -- on purpose


def test_policies_are_compared() -> None:
    entry = Event.to_dms(version="0.2")
    entry["write_policy"] = {"mode": "mutable"}
    found = dms.compare(Event, dms.check({"dms_version": "0.2", "models": [entry]}))
    assert {d.path: (d.model, d.document) for d in found} == {
        "write_policy.mode": ("write_once", "mutable"),
        "write_policy.protected_attributes": (["total"], []),
    }


def test_the_convention_of_the_family_derives_names_as_camel_case_with_capital_keys() -> None:
    assert list(Named(pk="a", SK="b", user_id="c").to_item()) == ["PK", "SK", "userId"]


def test_a_field_in_capitals_keeps_them_under_camel_case() -> None:
    class Capital(DynamoModel, table="capital", naming="camelCase"):
        PK: Annotated[str, PartitionKey()]
        SK: Annotated[str, SortKey()]

    assert list(Capital(PK="a", SK="b").to_item()) == ["PK", "SK"]


def test_a_computed_key_is_required_in_a_document() -> None:
    class Order(DynamoModel, table="shop"):
        number: int

        @computed_field
        @property
        def pk(self) -> Annotated[str, PartitionKey()]:
            return f"ORDER#{self.number}"

    entry = Order.to_dms()
    assert {"attribute": "pk", "type": "S", "required": True, "roles": ["pk"]} in entry["attributes"]
    assert dms.compare(Order, dms.check({"dms_version": "0.1", "models": [entry]})) == []
