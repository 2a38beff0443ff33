"""Laws of documents: text and document are one, and so are document, generated class and its entry."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from types import ModuleType, new_class
from typing import Annotated, Any

from hypothesis import given, reject
from hypothesis import strategies as st
from pydantic import Field, create_model

from dynamorm_py import (
    AsJson,
    Attribute,
    CreatedAt,
    DynamoModel,
    Encrypted,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
    dms,
)
from dynamorm_py.errors import InvalidDocument
from tests.support import shapes

names = st.from_regex(r"[a-z][A-Za-z0-9]{0,11}", fullmatch=True)
any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(lambda text: text.strip())
key_types = st.sampled_from(["S", "N", "B"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
FORMS = [
    *({"type": kind} for kind in ("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS")),
    {"type": "S", "json": True},
    {"type": "B", "binary": True},
    {"type": "S", "format": "rfc3339nano"},
    {"type": "N", "format": "unix_seconds"},
    {"type": "N", "format": "int"},
]
PRESENCE = [{}, {"required": True}, {"optional": True}, {"omit_empty": True}, {"optional": True, "omit_empty": True}]
LIFECYCLE = [
    {"type": "S", "roles": ["created_at"]},
    {"type": "S", "roles": ["updated_at"], "format": "rfc3339nano"},
    {"type": "N", "roles": ["version"], "format": "int"},
    {"type": "N", "roles": ["ttl"]},
]


@st.composite
def documents(draw: st.DrawFn, attribute_names: st.SearchStrategy[str] = names) -> dms.Document:
    """Draw a document with one model: any attributes, perhaps a sort key and indexes of either kind."""
    used = draw(st.lists(attribute_names, min_size=6, max_size=12, unique=True))
    partition, sort, gsi_key, *rest = used
    keys: dict[str, Any] = {"partition": {"attribute": partition, "type": draw(key_types)}}
    attributes: list[dict[str, Any]] = [{**keys["partition"], "required": draw(st.booleans())}]
    indexes: list[dict[str, Any]] = []
    if draw(st.booleans()):
        keys["sort"] = {"attribute": sort, "type": draw(key_types)}
        attributes.append({**keys["sort"], "required": True})
    for name in rest:
        extra = {"encryption": {"v": 1}} if draw(st.booleans()) else {}
        said = {"tags": draw(st.dictionaries(any_text, json_values, max_size=2))} if draw(st.booleans()) else {}
        attributes.append(
            {"attribute": name, **draw(st.sampled_from(FORMS)), **draw(st.sampled_from(PRESENCE)), **extra, **said}
        )
    for number, role in enumerate(draw(st.lists(st.sampled_from(LIFECYCLE), unique_by=str))):
        attributes.append({"attribute": f"life{number}", **role, **draw(st.sampled_from(PRESENCE[:3]))})
    if draw(st.booleans()):
        key = {"attribute": gsi_key, "type": draw(key_types)}
        attributes.append({**key, **draw(st.sampled_from(PRESENCE))})
        projection = draw(st.sampled_from([{"type": "KEYS_ONLY"}, {"type": "INCLUDE", "fields": rest[:1]}, None]))
        indexes.append(
            {"name": "gsi-1", "type": "GSI", "partition": key} | ({"projection": projection} if projection else {})
        )
        if "sort" in keys:
            indexes.append({"name": "lsi-1", "type": "LSI", "partition": keys["partition"], "sort": key})
    model: dict[str, Any] = {"name": "Thing", "table": {"name": "things"}, "keys": keys, "attributes": attributes}
    return dms.check({"dms_version": "0.1", "models": [model | {"indexes": indexes}]})


def generated(document: dms.Document) -> Any:  # noqa: ANN401 -- a class that only its source knows
    module = ModuleType("generated")
    sys.modules["generated"] = module
    exec(dms.generate(document, "python"), module.__dict__)  # noqa: S102 -- our own code
    return vars(module)["Thing"]


@given(documents(any_text.filter(lambda name: len(name.encode()) < 256)))
def test_a_written_document_reads_back_equal(document: dms.Document) -> None:
    assert dms.loads(dms.dumps(document)) == document
    assert dms.loads(dms.dumps(document, format="json"), json_only=True) == document
    assert dms.loads(json.dumps(json.loads(dms.dumps(document, format="json")), indent="\t")) == document


@given(documents())
def test_a_class_generated_from_a_document_equals_it(document: dms.Document) -> None:
    assert dms.compare(generated(document), document) == []


@given(documents(any_text.filter(lambda name: len(name.encode()) < 256)))
def test_every_attribute_name_survives_the_generated_class(document: dms.Document) -> None:
    assert dms.compare(generated(document), document) == []


FIELDS: list[tuple[object, object]] = [
    (str, ...),
    (int, 0),
    (float | None, None),
    (Decimal, ...),
    (bytes, b""),
    (bool, False),
    (dict[str, int], Field(default_factory=dict[str, int])),
    (list[str] | None, None),
    (set[str], Field(default_factory=set[str])),
    (set[int] | None, None),
    (datetime, ...),
    (datetime | None, None),
    (Annotated[datetime, Attribute(format="unix_seconds")], ...),
    (Annotated[int, Attribute(format="int")], 1),
    (Annotated[str, OmitEmpty()], ""),
    (Annotated[int, OmitEmpty()], 0),
    (Annotated[list[int], OmitEmpty()], Field(default_factory=list[int])),
    (Annotated[Any, AsJson()], None),
    (Annotated[str, Encrypted()], ...),
    (Annotated[str | None, PartitionKey(index="gsi-1")], None),
    (Annotated[Decimal, SortKey(index="gsi-1"), PartitionKey(index="gsi-2")], ...),
    (Annotated[bytes, SortKey(index="lsi-1")], ...),
    (Annotated[datetime | None, CreatedAt()], None),
    (Annotated[datetime, UpdatedAt()], ...),
    (Annotated[int, Version()], 0),
    (Annotated[datetime | None, TimeToLive(), OmitEmpty()], None),
]


@st.composite
def models(draw: st.DrawFn) -> Any:  # noqa: ANN401 -- a class made here
    """Draw a model class: keys, and any of the fields under any names."""
    chosen = draw(st.lists(st.sampled_from(FIELDS), unique_by=str))
    if any("gsi-1" in str(field) for field in chosen):
        chosen = [field for field in chosen if "SortKey(index='gsi-1'" not in str(field)]
    field_names = draw(
        st.lists(
            st.from_regex(r"f[a-z0-9]{0,8}", fullmatch=True), unique=True, min_size=len(chosen), max_size=len(chosen)
        )
    )
    fields: dict[str, Any] = dict(zip(field_names, chosen, strict=True))
    fields |= {"pk": (Annotated[str, PartitionKey()], ...), "sk": (Annotated[int, SortKey()], ...)}
    options = {"table": "things", "naming": draw(st.sampled_from([None, "camelCase"]))}
    return create_model("Thing", __base__=DynamoModel, __cls_kwargs__=options, **fields)


@given(models())
def test_a_class_its_document_and_the_class_generated_from_it_are_equal(model: Any) -> None:  # noqa: ANN401 -- made here
    document = dms.check({"dms_version": "0.1", "models": [model.to_dms()]})
    again = generated(dms.loads(dms.dumps(document)))
    assert again.to_dms() == model.to_dms()
    assert dms.compare(again, document) == dms.compare(model, document) == []


@given(shapes.models())
def test_a_model_of_any_types_comes_back_from_the_class_of_its_document(
    drawn: tuple[type[DynamoModel], object],
) -> None:
    model: Any = new_class("Thing", (drawn[0],), {"table": "things"})
    try:
        document = dms.check({"dms_version": "0.1", "models": [model.to_dms()]})
    except InvalidDocument:  # a union that is stored in several types
        reject()
    assert generated(document).to_dms() == model.to_dms()


@given(documents())
def test_a_struct_in_go_has_a_field_and_its_attribute_for_each_attribute(document: dms.Document) -> None:
    document = _with_go_types(document)
    (model,) = document.models
    rows = [line.split(None, 2) for line in dms.generate(document, "go").splitlines() if "attr:" in line]
    fields, tags = [name for name, *_ in rows], [re.findall(r"attr:(\w+)", tag) for *_, tag in rows]
    assert len(set(fields) | {"TableName"}) == len(model.attributes) + 1
    assert tags == [[attribute.attribute] for attribute in model.attributes]


def _with_go_types(document: dms.Document) -> dms.Document:
    """Name a Go type for each map and list: without one there is nothing to generate that could be read back."""
    data = json.loads(dms.dumps(document, format="json"))
    for attribute in data["models"][0]["attributes"]:
        if attribute["type"] in {"M", "L"}:
            attribute["tags"] = {**attribute.get("tags", {}), "go": "Part"}
    return dms.loads(json.dumps(data), json_only=True)
