"""`AsJson(form="native")`: JSON in DynamoDB's own types, read in either form."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from dynamorm_py import (
    AsJson,
    DynamoModel,
    Encrypted,
    InvalidValue,
    ItemDecodeError,
    ModelDefinitionError,
    OmitEmpty,
    PartitionKey,
    dms,
)


class Prefs(BaseModel):
    theme: str = "dark"
    sizes: list[int] = Field(default_factory=list[int])


class Doc(DynamoModel, table="docs", naming="camelCase"):
    pk: Annotated[str, PartitionKey()] = "a"
    prefs: Annotated[Prefs | None, AsJson(form="native")] = None
    data: Annotated[dict[str, Any], AsJson(form="native"), OmitEmpty()] = Field(default_factory=dict[str, Any])
    parts: Annotated[list[Any], AsJson(form="native")] = Field(default_factory=list[Any])
    score: Annotated[float, AsJson(form="native")] = 0.0
    ready: Annotated[bool, AsJson(form="native")] = False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3),
    max_leaves=6,
)


def test_each_kind_of_value_has_its_native_type() -> None:
    doc = Doc(prefs=Prefs(sizes=[1]), data={"b": [1, None], "a": {"x": "y"}}, parts=["p", True], score=1.5, ready=True)
    item = doc.to_item()
    assert item["prefs"] == {"M": {"sizes": {"L": [{"N": "1"}]}, "theme": {"S": "dark"}}}
    assert item["data"] == {"M": {"a": {"M": {"x": {"S": "y"}}}, "b": {"L": [{"N": "1"}, {"NULL": True}]}}}
    assert [item[name] for name in ("parts", "score", "ready")] == [
        {"L": [{"S": "p"}, {"BOOL": True}]},
        {"N": "1.5"},
        {"BOOL": True},
    ]
    assert Doc.from_item(item) == doc


@given(st.dictionaries(st.text(min_size=1, max_size=3), JSON, max_size=3), st.lists(JSON, max_size=3))
def test_what_is_stored_reads_back_in_either_form(data: dict[str, Any], parts: list[Any]) -> None:
    doc = Doc(data=data, parts=parts)
    item = doc.to_item()
    assert Doc.from_item(item) == doc
    as_text = {**item, "parts": {"S": json.dumps(parts)}, "data": {"S": json.dumps(data)}}
    assert Doc.from_item(as_text) == doc


def test_empty_is_left_out_where_the_field_says_so() -> None:
    assert Doc().to_item().keys() & {"data", "parts"} == {"parts"}
    assert Doc(data={"a": ""}).to_item()["data"] == {"M": {"a": {"S": ""}}}


def test_a_wrong_stored_type_is_refused() -> None:
    with pytest.raises(ItemDecodeError, match="prefs"):
        Doc.from_item({"PK": {"S": "a"}, "prefs": {"L": []}})
    with pytest.raises(InvalidValue):
        Doc(score=float("nan")).to_item()


def test_a_native_text_is_no_json_to_a_document() -> None:
    class Words(DynamoModel, table="words"):
        pk: Annotated[str, PartitionKey()]
        word: Annotated[str, AsJson(form="native")] = ""

    (_, word) = Words.to_dms()["attributes"]
    assert word == {"attribute": "word", "type": "S", "optional": True}


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="form 'map' is unknown: use 'text' or 'native'"):

        class Wrong(DynamoModel, table="wrong"):  # pyright: ignore[reportUnusedClass] -- never made
            pk: Annotated[str, PartitionKey()]
            value: Annotated[dict[str, int], AsJson(form="map")]  # pyright: ignore[reportArgumentType] -- on purpose


def test_a_document_says_the_native_type_and_only_dms_02_can() -> None:
    entry = Doc.to_dms(version="0.2")
    kinds = {each["attribute"]: each["type"] for each in entry["attributes"] if each.get("json")}
    assert kinds == {"prefs": "M", "data": "M", "parts": "L", "score": "N", "ready": "BOOL"}
    document = dms.check({"dms_version": "0.2", "models": [entry]})
    assert dms.compare(Doc, document) == []
    assert dms.loads(dms.dumps(document)) == document


def test_an_encrypted_field_may_be_native() -> None:
    class Secret(DynamoModel, table="secrets"):
        pk: Annotated[str, PartitionKey()] = "a"
        data: Annotated[dict[str, int] | None, AsJson(form="native"), Encrypted()] = None

    assert Secret(data={"a": 1}).to_item()["data"] == {"M": {"a": {"N": "1"}}}
