from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from dynamorm_py import (
    AsJson,
    Attr,
    CallError,
    DynamoModel,
    Encrypted,
    IndexNotFound,
    InvalidExpression,
    InvalidProjection,
    InvalidValue,
    ModelDefinitionError,
    PartitionKey,
    Repo,
    StaticEncryption,
    Vector,
    fields,
)
from dynamorm_py.tables import Provisioned, TableSettings
from dynamorm_py.testing import ScriptedClient
from tests.support.building import define

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request


class Doc(DynamoModel, table="docs", naming="camelCase"):
    id: Annotated[str, PartitionKey()]
    tenant_id: str = "t"
    lang: str | None = None
    year: int = 2026
    text: str = ""
    embedding: Annotated[
        list[float] | None,
        Vector("by-embedding", dimensions=3, partition="tenant_id", filters=("lang", "year")),
    ] = None


class Plain(DynamoModel, table="plain"):
    id: Annotated[str, PartitionKey()]
    text: str = ""
    e: Annotated[list[float], Vector("by-e", dimensions=2, projection=["text"])] = Field(default_factory=list[float])
    two: Annotated[list[float], Vector("one", dimensions=2), Vector("other", dimensions=2, distance="EUCLIDEAN")] = (
        Field(default_factory=list[float])
    )


class Title(BaseModel):
    id: str
    text: str


d, p = fields(Doc), fields(Plain)
IN_T = Attr(d.tenant_id) == "t"


def searched(repo_model: Any, answer: dict[str, Any], **options: Any) -> tuple[Any, ScriptedClient]:  # noqa: ANN401 -- any model
    client = ScriptedClient(answer, otherwise={})
    return Repo(repo_model, client=client, **options), client


def asked(client: ScriptedClient) -> dict[str, Any]:
    request: Request = client.requests[-1]
    assert request.operation == "SearchVectors"
    return dict(request.parameters)


# --- values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vector",
    [
        [0.1, -2.0, 3.0],
        (0.1, -2, 3),
        array("d", [0.1, -2.0, 3.0]),
        array("f", [0.1, -2.0, 3.0]),
        np.array([0.1, -2.0, 3.0]),
        np.array([0.1, -2.0, 3.0], dtype=np.float32),
    ],
)
def test_vectors_come_as_lists_and_arrays_and_are_stored_as_32_bit_floats(vector: Any) -> None:  # noqa: ANN401
    doc = Doc(id="1", embedding=vector)
    assert doc.embedding == [0.10000000149011612, -2.0, 3.0]
    assert Doc.from_item(doc.to_item()) == doc
    assert doc.to_item()["embedding"] == {"L": [{"N": "0.10000000149011612"}, {"N": "-2"}, {"N": "3"}]}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=3, max_size=3))
def test_what_is_returned_is_what_is_stored(vector: list[float]) -> None:
    doc = Doc(id="1", embedding=vector)
    assert doc.embedding == vector
    assert Doc.from_item(doc.to_item()).embedding == vector
    assert Doc.model_validate_json(doc.model_dump_json()) == doc


@pytest.mark.parametrize(
    "bad", [[1.0, 2.0], [1e39, 0, 0], [float("nan"), 0, 0], [float("inf"), 0, 0], "abc", [None] * 3]
)
def test_what_no_index_holds_is_refused(bad: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValidationError):
        Doc(id="1", embedding=bad)


def test_none_keeps_an_item_out_of_the_index_and_a_filter_out_of_the_item() -> None:
    assert set(Doc(id="1").to_item()) == {"id", "tenantId", "year", "text"}


# --- mistakes of the class -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"e": Annotated[list[float], Vector("by-e", dimensions=0)]}, "1 to 4096"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=4097)]}, "1 to 4096"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=cast("Any", "2"))]}, "1 to 4096"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=2, distance=cast("Any", "L2"))]}, "COSINE"),
        ({"e": Annotated[list[float], Vector(cast("Any", 3), dimensions=2)]}, "pass its name first"),
        ({"e": Annotated[list[float], Vector("x", dimensions=2)]}, "3 to 255"),
        ({"e": Annotated[list[int], Vector("by-e", dimensions=2)]}, r"list\[float\]"),
        ({"e": Annotated[str, Vector("by-e", dimensions=2)]}, r"list\[float\]"),
        ({"e": Annotated[list[float], Encrypted(), Vector("by-e", dimensions=2)]}, r"drop Encrypted\(\)"),
        ({"e": Annotated[list[float], AsJson(), Vector("by-e", dimensions=2)]}, r"drop AsJson\(\)"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=2, filters=("no",))]}, "'no' is not a stored field"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=2, partition="no")]}, "'no' is not a stored field"),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=2, filters=("a", "a"))], "a": str}, "is twice"),
        (
            {
                "e": Annotated[list[float], Vector("by-e", dimensions=2, filters=("a",))],
                "a": Annotated[str, Encrypted()],
            },
            "plain field",
        ),
        (
            {"e": Annotated[list[float], Vector("by-e", dimensions=2, filters=("a",))], "a": Annotated[str, AsJson()]},
            "plain field",
        ),
        (
            {"e": Annotated[list[float], Vector("by-e", dimensions=2, filters=("a",))], "a": list[str]},
            "string, number or binary",
        ),
        (
            {"e": Annotated[list[float], Vector("by-e", dimensions=2, filters=cast("Any", "a"))], "a": str},
            r"filters=\('lang',\)",
        ),
        ({"e": Annotated[list[float], Vector("by-e", dimensions=2, projection=["no"])]}, "projection names 'no'"),
        (
            {"e": Annotated[list[float], Vector("by-e", dimensions=2, projection=cast("Any", "SOME"))]},
            "'SOME' is unknown",
        ),
        (
            {
                "e": Annotated[list[float], Vector("by-e", dimensions=2)],
                "f": Annotated[list[float], Vector("by-e", dimensions=2)],
            },
            "another index has this name",
        ),
        (
            {
                "e": Annotated[list[float], Vector("by-e", dimensions=2)],
                "f": Annotated[str, PartitionKey(index="by-e")],
            },
            "another index has this name",
        ),
        (
            {"e": Annotated[list[float], Vector("one", dimensions=2), Vector("two", dimensions=3)]},
            "different dimensions",
        ),
        ({"e": list[Annotated[list[float], Vector("by-e", dimensions=2)]]}, "outermost"),
    ],
)
def test_every_mistake_shows_when_the_class_is_created(parts: dict[str, Any], problem: str) -> None:
    with pytest.raises(ModelDefinitionError, match=problem):
        define({"pk": Annotated[str, PartitionKey()], **parts})


def test_a_vector_inside_an_attribute_is_refused() -> None:
    class Inner(BaseModel):
        e: Annotated[list[float], Vector("by-e", dimensions=2)]

    with pytest.raises(ModelDefinitionError, match="whole attribute"):
        define({"pk": Annotated[str, PartitionKey()], "inner": Inner})


# --- the table -----------------------------------------------------------------------------------------

DEFINITION = {
    "IndexName": "by-embedding",
    "VectorAttribute": {"AttributeName": "embedding"},
    "Dimensions": 3,
    "DistanceFunction": "COSINE",
    "SearchSchema": [
        {"AttributeName": "tenantId", "SearchSchemaElementType": "HASH"},
        {"AttributeName": "lang", "SearchSchemaElementType": "INLINE_FILTER"},
        {"AttributeName": "year", "SearchSchemaElementType": "INLINE_FILTER"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}


def test_cloudformation_names_the_index_and_the_types_of_what_it_searches_by() -> None:
    template = Repo(Doc).table.cloudformation()
    (resource,) = template["Resources"].values()
    assert resource["Properties"]["VectorIndexes"] == [DEFINITION]
    assert {"AttributeName": "year", "AttributeType": "N"} in resource["Properties"]["AttributeDefinitions"]


def test_terraform_has_a_resource_for_the_index() -> None:
    exported = Repo(Doc).table.terraform()["resource"]
    assert exported["aws_dynamodb_table"]["docs"]["attribute"] == [{"name": "id", "type": "S"}]
    assert exported["aws_dynamodb_vector_index"] == {
        "by-embedding": {
            "table_name": "${aws_dynamodb_table.docs.name}",
            "index_name": "by-embedding",
            "dimensions": 3,
            "distance_function": "COSINE",
            "vector_attribute": {"attribute_name": "embedding"},
            "projection": {"projection_type": "ALL"},
            "search_schema": [
                {"attribute_name": "tenantId", "attribute_type": "S", "type": "HASH"},
                {"attribute_name": "lang", "attribute_type": "S", "type": "INLINE_FILTER"},
                {"attribute_name": "year", "attribute_type": "N", "type": "INLINE_FILTER"},
            ],
        }
    }


def test_the_policy_of_a_search_is_on_the_index() -> None:
    policy = Repo(Doc).table.policy("search", "get", region="eu-west-1", account="1")
    table = "arn:aws:dynamodb:eu-west-1:1:table/docs"
    assert [(s["Action"], s["Resource"]) for s in policy["Statement"]] == [
        (["dynamodb:GetItem"], [table]),
        (["dynamodb:SearchVectors"], [f"{table}/index/by-embedding"]),
    ]
    with pytest.raises(CallError, match="partition keys"):
        Repo(Doc).table.policy("search", leading_keys=["x"])


def test_dms_names_the_index_under_tags() -> None:
    (attribute,) = [each for each in Doc.to_dms()["attributes"] if each["attribute"] == "embedding"]
    assert attribute["tags"] == {
        "vector_indexes": [
            {
                "name": "by-embedding",
                "dimensions": 3,
                "distance": "COSINE",
                "partition": "tenantId",
                "filters": ["lang", "year"],
                "projection": "ALL",
            }
        ]
    }


def test_a_table_of_provisioned_capacity_is_refused_at_once() -> None:
    settings = TableSettings(billing=Provisioned(1, 1))
    for refused in (Repo(Doc).table.create, Repo(Doc).table.ensure, Repo(Doc).table.cloudformation):
        with pytest.raises(CallError, match="on demand"):
            refused(settings)


# --- searches ------------------------------------------------------------------------------------------

FOUND = {
    "SearchResults": [
        {"Item": {"id": {"S": "1"}, "tenantId": {"S": "t"}, "text": {"S": "x"}}, "Score": 0.5},
        {"Item": {"id": {"S": "2"}, "tenantId": {"S": "t"}}, "Score": 1},
    ],
    "ConsumedCapacity": {"VectorSearchRequestBytes": 48.0},
}


def test_a_search_gives_items_with_scores_and_tells_the_bytes_it_consumed() -> None:
    docs, client = searched(Doc, FOUND)
    found = docs.search(d.embedding, near=np.array([0.1, 0, 1]), top=2, filter=IN_T & (Attr(d.lang) == "en"))
    assert [(match.item.id, match.item.text, match.score) for match in found] == [("1", "x", 0.5), ("2", "", 1.0)]
    request = asked(client)
    names = request["ExpressionAttributeNames"]
    projected = [names[each] for each in request["ProjectionExpression"].split(", ")]
    assert projected == ["id", "tenantId", "lang", "year", "text", "embedding"]
    assert request["SearchVector"] == [{"N": "0.10000000149011612"}, {"N": "0"}, {"N": "1"}]
    assert (request["TopK"], request["IndexName"]) == (2, "by-embedding")
    assert list(request["ExpressionAttributeValues"].values()) == [{"S": "t"}, {"S": "en"}]
    explained = found.explain()
    assert explained.vector_bytes == 48.0
    assert "48" in str(explained)
    assert "tenantId" in str(explained.filter)


def test_a_smaller_model_spares_the_vector() -> None:
    docs, client = searched(Doc, FOUND)
    found = docs.search(d.embedding, near=[1, 2, 3], filter=IN_T, project=define_smaller())
    assert [match.item.id for match in found] == ["1", "2"]
    assert "embedding" not in asked(client)["ExpressionAttributeNames"].values()
    assert asked(client)["TopK"] == 10


def define_smaller() -> type[BaseModel]:
    class Smaller(BaseModel):
        id: str

    return Smaller


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        (None, "divided by tenant_id"),
        (Attr(d.lang) == "en", "divided by tenant_id"),
        (Attr(d.tenant_id) > "a", "divided by tenant_id"),
        (Attr(d.tenant_id).is_in(["a", "b"]), "divided by tenant_id"),
        (IN_T | (Attr(d.tenant_id) == "b"), "divided by tenant_id"),
        (IN_T & (Attr(d.tenant_id) == "b"), "divided by tenant_id"),
        (IN_T & (Attr(d.text) == "x"), "filters by tenant_id, lang, year"),
        (IN_T & Attr(d.lang).exists(), "filter by others in the results"),
        (IN_T & Attr(d.lang).begins_with("e"), "filter by others in the results"),
        (IN_T & (Attr(d.lang) != "en"), "filter by others in the results"),
        (IN_T & ~(Attr(d.lang) == "en"), "filter by others in the results"),
        (IN_T & (Attr(d.lang).size() > 1), "filter by others in the results"),
        (IN_T & (Attr(d.lang) == Attr(d.tenant_id)), "divided by tenant_id|filter by others"),
    ],
)
def test_a_condition_that_dynamodb_would_refuse_is_refused_before(condition: Any, problem: str) -> None:  # noqa: ANN401
    docs, client = searched(Doc, FOUND)
    with pytest.raises(InvalidExpression, match=problem):
        docs.search(d.embedding, near=[1, 2, 3], filter=condition)
    assert client.requests == []


def test_ranges_and_choices_are_asked_as_aws_documents_them() -> None:
    docs, client = searched(Doc, FOUND)
    ranges = Attr(d.year).between(2020, 2026) & ((Attr(d.lang) == "en") | Attr(d.lang).is_in(["de", "fr"]))
    docs.search(d.embedding, near=[1, 2, 3], filter=IN_T & ranges & (Attr(d.year) >= 2021))
    text = asked(client)["SearchConditionExpression"]
    assert "BETWEEN" in text
    assert " IN (" in text
    assert ">=" in text


@pytest.mark.parametrize(
    "near", [[1, 2], [1e39, 0, 0], [float("nan"), 0, 0], "abc", ["1", "2", "3"], [True, 0, 0], 3, None]
)
def test_a_vector_that_no_index_holds_is_not_searched_for(near: Any) -> None:  # noqa: ANN401
    docs, client = searched(Doc, FOUND)
    with pytest.raises(InvalidValue, match="near="):
        docs.search(d.embedding, near=near, filter=IN_T)
    assert client.requests == []


@pytest.mark.parametrize("top", [0, -1, 1.5, "3", True, None])
def test_top_is_a_positive_number(top: Any) -> None:  # noqa: ANN401
    docs, _ = searched(Doc, FOUND)
    with pytest.raises(CallError, match="top"):
        docs.search(d.embedding, near=[1, 2, 3], filter=IN_T, top=top)


def test_the_index_follows_from_the_field_or_is_named() -> None:
    plain, client = searched(Plain, {"SearchResults": []})
    with pytest.raises(IndexNotFound, match="one, other"):
        plain.search(p.two, near=[1, 2])
    plain.search(p.two, near=[1, 2], index="other")
    assert asked(client)["IndexName"] == "other"
    with pytest.raises(IndexNotFound, match="'by-e'"):
        plain.search(p.two, near=[1, 2], index="by-e")
    with pytest.raises(IndexNotFound, match="e, two"):
        plain.search(p.text, near=[1, 2])
    with pytest.raises(InvalidExpression, match="Doc"):
        plain.search(d.embedding, near=[1, 2, 3])


def test_an_index_that_carries_less_is_read_through_a_smaller_model() -> None:
    plain, client = searched(Plain, {"SearchResults": [{"Item": {"id": {"S": "1"}, "text": {"S": "x"}}, "Score": 1}]})
    (match,) = plain.search(p.e, near=[1, 2], project=Title)
    assert match.item == Title(id="1", text="x")

    class Whole(BaseModel):
        id: str
        two: list[float]

    with pytest.raises(InvalidProjection, match="does not carry two"):
        plain.search(p.e, near=[1, 2], project=Whole)
    plain, client = searched(Plain, {"SearchResults": []})
    plain.search(p.e, near=[1, 2])
    assert set(asked(client)["ExpressionAttributeNames"].values()) == {"id", "text"}


def test_encrypted_fields_of_what_was_found_are_opened() -> None:
    class Secret(DynamoModel, table="secrets"):
        id: Annotated[str, PartitionKey()]
        note: Annotated[str, Encrypted()]
        e: Annotated[list[float], Vector("by-e", dimensions=2)]

    encryption = StaticEncryption(b"k" * 32)
    repo, client = searched(Secret, {}, encryption=encryption)
    repo.put(Secret(id="1", note="n", e=[1.0, 0.0]))
    stored = client.requests[-1].parameters["Item"]
    repo, _ = searched(Secret, {"SearchResults": [{"Item": stored, "Score": 0.0}]}, encryption=encryption)
    (match,) = repo.search(fields(Secret).e, near=[1.0, 0.0])
    assert match.item.note == "n"
